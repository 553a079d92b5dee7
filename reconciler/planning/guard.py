"""Guard: the last look at a single order before it is sent. A long-only portfolio never goes short (promise 8)."""

from decimal import Decimal

from reconciler.domain.account import Side
from reconciler.domain.orders import OrderIntent
from reconciler.planning.resolve import ResolvedLine


def why_short(order: OrderIntent, line: ResolvedLine) -> str | None:
    """Why this sell and all other working sells of the contract together would be more than what is held, or None."""
    if order.side is not Side.SELL:
        return None
    working = sum((each.remaining for each in line.reserving if each.side is Side.SELL), Decimal(0))
    working += max(-line.own_working, Decimal(0))
    if order.quantity + working <= line.held:
        return None
    return f"selling {order.quantity:f} with {working:f} in working sells is more than the {line.held:f} held"
