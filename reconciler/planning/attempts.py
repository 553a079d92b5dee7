"""Attempts: an order of a plan as the orders that were sent for it in turn, each for what the last one left.

The next attempt is another order under another name (promise 3), and there is one only once a report has ended the one
before it: cancelled by us in time, expired, or proved never to have arrived. What was rejected, or is not accounted
for, is not attempted again.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import count

from reconciler.domain.ids import PlanId
from reconciler.domain.orders import OrderIntent, OrderRecord, OrderState, order_ref
from reconciler.domain.policy import PartialFills
from reconciler.planning.fold import fills_are_complete, final_state, is_over
from reconciler.planning.orderbook import OrderBook

_MAY_BE_ATTEMPTED_AGAIN = frozenset({OrderState.CANCELLED, OrderState.EXPIRED, OrderState.INTENDED})
"""Of orders that are over. One that is Intended and over never arrived."""


def attempts_at(order: OrderIntent, plan: PlanId, book: OrderBook) -> tuple[OrderRecord, ...]:
    """What was intended for the order so far, the first attempt first."""
    found: list[OrderRecord] = []
    for number in count(1):
        record = book.records.get(order_ref(plan, order, attempt=number))
        if record is None:
            break
        found.append(record)
    return tuple(found)


def filled_of(order: OrderIntent, plan: PlanId, book: OrderBook) -> Decimal:
    """Shares of the order that are filled, by all attempts."""
    return sum((each.filled for each in attempts_at(order, plan, book)), Decimal(0))


def is_done(order: OrderIntent, plan: PlanId, book: OrderBook, policy: PartialFills) -> bool:
    """Whether enough of it is filled. A conversion pays for other orders, and has to be whole."""
    least = Decimal(1) if order.converts else policy.min_ratio
    return filled_of(order, plan, book) >= order.quantity * least


def remainders(
    orders: Iterable[OrderIntent], plan: PlanId, book: OrderBook, policy: PartialFills
) -> tuple[OrderIntent, ...]:
    """What of these orders is attempted next: nothing of what is done, of what may not be, or was attempted enough."""
    return tuple(
        _remainder(each, filled_of(each, plan, book))
        for each in orders
        if not is_done(each, plan, book, policy) and _may_be(attempts_at(each, plan, book), policy)
    )


def _may_be(records: tuple[OrderRecord, ...], policy: PartialFills) -> bool:
    if not 0 < len(records) < policy.attempts:
        return False
    last = records[-1]
    return is_over(last) and final_state(last) in _MAY_BE_ATTEMPTED_AGAIN and fills_are_complete(last)


def _remainder(order: OrderIntent, filled: Decimal) -> OrderIntent:
    left = order.quantity - filled
    return replace(order, quantity=left, notional=order.notional * (left / order.quantity))
