"""The feed: moves the prices of a gateway along their paths, with one timer for all of them."""

import heapq
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count

from reconciler.simgateway.clock import Clock
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.market.paths import Course, Path
from reconciler.simgateway.script import PriceMove

Move = Callable[[Mapping[int, PriceMove]], None]


class Feed:
    """Paths at work. Without a path there is no timer."""

    def __init__(self, paths: Mapping[int, Path], market: Market, clock: Clock, seed: int, move: Move) -> None:
        self._market = market
        self._clock = clock
        self._move = move
        self._order = count()
        self._waiting: list[tuple[datetime, int, int, Course]] = []
        self._stopped = False
        for con_id, path in paths.items():
            self._put(clock.now(), con_id, path.begin(seed, market.listing(con_id).instrument))
        self._wait()

    def stop(self) -> None:
        """Move nothing more."""
        self._stopped = True

    def succeed(self, old: int, new: int) -> None:
        """What moved one contract id moves another from now on."""
        self._waiting = [
            (due, place, new if con_id == old else con_id, course) for due, place, con_id, course in self._waiting
        ]

    def _put(self, moment: datetime, con_id: int, course: Course) -> None:
        due = course.next_after(moment)
        if due is not None:
            heapq.heappush(self._waiting, (due.astimezone(UTC), next(self._order), con_id, course))

    def _wait(self) -> None:
        if self._waiting:
            ahead = (self._waiting[0][0] - self._clock.now()).total_seconds()
            self._clock.call_later(max(ahead, 0.0), self._strike)

    def _strike(self) -> None:
        """Move all that is due at the moment that was waited for; late or not, the next is counted from that moment."""
        if self._stopped:
            return
        moment, moves = self._waiting[0][0], {}
        while self._waiting and self._waiting[0][0] == moment:
            _, _, con_id, course = heapq.heappop(self._waiting)
            moves[con_id] = course.move(self._market.quote(con_id))
            self._put(moment, con_id, course)
        self._move(moves)
        self._wait()
