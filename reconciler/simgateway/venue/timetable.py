"""The timetable: orders that something will happen to at a known time. It asks the clock for one call, the earliest.

An order stands in it once, at its next moment; where no order waits for any, it costs nothing. It never looks further
ahead than a day, so that what clients write into their orders cannot pile up calls.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from reconciler.simgateway.clock import Clock
from reconciler.simgateway.orders.book import Order

_FURTHEST = timedelta(days=1)


class Timetable:
    """Calls `happen` with each order whose moment came, in the order of their arrival."""

    def __init__(self, clock: Clock, happen: Callable[[Order], None]) -> None:
        self._clock = clock
        self._happen = happen
        self._entries: dict[int, tuple[datetime, Order]] = {}
        self._called_at: datetime | None = None

    def enter(self, order: Order, moment: datetime | None) -> None:
        """Note an order's next moment, in place of what was noted before; None strikes it out."""
        if moment is None:
            self._entries.pop(order.perm_id, None)
            return
        self._entries[order.perm_id] = (moment, order)
        self._call_by(moment)

    def _call_by(self, moment: datetime) -> None:
        now = self._clock.now()
        moment = min(moment, now + _FURTHEST)
        if self._called_at is None or moment < self._called_at:
            self._called_at = moment
            self._clock.call_later((moment - now).total_seconds(), lambda: self._called(moment))

    def _called(self, moment: datetime) -> None:
        if self._called_at != moment:
            return
        self._called_at = None
        now = self._clock.now()
        due = [self._entries[key] for key in sorted(self._entries) if self._entries[key][0] <= now]
        for _, order in due:
            del self._entries[order.perm_id]
        for _, order in due:
            self._happen(order)
        if self._entries:
            self._call_by(min(moment for moment, _ in self._entries.values()))
