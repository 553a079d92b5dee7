"""What a scenario may say of options, and where its mistakes are told."""

from datetime import date
from decimal import Decimal

import pytest

from reconciler.simgateway.market.instruments import Delivery
from reconciler.simgateway.staging import load
from tests.simgateway.lab import GLD, Bench
from tests.simgateway.options_lab import OPTIONS

BEGIN = "con_id: 3001"
STOCK = "spread: 0.02, close: 498.00}"


@pytest.mark.parametrize(
    ("old", "new", "place", "told"),
    [
        ("delta: 0.42", "delta: 1.42", "1.42", "instruments.MSFT.C520.delta must be at most 1, not '1.42' [SCN005]"),
        ("delta: 0.42", "delta: -1.42", "-1.42", "delta must be at least -1, not '-1.42' [SCN005]"),
        ("delta: 0.42", "delta: much", "much", "delta must be a number, not 'much' [SCN003]"),
        ("right: C\n", "right: X\n", "X\n", "right must be one of C, P, not 'X' [SCN004]"),
        ("right: C\n", "right: call\n", "call\n", "right must be one of C, P, not 'call' [SCN004]"),
        ("strike: 520\n", "strike: 0\n", "0\n", "strike must be above 0, not '0' [SCN005]"),
        (
            "delta: 0.42",
            "delta: -0.42",
            "-0.42",
            "a call is not below zero, that of a put not above [SCN104]",
        ),
        (
            "right: P",
            "right: P\n    delta: 0.1",
            "0.1\n",
            "a call is not below zero, that of a put not above [SCN104]",
        ),
        ("    strike: 520\n", "", BEGIN, "an option needs a strike [SCN107]"),
        ("    right: C\n", "", BEGIN, "an option needs a right, C or P [SCN107]"),
        ("    expiry: 2026-12-18\n", "", BEGIN, "an option needs an expiry [SCN107]"),
        ("    expiry: 2026-12-18\n", "    expiry: null\n", BEGIN, "an option needs an expiry [SCN107]"),
        ("    underlying: MSFT\n", "", BEGIN, "an option needs an underlying [SCN107]"),
        ("underlying: MSFT\n", "underlying: {}\n", BEGIN, "an option needs an underlying [SCN107]"),
        ("underlying: MSFT", "underlying: MSFX", "MSFX", "there is no instrument 'MSFX' [SCN101]"),
        ("underlying: MSFT", "underlying: GLD.P340", "GLD.P340\n", "the underlying of an option is a stock [SCN107]"),
        ("underlying: MSFT", "underlying: MSFT.C520", "MSFT.C520\n", "the underlying of an option is a stock [SCN107]"),
        (
            "underlying: MSFT",
            "underlying: TWIN.EUR",
            BEGIN,
            "is in the currency of its underlying, EUR [SCN107]",
        ),
        ("underlying: MSFT", "underlying: MSFT\n    symbol: MSF", "MSF\n", "has the symbol of its underlying [SCN107]"),
        (STOCK, "spread: 0.02, strike: 5}", "5}", "only an option has this [SCN107]"),
        (STOCK, "spread: 0.02, delta: 1}", "1}", "only an option has this [SCN107]"),
        (STOCK, "spread: 0.02, multiplier: 5}", "5}", "only a future or an option has this [SCN107]"),
    ],
)
def test_a_mistake_is_told_at_its_place(old: str, new: str, place: str, told: str) -> None:
    assert OPTIONS.count(old) == 1
    text = OPTIONS.replace(old, new)
    loaded, found = load(text, "bad.yaml")
    assert loaded is None
    (mistake,) = found
    assert str(mistake).endswith(told), str(mistake)
    where = mistake.location
    assert where is not None
    assert where.line is not None
    assert where.column is not None
    assert text.splitlines(keepends=True)[where.line - 1][where.column - 1 :].startswith(place)


def test_an_option_on_what_cannot_be_read_is_judged_by_what_can() -> None:
    text = OPTIONS.replace("underlying: MSFT", "underlying: TWIN.EUR\n    currency: EUR")
    loaded, found = load(text.replace("name: TWIN IN EUROPE", ""), "bad.yaml")
    assert loaded is None
    assert [each.code for each in found] == ["SCN002"]


def test_an_option_takes_the_order_types_that_it_is_given() -> None:
    text = OPTIONS.replace("strike: 520\n", "strike: 520\n    order_types: [MOC, LMT]\n")
    assert Bench(text).broker.market.listing(3001).instrument.order_types == ("MOC", "LMT")


def test_a_future_may_name_its_underlying_too() -> None:
    future = "  F: {con_id: 9, name: F, security_type: FUT, underlying: GLD, expiry: 2026-12-18, last: 5}\norders:\n"
    found = Bench(OPTIONS.replace("orders:\n", future)).broker.market.listing(9).instrument
    assert found.delivery == Delivery(date(2026, 12, 18), "202612", GLD, "GLD", "STK")
    assert (found.symbol, found.multiplier, found.option) == ("F", Decimal(1), None)
