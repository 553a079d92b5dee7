"""The tally: how often each kind of event happened since the gateway started, and who waits for which count."""

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum


class Event(StrEnum):
    """What is counted, spelled as scenarios and the control channel spell it."""

    FILLS = "fills"
    ORDERS = "orders"
    CANCELS = "cancels"
    WHAT_IFS = "what_ifs"
    CONNECTIONS = "connections"
    CHANGES = "changes"


Watcher = Callable[["Tally"], None]


class Tally:
    """Counts, and tells its watchers of each count.

    Orders are those that clients placed, refused ones included; cancels the requests for one; connections the starts
    of the API; changes each new state, refusal and fill of any order.
    """

    def __init__(self) -> None:
        self._counts: Counter[Event] = Counter()
        self._watchers: list[Watcher] = []

    def __getitem__(self, event: Event) -> int:
        return self._counts[event]

    def count(self, event: Event) -> None:
        """One more."""
        self._counts[event] += 1
        for watcher in list(self._watchers):
            watcher(self)

    def counts(self) -> dict[str, int]:
        """All counts, by their words."""
        return {str(event): self._counts[event] for event in Event}

    def reached(self, wanted: Mapping[Event, int]) -> bool:
        """Whether every one of these counts was reached."""
        return all(self._counts[event] >= number for event, number in wanted.items())

    @property
    def watchers(self) -> int:
        """How many are told."""
        return len(self._watchers)

    def watch(self, watcher: Watcher) -> None:
        """Tell a watcher of each count from now on."""
        self._watchers.append(watcher)

    def leave(self, watcher: Watcher) -> None:
        """Tell it no more; one that does not watch is no mistake."""
        if watcher in self._watchers:
            self._watchers.remove(watcher)
