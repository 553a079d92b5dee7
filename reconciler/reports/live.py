"""LiveProgress: the orders of the batch under way, with their fills, on a terminal; and the choice between displays."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table

from reconciler.domain.events import Event, OrderChanged
from reconciler.domain.orders import OrderState
from reconciler.domain.plan import Standing
from reconciler.ports import EventSink
from reconciler.reports import wording
from reconciler.reports.plain import PlainProgress
from reconciler.reports.progress import Progress
from reconciler.reports.terminal.parts import cell

_NOTICES = 4
"""How many of the last notices stay in sight; the report has them all."""

_STYLES = {
    OrderState.FILLED: "green",
    OrderState.PARTIALLY_FILLED: "yellow",
    OrderState.CANCELLED: "red",
    OrderState.REJECTED: "red",
    OrderState.EXPIRED: "red",
    OrderState.UNKNOWN: "bold red",
}


class ProgressDisplay(EventSink, AbstractContextManager["ProgressDisplay"], Protocol):
    """A display of events: emit between entering and leaving."""


class LiveProgress:
    """An EventSink and a context manager. `emit` replaces a value; rich's own thread draws it some times a second."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress()
        self._spinner = Spinner("dots")
        self._live = Live(
            console=console, get_renderable=self._render, refresh_per_second=8, transient=True, redirect_stdout=False
        )

    def emit(self, event: Event) -> None:
        """Take one event."""
        self._progress = self._progress.after(event)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._live.stop()
        except OSError:
            return  # the terminal is gone; the report still says all

    def _render(self) -> RenderableType:
        progress = self._progress
        self._spinner.update(text=cell(_headline(progress)))
        parts: list[RenderableType] = [self._spinner]
        if progress.standing is not None:
            parts.append(cell(_margin(progress.standing), "dim"))
        if progress.in_sight:
            parts.append(_orders(progress.in_sight))
        parts += [cell(f"! {notice}", "yellow") for notice in progress.notices[-_NOTICES:]]
        return Group(*parts)


def progress_for(console: Console) -> ProgressDisplay:
    """The live display where `console` is a terminal that can move its cursor, the plain one anywhere else."""
    if console.is_interactive and console.file.isatty():
        return LiveProgress(console)
    return PlainProgress(console.file)


def _headline(progress: Progress) -> str:
    if not progress.orders_wanted:
        return progress.doing
    return f"{progress.doing} · {progress.filled} of {wording.count(progress.orders_wanted, 'order')} filled"


def _margin(standing: Standing) -> str:
    return (
        f"  after this batch: leverage {wording.ratio(standing.leverage)}, available funds "
        f"{standing.available_funds}, excess liquidity {standing.excess_liquidity}"
    )


def _orders(orders: tuple[OrderChanged, ...]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for order in orders:
        table.add_row(
            cell(f"  {order.instrument}"),
            ProgressBar(total=float(order.quantity), completed=float(order.filled), width=16),
            cell(f"{wording.quantity(order.filled)} of {wording.quantity(order.quantity)}"),
            cell("" if order.average_price is None else f"at {wording.price(order.average_price)}"),
            cell(order.state, _STYLES.get(order.state, "")),
        )
    return table
