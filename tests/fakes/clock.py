"""Time in tests: a Clock that moves when it is told to, and an event loop on which every wait is over at once."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

Result = TypeVar("Result")

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class SteppedClock:
    """A Clock that stands still until `advance`, and moves by `step` after each reading where one is given."""

    def __init__(self, start: datetime = START, *, step: timedelta = timedelta(0)) -> None:
        self._now = start
        self._step = step

    def now(self) -> datetime:
        moment = self._now
        self._now += self._step
        return moment

    def advance(self, by: timedelta) -> None:
        self._now += by


class _ImpatientSelector(selectors.DefaultSelector):
    """Never waits: what a loop would have slept is added to `elapsed`."""

    elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("the loop waits for what will never happen")
        if not ready and timeout is not None:
            self.elapsed += max(timeout, 0)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time starts at 0 and jumps to the next timer when nothing else is to be done."""

    def __init__(self) -> None:
        self._impatient = _ImpatientSelector()
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.elapsed


def run_virtually(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` on virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
