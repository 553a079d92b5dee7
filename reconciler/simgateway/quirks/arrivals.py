"""Quirks of orders that arrive: dropped, unheard, refused, or taken with a warning.

Each rule says whether it dealt with the order; what it leaves goes to the venue.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_UP, Decimal
from functools import partial

from reconciler.simgateway.house import House
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders.book import Order, Refusal
from reconciler.simgateway.quirks.catalogue import HELD_CODES
from reconciler.simgateway.quirks.codes import TEXTS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.occasions import Arrival, Memory

LOCATE = "404"
REDUCED = "481"


def _dropped(_arrival: Arrival, _armed: Armed) -> bool:
    return True


def _unheard(arrival: Arrival, _armed: Armed) -> bool:
    arrival.memory.muted.setdefault(arrival.client, set()).add(arrival.order.order_id)
    return False


def _lost(arrival: Arrival, _armed: Armed) -> bool:
    arrival.client.close()
    arrival.take()
    return True


def _rejected(arrival: Arrival, armed: Armed) -> bool:
    code = int(armed.mode)
    arrival.house.venue.take(arrival.order, Refusal(code, TEXTS[code]))
    return True


def _warned(arrival: Arrival, armed: Armed) -> bool:
    order, code = arrival.order, armed.mode
    if arrival.objection:
        return False
    if code == REDUCED:
        order.terms = replace(order.terms, quantity=_half(order))
    if code in HELD_CODES:
        order.withheld = True
        arrival.memory.held.append(order)
    arrival.take()
    arrival.client.error(order.order_id, int(code), TEXTS[int(code)])
    return True


def _half(order: Order) -> Decimal:
    increment = order.contract.lots.increment
    return (order.terms.shares / 2 / increment).to_integral_value(ROUND_UP) * increment


ORDER_RULES: Mapping[str, Callable[[Arrival, Armed], bool]] = {
    "silent-drop": _dropped,
    "delayed-ack": _unheard,
    "lost-ack": _lost,
    "reject": _rejected,
    "warning": _warned,
}


def released(house: House, memory: Memory, armed: Armed) -> None:
    """Let the orders go on that a quirk held."""
    for order in [each for each in memory.held if armed.concerns(each.contract.symbol)]:
        memory.held.remove(order)
        order.withheld = False
        house.clock.call_later(0, partial(house.venue.resume, order))


def shown_as_held(reply: Reply, order: Order, armed: Armed) -> Reply:
    """An order status that says why the order waits."""
    if reply.kind == "order_status" and order.withheld and armed.mode == LOCATE:
        return Reply(reply.kind, {**reply.values, "why_held": "locate"})
    return reply
