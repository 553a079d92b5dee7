"""Time in tests: a Clock that moves when it is told to. The loop on virtual time is the simulated gateway's."""

import asyncio
from datetime import UTC, datetime, timedelta

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


class LoopClock:
    """A Clock that goes with the running loop's time, which is virtual: what waits for a moment sees it come."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._began: float | None = None

    def now(self) -> datetime:
        time = asyncio.get_running_loop().time()
        self._began = time if self._began is None else self._began
        return self._start + timedelta(seconds=time - self._began)
