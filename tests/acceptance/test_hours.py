"""A closed market, by the hours that the gateway tells: an apply exits with 7, and its plan may be applied later."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.adapters.clock import SystemClock
from tests.acceptance.here import one_line, run_here
from tests.acceptance.stage import SCENARIOS, SMALL, Stage, stage

pytestmark = pytest.mark.broker


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Stage]:
    """The small account, whose markets are open on the day after tomorrow alone."""
    day = f"{SystemClock().now() + timedelta(days=2):%a}".lower()
    scenario = tmp_path / "closed.yaml"
    hours = f"hours: {{zone: UTC, trading: 0000-2359, liquid: 0000-2359, days: [{day}]}}\n"
    scenario.write_text(SMALL.read_text() + hours)
    with stage(tmp_path / "stage", scenario) as made:
        (made.manifests / "portfolio.yaml").write_text((SCENARIOS / "small-portfolio.yaml").read_text())
        yield made


def test_nothing_is_sent_into_a_closed_market(closed: Stage) -> None:
    told = one_line(closed.run("apply", "--auto-approve").expect(7))

    assert "Nothing was sent: closed until" in told
    assert closed.gateway.orders == []
    assert "closed until" in one_line(run_here(closed, "plan"))
    document = closed.run("apply", "--auto-approve", "--json").expect(7).document
    assert (document["kind"], document["error"]["exit_code"]) == ("Failure", 7)


def test_the_policy_may_send_it_there_and_what_waits_is_told(closed: Stage) -> None:
    """A closed market confirms no cancel before it opens: the order is asked back, and stays in the report."""
    closed.policy("  hours: continue\n  timeouts: {fill: 1s, acknowledgement: 1s}\n  acceptDelayedQuotes: true\n")

    told = one_line(closed.run("apply", "--auto-approve").expect(6))

    assert "not confirmed by the broker: NVDA" in told
    assert {order["status"] for order in closed.gateway.orders} == {"PendingCancel"}
    assert closed.gateway.traded() == {}
