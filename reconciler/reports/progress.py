"""What is going on, as a value that is folded from events; the live and the plain display both show it.

Events come from the middle of an apply, so a display must neither raise nor block there: taking an event is a fold in
memory, and writing is another thread's work.
"""

from dataclasses import dataclass, field, replace
from types import MappingProxyType

from reconciler.domain.counting import counted
from reconciler.domain.events import (
    BatchEnded,
    BatchStarted,
    Connecting,
    Event,
    MarginChecked,
    Notice,
    Observing,
    OrderChanged,
    RunStarted,
)
from reconciler.domain.ids import OrderRef
from reconciler.domain.plan import Batch
from reconciler.domain.standing import Standing
from reconciler.reports import wording
from reconciler.reports.sentences import batch_purpose


@dataclass(frozen=True)
class Progress:
    """Where a command stands: the last thing read, the batch under way, its orders, and what a person should know."""

    doing: str = "starting"
    batch: Batch | None = None
    batches_done: int = 0
    standing: Standing | None = None
    orders: MappingProxyType[OrderRef, OrderChanged] = field(default_factory=lambda: MappingProxyType({}))
    orders_wanted: int = 0
    notices: tuple[str, ...] = ()

    def after(self, event: Event) -> "Progress":
        """Where it stands after one more event."""
        match event:
            case Connecting(where=where):
                return replace(self, doing=f"connecting to {where}")
            case Observing(what=what):
                return replace(self, doing=f"reading {what}")
            case RunStarted(run=run, orders=orders):
                return replace(self, doing=f"run {run}", orders_wanted=orders)
            case BatchStarted(batch=batch):
                return replace(self, doing=f"batch {batch.number}: sending", batch=batch)
            case MarginChecked(batch=number, standing=standing):
                return replace(self, doing=f"batch {number}: margin holds", standing=standing)
            case OrderChanged(ref=ref):
                return replace(self, orders=MappingProxyType({**self.orders, ref: event}))
            case BatchEnded(number=number):
                return replace(
                    self, doing=f"batch {number}: over", batch=None, standing=None, batches_done=self.batches_done + 1
                )
            case Notice(text=text):
                return replace(self, notices=(*self.notices, text))

    @property
    def in_sight(self) -> tuple[OrderChanged, ...]:
        """The orders of the batch under way; all of them between batches."""
        names = None if self.batch is None else {order.instrument for order in self.batch.orders}
        return tuple(each for each in self.orders.values() if names is None or each.instrument in names)

    @property
    def filled(self) -> int:
        """How many orders are filled whole."""
        return sum(each.filled == each.quantity for each in self.orders.values())


def line_of(event: Event) -> str:
    """One plain line about an event, without amounts of money: off a terminal it lands in logs (promise 14)."""
    match event:
        case Connecting(where=where):
            return f"connecting to {where}"
        case Observing(what=what):
            return f"reading {what}"
        case RunStarted(run=run, plan=plan, orders=orders):
            return f"run {run} of plan {plan}: {counted(orders, 'order')}"
        case BatchStarted(batch=batch):
            sent = ", ".join(
                f"{each.side} {wording.quantity(each.quantity)} {each.instrument}" for each in batch.orders
            )
            return f"batch {batch.number}, to {batch_purpose(batch)}: {sent}"
        case MarginChecked(batch=number, standing=standing):
            return f"batch {number}: margin holds, leverage after it {wording.ratio(standing.leverage)}"
        case OrderChanged():
            return order_line(event)
        case BatchEnded(number=number):
            return f"batch {number}: over, and the account was read again"
        case Notice(text=text):
            return wording.without_money(text)


def order_line(event: OrderChanged) -> str:
    """`MSFT: Filled, 23 of 23 at 400.00`."""
    at = "" if event.average_price is None else f" at {wording.price(event.average_price)}"
    filled = f"{wording.quantity(event.filled)} of {wording.quantity(event.quantity)}{at}"
    return f"{event.instrument}: {event.state}, {filled}"
