"""Ticket: an order intent, at today's quote, → what is sent. Prices lie on the market rule's increments, in Decimal."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reconciler.domain.account import Quote, Side
from reconciler.domain.contract import CURRENCY_PAIR, Contract
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import OrderIntent, OrderTicket
from reconciler.domain.policy import ExecutionPolicy, OrderStyle
from reconciler.domain.unknown import Unknown

TIME_IN_FORCE = "DAY"
"""Always explicit: an empty one is set by the gateway's preset, and its notice (10349) is taken for a cancel."""


def goes_to_market(order: OrderIntent, contract: Contract, policy: ExecutionPolicy) -> bool:
    """Whether the policy sends the order to the market, and the contract takes it there.

    A conversion goes to the market in any style but the one that limits everything.
    """
    style = policy.order_style
    is_small = abs(order.notional.amount) < policy.market_below or contract.sec_type == CURRENCY_PAIR
    wants_market = style is OrderStyle.MARKET or (style is OrderStyle.SMART and is_small)
    return wants_market and "MKT" in contract.order_types


def ticket_of(
    order: OrderIntent, contract: Contract, quote: Quote, *, policy: ExecutionPolicy, ref: OrderRef
) -> OrderTicket | Unknown:
    """The order as the contract and the policy allow it; Unknown where neither a market nor a limit order can be."""
    if goes_to_market(order, contract, policy):
        return OrderTicket(ref, contract, order.side, order.quantity, "MKT", None, TIME_IN_FORCE)
    touch = quote.touch(order.side) or quote.reference
    if touch is None:
        return Unknown(f"{order.instrument} has no price to set a limit by")
    return limited(order, contract, touch, policy.limit_offset, ref)


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
    if goes_to_market(order, contract, policy):
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
