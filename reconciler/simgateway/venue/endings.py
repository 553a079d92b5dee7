"""How an order ends without filling: refused at the door, dropped before it was sent, cancelled, or expired."""

from collections.abc import Callable

from reconciler.simgateway.clock import Clock
from reconciler.simgateway.orders.book import Order, Refusal, Status
from reconciler.simgateway.venue.listener import Listener

CANCELLED = Refusal(202, "Order Canceled - reason:")
BY_TRADER = "Cancelled by Trader"
BY_SYSTEM = "Cancelled by System:\n"
"""What completed orders say, as live gateways do, of an order that its client cancelled, and of one the broker did."""


class Endings:
    """Ends orders, and tells it. `ended` is told of each order that is over, after the listener."""

    def __init__(self, clock: Clock, listener: Listener, ended: Callable[[Order], None]) -> None:
        self._clock = clock
        self._listener = listener
        self._ended = ended

    def refuse(self, order: Order, refusal: Refusal) -> None:
        """End an order that was not taken."""
        order.enter(Status.INACTIVE)
        order.refusal = refusal
        order.completed_at = self._clock.now()
        self._listener.refused(order, refusal)
        self._ended(order)

    def drop(self, order: Order) -> None:
        """Cancel an order that was never transmitted."""
        self._close(order, BY_TRADER)
        self._listener.refused(order, CANCELLED)
        self._ended(order)

    def announce_cancel(self, order: Order) -> None:
        """Say that an order is about to be cancelled. Until `confirm_cancel` it can fill."""
        order.enter(Status.PENDING_CANCEL)
        self._listener.acknowledged(order)

    def confirm_cancel(self, order: Order) -> None:
        """Cancel an order as its client asked, unless it is over."""
        if order.works:
            self._cancel(order, BY_TRADER)
            self._listener.refused(order, CANCELLED)
            self._ended(order)

    def withdraw(self, order: Order, reason: Refusal) -> None:
        """Cancel an order that nobody asked to cancel, wherever it waits, unless it is over."""
        if order.works or order.held:
            self._cancel(order, BY_SYSTEM)
            self._listener.refused(order, reason)
            self._ended(order)

    def lapse(self, order: Order) -> None:
        """End an order that had to fill whole and at once, and could not: Inactive and no code, as recorded live."""
        order.enter(Status.INACTIVE)
        order.completed_at = self._clock.now()
        self._listener.acknowledged(order)
        self._ended(order)

    def kill(self, order: Order) -> None:
        """Cancel what an immediate order could not fill. The real one sends no error 202 for it."""
        if order.works:
            self._cancel(order, BY_TRADER)
            self._ended(order)

    def _cancel(self, order: Order, completed_status: str) -> None:
        self._close(order, completed_status)
        self._listener.acknowledged(order)

    def _close(self, order: Order, completed_status: str) -> None:
        order.enter(Status.CANCELLED)
        order.completed_at = self._clock.now()
        order.completed_status = completed_status
