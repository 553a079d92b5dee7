"""The watch over leverage and margin, and a batch that is short of funds: by the command, over a socket."""

import pytest

from tests.acceptance.stage import Stage, lines_of

pytestmark = pytest.mark.broker


def held_in_the_second_batch(small: Stage) -> None:
    """The sells fill; the buys rest."""
    small.gateway.until(lambda gateway: sorted(gateway.resting) == ["NVDA", "TSLA"])
    for symbol in ("NVDA", "TSLA"):
        small.gateway.ask("fill", symbol=symbol)
    small.gateway.until(lambda gateway: sorted(gateway.resting) == ["AVGO", "GLD", "ORCL"])


def test_prices_that_take_leverage_beyond_its_limit_in_mid_batch_stop_what_adds_risk(small: Stage) -> None:
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    held_in_the_second_batch(small)

    for symbol, price in (("MSFT", 125), ("NVDA", 47), ("TSLA", 103)):
        small.gateway.ask("price", symbol=symbol, bid=price, ask=price, last=price)
    for symbol in ("AVGO", "GLD"):
        small.gateway.ask("fill", symbol=symbol)

    document = applying.end().expect(6).document
    assert document["outcome"] == "PartiallyApplied"
    # Near the close the margin of the night is asked for, and is told beside it.
    assert "maxLeverage is 1.50" in document["messages"][0]
    assert "what adds risk was stopped" in document["messages"][0]
    assert lines_of(document)["ORCL"]["order_state"] == "Cancelled"
    assert set(small.gateway.traded()) == {"NVDA", "TSLA", "AVGO", "GLD"}
    assert small.gateway.resting == []


@pytest.mark.parametrize(
    ("quirk", "words"),
    [
        ("margin-alert", "the broker warns that margin is low"),
        ("liquidation:MSFT", "the broker liquidated (SELL 14 MSFT), for lack of margin"),
    ],
)
def test_the_brokers_alarm_stops_what_adds_risk_and_says_what_to_do(small: Stage, quirk: str, words: str) -> None:
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    held_in_the_second_batch(small)

    small.gateway.quirk(quirk)

    document = applying.end().expect(6).document
    assert words in document["messages"][0]
    assert "folioctl status" in document["messages"][0]
    assert {lines_of(document)[symbol]["order_state"] for symbol in ("AVGO", "GLD", "ORCL")} == {"Cancelled"}
    assert set(small.gateway.traded()) == {"NVDA", "TSLA"}
    assert small.gateway.resting == []


def test_an_alarm_does_not_stop_what_reduces_risk_and_nothing_adds_any_after_it(small: Stage) -> None:
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve", "--json")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)
    small.gateway.quirk("margin-alert")
    small.gateway.ask("fill")
    document = applying.end().expect(6).document
    assert set(small.gateway.traded()) == {"NVDA", "TSLA"}
    assert small.gateway.resting == []
    assert "batch 2 was not started: the broker warns that margin is low" in document["messages"][0]


def test_a_batch_without_margin_for_all_of_it_is_reduced_where_the_policy_says_so(small: Stage) -> None:
    """Maintenance margin is 6,350 of 19,986. With headroom ORCL needs 474, GLD 99 and AVGO 91; the limit leaves 569."""
    small.policy("\n  rebalancing: {mode: buy-only}\n")
    small.edit("risk-limits.yaml", "maxMarginUtilisation: 60%", "maxMarginUtilisation: 0.3462")
    blocked = small.run("apply", "--auto-approve").expect(3)
    assert "maxMarginUtilisation" in blocked.stdout + blocked.stderr
    assert small.gateway.orders == []

    small.policy("\n  shortOfFunds: reduce\n")
    document = small.run("apply", "--auto-approve", "--json").expect(3).document
    assert document["outcome"] == "Applied"
    assert set(small.gateway.traded()) == {"ORCL", "AVGO"}
    left_out = lines_of(document)["GLD"]
    assert left_out["order_ref"] is None
    assert left_out["detail"].startswith("GLD: no margin for it: maxMarginUtilisation: ")
