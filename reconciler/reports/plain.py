"""PlainProgress: one line for each event, for logs and wherever there is no terminal."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
        self._lines: queue.SimpleQueue[str | threading.Event | None] = queue.SimpleQueue()
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
        self._flush()
        self._lines.put(None)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """For a question: every line before it is out."""
        self._flush()
        yield

    def _flush(self) -> None:
        written = threading.Event()
        self._lines.put(written)
        written.wait(_FLUSH_SECONDS)

    def _write(self) -> None:
        gone = False
        while (line := self._lines.get()) is not None:
            if isinstance(line, threading.Event):
                line.set()
            elif not gone:
                gone = not self._written(line)

    def _written(self, line: str) -> bool:
        """False once nobody reads any more; the report on standard output still says all."""
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except (OSError, ValueError):
            return False
        return True
