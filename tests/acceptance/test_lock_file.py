"""`contracts.lock.yaml`: what it pins is not asked for, and what is wrong with it is told with file and line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.here import one_line, ordered, planned, run_here
from tests.acceptance.stage import Stage, assert_small_is_traded_once, lines_of
from tests.acceptance.test_messages import CON_IDS, CONTRACTS, LOCK, LOCKED

pytestmark = pytest.mark.broker

ENTRIES = "".join(LOCKED.format(con_id=con_id, symbol=symbol) for symbol, con_id in CON_IDS.items())


@contextmanager
def locked(on: Stage, entries: str) -> Iterator[Path]:
    """A lock file with these entries while the block lasts."""
    file = on.manifests / "contracts.lock.yaml"
    file.write_text(LOCK + entries)
    yield file
    file.unlink()


def asked_for(on: Stage) -> int:
    """How often the gateway was asked what a contract is."""
    found: int = on.gateway.ask("frames")["in"].get(CONTRACTS, 0)
    return found


def test_what_it_pins_is_traded_without_asking_what_it_is(small: Stage) -> None:
    afresh = planned(small)
    before = asked_for(small)

    with locked(small, ENTRIES):
        pinned = planned(small)
        assert ordered(pinned) == ordered(afresh)
        assert {line["con_id"] for line in lines_of(pinned).values()} == set(CON_IDS.values())
        small.run("apply", "--auto-approve").expect(0)

    assert asked_for(small) == before
    assert_small_is_traded_once(small.gateway)


@pytest.mark.parametrize("words", [["validate"], ["plan"], ["apply", "--auto-approve"]])
def test_two_entries_of_one_contract_are_told_with_their_place(quiet: Stage, words: list[str]) -> None:
    twin = LOCKED.format(con_id=CON_IDS["GLD"], symbol="GLDX")

    with locked(quiet, LOCKED.format(con_id=CON_IDS["GLD"], symbol="GLD") + twin):
        ended = run_here(quiet, *words).expect(1)
        (diagnostic,) = run_here(quiet, *words, "--json").expect(1).document["diagnostics"]

    assert re.search(
        r"LCK001.*contract 51529211 already stands on line 4 at \S*contracts\.lock\.yaml:5:\d+", one_line(ended)
    )
    assert diagnostic["code"] == "LCK001"
    assert Path(diagnostic["location"]["file"]).name == "contracts.lock.yaml"
    assert diagnostic["location"]["line"] == 5


def test_a_misspelt_key_is_told_with_its_place(quiet: Stage) -> None:
    with locked(quiet, ENTRIES.replace("orderTypes", "orderTipes", 1)):
        told = one_line(run_here(quiet, "plan").expect(1))

    assert re.search(r"contracts\.lock\.yaml:4:\d+", told)
    assert "orderTypes" in told


def test_two_lines_of_one_contract_trade_nothing(quiet: Stage) -> None:
    """A lock that takes ORCL for NVDA's contract would count the 40 shares of NVDA twice, and sell them twice."""
    with locked(quiet, LOCKED.format(con_id=CON_IDS["NVDA"], symbol="ORCL")):
        ended = run_here(quiet, "plan", "--json")

    assert ended.code in (1, 3)
    if ended.code == 3:
        (account,) = ended.document["accounts"]
        sold = [order for batch in account["batches"] for order in batch["orders"]]
        assert CON_IDS["NVDA"] not in [order["con_id"] for order in sold]
        assert account["standing"]["before"]["leverage"].startswith("1.27")
