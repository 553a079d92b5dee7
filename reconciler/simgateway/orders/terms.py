"""Terms: what a client asks for with an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import IntEnum

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.orders.allocation import Allocation

BUY = "BUY"
SELL = "SELL"
MARKET = "MKT"
LIMIT = "LMT"
STOP = "STP"


Told = str | int | Decimal | tuple[str, ...]
"""A value as replies tell it."""


class OcaType(IntEnum):
    """What a fill does to the rest of a one-cancels-all group, numbered as on the wire."""

    CANCEL_WITH_BLOCK = 1
    REDUCE_WITH_BLOCK = 2
    REDUCE_WITHOUT_BLOCK = 3


def oca_type(number: int | None) -> OcaType:
    """The type that a number on the wire means; the broker takes 3 for what is none, and tells it so."""
    return OcaType(number) if number in tuple(OcaType) else OcaType.REDUCE_WITHOUT_BLOCK


@dataclass(frozen=True)
class Algo:
    """How the broker is to work an order: the strategy, and its parameters as the client sent them."""

    strategy: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Terms:
    """What the client asked for. Quantity in shares, prices in the instrument's currency, None where not given."""

    account: str
    action: str
    quantity: Decimal | None
    order_type: str
    limit_price: Decimal | None = None
    aux_price: Decimal | None = None
    """The trigger of a stop or an order if touched, the distance of a trailing stop, the offset of a pegged order."""
    tif: str = "DAY"
    order_ref: str = ""
    exchange: str = "SMART"
    transmit: bool = True
    outside_rth: bool = False
    oca_group: str = ""
    oca_type: OcaType = OcaType.REDUCE_WITHOUT_BLOCK
    parent_id: int = 0
    auto_cancel_parent: bool = False
    good_after_time: str = ""
    """From when on it may be worked, as the client wrote it."""
    good_till_date: str = ""
    """Until when it may be worked, as the client wrote it."""
    algo: Algo | None = None
    trail_stop: Decimal | None = None
    """Where a trailing stop begins."""
    trailing_percent: Decimal | None = None
    """The distance of a trailing stop in percent of the last price, in place of the aux price."""
    limit_offset: Decimal | None = None
    """How far beyond its stop the limit of a trailing stop limit order lies."""
    percent_offset: Decimal | None = None
    """The offset of a relative order as a share of the price, in place of the aux price."""
    cash_quantity: Decimal | None = None
    """The size as an amount of money, in place of the quantity."""
    units: Decimal = ZERO
    """What the cash quantity buys or sells."""
    echo: Mapping[str, Told] = field(default_factory=dict)
    """What else the client said, by the names of the replies: it is told again, and nothing depends on it."""

    allocation: Allocation | None = None
    """How an advisor's order is divided among accounts."""

    def by_account(self, increment: Decimal) -> tuple["Terms", ...]:
        """The same order for each account that it is for, in lots of the increment."""
        if self.allocation is None:
            return (self,)
        parts = self.allocation.of_fill(self.shares, {}, increment)
        return tuple(replace(self, account=account, quantity=part, allocation=None) for account, part in parts)

    @property
    def shares(self) -> Decimal:
        """The quantity, or what the cash quantity buys; zero where neither was given."""
        return self.quantity or self.units

    @property
    def signed(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self.action == BUY else -1
