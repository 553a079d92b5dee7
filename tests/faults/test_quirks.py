"""The gateway's quirks: what is not known blocks what depends on it, by name, and nothing of it is sent."""

import pytest

from tests.acceptance.stage import DRIFT_OF_SMALL, Stage, lines_of

pytestmark = pytest.mark.broker

LINES = [
    "no-price:GLD",
    "no-price:ORCL",
    "unknown-contract:AVGO",
    pytest.param("unknown-contract:ORCL", marks=pytest.mark.full),
    pytest.param("no-price:NVDA", marks=pytest.mark.full),
    pytest.param("unknown-contract:NVDA", marks=pytest.mark.full),
]
"""GLD, AVGO and NVDA are held, ORCL is not; NVDA is in the batch that reduces risk."""

SHORT = "\n  timeouts: {request: 2s, settle: 3s}\n"
"""For what is waited out."""


@pytest.mark.parametrize("quirk", LINES)
def test_a_blocked_line_stops_all_and_with_continue_itself_only(small: Stage, quirk: str) -> None:
    symbol = quirk.partition(":")[2]
    small.policy(SHORT)
    small.gateway.quirk(quirk)
    held = small.gateway.positions
    stopped = small.run("apply", "--auto-approve", "--json").expect(3)
    assert f"{symbol}: " in stopped.document["error"]["message"]
    assert small.gateway.orders == []

    small.edit("execution-policy.yaml", "onBlocked: stop", "onBlocked: continue")
    applied = small.run("apply", "--auto-approve", "--json").expect(3).document
    assert lines_of(applied)[symbol]["blocked"]
    others = {name: shares for name, shares in DRIFT_OF_SMALL.items() if name != symbol}
    assert set(small.gateway.traded()) == set(others)
    assert small.gateway.positions.get(symbol) == held.get(symbol)
    assert small.gateway.resting == []


def test_positions_without_their_end_block_the_account(small: Stage) -> None:
    small.policy(SHORT.replace("2s", "1s"))
    small.edit("execution-policy.yaml", "onBlocked: stop", "onBlocked: continue")
    small.gateway.quirk("no-position-end")
    planned = small.run("plan", "--json").expect(3)
    assert planned.document["summary"]["in_sync"] is False
    assert "positions" in planned.stdout
    applied = small.run("apply", "--auto-approve").expect(3)
    assert "positions" in applied.stdout + applied.stderr
    assert small.gateway.orders == []


@pytest.mark.parametrize("quirk", ["no-price:GLD", pytest.param("unknown-contract:AVGO", marks=pytest.mark.full)])
def test_a_quirk_that_comes_after_the_plan_sends_nothing(small: Stage, quirk: str) -> None:
    small.policy(SHORT)
    file = small.directory / "plan.json"
    small.run("plan", "-o", str(file)).expect(0)
    small.gateway.quirk(quirk)
    ended = small.run("apply", str(file)).expect(3)
    assert (quirk.partition(":")[2] or "positions") in ended.stdout + ended.stderr
    assert small.gateway.orders == []


def armed_between_the_batches(on: Stage, quirk: str) -> None:
    """Hold the first batch, arm the quirk, let the batch fill."""
    on.gateway.until(lambda gateway: len(gateway.resting) == 2)
    on.gateway.quirk(quirk)
    on.gateway.ask("fill")


@pytest.mark.parametrize("quirk", [pytest.param("unknown-contract:GLD", marks=pytest.mark.full), "no-position-end"])
def test_a_quirk_between_the_batches_stops_the_second(small: Stage, quirk: str) -> None:
    small.policy(SHORT)
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    armed_between_the_batches(small, quirk)
    document = applying.end().expect(6).document
    assert set(small.gateway.traded()) == {"NVDA", "TSLA"}
    assert document["outcome"] == "PartiallyApplied"
    assert any((quirk.partition(":")[2] or "positions") in message for message in document["messages"])


@pytest.mark.parametrize("quirk", ["unknown-contract:GLD", pytest.param("no-price:GLD", marks=pytest.mark.full)])
def test_with_continue_a_quirk_between_the_batches_leaves_out_its_line_alone(small: Stage, quirk: str) -> None:
    small.policy(SHORT)
    small.edit("execution-policy.yaml", "onBlocked: stop", "onBlocked: continue")
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    armed_between_the_batches(small, quirk)
    ended = applying.end()
    assert set(small.gateway.traded()) == {"NVDA", "TSLA", "AVGO", "ORCL"}
    assert small.gateway.positions["GLD"] == 8
    line = lines_of(ended.document)["GLD"]
    assert line["order_ref"] is None
    assert "GLD" in line["detail"]
    assert ended.code == ended.document["exit_code"] == 3
