"""Ticket: an order intent, at today's quote, → what is sent. Prices lie on the market rule's increments, in Decimal."""

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reconciler.domain.account import Quote, Side
from reconciler.domain.contract import CURRENCY_PAIR, Contract
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import OrderIntent, OrderTicket
from reconciler.domain.policy import ExecutionPolicy, OrderStyle
from reconciler.domain.unknown import Unknown

TIME_IN_FORCE = "DAY"
"""Always explicit: an empty one is set by the gateway's preset, and its notice (10349) is taken for a cancel."""

ADAPTIVE = "Adaptive"
"""The broker's name of its algorithm."""


_TAKES = {
    OrderStyle.MARKET: "MKT",
    OrderStyle.LIMIT: "LMT",
    OrderStyle.MIDPRICE: "MIDPX",
    OrderStyle.ADAPTIVE: "ALGO",
    OrderStyle.CLOSE: "MOC",
}
"""What the broker's list of a contract's order types says where it takes the style."""

UNPRICED = frozenset({OrderStyle.MARKET, OrderStyle.CLOSE})
"""Styles whose orders carry no price."""


def style_of(order: OrderIntent, contract: Contract, policy: ExecutionPolicy) -> OrderStyle:
    """How this order goes: as the policy says, by a limit where the contract does not take that.

    A conversion goes to the market in any style but the one that limits everything; what dealers quote never does.
    """
    style = policy.order_style
    if style is OrderStyle.SMART:
        style = OrderStyle.MARKET if abs(order.notional.amount) < policy.market_below else OrderStyle.LIMIT
    if contract.sec_type == CURRENCY_PAIR and policy.order_style is not OrderStyle.LIMIT:
        style = OrderStyle.MARKET
    if contract.is_over_the_counter or _TAKES[style] not in contract.order_types:
        return OrderStyle.LIMIT
    return style


def ticket_of(
    order: OrderIntent, contract: Contract, quote: Quote, *, policy: ExecutionPolicy, ref: OrderRef
) -> OrderTicket | Unknown:
    """The order as the contract and the policy allow it; Unknown where neither a market nor a limit order can be."""
    style = style_of(order, contract, policy)
    if style in UNPRICED:
        return OrderTicket(ref, contract, order.side, order.quantity, _TAKES[style], None, TIME_IN_FORCE)
    touch = quote.touch(order.side) or quote.reference
    if touch is None:
        return Unknown(f"{order.instrument} has no price to set a limit by")
    ticket = limited(order, contract, touch, policy.limit_offset, ref)
    if isinstance(ticket, Unknown) or style is OrderStyle.LIMIT:
        return ticket
    if style is OrderStyle.MIDPRICE:
        return replace(ticket, order_type="MIDPRICE")
    return replace(ticket, algo=ADAPTIVE)


def limited(
    order: OrderIntent, contract: Contract, price: Decimal, offset: Decimal, ref: OrderRef
) -> OrderTicket | Unknown:
    """The order by a limit `offset` beyond a price; Unknown where the contract takes none, or its steps are."""
    if "LMT" not in contract.order_types:
        return Unknown(f"{order.instrument} takes neither market nor limit orders")
    limit = limit_price(price, order.side, offset, contract)
    if isinstance(limit, Unknown):
        return limit
    return OrderTicket(ref, contract, order.side, order.quantity, "LMT", limit, TIME_IN_FORCE)


def question_of(
    order: OrderIntent, contract: Contract, quote: Quote, *, policy: ExecutionPolicy, ref: OrderRef
) -> OrderTicket | Unknown:
    """The order as the broker is asked what it would do. A limit stands at the market's own price, which is on a step.

    So nobody has to ask for the steps before an order is sent; margin hangs on the market's price, not on the limit's.
    """
    if style_of(order, contract, policy) in UNPRICED and "MKT" in contract.order_types:
        return OrderTicket(ref, contract, order.side, order.quantity, "MKT", None, TIME_IN_FORCE)
    if "LMT" not in contract.order_types:
        return Unknown(f"{order.instrument} takes neither market nor limit orders")
    touch = quote.touch(order.side) or quote.last
    if touch is None:
        return Unknown(f"{order.instrument} has no price to set a limit by")
    return OrderTicket(ref, contract, order.side, order.quantity, "LMT", touch, TIME_IN_FORCE)


def limit_price(touch: Decimal, side: Side, offset: Decimal, contract: Contract) -> Decimal | Unknown:
    """`offset`, a fraction, beyond the touch and away from the middle, on the next increment that the rule allows."""
    wanted = touch * (1 + side.sign * offset)
    increment = contract.increment_at(wanted)
    if isinstance(increment, Unknown):
        return increment
    rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
    return (wanted / increment).quantize(Decimal(1), rounding=rounding) * increment
