"""Conflict: what keeps a line from trading although its target is known: its quote, and orders that work already.

Orders of others are never netted: their sells reserve the shares, and they block a line only where they and ours go the
same way, so that both together could overshoot (promise 2); the account's manifest may ask for more, or have them
cancelled first.
"""

from decimal import Decimal

from reconciler.domain.account import Side, WorkingOrder
from reconciler.domain.desired import AccountSpec, ForeignOrders
from reconciler.domain.orders import is_ours
from reconciler.planning.resolve import ResolvedLine


def cancelled_first(line: ResolvedLine, account: AccountSpec) -> tuple[WorkingOrder, ...]:
    """The orders of others on a line that go before ours, where the account's manifest says so."""
    if account.foreign_orders is not ForeignOrders.CANCEL:
        return ()
    return tuple(each for each in line.reserving if not is_ours(each.order_ref))


def why_blocked(line: ResolvedLine, order: Decimal, account: AccountSpec) -> str | None:
    """Why an order of this signed quantity may not be sent, or None."""
    if line.untradable is not None:
        return line.untradable
    cancelled = cancelled_first(line, account)
    others = [each for each in line.reserving if each not in cancelled]
    if account.foreign_orders is ForeignOrders.BLOCK and any(not is_ours(each.order_ref) for each in others):
        return "others have working orders on it, and the account's foreignOrders says to block"
    side = Side.BUY if order > 0 else Side.SELL
    same_way = [each for each in others if each.side is side]
    if same_way:
        theirs = sum((each.remaining for each in same_way), Decimal(0))
        return f"another working order would {side.value.lower()} {theirs:f} as well: both together could overshoot"
    return _why_not_sold(line, order, others) if account.portfolio.long_only and order < 0 else None


def _why_not_sold(line: ResolvedLine, order: Decimal, others: list[WorkingOrder]) -> str | None:
    """Why a sell would take a long-only line below zero, counting every other sell that works."""
    selling = sum((each.remaining for each in others if each.side is Side.SELL), Decimal(0))
    selling += max(-line.own_working, Decimal(0))
    if -order + selling <= line.held:
        return None
    if line.moved:
        return f"only {line.held:f} of {line.current:f} are held under its contract: the rest is not converted yet"
    return f"working sells reserve {selling:f} of {line.held:f} held"
