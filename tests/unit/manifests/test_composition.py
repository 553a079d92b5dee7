"""Portfolios that include others: what they come to, and what cannot be."""

from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.domain.origin import FactorKind
from tests.unit.manifests.composed import (
    ALL_WAYS,
    CORE,
    GROWTH,
    PARTS,
    SATELLITE,
    account_of,
    portfolio,
    state_of,
    weights_of,
    with_growth,
)
from tests.unit.manifests.repository import changed, load_files, told


def decimals(**weights: str) -> dict[str, Decimal]:
    return {name: Decimal(weight) for name, weight in weights.items()}


def test_lines_and_cash_are_multiplied_by_the_weight_of_their_sleeve(tmp_path: Path) -> None:
    account = account_of(tmp_path, PARTS)

    assert weights_of(account) == decimals(VTI="0.52", BND="0.12", NVDA="0.2", ASML="0.1", cash="0.06")


def test_a_line_belongs_to_the_sleeve_of_the_portfolio_that_the_account_holds(tmp_path: Path) -> None:
    account = account_of(tmp_path, PARTS)

    sleeves = {each.instrument.name: each.sleeve for each in account.portfolio.targets}
    assert sleeves == {"VTI": None, "BND": "core", "NVDA": "ideas", "ASML": "ideas"}


def test_own_targets_are_joined_with_what_is_included(tmp_path: Path) -> None:
    files = with_growth(
        "targets: [{symbol: BND, weight: 10%, assetClass: bond}]\nsleeves: [{weight: 90%, portfolio: core}]",
        satellite=CORE.replace("core", "spare"),
    )

    assert weights_of(account_of(tmp_path, files)) == decimals(BND="0.28", VTI="0.63", cash="0.09")


def test_what_is_included_may_include_others(tmp_path: Path) -> None:
    files = with_growth(
        "sleeves: [{weight: 50%, portfolio: outer}]\ncash: 50%",
        outer=portfolio("outer", "sleeves: [{weight: 50%, portfolio: core}, {weight: 50%, portfolio: satellite}]"),
    )

    account = account_of(tmp_path, files)
    assert weights_of(account) == decimals(VTI="0.2375", BND="0.05", NVDA="0.125", ASML="0.0625", cash="0.525")
    assert {each.sleeve for each in account.portfolio.targets} == {"outer"}


def test_a_portfolio_that_is_empty_on_purpose_counts_as_cash(tmp_path: Path) -> None:
    files = with_growth(
        "sleeves: [{weight: 60%, portfolio: core}, {weight: 40%, portfolio: dry}]",
        dry=portfolio("dry", "allowEmpty: true"),
        satellite=SATELLITE.replace("name: satellite", "name: spare"),
    )

    assert weights_of(account_of(tmp_path, files))["cash"] == Decimal("0.46")


def test_every_place_that_made_a_weight_is_kept(tmp_path: Path) -> None:
    account = account_of(tmp_path, PARTS)

    (line,) = (each for each in account.portfolio.targets if each.instrument.name == "VTI")
    ways = [
        [(factor.kind, factor.value, f"{Path(factor.place.file).name}:{factor.place.line}") for factor in way]
        for way in line.origin.ways
    ]
    assert ways == [
        [
            (FactorKind.SLEEVE, Decimal("0.6"), "growth.yaml:7"),
            (FactorKind.WEIGHT, Decimal("0.7"), "core.yaml:7"),
        ],
        [
            (FactorKind.SLEEVE, Decimal("0.4"), "growth.yaml:8"),
            (FactorKind.WEIGHT, Decimal("0.25"), "satellite.yaml:8"),
        ],
    ]
    assert line.origin.count == 2


def test_replaced_contracts_of_what_is_included_hold_too(tmp_path: Path) -> None:
    core = CORE + "  moved: [{fromConId: 7, to: VTI}]\n"
    satellite = SATELLITE + "  moved: [{fromConId: 7, to: VTI}, {fromConId: 9, to: NVDA, ratio: 4}]\n"

    account = account_of(tmp_path, PARTS | {"core.yaml": core, "satellite.yaml": satellite})

    assert [(each.con_id, each.to, each.ratio) for each in account.portfolio.moved] == [
        (7, "VTI", Decimal(1)),
        (9, "NVDA", Decimal(4)),
    ]


def test_a_cap_gives_what_is_above_it_to_the_other_lines(tmp_path: Path) -> None:
    files = PARTS | {"growth.yaml": GROWTH.replace("name: ideas", "name: ideas, cap: 40%")}

    account = account_of(tmp_path, files)

    # Of the satellite's 50, 25 and 25 %, 40 stay and the other two take up 5 % each.
    assert weights_of(account) == decimals(VTI="0.54", BND="0.12", NVDA="0.16", ASML="0.12", cash="0.06")
    (nvda,) = (each for each in account.portfolio.targets if each.instrument.name == "NVDA")
    factors = [(factor.kind, factor.value) for factor in nvda.origin.ways[0]]
    assert factors == [
        (FactorKind.SLEEVE, Decimal("0.4")),
        (FactorKind.CAP, Decimal("0.8")),
        (FactorKind.WEIGHT, Decimal("0.5")),
    ]


def test_a_cap_is_repeated_until_it_holds(tmp_path: Path) -> None:
    targets = "[{symbol: A, weight: 60%}, {symbol: B, weight: 30%}, {symbol: C, weight: 6%}, {symbol: D, weight: 4%}]"
    files = with_growth(f"sleeves: [{{name: all, weight: 1, cap: 35%, targets: {targets}}}]")

    # Cutting A to 35 lifts B to 48.75, which is cut in its turn; C and D share the 30 that are left, 6 to 4.
    (account,) = state_of(
        tmp_path, {k: v for k, v in files.items() if k not in ("core.yaml", "satellite.yaml")}
    ).accounts
    assert weights_of(account) == decimals(A="0.35", B="0.35", C="0.18", D="0.12", cash="0")


def test_a_closed_line_stays_closed_under_a_cap(tmp_path: Path) -> None:
    files = with_growth(
        "sleeves: [{name: all, weight: 1, cap: 50%, targets: "
        "[{symbol: A, weight: 60%}, {symbol: B, weight: 40%}, {symbol: C, weight: 0}]}]"
    )

    assert weights_of(account_of(tmp_path, files))["C"] == 0


CASES = {
    "a circle": (
        PARTS | {"core.yaml": portfolio("core", "sleeves: [{weight: 1, portfolio: growth}]")},
        "core.yaml:4:9 CMP001",
    ),
    "a circle of one": (
        PARTS | {"core.yaml": portfolio("core", "sleeves: [{weight: 1, portfolio: core}]")},
        "core.yaml:4:9 CMP001",
    ),
    "one contract, two descriptions": (
        changed("satellite.yaml", "assetClass: equity", "assetClass: stocks", PARTS),
        "satellite.yaml:8:7 CMP002",
    ),
    "one symbol, two listings": (
        changed("satellite.yaml", "assetClass: equity", "assetClass: equity, primaryExchange: ARCA", PARTS),
        "satellite.yaml:8:7 CMP002",
    ),
    "one contract, two symbols": (
        changed("core.yaml", "symbol: VTI", "symbol: VTI, conId: 7, name: V", PARTS)
        | {"satellite.yaml": SATELLITE.replace("symbol: VTI", "symbol: VTX, conId: 7, name: V")},
        "satellite.yaml:8:7 CMP002",
    ),
    "two replacements": (
        PARTS
        | {
            "core.yaml": CORE + "  moved: [{fromConId: 7, to: VTI}]\n",
            "satellite.yaml": SATELLITE + "  moved: [{fromConId: 7, to: NVDA}]\n",
        },
        "satellite.yaml:10:11 CMP002",
    ),
    "a cap that is too low": (
        PARTS | {"growth.yaml": GROWTH.replace("name: ideas", "name: ideas, cap: 30%")},
        "growth.yaml:8:61 CMP003",
    ),
    "a cap and a short line": (
        PARTS
        | {
            "growth.yaml": GROWTH.replace("name: ideas", "name: ideas, cap: 60%") + "  longOnly: false\n",
            "satellite.yaml": SATELLITE.replace("50%", "100%").replace("ASML, weight: 25%", "ASML, weight: -25%")
            + "  longOnly: false\n",
        },
        "growth.yaml:8:61 CMP003",
    ),
    "an unknown portfolio": (changed("growth.yaml", "satellite", "satelite", PARTS), "growth.yaml:8:32 MAN013"),
    "a short line in what is included": (
        PARTS
        | {
            "satellite.yaml": SATELLITE.replace("50%", "100%").replace("ASML, weight: 25%", "ASML, weight: -25%")
            + "  longOnly: false\n",
        },
        "growth.yaml:8:32 PFL006",
    ),
    "a portfolio that is included by none": (
        PARTS | {"x.yaml": portfolio("spare", "sleeves: [{weight: 1, portfolio: core}]")},
        "x.yaml:4:9 MAN016",
    ),
    "targets beside an included portfolio": (
        changed("growth.yaml", "name: ideas", "targets: []", PARTS),
        "growth.yaml:8:7 MAN006",
    ),
    "a sleeve without a name": (
        with_growth("sleeves: [{weight: 1, targets: [{symbol: A, weight: 1}]}]"),
        "growth.yaml:6:13 MAN006",
    ),
    "a sleeve of nothing": (with_growth("sleeves: [{weight: 1, name: a}]"), "growth.yaml:6:13 MAN006"),
    "a sleeve's name twice": (
        changed("growth.yaml", "name: ideas", "name: core", PARTS),
        "growth.yaml:8:49 PFL005",
    ),
}


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES.keys())
def test_what_cannot_be_is_told_at_its_place(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    assert expected in told(tmp_path, files)


def test_a_fault_of_a_part_is_told_once(tmp_path: Path) -> None:
    for name in ("a circle", "one contract, two descriptions", "a cap that is too low", "an unknown portfolio"):
        files, expected = CASES[name]
        found = [each for each in told(tmp_path / name, files) if "MAN016" not in each]
        assert found == [expected], name


def test_a_circle_is_told_with_all_its_files(tmp_path: Path) -> None:
    _, (found,) = load_files(tmp_path, CASES["a circle"][0])

    where = (tmp_path / "desired-state").as_posix()
    assert found.summary == (
        f"Portfolio 'core' includes itself: 'core' ({where}/core.yaml:4:9) → 'growth' ({where}/growth.yaml:4:9) → "
        f"'core' ({where}/core.yaml:4:9)"
    )


def test_a_conflict_names_both_places_and_what_differs(tmp_path: Path) -> None:
    _, (found,) = load_files(tmp_path, CASES["one contract, two descriptions"][0])

    assert "describe it differently, in assetClass" in found.summary
    assert "core.yaml:7:7" in found.summary


def test_an_unmet_cap_says_the_arithmetic(tmp_path: Path) -> None:
    _, (found,) = load_files(tmp_path, CASES["a cap that is too low"][0])

    assert found.summary == "3 lines of at most 30% are 90% of the sleeve, and 100% is to be divided among them"


def test_an_unknown_portfolio_is_guessed(tmp_path: Path) -> None:
    _, found = load_files(tmp_path, CASES["an unknown portfolio"][0])

    assert found[0].suggestion == "Did you mean 'satellite'?"


def test_a_slip_in_one_sleeve_hides_no_other(tmp_path: Path) -> None:
    sleeves = "sleeves: [{portfolio: core, wieght: 60%}, {portfolio: satelite, weight: 40%}]"
    found = told(tmp_path, with_growth(sleeves))

    assert found == ["growth.yaml:6:31 MAN001", "growth.yaml:6:57 MAN013"]


def nested(levels: int) -> dict[str, str]:
    """Each portfolio includes the next one twice: a diamond on a diamond."""
    files = dict(PARTS)
    for level in range(levels):
        sleeves = (
            f"[{{name: a, weight: 50%, portfolio: p{level + 1}}}, {{name: b, weight: 50%, portfolio: p{level + 1}}}]"
        )
        files[f"p{level}.yaml"] = portfolio("growth" if level == 0 else f"p{level}", f"sleeves: {sleeves}")
    del files["growth.yaml"], files["satellite.yaml"], files["core.yaml"]
    return files | {"last.yaml": portfolio(f"p{levels}", "targets: [{symbol: VTI, weight: 90%}]\ncash: 10%")}


def test_a_diamond_of_thirty_levels_is_worked_out_once_a_level(tmp_path: Path) -> None:
    account = account_of(tmp_path, nested(30))

    assert weights_of(account) == decimals(VTI="0.9", cash="0.1")
    (line,) = account.portfolio.targets
    assert line.origin.count == 2**30
    assert len(line.origin.ways) == 16


def test_deeper_than_fifty_is_refused_once(tmp_path: Path) -> None:
    assert [each.rpartition(" ")[2] for each in told(tmp_path, nested(60))] == ["CMP004"]


def test_a_repository_may_take_from_itself_in_every_way(tmp_path: Path) -> None:
    assert told(tmp_path, ALL_WAYS) == []
    account = account_of(tmp_path, ALL_WAYS)
    assert sum(weights_of(account).values()) == 1
    assert (account.leverage, account.limits.max_turnover) == (Decimal("1.1"), Decimal("0.5"))


def test_the_example_of_the_page_is_what_the_page_says(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "manifests.md").read_text(encoding="utf-8")
    example = page.partition("### Sleeves that are portfolios")[2].partition("```yaml\n")[2].partition("```")[0]
    base = {name: text for name, text in PARTS.items() if name not in ("core.yaml", "satellite.yaml", "growth.yaml")}

    weights = weights_of(account_of(tmp_path, {**base, "page.yaml": example}))

    assert weights == decimals(VTI="0.54", BND="0.12", NVDA="0.16", ASML="0.12", cash="0.06")


@pytest.mark.full
def test_fifty_thousand_targets_are_composed(tmp_path: Path) -> None:
    rows = "".join(f"S{number},0.00002\n" for number in range(50_000))
    files = with_growth(
        "sleeves: [{weight: 60%, portfolio: core, cap: 1%}, {weight: 40%, portfolio: core, name: more}]",
        core=portfolio("core", "weightsFrom: {file: w.csv}"),
        satellite=SATELLITE.replace("name: satellite", "name: spare"),
    ) | {"w.csv": f"symbol,weight\n{rows}"}

    account = account_of(tmp_path, files)

    assert len(account.portfolio.targets) == 50_000
    assert {each.weight for each in account.portfolio.targets} == {Decimal("0.00002")}
