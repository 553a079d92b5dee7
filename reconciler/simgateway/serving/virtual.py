"""Virtual time: an event loop on which every wait is over at once, with a network in memory.

A day of a client and its gateway passes in milliseconds, and the same programs do the same in the same order each
time. `asyncio.sleep` and `asyncio.timeout` count virtual seconds.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from reconciler.simgateway.serving.memory import Factory, MemoryNetwork, MemoryServer, MemoryTransport

Result = TypeVar("Result")


class _ImpatientSelector(selectors.DefaultSelector):
    """Never waits: what a loop would have slept is added to `elapsed`."""

    elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now. Raises RuntimeError where nothing is and no timer runs."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("the loop waits for what will never happen")
        if not ready and timeout is not None:
            self.elapsed += max(timeout, 0)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time starts at 0 and jumps to the next timer when nothing else is to be done.

    Its servers and connections are those of `network`; a port on which nothing of this loop listens refuses.
    """

    def __init__(self) -> None:
        self._impatient = _ImpatientSelector()
        super().__init__(self._impatient)
        self.network = MemoryNetwork(self)

    def time(self) -> float:
        """Virtual seconds."""
        return self._impatient.elapsed

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Factory, host: str, port: int, **_options: object
    ) -> tuple[MemoryTransport, asyncio.BaseProtocol]:
        """Connect in memory. Raises ConnectionRefusedError where nobody listens."""
        await asyncio.sleep(0)
        return self.network.connect(protocol_factory, host, port)

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Factory, host: str, port: int, **_options: object
    ) -> MemoryServer:
        """Listen in memory. Raises OSError for a port in use."""
        return self.network.listen(protocol_factory, host, port)


def run_virtually(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` on virtual time."""
    try:
        with asyncio.Runner(loop_factory=_current) as runner:
            return runner.run(main)
    finally:
        asyncio.set_event_loop(None)


def _current() -> VirtualTimeLoop:
    """A loop that is the thread's: ib_insync asks for that one, not for the one that runs."""
    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)
    return loop
