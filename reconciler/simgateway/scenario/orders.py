"""Orders that work already when the gateway starts."""

from typing import Literal

from pydantic import Field

from reconciler.simgateway.scenario.vocabulary import Positive, Strict


class OrderSpec(Strict):
    """An order that works already when the gateway starts."""

    client_id: int = Field(ge=0)
    order_id: int = Field(ge=1)
    account: str
    instrument: str
    action: Literal["BUY", "SELL"]
    quantity: Positive
    order_type: Literal["LMT", "STP"]
    price: Positive
    tif: Literal["DAY", "GTC"] = "GTC"
    order_ref: str = ""
