"""What quirks see of one occasion, and what they keep between occasions."""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from reconciler.simgateway.client import Client
from reconciler.simgateway.house import House
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders.book import Order, Refusal
from reconciler.simgateway.wire.fields import Request


@dataclass
class Memory:
    """What quirks keep between occasions."""

    muted: WeakKeyDictionary[Client, set[int]] = field(default_factory=WeakKeyDictionary)
    """Order ids of which a connection hears nothing."""
    withheld: WeakKeyDictionary[Client, list[Reply]] = field(default_factory=WeakKeyDictionary)
    """What an outage keeps from a connection."""
    refusals: WeakKeyDictionary[Client, int] = field(default_factory=WeakKeyDictionary)
    """How often a connection was refused for its pace."""
    stale: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Account values by account, key and currency, as they stood when they were to stay."""
    held: list[Order] = field(default_factory=list)
    """Orders that wait for a quirk to be cleared."""


@dataclass(frozen=True)
class Outgoing:
    """Replies on their way to a client; `serving` is the request they answer, None for what comes by itself."""

    house: House
    memory: Memory
    client: Client
    serving: Request | None

    def order(self, reply: Reply) -> Order | None:
        """The order that a reply is about."""
        client_id, order_id = reply.values.get("client_id"), reply.values.get("order_id")
        if not isinstance(client_id, int) or not isinstance(order_id, int):
            return None
        return self.house.book.get(client_id, order_id)


@dataclass(frozen=True)
class Arrival:
    """A new order at the door, with the objection of the ordinary checks, if any."""

    house: House
    memory: Memory
    client: Client
    order: Order
    objection: Refusal | None

    @property
    def symbol(self) -> str:
        """The order's instrument, empty where it is unknown."""
        return self.order.instrument.symbol if self.order.instrument else ""

    def take(self) -> None:
        """Let the venue have it."""
        self.house.venue.take(self.order, self.objection)


@dataclass(frozen=True)
class Inquiry:
    """A request of a client that is about to be answered."""

    house: House
    memory: Memory
    client: Client
    request: Request
