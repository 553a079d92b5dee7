"""The displays of progress: they say every event, and nothing that happens to their stream reaches the apply."""

import errno
import io
import threading
from decimal import Decimal

import pytest
from rich.console import Console

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
from reconciler.domain.ids import InstrumentName, OrderRef, RunId
from reconciler.domain.orders import OrderState
from reconciler.reports.live import LiveProgress, progress_for
from reconciler.reports.plain import PlainProgress
from reconciler.reports.progress import Progress, line_of
from tests.builders import a_line, a_plan

PLAN = a_plan([a_line(), a_line("AAPL", 30, 12, price=220)])


def changed(instrument: str, state: OrderState, filled: int, quantity: int) -> OrderChanged:
    price = Decimal("220.01") if filled else None
    ref = OrderRef(f"folioctl:{PLAN.id}:{instrument}")
    return OrderChanged(ref, InstrumentName(instrument), state, Decimal(filled), Decimal(quantity), price)


EVENTS: list[Event] = [
    Observing("positions"),
    RunStarted(RunId("run-1"), PLAN.id, 2),
    BatchStarted(PLAN.batches[0]),
    MarginChecked(1, PLAN.after),
    changed("AAPL", OrderState.SUBMITTED, 0, 18),
    changed("AAPL", OrderState.PARTIALLY_FILLED, 7, 18),
    changed("AAPL", OrderState.FILLED, 18, 18),
    BatchEnded(1),
    Notice("the broker holds 5,000.00 USD back\x1b[31m"),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.EIO, "the terminal is gone")

    def isatty(self) -> bool:
        return True


class Stalled(io.StringIO):
    """Nobody reads: a write waits until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def write(self, text: str) -> int:
        self.released.wait()
        return super().write(text)


def test_plain_lines_say_every_event_without_money() -> None:
    stream = io.StringIO()

    with PlainProgress(stream) as progress:
        for event in EVENTS:
            progress.emit(event)

    assert stream.getvalue().splitlines() == [
        "reading positions",
        f"run run-1 of plan {PLAN.id}: 2 orders",
        "batch 1, to reduce risk: SELL 18 AAPL",
        "batch 1: margin holds, leverage after it 1.40",
        "AAPL: Submitted, 0 of 18",
        "AAPL: PartiallyFilled, 7 of 18 at 220.01",
        "AAPL: Filled, 18 of 18 at 220.01",
        "batch 1: over, and the account was read again",
        "the broker holds [amount] back [31m",
    ]


def test_a_stalled_reader_stalls_no_event() -> None:
    stream = Stalled()
    display = PlainProgress(stream)

    with display:
        for event in EVENTS:
            display.emit(event)
        assert stream.getvalue() == ""
        stream.released.set()

    assert stream.getvalue().startswith("reading positions\n")


@pytest.mark.parametrize("display", [PlainProgress, lambda stream: LiveProgress(a_console(stream))])
def test_a_stream_that_is_gone_raises_nothing(display: type[PlainProgress]) -> None:
    with display(Gone()) as progress:
        for event in EVENTS:
            progress.emit(event)


def a_console(stream: io.StringIO) -> Console:
    return Console(file=stream, width=80, color_system=None, force_terminal=True, force_interactive=True)


def test_the_live_display_shows_the_batch_under_way_and_leaves_nothing_behind() -> None:
    stream = Terminal()

    with LiveProgress(a_console(stream)) as progress:
        for event in EVENTS[:6]:
            progress.emit(event)

    shown = stream.getvalue()
    assert "batch 1: margin holds · 0 of 2 orders filled" in shown
    assert "available funds 30,000.00 USD" in shown
    assert "7 of 18" in shown
    assert "PartiallyFilled" in shown


def test_a_question_has_the_terminal_for_itself() -> None:
    stream = Terminal()

    with LiveProgress(a_console(stream)) as progress:
        progress.emit(EVENTS[0])
        with progress.paused():
            stream.truncate(0)
            progress.emit(EVENTS[1])
            asked = stream.getvalue()
        progress.emit(EVENTS[2])

    assert asked == ""
    assert "batch 1: sending" in stream.getvalue()


def test_plain_lines_before_a_question_are_out_when_it_is_asked() -> None:
    stream = io.StringIO()

    with PlainProgress(stream) as progress:
        progress.emit(EVENTS[0])
        with progress.paused():
            assert stream.getvalue() == "reading positions\n"


def test_progress_is_a_fold() -> None:
    progress = Progress()
    for event in EVENTS:
        progress = progress.after(event)

    assert (progress.batches_done, progress.filled, progress.batch) == (1, 1, None)
    assert [order.state for order in progress.in_sight] == [OrderState.FILLED]
    assert len(progress.notices) == 1


def test_only_a_terminal_gets_the_live_display() -> None:
    assert isinstance(progress_for(a_console(Terminal())), LiveProgress)
    assert isinstance(progress_for(a_console(io.StringIO())), PlainProgress)
    dumb = Console(file=Terminal(), force_terminal=True, force_interactive=False)
    assert isinstance(progress_for(dumb), PlainProgress)


def test_the_address_that_is_called_is_shown() -> None:
    calling = Connecting("127.0.0.1:4002")

    assert line_of(calling) == Progress().after(calling).doing == "connecting to 127.0.0.1:4002"
