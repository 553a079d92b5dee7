"""The books: whatever is traded, cash and positions are the sum of the postings."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.books.agreement import Pricing
from reconciler.simgateway.books.commissions import commission
from reconciler.simgateway.books.ledger import Ledger, Posting
from reconciler.simgateway.market.instruments import SecurityType
from tests.simgateway.accounting import stock, trade

RATES = {"USD": Decimal(1), "EUR": Decimal("1.1")}
TRADES = st.lists(
    st.tuples(
        st.sampled_from([(1, "USD"), (2, "USD"), (3, "EUR")]),
        st.integers(-300, 300).filter(bool),
        st.decimals("0.01", "900", places=2),
    ),
    max_size=30,
)


def books() -> Ledger:
    ledger = Ledger("DU1", "USD", dict(RATES))
    ledger.post(Posting("opening", "USD", Decimal(10_000)))
    ledger.post(Posting("opening", "USD", Decimal(0), 1, Decimal(50), Decimal(5_000)))
    return ledger


@given(TRADES)
def test_cash_and_positions_are_the_sum_of_all_postings(trades: list[tuple[tuple[int, str], int, Decimal]]) -> None:
    ledger = books()
    for number, ((con_id, currency), shares, price) in enumerate(trades):
        fee = commission(Pricing.FIXED, SecurityType.STOCK, Decimal(shares), price)
        trade(ledger, stock(con_id, currency), Decimal(shares), price, fee, f"x{number}")
    for currency, amount in ledger.cash.items():
        assert amount == sum(posting.cash for posting in ledger.postings if posting.currency == currency)
    for con_id, position in ledger.positions.items():
        mine = [posting for posting in ledger.postings if posting.con_id == con_id]
        assert position.quantity == sum(posting.shares for posting in mine)
        assert abs(position.cost - sum(posting.cost for posting in mine)) < Decimal("1e-12")


@given(TRADES)
def test_what_is_earned_is_cash(trades: list[tuple[tuple[int, str], int, Decimal]]) -> None:
    """Once flat, the cash that came in is the profit realized: nothing is lost between cost and cash."""
    ledger = Ledger("DU1", "USD", dict(RATES))
    held = dict.fromkeys((1, 2, 3), Decimal(0))
    currencies = {1: "USD", 2: "USD", 3: "EUR"}
    closing = [((con_id, currency), 0, Decimal(7)) for con_id, currency in currencies.items()]
    for (con_id, currency), shares, price in [*trades, *closing]:
        wanted = Decimal(shares) or -held[con_id]
        if wanted:
            fee = commission(Pricing.FIXED, SecurityType.STOCK, wanted, price)
            trade(ledger, stock(con_id, currency), wanted, price, fee)
            held[con_id] += wanted
    assert ledger.held() == {}
    for currency in ("USD", "EUR"):
        realized = sum(
            (each.realized for con_id, each in ledger.positions.items() if currencies[con_id] == currency), Decimal(0)
        )
        assert abs(ledger.cash[currency] - realized) < Decimal("1e-9")


def test_average_cost_includes_the_commission_of_what_opens() -> None:
    ledger = books()
    opened = trade(ledger, stock(1), Decimal(50), Decimal(200), Decimal(1))
    assert opened is None
    assert ledger.positions[1].average_cost == Decimal("150.01")
    realized = trade(ledger, stock(1), Decimal(-100), Decimal(151), Decimal(2))
    assert realized == Decimal("97")
    assert ledger.held() == {}


def test_a_trade_through_zero_closes_one_side_and_opens_the_other() -> None:
    ledger = books()
    realized = trade(ledger, stock(1), Decimal(-80), Decimal(110), Decimal("0.80"))
    assert realized == Decimal("499.50")
    assert ledger.positions[1].quantity == -30
    # A short's cost is what it brought in, less its part of the commission: 30 × 110 − 0.30.
    assert ledger.positions[1].average_cost == Decimal("109.99")


@pytest.mark.parametrize(
    ("shares", "price", "fee"),
    [("10", "100", "1"), ("1000", "100", "5"), ("-1000", "100", "5"), ("1", "20", "0.2"), ("300", "0.10", "0.3")],
)
def test_commission_has_a_minimum_and_a_most(shares: str, price: str, fee: str) -> None:
    assert commission(Pricing.FIXED, SecurityType.STOCK, Decimal(shares), Decimal(price)) == Decimal(fee)


def test_a_currency_without_a_rate_is_no_zero() -> None:
    with pytest.raises(KeyError):
        books().rate("JPY")
