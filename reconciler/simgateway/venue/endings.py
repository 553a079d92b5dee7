"""How an order ends without filling: refused at the door, dropped before it was sent, or cancelled."""

from reconciler.simgateway.clock import Clock
from reconciler.simgateway.orders import Order, Refusal, Status
from reconciler.simgateway.venue.listener import Listener

CANCELLED = Refusal(202, "Order Canceled - reason:")
BY_TRADER = "Cancelled by Trader"
"""What completed orders say of an order that its client cancelled."""
BY_SYSTEM = "Cancelled by System"
"""What they say of one that the broker cancelled."""


class Endings:
    """Ends orders, and tells it."""

    def __init__(self, clock: Clock, listener: Listener) -> None:
        self._clock = clock
        self._listener = listener

    def refuse(self, order: Order, refusal: Refusal) -> None:
        """End an order that was not taken."""
        order.enter(Status.INACTIVE)
        order.refusal = refusal
        order.completed_at = self._clock.now()
        self._listener.refused(order, refusal)

    def drop(self, order: Order) -> None:
        """Cancel an order that was never transmitted."""
        self._end(order, BY_TRADER)
        self._listener.refused(order, CANCELLED)

    def ask_to_cancel(self, order: Order, reason: Refusal | None) -> None:
        """Say that an order is about to be cancelled; it is confirmed a turn later, unless a fill comes first."""
        order.enter(Status.PENDING_CANCEL)
        self._listener.acknowledged(order)
        self._clock.call_later(0, lambda: self._confirm(order, reason))

    def withdraw(self, order: Order, reason: Refusal) -> None:
        """Cancel an order that nobody asked to cancel."""
        self._end(order, BY_SYSTEM)
        self._listener.acknowledged(order)
        self._listener.refused(order, reason)

    def _confirm(self, order: Order, reason: Refusal | None) -> None:
        if not order.works:
            return
        self._end(order, BY_TRADER)
        self._listener.acknowledged(order)
        if reason:
            self._listener.refused(order, reason)

    def _end(self, order: Order, completed_status: str) -> None:
        order.enter(Status.CANCELLED)
        order.completed_at = self._clock.now()
        order.completed_status = completed_status
