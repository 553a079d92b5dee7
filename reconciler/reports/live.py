"""LiveProgress: the orders of the batch under way, with their fills, on a terminal; and the choice between displays."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table

from reconciler.domain.counting import counted
from reconciler.domain.events import Event, OrderChanged
from reconciler.domain.orders import OrderState
from reconciler.domain.standing import Standing
from reconciler.ports import EventSink
from reconciler.reports import wording
from reconciler.reports.plain import PlainProgress
from reconciler.reports.progress import Progress
from reconciler.reports.terminal.parts import cell

_FRAME_SECONDS = 0.125
_LEAVE_SECONDS = 2.0
"""How long leaving waits for a terminal that has stopped."""

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

    def paused(self) -> AbstractContextManager[None]:
        """Leave the terminal alone for the length of a `with` block, so that a question can be asked there."""


class LiveProgress:
    """An EventSink and a context manager. `emit` replaces a value, which a thread of its own draws some times a second.

    A terminal that stops (Ctrl-S) or goes away stops the drawing, never the apply.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress()
        self._spinner = Spinner("dots")
        self._drawing: _Drawing | None = None

    def emit(self, event: Event) -> None:
        """Take one event."""
        self._progress = self._progress.after(event)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Without the display for the length of a `with` block."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        self._drawing = _Drawing(self._console, self._render)
        self._drawing.start()

    def _stop(self) -> None:
        if self._drawing is not None:
            self._drawing.stop()

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


class _Drawing:
    """A thread that draws frames until it is stopped, and wipes the last one."""

    def __init__(self, console: Console, frame: Callable[[], RenderableType]) -> None:
        self._live = Live(
            console=console, get_renderable=frame, auto_refresh=False, transient=True, redirect_stdout=False
        )
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="progress", daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._thread.start()

    def stop(self) -> None:
        """Wipe the frame. Gives up waiting where the terminal takes nothing more."""
        self._stopped.set()
        self._thread.join(_LEAVE_SECONDS)

    def _draw(self) -> None:
        with suppress(OSError), self._live:
            while not self._stopped.wait(_FRAME_SECONDS):
                self._live.refresh()


def progress_for(console: Console) -> ProgressDisplay:
    """The live display where `console` is a terminal that can move its cursor, the plain one anywhere else."""
    if console.is_interactive and console.file.isatty():
        return LiveProgress(console)
    return PlainProgress(console.file)


def _headline(progress: Progress) -> str:
    if not progress.orders_wanted:
        return progress.doing
    return f"{progress.doing} · {progress.filled} of {counted(progress.orders_wanted, 'order')} filled"


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
