"""How trades are booked: what is paid in full, what pays variation, what exchanges cash; and when cash settles."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from reconciler.simgateway.books import booking, settlement
from reconciler.simgateway.books.booking import Trade
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.margin import figures
from reconciler.simgateway.market.instruments import (
    Entitlement,
    FillBehaviour,
    Instrument,
    MarginRates,
    MarginSchedule,
    Quote,
)
from reconciler.simgateway.market.market import Listing, Market
from reconciler.simgateway.statements import balances
from tests.simgateway.accounting import instrument, stock, trade

FUTURE = instrument(7, "FUT", "ES", multiplier=50)
PAIR = instrument(8, "CASH", "EUR")
COIN = instrument(9, "CRYPTO", "BTC")
RATES = MarginRates(Decimal("0.3"), Decimal("0.25"))
MARGIN = MarginSchedule(RATES, RATES)
MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


def books() -> Ledger:
    return Ledger("DU1", "USD", {"USD": Decimal(1), "EUR": Decimal("1.10"), "GBP": Decimal("1.30")})


def market(*marks: tuple[Instrument, str]) -> Market:
    return Market(
        [Listing(each, Quote(last=Decimal(mark)), Entitlement.LIVE, FillBehaviour(), MARGIN) for each, mark in marks],
        [],
    )


def test_a_future_costs_its_commission_and_nothing_else() -> None:
    ledger = books()
    assert trade(ledger, FUTURE, Decimal(2), Decimal(5000), Decimal("4.20")) is None
    assert ledger.cash["USD"] == Decimal("-4.20")
    assert ledger.position(7).average_cost == Decimal("250002.10")
    assert figures(ledger, market((FUTURE, "5000"))).net_liquidation == Decimal("-4.20")


def test_a_future_gains_in_net_liquidation_before_it_gains_in_cash() -> None:
    ledger = books()
    trade(ledger, FUTURE, Decimal(2), Decimal(5000))
    up = market((FUTURE, "5010"))
    assert figures(ledger, up).net_liquidation == figures(ledger, up).futures_profit == 1000
    assert figures(ledger, up).gross_position_value == 0
    for posting in list(settlement.variation(ledger, up, MONDAY)):
        ledger.post(posting)
    assert ledger.cash["USD"] == 1000
    assert figures(ledger, up).net_liquidation == 1000
    assert list(settlement.variation(ledger, up, MONDAY)) == []
    # The average cost stays that of the trade, so unrealized profit is told from there.
    assert ledger.position(7).average_cost == 250_000


def test_a_closed_future_pays_what_its_variation_has_not_paid_yet() -> None:
    ledger = books()
    trade(ledger, FUTURE, Decimal(2), Decimal(5000), Decimal(4))
    for posting in list(settlement.variation(ledger, market((FUTURE, "5010")), MONDAY)):
        ledger.post(posting)
    assert trade(ledger, FUTURE, Decimal(-3), Decimal(4990), Decimal(6)) == -1000 - 4 - 4
    assert ledger.cash["USD"] == -4 + 1000 - 2000 - 6
    assert ledger.position(7).quantity == -1
    assert figures(ledger, market((FUTURE, "4990"))).net_liquidation == ledger.cash["USD"]
    assert figures(ledger, market((FUTURE, "4980"))).net_liquidation == ledger.cash["USD"] + 500


def test_a_pair_exchanges_cash_and_leaves_a_virtual_position_worth_nothing() -> None:
    ledger = books()
    assert trade(ledger, PAIR, Decimal(10_000), Decimal("1.10"), Decimal(2)) is None
    assert dict(ledger.cash) == {"EUR": 10_000, "USD": -11_002}
    assert ledger.held() == {}
    assert ledger.position(8).quantity == 10_000
    assert ledger.position(8).average_cost == Decimal("1.1")
    assert figures(ledger, market((PAIR, "1.10"))).net_liquidation == -2
    assert trade(ledger, PAIR, Decimal(-4_000), Decimal("1.15"), Decimal(2)) == 200
    assert ledger.position(8).realized == 200
    assert dict(ledger.cash) == {"EUR": 6_000, "USD": -11_002 + 4_600 - 2}


def test_a_pair_between_two_foreign_currencies_pays_its_commission_in_the_base_currency() -> None:
    ledger = books()
    trade(ledger, instrument(11, "CASH", "EUR", "GBP"), Decimal(-100), Decimal("0.85"), Decimal(2))
    assert dict(ledger.cash) == {"EUR": -100, "GBP": 85, "USD": -2}


def test_what_is_asked_for_a_pair_is_converted_to_the_base_currency() -> None:
    assert booking.fee(books(), instrument(11, "CASH", "EUR", "GBP"), Decimal(2)) == (Decimal("2.60"), "USD")
    assert booking.fee(books(), stock(3, "EUR"), Decimal(2)) == (Decimal(2), "EUR")


def test_a_coin_is_paid_in_full_and_held_in_fractions() -> None:
    ledger = books()
    trade(ledger, COIN, Decimal("0.00250000"), Decimal(60_000), Decimal("1.75"))
    assert ledger.cash["USD"] == Decimal("-151.75")
    assert figures(ledger, market((COIN, "60000"))).net_liquidation == Decimal("-1.75")
    told = balances.balances(ledger, market((COIN, "60000")))["USD"]
    assert (told.crypto, told.stock, told.unrealized) == (Decimal(150), Decimal(0), Decimal("-1.75"))


def test_only_what_comes_in_waits_for_settlement() -> None:
    ledger = books()
    for shares in (10, -4):
        booking.enter(ledger, Trade("x", stock(1), Decimal(shares), Decimal(100), Decimal(1), "USD", FRIDAY))
    assert ledger.cash["USD"] == -602
    assert ledger.settled("USD") == -1002
    ledger.settle(date(2026, 3, 5))
    assert ledger.settled("USD") == -1002
    ledger.settle(FRIDAY)
    assert ledger.settled("USD") == -602


def test_the_bought_currency_settles_and_the_sold_one_is_gone() -> None:
    ledger = books()
    booking.enter(ledger, Trade("x", PAIR, Decimal(100), Decimal("1.10"), Decimal(2), "USD", FRIDAY))
    assert {each: ledger.settled(each) for each in ("EUR", "USD")} == {"EUR": 0, "USD": -112}
    ledger.settle(FRIDAY)
    assert {each: ledger.settled(each) for each in ("EUR", "USD")} == {"EUR": 100, "USD": -112}


@pytest.mark.parametrize(
    ("kind", "traded", "settled"),
    [
        ("STK", MONDAY, date(2026, 3, 3)),
        ("STK", FRIDAY, date(2026, 3, 9)),
        ("CASH", MONDAY, date(2026, 3, 4)),
        ("CASH", date(2026, 3, 5), date(2026, 3, 9)),
        ("CASH", FRIDAY, date(2026, 3, 10)),
        ("OPT", FRIDAY, date(2026, 3, 9)),
        ("FUT", FRIDAY, None),
        ("CRYPTO", FRIDAY, None),
    ],
)
def test_weekends_settle_nothing(kind: str, traded: date, settled: date | None) -> None:
    assert settlement.settlement_day(kind, traded) == settled


def test_the_broker_day_is_new_yorks_in_summer_and_in_winter() -> None:
    assert settlement.broker_day(datetime(2026, 1, 6, 4, 59, tzinfo=UTC)) == date(2026, 1, 5)
    assert settlement.broker_day(datetime(2026, 1, 6, 5, 0, tzinfo=UTC)) == date(2026, 1, 6)
    assert settlement.end_of(date(2026, 1, 5)) == datetime(2026, 1, 6, 5, 0, tzinfo=UTC)
    assert settlement.end_of(date(2026, 7, 5)) == datetime(2026, 7, 6, 4, 0, tzinfo=UTC)
