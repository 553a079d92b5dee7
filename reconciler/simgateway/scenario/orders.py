"""Orders that work already when the gateway starts."""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from reconciler.simgateway.scenario.vocabulary import Finding, Positive, Strict


class OrderSpec(Strict):
    """An order that works already when the gateway starts; a manual one was entered by hand and has no ids."""

    manual: bool = False
    """Whether a person entered it in the workstation."""
    client_id: int = Field(default=0, ge=0)
    """The client that placed it."""
    order_id: int = Field(default=0, ge=0)
    """Its id with that client."""
    account: str
    """The account."""
    instrument: str
    """The name of the instrument."""
    action: Literal["BUY", "SELL"]
    """Whether it buys or sells."""
    quantity: Positive
    """Shares or contracts."""
    order_type: Literal["LMT", "STP"]
    """A limit or a stop."""
    price: Positive
    """The limit, or the stop."""
    tif: Literal["DAY", "GTC"] = "GTC"
    """How long it works."""
    order_ref: str = ""
    """Its reference."""


def findings(orders: Sequence[OrderSpec], accounts: set[str]) -> Iterator[Finding]:
    """What is wrong with orders that work in `accounts`."""
    seen: set[tuple[int, int]] = set()
    for index, order in enumerate(orders):
        ids = (order.client_id, order.order_id)
        if order.manual and ids != (0, 0):
            yield "104", ("orders", index, "manual"), "an order entered by hand has neither client id nor order id"
        elif not order.manual and not order.order_id:
            yield "104", ("orders", index), "an order of a client has an order id; say manual for one entered by hand"
        elif not order.manual and ids in seen:
            yield "102", ("orders", index, "order_id"), f"client {order.client_id} has this order id already"
        seen.add(ids)
        if order.account not in accounts:
            yield "101", ("orders", index, "account"), f"there is no account {order.account!r}"
