"""From an order and a policy to what is sent: only what the contract takes, and prices on its steps."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import Quote, Side
from reconciler.domain.contract import Contract, PriceIncrement, TradingSession
from reconciler.domain.ids import InstrumentName, OrderRef
from reconciler.domain.orders import OrderIntent, OrderTicket
from reconciler.domain.policy import OrderStyle
from reconciler.domain.unknown import Unknown
from reconciler.planning.quotes import why_untradable
from reconciler.planning.ticket import question_of, style_of, ticket_of
from tests.builders import NOW, a_contract, a_policy, a_quote, an_account_spec, money

REF = OrderRef("folioctl:0123456789ab:001a:1")
EVERYTHING = frozenset({"MKT", "LMT", "MIDPX", "ALGO", "MOC"})
CENT = (PriceIncrement(Decimal(0), Decimal("0.01")),)


def msft(*types: str, **changes: Any) -> Contract:
    known = frozenset(types) or EVERYTHING
    return replace(a_contract("MSFT"), order_types=known, price_increments=CENT, **changes)


def buying(notional: int = 20_000) -> OrderIntent:
    contract = a_contract("MSFT")
    name = InstrumentName("MSFT")
    return OrderIntent(1, name, contract.con_id, Side.BUY, Decimal(40), False, Decimal(500), money(notional))


def quoted(spread: str = "0.10") -> Quote:
    quote = a_quote("MSFT", 500, spread=Decimal(spread))
    assert isinstance(quote, Quote)
    return quote


def sent(style: OrderStyle, contract: Contract, *, notional: int = 20_000) -> OrderTicket:
    ticket = ticket_of(buying(notional), contract, quoted(), policy=a_policy(order_style=style), ref=REF)
    assert isinstance(ticket, OrderTicket)
    return ticket


@pytest.mark.parametrize(
    ("style", "order_type", "is_limited", "algo"),
    [
        (OrderStyle.MARKET, "MKT", False, ""),
        (OrderStyle.LIMIT, "LMT", True, ""),
        (OrderStyle.MIDPRICE, "MIDPRICE", True, ""),
        (OrderStyle.ADAPTIVE, "LMT", True, "Adaptive"),
        (OrderStyle.CLOSE, "MOC", False, ""),
    ],
)
def test_each_style_is_one_kind_of_order(style: OrderStyle, order_type: str, is_limited: bool, algo: str) -> None:
    ticket = sent(style, msft())

    assert (ticket.order_type, ticket.algo, ticket.time_in_force) == (order_type, algo, "DAY")
    # Two tenths of a per cent beyond the ask of 500.05, on a cent.
    assert ticket.limit_price == (Decimal("501.06") if is_limited else None)


@pytest.mark.parametrize(("notional", "order_type"), [(9_999, "MKT"), (10_000, "LMT")])
def test_a_smart_order_is_limited_from_a_size_on(notional: int, order_type: str) -> None:
    assert sent(OrderStyle.SMART, msft(), notional=notional).order_type == order_type


@pytest.mark.parametrize("style", OrderStyle)
def test_what_the_contract_does_not_take_goes_by_limit(style: OrderStyle) -> None:
    ticket = sent(style, msft("LMT"))

    assert (ticket.order_type, ticket.algo) == ("LMT", "")


@pytest.mark.parametrize("style", OrderStyle)
def test_what_takes_no_limit_either_is_not_sent(style: OrderStyle) -> None:
    found = ticket_of(buying(), msft("STP"), quoted(), policy=a_policy(order_style=style), ref=REF)

    assert found == Unknown("MSFT takes neither market nor limit orders")


@pytest.mark.parametrize("style", OrderStyle)
def test_over_the_counter_nothing_goes_to_the_market(style: OrderStyle) -> None:
    assert style_of(buying(1), msft(primary_exchange="PINK"), a_policy(order_style=style)) is OrderStyle.LIMIT


@pytest.mark.parametrize(
    ("spread", "exchange", "why"),
    [
        ("25.00", "PINK", None),
        ("25.02", "PINK", "its spread is 5.0%, maxOtcSpread is 5.0%"),
        ("100.00", "NASDAQ", None),
    ],
)
def test_over_the_counter_a_wide_spread_blocks(spread: str, exchange: str, why: str | None) -> None:
    account = an_account_spec(policy=a_policy(max_otc_spread=Decimal("0.05")))

    assert why_untradable(quoted(spread), account, msft(primary_exchange=exchange), now=NOW) == why


def test_over_the_counter_a_last_price_alone_blocks() -> None:
    quote = replace(quoted(), bid=None, ask=None)

    found = why_untradable(quote, an_account_spec(), msft(primary_exchange="PINK"), now=NOW)

    assert found == "it is quoted over the counter, and has no bid and ask"
    assert why_untradable(quote, an_account_spec(), msft(), now=NOW) is None


@pytest.mark.parametrize(
    ("style", "order_type"),
    [(OrderStyle.MARKET, "MKT"), (OrderStyle.CLOSE, "MKT"), (OrderStyle.MIDPRICE, "LMT"), (OrderStyle.ADAPTIVE, "LMT")],
)
def test_the_question_is_plain_for_margin_hangs_on_the_price_alone(style: OrderStyle, order_type: str) -> None:
    question = question_of(buying(), msft(), quoted(), policy=a_policy(order_style=style), ref=REF)

    assert isinstance(question, OrderTicket)
    assert (question.order_type, question.algo) == (order_type, "")


def test_a_session_closes_and_the_next_one_opens() -> None:
    first = TradingSession(NOW - timedelta(hours=1), NOW + timedelta(hours=5))
    contract = msft(liquid_hours=(first, TradingSession(NOW + timedelta(hours=23), NOW + timedelta(hours=29))))

    assert contract.closes_after(NOW) == NOW + timedelta(hours=5)
    assert contract.closes_after(NOW + timedelta(hours=6)) is None
