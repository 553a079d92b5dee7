"""Clear: cancel the working orders that a plan says go before its own, and see them gone.

Only a reading of the working orders proves that one is gone; what was filled meanwhile shows in the holdings, which the
gate of the first batch holds against the plan.
"""

import asyncio
from collections.abc import Sequence

from reconciler.domain.account import WorkingOrder
from reconciler.domain.errors import BrokerRefused
from reconciler.domain.events import Notice
from reconciler.domain.orders import is_ours
from reconciler.domain.unknown import Unknown
from reconciler.engine.observe import REREAD_SECONDS
from reconciler.engine.session import Session


async def clear(session: Session, orders: Sequence[WorkingOrder]) -> tuple[str, ...]:
    """Ask for every cancel, and wait for it: what is still there after the acknowledgement timeout, and why."""
    if not orders:
        return ()
    session.sink.emit(Notice(f"cancelling first: {', '.join(_named(order) for order in orders)}"))
    refused = [why for order in orders if (why := await _cancel(session, order)) is not None]
    left = ["the working orders were not read since"]
    try:
        async with asyncio.timeout(session.account.policy.timeouts.acknowledgement.total_seconds()):
            while True:
                working = await session.read(session.broker.read_working_orders)
                if isinstance(working, Unknown):
                    left = [f"the working orders could not be read: {working.why}"]
                else:
                    left = [f"{_named(each)} still works" for each in working if _is_among(each, orders)]
                if not left:
                    return ()
                await asyncio.sleep(REREAD_SECONDS)
    except TimeoutError:
        return (*refused, *left)


def _is_among(order: WorkingOrder, others: Sequence[WorkingOrder]) -> bool:
    return any(_is_same(order, each) for each in others)


def _is_same(one: WorkingOrder, other: WorkingOrder) -> bool:
    """By the broker's own number, which comes late for some orders; until then by the id that its client gave it."""
    if one.perm_id and other.perm_id:
        return one.perm_id == other.perm_id
    return (one.client_id, one.order_id) == (other.client_id, other.order_id)


async def _cancel(session: Session, order: WorkingOrder) -> str | None:
    """Why the cancel could not even be asked for, or None."""
    try:
        if is_ours(order.order_ref) and order.order_ref is not None:
            await session.broker.cancel(order.order_ref)
        else:
            await session.broker.cancel_foreign(order)
    except BrokerRefused as error:
        return str(error)
    return None


def _named(order: WorkingOrder) -> str:
    return f"{order.side} {order.remaining:f} {order.symbol} {order.order_type} (client {order.client_id})"
