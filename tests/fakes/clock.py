"""Time in tests: a Clock that moves when it is told to. The loop on virtual time is the simulated gateway's."""

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
