"""A connected client as the rest of the gateway sees it: its ids, its subscriptions, and a way to send to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from reconciler.simgateway.books.profit import Subscription
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.frames import Frame, FrameLog
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.wire import framing, replies
from reconciler.simgateway.wire.replies import Value

LIVE_DATA = 1
NO_REQUEST = -1


class Transport(Protocol):
    """Where bytes go: an asyncio transport, or one in memory."""

    def write(self, data: bytes) -> None:
        """Send, without waiting."""

    def close(self) -> None:
        """Close after what was written."""


class Summary(NamedTuple):
    """The accounts and the tags of an account summary."""

    accounts: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass
class Subscriptions:
    """What a client asked to be kept informed of; request ids are its own."""

    account: str = ""
    account_rows: dict[tuple[Value, ...], Mapping[str, Value]] = field(default_factory=dict)
    """What its account updates told last."""
    binds: bool = False
    positions: bool = False
    positions_multi: dict[int, str] = field(default_factory=dict)
    accounts_multi: dict[int, tuple[str, bool]] = field(default_factory=dict)
    summaries: dict[int, Summary] = field(default_factory=dict)
    quotes: dict[int, Instrument] = field(default_factory=dict)
    generic_ticks: dict[int, frozenset[int]] = field(default_factory=dict)
    """Those that move with the price, by the request of the quote."""
    data_types: dict[int, int] = field(default_factory=dict)
    """What kind of data was told last, by request."""
    profits: dict[int, Subscription] = field(default_factory=dict)


def unchanged(_client: "Client", replies: list[Reply]) -> list[Reply]:
    """The replies as they are."""
    return replies


@dataclass(eq=False)
class Client:
    """One connection. `client_id` is None until the client started the API; `outgoing` has the last word on replies."""

    transport: Transport
    clock: Clock
    log: FrameLog
    connection: int = 0
    version: int = 0
    client_id: int | None = None
    data_type: int = LIVE_DATA
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    closed: bool = False
    outgoing: Callable[["Client", list[Reply]], list[Reply]] = unchanged

    def send(self, *messages: Reply) -> None:
        """Send replies, in one write, as far as `outgoing` lets them pass."""
        if not self.closed:
            self.deliver(self.outgoing(self, list(messages)))

    def deliver(self, messages: list[Reply]) -> None:
        """Send replies as they are."""
        if self.closed or not messages:
            return
        frames = []
        for reply in messages:
            fields = replies.encode(reply.kind, reply.values, self.version)
            self.note("out", fields)
            frames.append(framing.frame(fields))
        self.transport.write(b"".join(frames))

    def error(self, request_id: int, code: int, text: str) -> None:
        """Send an error; request id -1 for one that belongs to no request."""
        self.send(Reply("error", {"request_id": request_id, "code": code, "text": text}))

    def close(self) -> None:
        """End the connection after what was sent."""
        if not self.closed:
            self.mark("hangup")
        self.closed = True
        self.transport.close()

    def note(self, direction: str, fields: list[str]) -> None:
        """Enter a message of this connection in the frame log."""
        self.log.note(self.clock.seconds(), direction, self.number, fields, self.connection)

    def mark(self, direction: str, *fields: str) -> None:
        """Tell the recorder what happens to this connection."""
        self.log.mark(Frame(self.clock.seconds(), direction, self.number, fields, self.connection))

    @property
    def number(self) -> int:
        """The client id, -1 before there is one."""
        return NO_REQUEST if self.client_id is None else self.client_id
