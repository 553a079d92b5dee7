"""ExecutionPolicy: how a plan is carried out."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum


class OnBlocked(StrEnum):
    """Whether the other lines proceed when one is blocked."""

    STOP = "stop"
    CONTINUE = "continue"


class OrderStyle(StrEnum):
    """How orders are placed where the contract takes both: at the market, or by a limit beyond the touch."""

    MARKET = "market"
    LIMIT = "limit"


@dataclass(frozen=True)
class Timeouts:
    """Bounds on every wait."""

    connect: timedelta
    request: timedelta
    acknowledgement: timedelta
    fill: timedelta
    settle: timedelta
    run: timedelta


@dataclass(frozen=True)
class ExecutionPolicy:
    """How a plan is carried out."""

    name: str
    on_blocked: OnBlocked
    order_style: OrderStyle
    limit_offset: Decimal
    """A limit order's distance beyond the touch, as a fraction of the price."""
    minimum_notional: Decimal
    """Drift below this, in base currency, is not traded; closing a line ignores it."""
    price_collar: Decimal
    """How far a price may move between plan and apply, as a fraction, before the plan is stale."""
    accept_delayed_quotes: bool
    plan_ttl: timedelta
    margin_headroom: Decimal
    """What-ifs of single orders do not add up exactly: their sum is multiplied by (1 + this)."""
    timeouts: Timeouts
