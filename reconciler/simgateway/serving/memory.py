"""A network in memory: connections between two asyncio protocols of one event loop, without sockets.

Each direction is one queue of bytes. What is written is delivered in a later turn of the loop, in the order of the
writes over all connections, so that the same programs exchange the same bytes at the same turns every time.
"""

import asyncio
import errno
import os
from collections.abc import Callable, Mapping
from typing import Any

LOOPBACK = "127.0.0.1"
FIRST_FREE_PORT = 49152
"""Where ports that nobody chose begin, as IANA has it."""
LARGEST_PIECE = 1 << 18
"""Bytes that a protocol gets at once, as asyncio reads from sockets."""
HIGH_WATER, LOW_WATER = 1 << 16, 1 << 14
"""Bytes that wait for the peer when a writer is told to pause, and to go on, as asyncio has it."""

Factory = Callable[[], asyncio.BaseProtocol]


class MemoryTransport(asyncio.Transport):
    """One end of a connection. As with sockets: `close` sends what was written first, `abort` drops it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, extra: Mapping[str, Any]) -> None:
        super().__init__(dict(extra))
        self._loop = loop
        self._protocol = protocol
        self._peer: MemoryTransport | None = None
        self._outgoing = bytearray()
        self._limits = (LOW_WATER, HIGH_WATER)
        self._turn: asyncio.Handle | None = None
        self._reading = True
        self._writer_paused = False
        self._eof = False
        self._eof_sent = False
        self._closing = False
        self._lost = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Queue bytes for the peer; on a connection that closes they are dropped. Raises RuntimeError after EOF."""
        if self._closing:
            return
        if self._eof:
            raise RuntimeError("there is no writing after write_eof")
        if not data:
            return
        self._outgoing += data
        self._book()
        if len(self._outgoing) > self._limits[1] and not self._writer_paused:
            self._writer_paused = True
            self._protocol.pause_writing()

    def write_eof(self) -> None:
        """Let the peer see the end of what this end writes; reading goes on."""
        self._eof = True
        self._book()

    def can_write_eof(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Read no more, and end the connection after what was written."""
        self._closing = self._eof = True
        self._book()

    def abort(self) -> None:
        """End the connection; what was not delivered yet is lost."""
        self._outgoing.clear()
        self.close()

    def is_closing(self) -> bool:
        """Whether `close` or `abort` was called."""
        return self._closing

    def pause_reading(self) -> None:
        """Deliver nothing to this end for the time being; it waits on the other."""
        self._reading = False

    def resume_reading(self) -> None:
        """Deliver again."""
        self._reading = True
        if self._peer:
            self._peer._book()

    def is_reading(self) -> bool:
        """Whether bytes are delivered to this end."""
        return self._reading and not self._closing

    def get_write_buffer_size(self) -> int:
        """Bytes that wait for the peer."""
        return len(self._outgoing)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Low and high water."""
        return self._limits

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Choose high and low water; each left out follows from the other, as asyncio has it."""
        high = high if high is not None else (HIGH_WATER if low is None else 4 * low)
        self._limits = (high // 4 if low is None else low, high)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """The protocol that is served."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Serve another protocol from now on."""
        assert isinstance(protocol, asyncio.Protocol)  # noqa: S101 - as asyncio's own transports take it
        self._protocol = protocol

    def join(self, peer: "MemoryTransport") -> None:
        """Make this and `peer` the two ends of a connection."""
        self._peer, peer._peer = peer, self

    def _book(self) -> None:
        if self._turn is None and not self._lost:
            self._turn = self._loop.call_soon(self._work)

    def _work(self) -> None:
        """Deliver a piece, or else tell the end; one of them a turn."""
        self._turn = None
        peer = self._peer
        if peer is None or peer._closing:
            self._outgoing.clear()
            self._relax()
        if self._outgoing and peer:
            if peer._reading:
                self._deliver(peer)
            return
        if self._eof and not self._eof_sent:
            self._eof_sent = True
            self._book()
            if peer and not peer._closing and not peer._protocol.eof_received():
                peer.close()
        elif self._closing and not self._lost:
            self._lost = True
            self._protocol.connection_lost(None)
            if peer:
                peer._book()

    def _deliver(self, peer: "MemoryTransport") -> None:
        piece = bytes(self._outgoing[:LARGEST_PIECE])
        del self._outgoing[:LARGEST_PIECE]
        if self._outgoing or self._eof:
            self._book()
        peer._protocol.data_received(piece)
        self._relax()

    def _relax(self) -> None:
        """Let the writer go on once enough has left."""
        if self._writer_paused and len(self._outgoing) <= self._limits[0]:
            self._writer_paused = False
            self._protocol.resume_writing()


class _Address:
    """What stands for a listening socket: it has a name."""

    def __init__(self, host: str, port: int) -> None:
        self._name = (host, port)

    def getsockname(self) -> tuple[str, int]:
        """Host and port."""
        return self._name


class MemoryServer:
    """A listening port of the network, until it is closed."""

    def __init__(self, network: "MemoryNetwork", make: Factory, host: str, port: int) -> None:
        self._network = network
        self.make = make
        self.sockets = (_Address(host, port),)

    def close(self) -> None:
        """Take no more connections; those that are there stay."""
        self._network.forget(self)


class MemoryNetwork:
    """The listening ports of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._servers: dict[tuple[str, int], MemoryServer] = {}
        self._outgoing_port = FIRST_FREE_PORT

    def listen(self, make: Factory, host: str, port: int) -> MemoryServer:
        """Take connections to a port; 0 takes a free one. Raises OSError for one in use."""
        host = _resolved(host)
        if not port:
            port = next(each for each in range(FIRST_FREE_PORT, 1 << 16) if (host, each) not in self._servers)
        if (host, port) in self._servers:
            raise OSError(errno.EADDRINUSE, f"{os.strerror(errno.EADDRINUSE)}: {host}:{port}")
        server = MemoryServer(self, make, host, port)
        self._servers[host, port] = server
        return server

    def connect(self, make: Factory, host: str, port: int) -> tuple[MemoryTransport, asyncio.BaseProtocol]:
        """Connect a protocol to a listening port. Raises ConnectionRefusedError where nobody listens."""
        host = _resolved(host)
        server = self._servers.get((host, port))
        if server is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"nothing listens on {host}:{port} of this loop")
        self._outgoing_port += 1
        here, there = (host, self._outgoing_port), (host, port)
        protocol = make()
        near = self._transport(protocol, {"sockname": here, "peername": there})
        far = self._transport(server.make(), {"sockname": there, "peername": here})
        near.join(far)
        for transport in (far, near):
            transport.get_protocol().connection_made(transport)
        return near, protocol

    def _transport(self, protocol: asyncio.BaseProtocol, extra: Mapping[str, Any]) -> MemoryTransport:
        assert isinstance(protocol, asyncio.Protocol)  # noqa: S101 - streams of bytes are all that there is
        return MemoryTransport(self._loop, protocol, extra)

    def forget(self, server: MemoryServer) -> None:
        """Take no more connections for a server."""
        self._servers = {address: each for address, each in self._servers.items() if each is not server}


def _resolved(host: str) -> str:
    return LOOPBACK if host == "localhost" else host
