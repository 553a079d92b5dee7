"""Sockets: the thin asyncio servers on loopback, one for API clients and one for the control channel.

`serve` runs a gateway in the running event loop, for tests and for the command alike. On a loop on virtual time the
ports are those of its network in memory.
"""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TextIO, cast

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import Clock, started_now
from reconciler.simgateway.control import LONGEST_LINE, ControlDesk
from reconciler.simgateway.records.recording import Origin, recorder
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.serving.backlog import BoundedTransport
from reconciler.simgateway.serving.memory import LOOPBACK
from reconciler.simgateway.serving.virtual import VirtualTimeLoop
from reconciler.simgateway.session import Session
from reconciler.simgateway.staging import stage
from reconciler.simgateway.wire.layouts import NEWEST_VERSION

MOST_LINES_BEHIND = 100
"""Lines of a control connection behind one that waits."""


class _Connection(asyncio.Protocol):
    """A connection that the server can close."""

    def __init__(self, open_transports: set[asyncio.BaseTransport]) -> None:
        self._open = open_transports
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer connected."""
        self._open.add(transport)
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone."""
        if self._transport:
            self._open.discard(self._transport)
        self._transport = None


class ApiProtocol(_Connection):
    """Joins a socket to a session."""

    def __init__(self, broker: Broker, open_transports: set[asyncio.BaseTransport]) -> None:
        super().__init__(open_transports)
        self._broker = broker
        self._session: Session | None = None
        self._peer: BoundedTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        super().connection_made(transport)
        self._peer = BoundedTransport(cast(asyncio.Transport, transport))
        self._session = Session(self._broker, self._peer)

    def data_received(self, data: bytes) -> None:
        """The client sent something."""
        if self._session and self._peer:
            with self._peer.gathering():
                self._session.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        super().connection_lost(exc)
        if self._session:
            self._session.lost()


class ControlProtocol(_Connection):
    """Joins a socket to the control desk: a line in, a line out. Lines behind one that waits are read after it."""

    def __init__(self, desk: ControlDesk, open_transports: set[asyncio.BaseTransport]) -> None:
        super().__init__(open_transports)
        self._desk = desk
        self._pending = b""
        self._lines: deque[bytes] = deque()
        self._peer: BoundedTransport | None = None
        self._stop_waiting: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Someone wants to look in."""
        super().connection_made(transport)
        self._peer = BoundedTransport(cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone, and wait for nothing."""
        if self._stop_waiting:
            self._stop_waiting()
        self._peer = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer every whole line; hang up on one that never ends, and on too many behind one that waits."""
        if self._peer is None:
            return
        *lines, self._pending = (self._pending + data).split(b"\n")
        self._lines.extend(line for line in lines if line.strip())
        self._go_on()
        # Reading goes on while a line waits, or the end of the connection would not be noticed.
        if len(self._pending) > LONGEST_LINE or len(self._lines) > MOST_LINES_BEHIND:
            self._peer.close()

    def _go_on(self) -> None:
        while self._lines and not self._stop_waiting:
            self._stop_waiting = self._desk.hear(self._lines.popleft(), self._tell)

    def _tell(self, answer: str) -> None:
        if self._peer:
            self._peer.write(answer.encode() + b"\n")
        if self._stop_waiting:
            self._stop_waiting = None
            asyncio.get_running_loop().call_soon(self._go_on)


class Doors:
    """The listening ports of a gateway in one event loop, and the connections that came through them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._connections: set[asyncio.BaseTransport] = set()
        self._closings: list[Callable[[], None]] = []

    def open(self, make: Callable[[set[asyncio.BaseTransport]], asyncio.BaseProtocol], port: int) -> int:
        """Listen on a port, 0 for a free one, and give it back. Raises OSError for one in use.

        It is bound at once; connections are taken as soon as the loop turns.
        """
        factory = partial(make, self._connections)
        if isinstance(self._loop, VirtualTimeLoop):
            server = self._loop.network.listen(factory, LOOPBACK, port)
            self._closings.append(server.close)
            return server.sockets[0].getsockname()[1]
        listening = socket.create_server((LOOPBACK, port))
        opening = self._loop.create_task(self._loop.create_server(factory, sock=listening))
        if not self._loop.is_running():
            self._loop.run_until_complete(opening)
        self._closings.append(partial(_close, opening, listening))
        return int(listening.getsockname()[1])

    def close(self) -> None:
        """Listen no more and close every connection; they report their end in the next turns of the loop."""
        for closing in self._closings:
            closing()
        for transport in list(self._connections):
            transport.close()


def _close(opening: asyncio.Task[asyncio.Server], listening: socket.socket) -> None:
    if opening.done():
        opening.result().close()
    else:
        opening.cancel()
        listening.close()


def opened(scenario: Scenario, clock: Clock, *, max_version: int, seed: int, record: TextIO | None) -> Broker:
    """A broker that plays a scenario from now on; all that comes and goes is written to `record` as JSON lines."""
    recording = recorder(record, Origin(started=clock.now(), max_version=max_version, seed=seed)) if record else None
    return Broker(stage(scenario), clock, max_version=max_version, seed=seed, recorder=recording)


@dataclass(frozen=True)
class Running:
    """A gateway that serves: its ports on loopback (control 0: there is none) and the gateway itself."""

    broker: Broker
    port: int
    control_port: int


@asynccontextmanager
async def serve(
    scenario: Scenario,
    *,
    port: int = 0,
    control_port: int | None = None,
    clock: Clock | None = None,
    max_version: int = NEWEST_VERSION,
    seed: int = 0,
    record: TextIO | None = None,
) -> AsyncIterator[Running]:
    """Run a gateway while the block lasts. Port 0 takes a free one; control None opens no control channel.

    Without a clock the gateway follows the machine's. `max_version` and `seed` are the gateway's; all that comes and
    goes is written to `record` as JSON lines. Raises OSError for a port in use.
    """
    broker = opened(scenario, clock or started_now(), max_version=max_version, seed=seed, record=record)
    doors = Doors(asyncio.get_running_loop())
    try:
        api_port = doors.open(partial(ApiProtocol, broker), port)
        desk = ControlDesk(broker)
        yield Running(
            broker,
            api_port,
            0 if control_port is None else doors.open(partial(ControlProtocol, desk), control_port),
        )
    finally:
        broker.stop()
        doors.close()
        # The transports report their end in the loop's next turn; only then is nothing of them left.
        await asyncio.sleep(0)
