"""SIGINT and SIGTERM during an apply: what works is cancelled and confirmed, a report is written, exit 130."""

import json
import signal

import pytest

from tests.acceptance.stage import Stage, lines_of

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_cancels_confirms_and_reports(small: Stage, number: signal.Signals) -> None:
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)
    applying.process.send_signal(number)
    ended = applying.end().expect(130)
    assert [order["status"] for order in small.gateway.orders] == ["Cancelled", "Cancelled"]
    assert (ended.document["outcome"], ended.document["exit_code"]) == ("Interrupted", 130)
    (report,) = small.reports
    written = json.loads(report.read_text())
    assert written["id"] == ended.document["id"]
    assert {lines_of(written)[name]["order_state"] for name in ("NVDA", "TSLA")} == {"Cancelled"}
    assert {lines_of(written)[name]["order_state"] for name in ("GLD", "AVGO", "ORCL")} == {"Intended"}
    assert any(number.name in message for message in written["messages"])
    assert "not closed" not in small.run("runs", "list").stdout


def test_what_filled_before_the_signal_is_in_the_report(small: Stage) -> None:
    small.gateway.ask("fill", symbol="NVDA", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    small.gateway.until(lambda gateway: len(gateway.orders) == 2 and gateway.resting == ["NVDA"])
    applying.process.send_signal(signal.SIGTERM)
    document = applying.end().expect(130).document
    lines = lines_of(document)
    assert (lines["TSLA"]["order_state"], lines["TSLA"]["filled"]) == ("Filled", "4")
    assert lines["NVDA"]["order_state"] == "Cancelled"
    assert small.gateway.traded() == {"TSLA": -4, "NVDA": 0} or small.gateway.traded() == {"TSLA": -4}
    assert small.gateway.resting == []


def test_while_it_reads_nothing_is_left_behind(small: Stage) -> None:
    small.gateway.quirk("no-position-end")
    reading = small.start("plan", "--json")
    reading.said("reading account and positions")
    reading.process.send_signal(signal.SIGINT)
    ended = reading.end().expect(130)
    assert ended.document["kind"] == "Failure"
    assert ended.document["error"]["exit_code"] == 130
