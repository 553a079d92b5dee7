"""The gateway's own time. Rule: nothing else in this package asks for the time or waits.

Time stands still while an event is dealt with: all that follows from it at once happens at its moment. Who brings an
event in (a frame, a line of the control channel, a connection) calls `settle` first: what was due before has run then,
and the clock shows the moment of the event.

`LoopClock` follows the event loop, so a loop on virtual time carries the gateway with it; it can run faster than the
loop. `SteppedClock` moves when someone steps it.
"""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Protocol

from reconciler.simgateway.agenda import Action, Agenda


class Clock(Protocol):
    """What the gateway needs of time."""

    def now(self) -> datetime:
        """The time of day, with a zone."""

    def seconds(self) -> float:
        """Seconds since the clock was made."""

    def call_later(self, delay: float, action: Action) -> None:
        """Run `action` once, `delay` seconds from now; zero means in the loop's next turn, or when it is settled."""

    def settle(self) -> None:
        """Run what is due, and what it brings about at once, to its end."""

    def stop(self) -> None:
        """Forget what was to be done."""


class LoopClock:
    """Time as an event loop counts it (the running one unless named), `speed` times as fast, from `started` on."""

    def __init__(self, started: datetime, speed: float = 1.0, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._started = started
        self._loop = loop or asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._speed = speed
        self._agenda = Agenda()
        self._turn: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> datetime:
        """The time of day at the moment of the event."""
        return self._started + timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        """Seconds of this clock from its making to the moment of the event."""
        return self._agenda.seconds

    def call_later(self, delay: float, action: Action) -> None:
        """Run `action` on the loop."""
        self._agenda.add(delay, action)
        self._book()

    def settle(self) -> None:
        """Run what is due by now, and let the clock show this moment."""
        self._reach((self._loop.time() - self._origin) * self._speed)

    def stop(self) -> None:
        """Forget what was to be done; nothing stays on the loop."""
        self._agenda.clear()
        for booked in (self._turn, self._timer):
            if booked:
                booked.cancel()
        self._turn = self._timer = None

    def _reach(self, until: float) -> None:
        try:
            self._agenda.reach(until)
        finally:
            self._book()

    def _book(self) -> None:
        """Have the loop call when the next is due."""
        due = self._agenda.next_due
        if self._agenda.pending and self._turn is None:
            self._turn = self._loop.call_soon(self._take_turn)
        if due is None:
            return
        when = self._origin + due / self._speed
        if self._timer and self._timer.when() > when:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(when, self._ring, due)

    def _take_turn(self) -> None:
        self._turn = None
        self.settle()

    def _ring(self, due: float) -> None:
        # A loop may ring a hair too early; what it was booked for is due all the same.
        self._timer = None
        self._reach(max(due, (self._loop.time() - self._origin) * self._speed))


def started_now(speed: float = 1.0, loop: asyncio.AbstractEventLoop | None = None) -> LoopClock:
    """A loop clock that starts at the time of the machine: for a gateway that serves people."""
    return LoopClock(datetime.now(UTC), speed, loop)  # noqa: TID251 - one of the two places that may ask


STEPPED_START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
"""Where a stepped clock of the command starts: a Monday, half an hour into the New York session."""


class SteppedClock:
    """Time that moves by `step` only. What is due at once runs in the turn of a running loop, or when it is settled."""

    def __init__(self, started: datetime) -> None:
        self._started = started
        self._agenda = Agenda()
        self._booked_on: asyncio.AbstractEventLoop | None = None

    def now(self) -> datetime:
        """The starting time plus all steps."""
        return self._started + timedelta(seconds=self._agenda.seconds)

    def seconds(self) -> float:
        """The sum of all steps."""
        return self._agenda.seconds

    def call_later(self, delay: float, action: Action) -> None:
        """Keep `action` until it is stepped over, or run it in the next turn when nothing delays it."""
        self._agenda.add(delay, action)
        self._book()

    def settle(self) -> None:
        """Run what is due at once to its end."""
        self.reach(self._agenda.seconds)

    def step(self, seconds: float) -> None:
        """Move on and run what falls due, in order, each at its own time. What it schedules in reach runs too."""
        self.reach(self._agenda.seconds + seconds)

    def reach(self, seconds: float) -> None:
        """Move on until so many seconds since the clock was made, as `step` does."""
        try:
            self._agenda.reach(seconds)
        finally:
            self._book()

    def stop(self) -> None:
        """Forget what was to be done."""
        self._agenda.clear()

    def _book(self) -> None:
        """Have the running loop, if one runs, call in its next turn."""
        loop = _running_loop()
        if self._agenda.pending and loop and self._booked_on is not loop:
            self._booked_on = loop
            loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._booked_on = None
        self.settle()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


_SPEED = re.compile(r"[x×]([1-9][0-9]{0,3})")


def is_clock(text: str) -> bool:
    """Whether a text names a clock: `real`, `stepped`, or `x60` for a minute each second, x1 to x9999."""
    return text in ("real", "stepped") or _SPEED.fullmatch(text) is not None


def clock_named(text: str, loop: asyncio.AbstractEventLoop | None = None) -> Clock:
    """The clock of a name, on the running loop unless one is named. Raises ValueError for a text that names none."""
    if not is_clock(text):
        raise ValueError(f"{text!r} is none of real, stepped and x2 to x9999")
    if text == "stepped":
        return SteppedClock(STEPPED_START)
    faster = _SPEED.fullmatch(text)
    return started_now(float(faster[1]) if faster else 1.0, loop)
