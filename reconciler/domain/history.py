"""History: what was traded lately, and where the last run left the account. It explains a drift and bounds a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import Side
from reconciler.domain.desired import Revision
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown


@dataclass(frozen=True)
class Trade:
    """One execution in the account, by whomever: `shares` (positive) at `price`, in the contract's currency.

    `value` is shares × price × multiplier, in whichever currency it is known. `is_liquidation` is the broker's doing.
    """

    con_id: ConId
    side: Side
    shares: Decimal
    price: Decimal
    time: datetime
    value: Money
    is_ours: bool
    is_liquidation: bool


@dataclass(frozen=True)
class Placed:
    """What the last run made of one declared line."""

    con_id: ConId | None
    weight: Decimal
    target: Decimal | Unknown
    held: Decimal
    price: Decimal | Unknown
    """In the contract's currency, when it was planned."""


@dataclass(frozen=True)
class Applied:
    """Where the last run that sent anything left the account; quantities in shares or contracts."""

    at: datetime
    revision: Revision
    leverage: Decimal
    net_liquidation: Money | Unknown
    lines: Mapping[InstrumentName, Placed]


@dataclass(frozen=True)
class History:
    """Trades since the broker's midnight, ours of longer ago too, and the last run; None where there was none.

    The broker's own list reaches back to midnight only; what is older is what our journal knows of our orders.
    """

    trades: tuple[Trade, ...] | Unknown
    midnight: datetime
    """From when on the trades of others are in the list."""
    applied: Applied | None


NO_HISTORY = "no history was read"


def no_history(now: datetime) -> History:
    """Of an account whose trades nobody asked for: what depends on them is Unknown."""
    return History(Unknown(NO_HISTORY), now, None)
