"""What the gateway receives, read off the wire: our orders, and the what-ifs that were answered before them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reconciler.simgateway.frames import Frame
from reconciler.simgateway.orders.book import Order
from tests.simulation import market
from tests.simulation.world import World

PLACE, OPEN = "3", "5"
OURS, QUESTION = "folioctl:", "folioctl-what-if"
UNSET = "1.79"
_CON_ID, _SYMBOL, _SIDE, _QUANTITY = 2, 3, 16, 17
"""Places of fields in message 3."""


@dataclass(frozen=True)
class Sent:
    """An order as it arrives, before the gateway acts on it."""

    ref: str
    connection: int
    con_id: int
    """Of the books; the gateway may call it by another one (`new-id`)."""
    symbol: str
    buys: bool
    quantity: Decimal

    @property
    def plan(self) -> str:
        """The plan that it belongs to."""
        return self.ref.split(":")[1]

    @property
    def line(self) -> int:
        """The line of the plan."""
        return int(self.ref.split(":")[2][:-1])


def sent(frame: Frame) -> Sent | None:
    """The order of ours that a message is, None for any other message."""
    if frame.direction != "in" or frame.fields[0] != PLACE:
        return None
    ref = next((field for field in frame.fields if field.startswith(OURS)), None)
    if ref is None:
        return None
    fields = frame.fields
    con_id = _listed(fields)
    return Sent(ref, frame.connection, con_id, fields[_SYMBOL], fields[_SIDE] == "BUY", Decimal(fields[_QUANTITY]))


def _listed(fields: tuple[str, ...]) -> int:
    listed = market.LISTED.get(fields[_SYMBOL])
    return listed[0] if listed else int(fields[_CON_ID])


class WhatIfs:
    """The contracts whose margin a connection asked for, and was told."""

    def __init__(self) -> None:
        self._asked: dict[tuple[int, str], int] = {}
        self._told: set[tuple[int, int]] = set()

    def take(self, frame: Frame) -> None:
        """Note a question or an answer."""
        fields = frame.fields
        if frame.direction == "in" and fields[0] == PLACE and QUESTION in fields:
            self._asked[frame.connection, fields[1]] = _listed(fields)
        elif frame.direction == "out" and fields[0] == OPEN and _is_whole(fields):
            con_id = self._asked.get((frame.connection, fields[1]))
            if con_id is not None:
                self._told.add((frame.connection, con_id))

    def knows(self, order: Sent) -> bool:
        """Whether the connection was told the margin of an order in this contract."""
        return (order.connection, order.con_id) in self._told


def _is_whole(fields: tuple[str, ...]) -> bool:
    """Whether an open order carries margins: nine numbers behind its state."""
    state = next((place for place, field in enumerate(fields) if field in ("PreSubmitted", "Submitted")), len(fields))
    margins = fields[state + 1 : state + 10]
    return len(margins) == 9 and all(each and not each.startswith(UNSET) for each in margins)


def placed(world: World, ref: str) -> Order | None:
    """The order of a reference as the gateway has it; the one that traded most, should there be two."""
    found = [order for order in world.gateway.book if order.terms.order_ref == ref]
    return max(found, key=lambda order: order.filled, default=None)


def remaining(orders: Iterable[Order], con_id: int, action: str) -> Decimal:
    """What of these orders may still be bought or sold in a contract."""
    fitting = (each for each in orders if each.contract.con_id == con_id and each.terms.action == action)
    return sum((each.remaining for each in fitting), Decimal(0))
