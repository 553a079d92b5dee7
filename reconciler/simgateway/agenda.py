"""The agenda: what is to be done at which second, and the order in which it is done.

Two queues: what is due at once, in the order in which it was asked for, and what is due later, by its time and then in
that order. What is due at once runs to its end before anything else, so that what follows from an event never depends
on how much came with it.
"""

import heapq
from collections import deque
from collections.abc import Callable
from itertools import count

MOST_AT_ONCE = 10_000
"""How many actions run in one go: one that asks for itself again and again must not stop everything else."""

Action = Callable[[], None]


class Agenda:
    """Actions by time. Seconds count from 0 and move by `reach` alone."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """The moment: that of the action that runs, else how far the agenda was run."""
        self._at_once: deque[Action] = deque()
        self._later: list[tuple[float, int, Action]] = []
        self._order = count()
        self._running = False

    @property
    def pending(self) -> bool:
        """Whether something is due at once."""
        return bool(self._at_once)

    @property
    def next_due(self) -> float | None:
        """The second of the earliest action that is due later, None without one."""
        return self._later[0][0] if self._later else None

    def add(self, delay: float, action: Action) -> None:
        """Enter an action, `delay` seconds after the moment; zero and less mean at once."""
        if delay > 0:
            heapq.heappush(self._later, (self.seconds + delay, next(self._order), action))
        else:
            self._at_once.append(action)

    def reach(self, until: float) -> None:
        """Run what falls due until then, each at its own second, what it brings about at once before the next.

        An action that calls this changes nothing: the run that it belongs to goes on after it.
        """
        if self._running:
            return
        self._running = True
        try:
            self._drain()
            while self._later and self._later[0][0] <= until:
                self.seconds, _, action = heapq.heappop(self._later)
                action()
                self._drain()
            self.seconds = max(self.seconds, until)
        finally:
            self._running = False

    def _drain(self) -> None:
        for _ in range(MOST_AT_ONCE):
            if not self._at_once:
                return
            self._at_once.popleft()()

    def clear(self) -> None:
        """Forget everything that was to be done."""
        self._at_once.clear()
        self._later.clear()
