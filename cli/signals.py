"""What SIGINT and SIGTERM do while an apply runs."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.engine.session import StopSignal

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """SIGINT and SIGTERM ask for the stop; the second one cancels the use-case, which still reports.

    While a person is asked, Ctrl-C ends the question at once: nothing was sent yet.
    """

    def __init__(self, stop: StopSignal) -> None:
        self._stop = stop
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()

    @contextmanager
    def handled(self) -> Iterator[None]:
        """For the length of the use-case."""
        self._install()
        try:
            yield
        finally:
            self._remove()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """For the length of a question."""
        self._remove()
        for each in _SIGNALS:
            signal.signal(each, signal.default_int_handler)
        try:
            yield
        finally:
            self._install()

    def _install(self) -> None:
        for each in _SIGNALS:
            self._loop.add_signal_handler(each, self._ask, each.name)

    def _remove(self) -> None:
        for each in _SIGNALS:
            self._loop.remove_signal_handler(each)

    def _ask(self, name: str) -> None:
        if self._stop.is_asked and self._task is not None:
            self._task.cancel()
        self._stop.ask(f"stopped by {name}")
