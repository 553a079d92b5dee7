import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.manifests.repository import GOOD, PORTFOLIO, changed, load_files


def digest_of(directory: Path, files: dict[str, str]) -> str:
    state, found = load_files(directory, files)
    assert state is not None, found
    return state.digest


SAME = {
    "a comment": changed("account.yaml", "leverage: 1.4", "leverage: 1.4  # borrow a little"),
    "another way to write a number": changed("portfolio.yaml", "0.35", "35.0%"),
    "a trailing zero": changed("account.yaml", "1.4", "1.40"),
    "another unit": changed("execution-policy.yaml", "4m", "240s"),
    "a default written out": changed("gateway.yaml", "port: 4002", "port: 4002\n  clientId: 10"),
    "the order of keys": changed(
        "account.yaml", "  gateway: local\n  portfolio: growth\n", "  portfolio: growth\n  gateway: local\n"
    ),
    "the order of lines": changed(
        "portfolio.yaml",
        "    - {symbol: MSFT, weight: 30%}\n    - symbol: GLD\n      weight: 0.35\n",
        "    - {symbol: GLD, weight: 35%}\n    - {symbol: MSFT, weight: 30%}\n",
    ),
    "the names of files": {f"other/{name}": text for name, text in GOOD.items()},
    "one file for all": {"x.yaml": "---\n".join(reversed(list(GOOD.values())))},
    "quotes": changed("account.yaml", "USD", '"USD"'),
}

OTHER = {
    "a weight": changed("portfolio.yaml", "0.35", "0.34", changed("portfolio.yaml", "cash: 5%", "cash: 6%")),
    "an environment": changed("account.yaml", "paper", "live"),
    "a limit": changed("risk-limits.yaml", "1.5", "1.6"),
    "a policy": changed("execution-policy.yaml", "4m", "5m"),
    "a gateway": changed("gateway.yaml", "4002", "5002"),
    "an instrument": changed("portfolio.yaml", "symbol: GLD", "symbol: GLDM"),
    "an exchange": changed("portfolio.yaml", "symbol: GLD", "symbol: GLD\n      primaryExchange: ARCA"),
    "a place of the id": changed("account.yaml", "IB_ACCOUNT_ID", "OTHER"),
}


@pytest.mark.parametrize("files", SAME.values(), ids=SAME.keys())
def test_the_same_meaning_is_the_same_digest(tmp_path: Path, files: dict[str, str]) -> None:
    assert digest_of(tmp_path / "a", files) == digest_of(tmp_path / "b", GOOD)


@pytest.mark.parametrize("files", OTHER.values(), ids=OTHER.keys())
def test_another_meaning_is_another_digest(tmp_path: Path, files: dict[str, str]) -> None:
    assert digest_of(tmp_path / "a", files) != digest_of(tmp_path / "b", GOOD)


def test_it_is_the_same_on_every_machine(tmp_path: Path) -> None:
    known = "sha256:0a97f9dc494f9bd7e6b7e1cf940d78d7b10bc3b427f68e2f21a2cf6634cdd613"
    assert digest_of(tmp_path, GOOD) == known


@settings(deadline=None, max_examples=25)
@given(seed=st.integers())
def test_the_order_of_lines_never_matters(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = [f"S{number}" for number in range(10)]
    head = PORTFOLIO.partition("    - {symbol: MSFT")[0]
    lines = [f"    - {{symbol: {name}, weight: 10%}}\n" for name in names]
    shuffled = random.Random(seed).sample(lines, len(lines))  # noqa: S311  # the order of a test's lines
    directory = tmp_path_factory.mktemp("digest")
    straight = digest_of(directory / "a", {**GOOD, "portfolio.yaml": head + "".join(lines)})
    assert digest_of(directory / "b", {**GOOD, "portfolio.yaml": head + "".join(shuffled)}) == straight
