"""Tickets, quotes and agreement: one case for each rule."""

from datetime import timedelta
from decimal import Decimal

import pytest

from reconciler.domain.account import QuoteType, Side, TradingHalt
from reconciler.domain.contract import PriceIncrement
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import OrderTicket
from reconciler.domain.policy import OrderStyle
from reconciler.domain.unknown import Unknown
from reconciler.planning.agreement import why_not_fresh
from reconciler.planning.quotes import why_untradable
from reconciler.planning.ticket import limit_price, ticket_of
from tests.builders import (
    NOW,
    a_contract,
    a_line,
    a_policy,
    a_position,
    a_quote,
    account_values,
    an_account_spec,
    an_order,
    money,
)

REF = OrderRef("folioctl:0123456789ab:001a:1")
ORDER = an_order(a_line("MSFT", 20, 43))
MARKET, LIMIT = a_policy(order_style=OrderStyle.MARKET), a_policy(order_style=OrderStyle.LIMIT)


# ------------------------------------------------------------------------------------------------------------ tickets


def test_a_contract_that_takes_no_market_order_gets_a_limit_beyond_the_touch() -> None:
    contract = a_contract(order_types=frozenset({"LMT"}))

    ticket = ticket_of(ORDER, contract, a_quote(price=400, spread=4), policy=MARKET, ref=REF)

    assert isinstance(ticket, OrderTicket)
    assert (ticket.order_type, ticket.limit_price, ticket.time_in_force) == ("LMT", Decimal("402.81"), "DAY")


def test_a_contract_that_takes_neither_is_unknown() -> None:
    contract = a_contract(order_types=frozenset({"STP"}))

    assert isinstance(ticket_of(ORDER, contract, a_quote(), policy=LIMIT, ref=REF), Unknown)


@pytest.mark.parametrize(
    ("touch", "side", "expected"),
    [("0.9999", Side.BUY, "1.01"), ("1.004", Side.SELL, "1.00"), ("0.5", Side.BUY, "0.5005")],
)
def test_limits_lie_on_the_increment_that_holds_at_their_price(touch: str, side: Side, expected: str) -> None:
    rule = (PriceIncrement(Decimal(0), Decimal("0.0001")), PriceIncrement(Decimal(1), Decimal("0.01")))

    price = limit_price(Decimal(touch), side, Decimal("0.001"), a_contract(price_increments=rule))

    assert price == Decimal(expected)


# ------------------------------------------------------------------------------------------------------------- quotes


@pytest.mark.parametrize("quote_type", [QuoteType.DELAYED, QuoteType.FROZEN, QuoteType.DELAYED_FROZEN])
def test_only_a_live_price_prices_an_order_unless_the_policy_says_so(quote_type: QuoteType) -> None:
    quote = a_quote(type=quote_type)
    lenient = a_policy(accept_delayed_quotes=True)

    assert "acceptDelayedQuotes" in str(why_untradable(quote, an_account_spec(policy=MARKET), a_contract(), now=NOW))
    assert why_untradable(quote, an_account_spec(policy=lenient), a_contract(), now=NOW) is None


@pytest.mark.parametrize("seconds", [-61, 61])
def test_an_old_quote_and_one_from_the_future_price_nothing(seconds: int) -> None:
    quote = a_quote(as_of=NOW - timedelta(seconds=seconds))

    assert "maxQuoteAge" in str(why_untradable(quote, an_account_spec(policy=MARKET), a_contract(), now=NOW))


@pytest.mark.parametrize(
    ("halt", "words"),
    [(TradingHalt.GENERAL, "is halted at"), (TradingHalt.VOLATILITY, "is halted for its volatility at")],
)
def test_what_is_halted_is_not_traded_whatever_its_price(halt: TradingHalt, words: str) -> None:
    account = an_account_spec(policy=a_policy(accept_delayed_quotes=True))

    for quote in (
        a_quote(halt=halt),
        a_quote(halt=halt, type=QuoteType.DELAYED),
        a_quote(halt=halt, last=None, bid=None),
    ):
        assert f"trading in MSFT {words} its exchange" in str(why_untradable(quote, account, a_contract(), now=NOW))
    named = why_untradable(a_quote(halt=halt), account, Unknown("not read"), now=NOW)
    assert f"trading in contract 272093 {words}" in str(named)


# ---------------------------------------------------------------------------------------------------------- agreement


def test_positions_and_portfolio_that_differ_are_not_fresh() -> None:
    values = account_values(gross_position_value=money(8_000))
    lagging = [a_position("MSFT", 19, 400)]

    assert why_not_fresh([a_position("MSFT", 20)], [a_position("MSFT", 20)], values, {}) is None
    assert "MSFT" in str(why_not_fresh([a_position("MSFT", 20)], lagging, values, {}))
    assert "MSFT" in str(why_not_fresh([], lagging, values, {}))


def test_a_gross_value_that_is_not_the_sum_of_the_rows_is_not_fresh() -> None:
    rows = [a_position("MSFT", 20, 400)]

    assert "gross value" in str(why_not_fresh(rows, rows, account_values(gross_position_value=money(4_000)), {}))
