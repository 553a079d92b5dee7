"""Holdings as a run's own fills make them of its plan's."""

from decimal import Decimal

from reconciler.domain.ids import ConId
from reconciler.domain.line import LineKind
from reconciler.domain.orders import order_ref
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.orderbook import OrderBook

ATTEMPT = 1
"""Every line is attempted once; what is left of it, the next plan orders under a name of its own."""


def held_after(plan: Plan, book: OrderBook) -> dict[ConId, Decimal]:
    """Holdings of the lines' contracts: the plan's, and what the run's own executions made of them.

    What is still held under a contract that a line replaced is a holding of that contract, and a conversion is none.
    """
    held = {
        line.con_id: line.current - line.moved
        for line in plan.lines
        if line.con_id is not None and line.kind is not LineKind.CURRENCY and not isinstance(line.current, Unknown)
    }
    for order in (each for each in plan.orders if not each.converts):
        record = book.records.get(order_ref(plan.id, order, attempt=ATTEMPT))
        if record is not None:
            held[order.con_id] = held.get(order.con_id, Decimal(0)) + order.side.sign * record.filled
    return held
