"""Ticket: an order intent, at today's quote, → what is sent. Prices lie on the market rule's increments, in Decimal."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reconciler.domain.account import Quote, Side
from reconciler.domain.contract import Contract
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import OrderIntent, OrderTicket
from reconciler.domain.policy import ExecutionPolicy, OrderStyle
from reconciler.domain.unknown import Unknown

TIME_IN_FORCE = "DAY"
"""Always explicit: an empty one is set by the gateway's preset, and its notice (10349) is taken for a cancel."""


def ticket_of(
    order: OrderIntent, contract: Contract, quote: Quote, *, policy: ExecutionPolicy, ref: OrderRef
) -> OrderTicket | Unknown:
    """The order as the contract and the policy allow it; Unknown where neither a market nor a limit order can be."""
    if policy.order_style is OrderStyle.MARKET and "MKT" in contract.order_types:
        return OrderTicket(ref, contract, order.side, order.quantity, "MKT", None, TIME_IN_FORCE)
    if "LMT" not in contract.order_types:
        return Unknown(f"{order.instrument} takes neither market nor limit orders")
    touch = quote.touch(order.side) or quote.reference
    if touch is None:
        return Unknown(f"{order.instrument} has no price to set a limit by")
    limit = limit_price(touch, order.side, policy.limit_offset, contract)
    return OrderTicket(ref, contract, order.side, order.quantity, "LMT", limit, TIME_IN_FORCE)


def limit_price(touch: Decimal, side: Side, offset: Decimal, contract: Contract) -> Decimal:
    """`offset`, a fraction, beyond the touch and away from the middle, on the next increment that the rule allows."""
    wanted = touch * (1 + side.sign * offset)
    increment = contract.increment_at(wanted)
    rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
    return (wanted / increment).quantize(Decimal(1), rounding=rounding) * increment
