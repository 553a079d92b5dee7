"""Which quirks are on now, and who is told when that changes."""

from collections.abc import Iterable
from typing import Protocol

from reconciler.simgateway.quirks.catalogue import QUIRKS
from reconciler.simgateway.quirks.grammar import Armed, Quirk, QuirkError, parse


def mistake(text: str) -> str:
    """What is wrong with the text of a quirk, such as `no-price:MSFT`; empty for a good one."""
    try:
        parse(text, QUIRKS)
    except QuirkError as problem:
        return str(problem)
    return ""


class Watcher(Protocol):
    """Who acts when quirks come and go."""

    def armed(self, armed: Armed) -> None:
        """One was armed."""

    def cleared(self, armed: Armed) -> None:
        """One was cleared."""


class Quirks:
    """Which quirks are armed now, by their texts."""

    def __init__(self, armed: Iterable[str] = ()) -> None:
        self._armed: dict[str, Armed] = {}
        self._watchers: list[Watcher] = []
        for text in armed:
            self.arm(text)

    def __bool__(self) -> bool:
        return bool(self._armed)

    def watch(self, watcher: Watcher) -> None:
        """Tell a watcher of what is armed already, and of every change."""
        self._watchers.append(watcher)
        for armed in list(self._armed.values()):
            watcher.armed(armed)

    def arm(self, text: str) -> None:
        """Arm one by its text; one that is armed already begins to count anew. Raises ValueError for none."""
        armed = parse(text, QUIRKS)
        self.clear(text)
        self._armed[text] = armed
        for watcher in self._watchers:
            watcher.armed(armed)

    def clear(self, text: str) -> None:
        """Disarm one; one that was not armed is no mistake. Raises ValueError for a text that is none."""
        parse(text, QUIRKS)
        armed = self._armed.pop(text, None)
        if armed is not None:
            for watcher in self._watchers:
                watcher.cleared(armed)

    def armed(self, quirk: Quirk, subject: str = "") -> bool:
        """Whether a quirk is armed, for this subject."""
        return bool(self._armed) and any(each.quirk is quirk and each.mode == subject for each in self.all())

    def all(self) -> list[Armed]:
        """Those armed, in the order of their arming."""
        return list(self._armed.values())

    def names(self) -> list[str]:
        """The texts of those armed, sorted."""
        return sorted(self._armed)
