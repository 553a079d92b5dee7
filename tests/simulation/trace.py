"""The trace: what happened, line by line, and its digest. The same seed gives the same trace, byte for byte."""

import hashlib
from collections.abc import Callable

from reconciler.simgateway.frames import Frame


class Trace:
    """Takes lines; keeps those that are no messages, and all of them where it is told to."""

    def __init__(self, now: Callable[[], float], *, whole: bool = False) -> None:
        self._now = now
        self._whole = whole
        self._digest = hashlib.sha256()
        self.lines: list[str] = []
        self.count = 0

    def event(self, text: str) -> None:
        """Something happened that is no message of the wire."""
        self._add(f"{self._now():.6f} {text}", keep=True)

    def frame(self, frame: Frame) -> None:
        """A message, or another event of a connection, as the gateway met it."""
        fields = "|".join(frame.fields).replace("\n", " ")
        self._add(f"{frame.seconds:.6f} {frame.direction} {frame.connection} {fields}", keep=self._whole)

    def _add(self, line: str, *, keep: bool) -> None:
        self._digest.update(line.encode(errors="backslashreplace") + b"\n")
        self.count += 1
        if keep:
            self.lines.append(line)

    @property
    def digest(self) -> str:
        """Over every line so far."""
        return self._digest.hexdigest()
