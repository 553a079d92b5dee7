"""The connection or the gateway is lost while orders work: nothing is sent again, and what is not known is said."""

import json

import pytest

from tests.acceptance.stage import Stage, assert_small_is_traded_once, lines_of
from tests.faults import wire

pytestmark = pytest.mark.broker


@pytest.mark.full
@pytest.mark.timeout(120)
def test_a_gateway_that_dies_leaves_an_honest_report(small: Stage) -> None:
    small.policy("\n  timeouts: {outage: 5s}\n")
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)
    small.gateway.kill()
    document = applying.end().expect(6).document
    assert document["outcome"] == "Unresolved"
    assert {lines_of(document)[name]["order_state"] for name in ("NVDA", "TSLA")} <= {"Working", "Unknown"}
    (report,) = small.reports
    assert json.loads(report.read_text())["id"] == document["id"]
    assert "not closed" in small.run("runs", "list").expect(0).stdout


@pytest.mark.parametrize("number", [1, 2, 4])
def test_an_order_that_a_broken_connection_lost_is_known_not_to_have_arrived(small: Stage, number: int) -> None:
    with wire.wire(small.gateway.port, wire.before_order(number), kind=wire.SeveredWire) as line:
        broken = small.run("apply", "--auto-approve", "--json", FOLIOCTL_GATEWAY=line.address)
        assert line.was_cut.is_set()
    states = {line["order_state"] for line in lines_of(broken.document).values()}
    assert states <= {"Filled", "Intended", None}
    broken.expect(6 if "Filled" in states else 1)
    small.run("apply", "--auto-approve").expect(0)
    assert_small_is_traded_once(small.gateway)


def test_a_connection_that_breaks_between_the_batches_is_made_again_and_the_run_goes_on(small: Stage) -> None:
    with wire.wire(small.gateway.port, wire.before_what_if_after_order(2), kind=wire.SeveredWire) as line:
        applied = small.run("apply", "--auto-approve", "--json", FOLIOCTL_GATEWAY=line.address).expect(0)
        assert line.was_cut.is_set()
    assert any("without the broker for" in message for message in applied.document["messages"])
    assert_small_is_traded_once(small.gateway)


@pytest.mark.parametrize("data", ["kept", pytest.param("lost", marks=pytest.mark.full)])
def test_what_fills_while_the_gateway_has_lost_the_broker_is_read_when_it_is_back(small: Stage, data: str) -> None:
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)
    small.gateway.quirk(f"outage:{data}")
    applying.said("nothing is sent until it is back")
    small.gateway.ask("fill")
    small.gateway.until(lambda gateway: gateway.resting == [])
    small.gateway.ask("quirk", clear=f"outage:{data}")
    document = applying.end().expect(0).document
    assert any("1100" in message for message in document["messages"])
    assert_small_is_traded_once(small.gateway)
