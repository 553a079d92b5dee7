"""Holdings as a run's own fills make them of its plan's."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from reconciler.domain.account import Position
from reconciler.domain.ids import ConId
from reconciler.domain.line import LineKind
from reconciler.domain.money import Money
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.attempts import filled_of
from reconciler.planning.orderbook import OrderBook


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
        filled = filled_of(order, plan.id, book)
        if filled:
            held[order.con_id] = held.get(order.con_id, Decimal(0)) + order.side.sign * filled
    return held


def misheld(
    positions: Iterable[Position], expected: Mapping[ConId, Decimal], names: Mapping[ConId, str]
) -> tuple[str, ...]:
    """What is held otherwise than expected, by its symbol; `names` has those of what is not held."""
    held = {position.con_id: position for position in positions}
    quantities = {con_id: held[con_id].quantity if con_id in held else Decimal(0) for con_id in expected}
    symbols = {**names, **{con_id: position.symbol for con_id, position in held.items()}}
    return tuple(
        f"{symbols.get(con_id, f'contract {con_id}')}: {quantities[con_id]:f} held, {quantity:f} expected"
        for con_id, quantity in sorted(expected.items())
        if quantities[con_id] != quantity
    )


def turned_over(plan: Plan, book: OrderBook) -> Money:
    """The notional of what this run has filled, conversions left out."""
    orders = (order for order in plan.orders if not order.converts)
    parts = (abs(each.notional) * (filled_of(each, plan.id, book) / each.quantity) for each in orders)
    return sum(parts, Money(Decimal(0), plan.base_currency))


def has_freed(plan: Plan, book: OrderBook) -> bool:
    """Whether this run has filled anything that frees funds: an order that reduces risk, or a conversion."""
    return any(filled_of(each, plan.id, book) for each in plan.orders if each.reduces_risk or each.converts)
