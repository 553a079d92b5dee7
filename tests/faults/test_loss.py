"""The gateway dies while orders work: nothing is sent again, and what is not known is said."""

import json

import pytest

from tests.acceptance.stage import Stage, lines_of

pytestmark = pytest.mark.broker


@pytest.mark.full
@pytest.mark.timeout(120)
def test_a_gateway_that_dies_leaves_an_honest_report(small: Stage) -> None:
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)
    small.gateway.process.kill()
    document = applying.end().expect(6).document
    assert document["outcome"] == "Unresolved"
    assert {lines_of(document)[name]["order_state"] for name in ("NVDA", "TSLA")} <= {"Working", "Unknown"}
    (report,) = small.reports
    assert json.loads(report.read_text())["id"] == document["id"]
    assert "not closed" in small.run("runs", "list").expect(0).stdout
