"""The frame log: how many messages went each way, by message id, and the latest of them in full."""

from collections import Counter, deque
from collections.abc import Iterable
from typing import NamedTuple

KEPT_FRAMES = 1000


class Frame(NamedTuple):
    """One message: seconds of the gateway's clock, direction (`in` from the client), the client's id, the fields."""

    seconds: float
    direction: str
    client_id: int
    fields: tuple[str, ...]


class FrameLog:
    """Counts everything, keeps the latest KEPT_FRAMES."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {"in": Counter(), "out": Counter()}
        self._latest: deque[Frame] = deque(maxlen=KEPT_FRAMES)
        self.leftovers: Counter[str] = Counter()
        """Requests, by kind, that carried fields beyond the layout of their version."""

    def note(self, seconds: float, direction: str, client_id: int, fields: Iterable[str]) -> None:
        """Record one message."""
        entry = Frame(seconds, direction, client_id, tuple(fields))
        # What a peer sends as an id is kept only in so far as it can be one: the log must not grow with nonsense.
        message_id = entry.fields[0] if entry.fields and entry.fields[0][:4].isdecimal() else "?"
        self._counts[direction][message_id[:4]] += 1
        self._latest.append(entry)

    def counts(self, direction: str) -> dict[str, int]:
        """Messages by id, sorted by id."""
        return dict(sorted(self._counts[direction].items()))

    def latest(self, number: int) -> list[Frame]:
        """The last `number` messages, oldest first."""
        return list(self._latest)[-number:] if number > 0 else []
