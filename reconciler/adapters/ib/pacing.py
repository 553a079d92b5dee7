"""Pacing: the gateway counts messages of all kinds, and drops the session of a client that sends too many (error 100).

Messages go in small groups, evenly spread, so that no window of one second ever holds more than the rate: bursts of a
whole second's worth would, where the network bunches two of them together.
"""

import asyncio
from collections import deque

GROUPS_PER_SECOND = 5


class Pacer:
    """Gives out turns to send, in the order of asking, on the event loop's time."""

    def __init__(self, messages_per_second: int) -> None:
        group = max(1, messages_per_second // GROUPS_PER_SECOND)
        self._seconds = 1 / (messages_per_second // group)
        self._turns: deque[float] = deque(maxlen=group)
        self._queue = asyncio.Lock()

    async def turn(self) -> None:
        """Return when the next message may be sent."""
        async with self._queue:
            loop = asyncio.get_running_loop()
            due = self._due(loop.time())
            await asyncio.sleep(due - loop.time())
            # A timer may fire a clock tick early; the turn counts from when it was due.
            self._turns.append(max(due, loop.time()))

    def _due(self, now: float) -> float:
        """When the next message may be sent, in the loop's seconds: a group begins so long after the one before it."""
        if len(self._turns) < (self._turns.maxlen or 0):
            return now
        return max(now, self._turns[0] + self._seconds)
