"""Death at a chosen moment: before or after the n-th call of a journal's writing method, or of a send."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from reconciler.ports import Broker, Journal

Port = TypeVar("Port", bound=Journal | Broker)


class Killed(BaseException):
    """As SIGKILL: nothing that runs afterwards may rely on anything in memory."""


class Moments(Protocol):
    """Who is told of each moment in which a process may die."""

    def moment(self, what: str) -> None:
        """One of that name has come."""


class Countdown:
    """Dies at the `at`-th moment, counted from 0, over everything that it watches; never where that does not come."""

    def __init__(self, at: int) -> None:
        self._at = at
        self.passed = 0

    def moment(self, _what: str = "") -> None:
        self.passed += 1
        if self.passed > self._at:
            raise Killed


class DyingJournal:
    """A journal whose every write has a moment before it and one after it."""

    _WRITES = ("begin_run", "record_intent", "record_sent", "record_reports", "end_run", "record_halt", "lift_halts")

    def __init__(self, journal: Journal, moments: Moments) -> None:
        self._journal = journal
        self._moments = moments

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., Any] = getattr(self._journal, name)
        if name not in self._WRITES:
            return method

        def between_moments(*args: Any, **kwargs: Any) -> Any:
            self._moments.moment(f"before {name}")
            result = method(*args, **kwargs)
            self._moments.moment(f"after {name}")
            return result

        return between_moments
