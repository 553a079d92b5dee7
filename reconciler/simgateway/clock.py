"""The gateway's own time. Rule: nothing else in this package asks for the time or waits.

`LoopClock` follows the event loop, so a loop on virtual time carries the gateway with it; it can run faster than the
loop. `SteppedClock` stands still
until someone steps it; what is due at once still runs in the loop's next turn.
"""

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol


class Clock(Protocol):
    """What the gateway needs of time."""

    def now(self) -> datetime:
        """The time of day, with a zone."""

    def seconds(self) -> float:
        """Seconds since the clock was made."""

    def call_later(self, delay: float, action: Callable[[], None]) -> None:
        """Run `action` once, `delay` seconds from now; zero means the next turn of the event loop."""


class LoopClock:
    """Time as the running event loop counts it, `speed` times as fast, from a given starting time of day."""

    def __init__(self, started: datetime, speed: float = 1.0) -> None:
        self._started = started
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._speed = speed

    def now(self) -> datetime:
        """The starting time plus what the loop has counted since."""
        return self._started + timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        """Seconds of this clock since it was made."""
        return (self._loop.time() - self._origin) * self._speed

    def call_later(self, delay: float, action: Callable[[], None]) -> None:
        """Run `action` on the loop."""
        if delay > 0:
            self._loop.call_later(delay / self._speed, action)
        else:
            self._loop.call_soon(action)


def started_now(speed: float = 1.0) -> LoopClock:
    """A loop clock that starts at the time of the machine: for a gateway that serves people."""
    return LoopClock(datetime.now(UTC), speed)  # noqa: TID251 - one of the two places that may ask


STEPPED_START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
"""Where a stepped clock of the command starts: a Monday, half an hour into the New York session."""


class SteppedClock:
    """Time that moves by `step` only; needs a running loop for what is due at once."""

    def __init__(self, started: datetime) -> None:
        self._started = started
        self._elapsed = 0.0
        self._order = count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []

    def now(self) -> datetime:
        """The starting time plus all steps."""
        return self._started + timedelta(seconds=self._elapsed)

    def seconds(self) -> float:
        """The sum of all steps."""
        return self._elapsed

    def call_later(self, delay: float, action: Callable[[], None]) -> None:
        """Keep `action` until it is stepped over, or run it in the next turn when nothing delays it."""
        if delay > 0:
            heapq.heappush(self._due, (self._elapsed + delay, next(self._order), action))
        else:
            asyncio.get_running_loop().call_soon(action)

    def step(self, seconds: float) -> None:
        """Move on and run what falls due, in order, each at its own time. What it schedules in reach runs too."""
        until = self._elapsed + seconds
        while self._due and self._due[0][0] <= until:
            self._elapsed, _, action = heapq.heappop(self._due)
            action()
        self._elapsed = until
