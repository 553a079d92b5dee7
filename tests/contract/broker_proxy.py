"""A proxy between a client and a gateway that speaks TWS: it forwards frames, and loses, changes or cuts on demand.

Only so can a test take one END marker away, or break the socket between an order's arrival and its acknowledgement.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from reconciler.simgateway.wire import framing

LOOPBACK = "127.0.0.1"
GREETING = b"API\0"
Fields = list[str]
Edit = Callable[[Fields], list[Fields]]
"""What becomes of one message: the messages that are forwarded in its place."""


def as_it_is(fields: Fields) -> list[Fields]:
    return [fields]


@dataclass
class Tap:
    """What happens to the messages. Ids are the protocol's numbers, as texts."""

    port: int = 0
    muted: set[str] = field(default_factory=set)
    """Ids of the gateway's messages that never arrive."""
    swallowed: set[str] = field(default_factory=set)
    """Ids of the client's messages that never arrive."""
    held: set[str] = field(default_factory=set)
    """Ids of the client's messages that arrive when they are released."""
    cut_before: set[str] = field(default_factory=set)
    """Ids of the client's messages at which both sockets close; the gateway never gets them."""
    cut_after: set[str] = field(default_factory=set)
    """Ids of the client's messages after which the client's socket closes; the gateway gets them."""
    edit: Edit = as_it_is
    """A change of the gateway's messages."""
    sent: list[Fields] = field(default_factory=list)
    """What the client sent, in order."""
    links: list["_Link"] = field(default_factory=list)
    waiting: list[tuple["_Link", bytes]] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many messages of this id the client sent."""
        return sum(fields[0] == kind for fields in self.sent)

    def release(self) -> None:
        """Forward what was held."""
        waiting, self.waiting = self.waiting, []
        for link, payload in waiting:
            link.pass_on(payload)

    def cut(self) -> None:
        """Close every connection."""
        for link in list(self.links):
            link.close()


class _Link(asyncio.Protocol):
    """The client's side of one connection; `_Upstream` is the gateway's."""

    def __init__(self, tap: Tap, gateway_port: int) -> None:
        self._tap = tap
        self._gateway_port = gateway_port
        self._client: asyncio.Transport | None = None
        self._gateway: asyncio.Transport | None = None
        self._opening: asyncio.Task[None] | None = None
        self._early = b""
        self._frames = framing.FrameReader(limit=1 << 24)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._client = transport
        self._tap.links.append(self)
        self._opening = asyncio.ensure_future(self._open())

    async def _open(self) -> None:
        upstream, _ = await asyncio.get_running_loop().create_connection(
            lambda: _Upstream(self), LOOPBACK, self._gateway_port
        )
        self._gateway = upstream
        early, self._early = self._early, b""
        if early:
            self._take(early)

    def data_received(self, data: bytes) -> None:
        if self._gateway is None:
            self._early += data
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        assert self._gateway is not None
        if data.startswith(GREETING):
            self._gateway.write(GREETING)
            data = data[len(GREETING) :]
        for payload in self._frames.feed(data):
            self._forward(payload)

    def _forward(self, payload: bytes) -> None:
        fields = framing.split(payload)
        kind = fields[0]
        self._tap.sent.append(fields)
        if kind in self._tap.cut_before:
            self.close()
        elif kind in self._tap.held:
            self._tap.waiting.append((self, payload))
        elif kind not in self._tap.swallowed:
            self.pass_on(payload)
            if kind in self._tap.cut_after and self._client is not None:
                self._client.close()

    def pass_on(self, payload: bytes) -> None:
        """Give a message of the client to the gateway."""
        if self._gateway is not None:
            self._gateway.write(len(payload).to_bytes(4, "big") + payload)

    def answer(self, payload: bytes) -> None:
        """A message of the gateway."""
        fields = framing.split(payload)
        if self._client is not None and fields[0] not in self._tap.muted:
            for edited in self._tap.edit(fields):
                self._client.write(framing.frame(edited))

    def connection_lost(self, exc: Exception | None) -> None:
        self.close()
        if self in self._tap.links:
            self._tap.links.remove(self)

    def close(self) -> None:
        """Both sockets."""
        for transport in (self._client, self._gateway):
            if transport is not None:
                transport.close()


class _Upstream(asyncio.Protocol):
    def __init__(self, link: _Link) -> None:
        self._link = link
        self._frames = framing.FrameReader(limit=1 << 24)

    def data_received(self, data: bytes) -> None:
        for payload in self._frames.feed(data):
            self._link.answer(payload)

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.close()


@asynccontextmanager
async def proxy(gateway_port: int) -> AsyncIterator[Tap]:
    """A proxy on a free port while the block lasts."""
    tap = Tap()
    server = await asyncio.get_running_loop().create_server(lambda: _Link(tap, gateway_port), LOOPBACK, 0)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()
        tap.cut()
        await asyncio.sleep(0)
