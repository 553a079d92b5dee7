"""PlainProgress: one line for each event, for logs and wherever there is no terminal."""

import queue
import threading
from types import TracebackType
from typing import IO, Self

from reconciler.domain.events import Event
from reconciler.reports import wording
from reconciler.reports.progress import line_of

_FLUSH_SECONDS = 2.0
"""How long leaving waits for a reader that has stopped reading."""


class PlainProgress:
    """An EventSink and a context manager. Events are written by a thread: a reader that stalls never stalls an apply.

    What comes before the `with` block is shown once it is entered; leaving it writes what is left.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="progress", daemon=True)

    def emit(self, event: Event) -> None:
        """Take one event."""
        self._lines.put(wording.plain(line_of(event)))

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.put(None)
        self._writer.join(_FLUSH_SECONDS)

    def _write(self) -> None:
        try:
            while (line := self._lines.get()) is not None:
                self._stream.write(f"{line}\n")
                self._stream.flush()
        except (OSError, ValueError):
            return  # nobody reads it any more; the report on standard output still says all
