"""Composition of portfolios: weights sum to one, caps hold, and a composed portfolio is the one that is written out."""

import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.manifests.cap import capped
from tests.examples import examples
from tests.unit.manifests.composed import PARTS, account_of, portfolio, state_of, weights_of
from tests.unit.manifests.repository import changed

SYMBOLS = [f"S{number}" for number in range(8)]
BASE = changed(
    "account.yaml",
    "leverage: 1.4",
    "leverage: 0.5",
    {name: text for name, text in PARTS.items() if name not in ("core.yaml", "satellite.yaml", "growth.yaml")},
)
Weights = dict[str, int]
"""Basis points by symbol, with those of cash; they sum to 10,000."""


@st.composite
def some_weights(draw: st.DrawFn) -> Weights:
    names = [*draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=6, unique=True)), "cash"]
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=len(names) - 1, max_size=len(names) - 1)))
    bounds = [0, *cuts, 10_000]
    return {name: high - low for name, low, high in zip(names, bounds[:-1], bounds[1:], strict=True)}


def percent(points: int | Fraction) -> str:
    return f"{Decimal(Fraction(points).numerator) / Decimal(Fraction(points).denominator) / 100:f}%"


def spec(weights: Weights) -> str:
    lines = "".join(
        f"  - {{symbol: {name}, weight: {percent(points)}, sector: X{SYMBOLS.index(name) % 2}}}\n"
        for name, points in weights.items()
        if name != "cash"
    )
    return f"targets:\n{lines}cash: {percent(weights['cash'])}"


def files(parts: list[tuple[int, Weights]]) -> dict[str, str]:
    """A portfolio that includes each of the parts with its share, in basis points."""
    sleeves = "".join(f"  - {{weight: {percent(share)}, portfolio: p{n}}}\n" for n, (share, _) in enumerate(parts))
    others = {f"p{number}.yaml": portfolio(f"p{number}", spec(each)) for number, (_, each) in enumerate(parts)}
    return {**BASE, **others, "growth.yaml": portfolio("growth", f"sleeves:\n{sleeves}")}


@st.composite
def some_parts(draw: st.DrawFn) -> list[tuple[int, Weights]]:
    first = draw(st.integers(0, 10_000))
    return [(first, draw(some_weights())), (10_000 - first, draw(some_weights()))]


def whole(parts: list[tuple[int, Weights]]) -> Weights:
    """What the parts come to, in millionths of a percent: exact in whole numbers."""
    together: Weights = {}
    for share, weights in parts:
        for name, points in weights.items():
            together[name] = together.get(name, 0) + share * points
    return together


@examples(40)
@given(parts=some_parts())
def test_composed_weights_sum_to_one_and_are_the_sums_of_the_products(
    parts: list[tuple[int, Weights]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    weights = weights_of(account_of(tmp_path_factory.mktemp("composed"), files(parts)))

    assert sum(weights.values()) == 1
    assert weights == {name: Decimal(points) / 10**8 for name, points in whole(parts).items()}


@examples(40)
@given(parts=some_parts(), seed=st.integers())
def test_a_composed_portfolio_is_the_one_that_is_written_out_in_any_order(
    parts: list[tuple[int, Weights]], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    together = whole(parts)
    # A line of one part alone is in that part's sleeve; a line of both is in none.
    sleeves = {name: {n for n, (_, each) in enumerate(parts) if name in each} for name in together}
    lines = [
        f"  - {{symbol: {name}, weight: {Decimal(points) / 10**6:f}%, sector: X{SYMBOLS.index(name) % 2}"
        + (f", sleeve: p{min(sleeves[name])}" if len(sleeves[name]) == 1 else "")
        + "}\n"
        for name, points in together.items()
        if name != "cash"
    ]
    cash = f"cash: {Decimal(together['cash']) / 10**6:f}%"
    written = {**BASE, "growth.yaml": portfolio("growth", f"targets:\n{''.join(lines)}{cash}")}
    composed = files(parts)
    shuffled = random.Random(seed).sample(list(composed.items()), len(composed))  # noqa: S311  # an order of files
    renamed = {f"{number:02d}.yaml": text for number, (_, text) in enumerate(shuffled)}
    swapped = renamed | {
        name: portfolio("growth", "sleeves:\n" + "".join(reversed(text.splitlines(keepends=True)[6:])))
        for name, text in renamed.items()
        if "sleeves" in text
    }

    directory = tmp_path_factory.mktemp("written")
    digests = {
        state_of(directory / str(n), each).digest for n, each in enumerate((written, composed, renamed, swapped))
    }
    assert len(digests) == 1


def step_by_step(shares: list[Fraction], cap: Fraction) -> list[Fraction] | None:
    """The cap as it is described: cut, divide what is freed among the others by their weights, again until it holds."""
    cut: set[int] = set()
    total = sum(shares)
    while True:
        rest = sum(share for index, share in enumerate(shares) if index not in cut)
        if rest == 0:
            return shares if total == 0 else None
        scale = (total - cap * len(cut)) / rest
        above = {index for index, share in enumerate(shares) if index not in cut and share * scale > cap}
        if not above:
            return [cap if index in cut else share * scale for index, share in enumerate(shares)]
        cut |= above


@given(
    shares=st.lists(st.fractions(0, 1, max_denominator=1000), max_size=12),
    cap=st.fractions(Fraction(1, 100), 1, max_denominator=100),
)
def test_a_cap_holds_keeps_the_sum_and_is_what_is_described(shares: list[Fraction], cap: Fraction) -> None:
    found = capped(shares, cap)

    described = step_by_step(shares, cap)
    assert found == (None if described is None else tuple(described))
    if found is None:
        assert cap * sum(share > 0 for share in shares) < sum(shares)
        return
    assert sum(found) == sum(shares)
    assert max(found, default=cap) <= cap
    for before, after in zip(shares, found, strict=True):
        assert (before == 0) == (after == 0)
        assert after >= min(before, cap)


@examples(20)
@given(weights=some_weights(), cap=st.integers(2_000, 10_000))
def test_a_capped_sleeve_is_told_or_its_lines_are_within_the_cap(
    weights: Weights, cap: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = files([(10_000, weights)])["growth.yaml"].replace("portfolio: p0", f"portfolio: p0, cap: {percent(cap)}")
    repository = {**files([(10_000, weights)]), "growth.yaml": text}
    lines = [points for name, points in weights.items() if name != "cash" and points]
    if cap * len(lines) < sum(lines):
        with pytest.raises(AssertionError, match="CMP003"):
            account_of(Path(tmp_path_factory.mktemp("capped")), repository)
        return
    found = weights_of(account_of(Path(tmp_path_factory.mktemp("capped")), repository))
    cash = found.pop("cash")

    assert cash == Decimal(weights["cash"]) / 10_000
    assert abs(sum(found.values()) + cash - 1) < Decimal("1e-25")
    assert max(found.values()) <= Decimal(cap) / 10_000
