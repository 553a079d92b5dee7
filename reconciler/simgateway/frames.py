"""The frame log: how many messages went each way, by message id, and the latest of them in full.

A recorder, where there is one, is told everything: the messages, and what else decides them (connections that open and
close, lines of the control channel).
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

KEPT_FRAMES = 1000


class Frame(NamedTuple):
    """One event: seconds of the gateway's clock, direction, the client's id (-1 before it has one), the fields.

    Directions: `in` from the client, `out` to it. A recorder also meets `open` (fields: the client's offer), `broken`
    (bytes that are no frame), `hangup` (the gateway ends the connection), `close` (the connection is gone) and
    `control` (fields: the line).
    """

    seconds: float
    direction: str
    client_id: int
    fields: tuple[str, ...]
    connection: int = 0
    """Connections count from 1 in order of arrival; 0 is none of them."""


Recorder = Callable[[Frame], None]


class FrameLog:
    """Counts everything, keeps the latest KEPT_FRAMES, and hands each event to the recorder."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._counts: dict[str, Counter[str]] = {"in": Counter(), "out": Counter()}
        self._latest: deque[Frame] = deque(maxlen=KEPT_FRAMES)
        self._recorder = recorder
        self.leftovers: Counter[str] = Counter()
        """Requests, by kind, that carried fields beyond the layout of their version."""

    def note(self, seconds: float, direction: str, client_id: int, fields: Iterable[str], connection: int = 0) -> None:
        """Record one message."""
        entry = Frame(seconds, direction, client_id, tuple(fields), connection)
        # What a peer sends as an id is kept only in so far as it can be one: the log must not grow with nonsense.
        message_id = entry.fields[0][:4] if entry.fields else ""
        counted = self._counts[direction]
        known = message_id in counted or (message_id.isascii() and message_id.isdecimal())
        counted[message_id if known else "?"] += 1
        self._latest.append(entry)
        if self._recorder:
            self._recorder(entry)

    def mark(self, event: Frame) -> None:
        """Hand an event that is no message to the recorder."""
        if self._recorder:
            self._recorder(event)

    def end(self) -> None:
        """From now on nothing is recorded: the gateway stops."""
        self._recorder = None

    def counts(self, direction: str) -> dict[str, int]:
        """Messages by id, sorted by id."""
        return dict(sorted(self._counts[direction].items()))

    def latest(self, number: int) -> list[Frame]:
        """The last `number` messages, oldest first."""
        return list(self._latest)[-number:] if number > 0 else []
