"""How much an order is for: what the broker refuses, sizes in money, odd lots."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.market.instruments import Instrument, Quote
from reconciler.simgateway.market.market import ContractQuery
from reconciler.simgateway.orders import sizes
from reconciler.simgateway.orders.terms import Terms
from reconciler.simgateway.staging import packaged, stage
from tests.simgateway.lab import ACCOUNT, STARTED

BROKER = Broker(stage(packaged("world")), SteppedClock(STARTED))


def instrument(local_symbol: str) -> Instrument:
    (one,) = BROKER.find(ContractQuery(local_symbol=local_symbol, currency="USD" if "." not in local_symbol else ""))
    return one


def terms(kind: str, size: str | None, *, money: str | None = None, side: str = "BUY", tif: str = "DAY") -> Terms:
    quantity, cash = (None if text is None else Decimal(text) for text in (size, money))
    return Terms(ACCOUNT, side, quantity, kind, tif=tif, cash_quantity=cash)


@pytest.mark.parametrize(
    ("symbol", "asked", "code"),
    [
        ("AAPL", terms("MKT", "5"), None),
        ("AAPL", terms("MKT", None), 434),
        ("AAPL", terms("MKT", "-5"), 321),
        ("AAPL", terms("MKT", "0.5"), 10243),
        ("AAPL", terms("MKT", None, money="100"), 10244),
        ("ESZ6", terms("MKT", "1"), None),
        ("ESZ6", terms("MKT", "1.5"), 10243),
        ("ESZ6", terms("MKT", None, money="100"), 10244),
        ("SPY   261218C00680000", terms("MKT", "1"), None),
        ("SPY   261218C00680000", terms("MKT", "1.5"), 10243),
        ("SPY   261218C00680000", terms("MKT", None, money="100"), 10244),
        ("EUR.USD", terms("MKT", "20000"), None),
        ("EUR.USD", terms("MKT", "20000.01"), None),
        ("EUR.USD", terms("MKT", "20000.001"), 10250),
        ("BTC.USD", terms("LMT", "0.00000001"), None),
        ("BTC.USD", terms("LMT", "0.000000001"), 10250),
        ("BTC.USD", terms("MKT", "0.1"), 10289),
        ("BTC.USD", terms("MKT", "0.1", tif="IOC"), 10289),
        ("BTC.USD", terms("MKT", "0.1", money="100", tif="IOC"), 10293),
        ("BTC.USD", terms("LMT", "0.1", money="100", tif="IOC"), 10293),
        ("BTC.USD", terms("MKT", "0.1", side="SELL", tif="IOC"), None),
        ("BTC.USD", terms("MKT", "0.1", side="SELL"), 10052),
    ],
)
def test_what_size_the_broker_refuses(symbol: str, asked: Terms, code: int | None) -> None:
    found = sizes.objection(asked, instrument(symbol))
    assert (found.code if found else None) == code


def test_lots_of_a_stock_in_tens() -> None:
    tens = replace(
        instrument("AAPL"), lots=replace(instrument("AAPL").lots, minimum=Decimal(20), increment=Decimal(10))
    )
    codes = [(found := sizes.objection(terms("MKT", size), tens)) and found.code for size in ("10", "25", "20", "30")]
    assert codes == [355, 355, None, None]


QUOTE = Quote(bid=Decimal(99), ask=Decimal(101), last=Decimal(100))


@pytest.mark.parametrize(
    ("asked", "quote", "units"),
    [
        (terms("MKT", None, money="1010"), QUOTE, "10"),
        (terms("MKT", None, money="1000", side="SELL"), QUOTE, "10.1010101"),
        (terms("MKT", None, money="1000"), replace(QUOTE, ask=None), "10"),
        (replace(terms("LMT", None, money="1000"), limit_price=Decimal(50)), QUOTE, "20"),
        (terms("MKT", "5"), QUOTE, "0"),
        (terms("MKT", None, money="-5"), QUOTE, "0"),
        (terms("MKT", None, money="1000"), Quote(), "0"),
    ],
)
def test_what_an_amount_of_money_buys(asked: Terms, quote: Quote, units: str) -> None:
    assert sizes.units_for(asked, instrument("BTC.USD"), quote) == Decimal(units)


@given(st.decimals("0.01", "1000000", places=2), st.decimals("0.25", "200000", places=2))
def test_money_never_buys_more_than_it_pays_for(money: Decimal, price: Decimal) -> None:
    coin = instrument("BTC.USD")
    units = sizes.units_for(terms("MKT", None, money=str(money)), coin, Quote(ask=price))
    assert units * price <= money < (units + coin.lots.increment) * price
    assert units % coin.lots.increment == 0


def test_small_orders_in_a_currency_pair_are_odd_lots() -> None:
    pair = instrument("EUR.USD")
    warning = sizes.odd_lot(terms("MKT", "7000", side="SELL"), pair)
    assert warning is not None
    assert (warning.code, warning.text) == (
        399,
        "Order Message:\nSELL 7K EUR.USD Forex\nWarning: Your order size is below the EUR 20000 IdealPro minimum and "
        "will be routed as an odd lot order.",
    )
    odd = sizes.odd_lot(terms("MKT", "19999.99"), pair)
    assert odd is not None
    assert "BUY 19999.99 EUR.USD" in odd.text
    assert sizes.odd_lot(terms("MKT", "20000"), pair) is None
    dollar = sizes.odd_lot(terms("MKT", "24999"), instrument("USD.JPY"))
    assert dollar is not None
    assert "USD 25000" in dollar.text
    assert sizes.odd_lot(terms("MKT", "1"), instrument("AAPL")) is None
