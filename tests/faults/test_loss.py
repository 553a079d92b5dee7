"""The connection or the gateway is lost while orders work: nothing is sent again, and what is not known is said."""

import json

import pytest

from tests.acceptance.stage import Stage, assert_small_is_traded_once, lines_of
from tests.faults import wire

pytestmark = pytest.mark.broker


@pytest.mark.full
@pytest.mark.timeout(120)
def test_a_gateway_that_dies_leaves_an_honest_report(small: Stage) -> None:
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


@pytest.mark.parametrize(
    "cut", [wire.before_order(1), wire.before_order(2), wire.before_order(4), wire.before_what_if_after_order(2)]
)
def test_a_connection_that_breaks_is_made_again_and_everything_is_read(small: Stage, cut: wire.Cut) -> None:
    with wire.wire(small.gateway.port, cut, kind=wire.SeveredWire) as line:
        broken = small.run("apply", "--auto-approve", "--json", FOLIOCTL_GATEWAY=line.address)
        assert line.was_cut.is_set()
    sent = {order["order_ref"] for order in small.gateway.orders}
    states = lines_of(broken.document)
    # The order that was on the wire is known not to have arrived; what had arrived is known to be filled.
    assert {line["order_state"] for line in states.values()} <= {"Filled", "Intended", None}
    assert broken.code == (6 if sent else 1)
    small.run("apply", "--auto-approve").expect(0)
    assert_small_is_traded_once(small.gateway)
