"""ExecutionPolicy: when a drift is traded, how much of it, and how a plan is carried out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from reconciler.diagnostics import Location


class OnBlocked(StrEnum):
    """Whether the other lines proceed when one is blocked."""

    STOP = "stop"
    CONTINUE = "continue"


class ShortOfFunds(StrEnum):
    """What becomes of a batch for which there is not margin enough."""

    BLOCK = "block"
    """Nothing of it is sent."""
    REDUCE = "reduce"
    """What fits is sent, by the rule of `planning/reduce.py`; the rest is left out."""


class OrderStyle(StrEnum):
    """How orders are placed, where the contract takes that; else by a limit."""

    MARKET = "market"
    LIMIT = "limit"
    """Beyond the touch, by an offset."""
    SMART = "smart"
    """Small orders at the market, large ones by a limit."""
    MIDPRICE = "midprice"
    """Between bid and ask, no further than a limit."""
    ADAPTIVE = "adaptive"
    """The broker's algorithm between patience and price, no further than a limit."""
    CLOSE = "market-on-close"
    """In the closing auction: it is waited for until then."""


class Hours(StrEnum):
    """What an apply does while the market of one of its orders is closed."""

    EXIT = "exit"
    """Send nothing."""
    WAIT = "wait"
    """Wait for the last market to open, then plan afresh. A saved plan does not wait: it ends with the session."""
    CONTINUE = "continue"
    """Send all the same: what a closed market takes waits there until the time-out for fills."""


class Mode(StrEnum):
    """Which orders a plan may have."""

    FULL = "full"
    BUY_ONLY = "buy-only"
    SELL_ONLY = "sell-only"
    CASH_FLOW = "cash-flow"
    """Invest what is free, or raise what is missing, with the fewest trades; nothing is exchanged for another."""


class TradeTo(StrEnum):
    """How far a line that has left its band is brought back."""

    TARGET = "target"
    EDGE = "edge"


@dataclass(frozen=True)
class Rebalancing:
    """When a line's drift is traded, and how far.

    A line trades once its drift crosses one of the bands that are set, whichever is narrower; without any band, every
    drift trades. Opening a line and closing one (weight 0) ask no band. None: no such band.
    """

    mode: Mode
    absolute_band: Decimal | None
    """A fraction of net liquidation."""
    relative_band: Decimal | None
    """A fraction of the line's own target."""
    total_band: Decimal | None
    """Of the sum of all drifts, a fraction of net liquidation: once it is crossed, every line trades."""
    hard_band: Decimal | None
    """A fraction of net liquidation. A drift beyond it does not wait for the cool-down."""
    trade_to: TradeTo
    cool_down: timedelta
    """How long a line rests after our last trade in it."""


class LastAttempt(StrEnum):
    """How the last order for what is left of a line goes."""

    REPRICE = "reprice"
    """As every one of them: by the policy's style, at prices of then."""
    MARKET = "market"


@dataclass(frozen=True)
class PartialFills:
    """What becomes of a line whose order was cancelled in time before it was filled."""

    min_ratio: Decimal
    """From this share of its order on, it counts as done, and the rest is reported."""
    attempts: int
    """How many orders a run may send for one line, one after the other; 1 leaves what is left to the next plan."""
    last_attempt: LastAttempt


@dataclass(frozen=True)
class Timeouts:
    """Bounds on every wait."""

    connect: timedelta
    request: timedelta
    acknowledgement: timedelta
    fill: timedelta
    batch: timedelta
    settle: timedelta
    outage: timedelta
    """All of a run's together, in which the gateway or the broker is away."""
    run: timedelta


@dataclass(frozen=True)
class ExecutionPolicy:
    """How a plan is carried out."""

    name: str
    on_blocked: OnBlocked
    rebalancing: Rebalancing
    hours: Hours
    order_style: OrderStyle
    market_below: Decimal
    """The smart style sends an order of less than this, in base currency, to the market."""
    limit_offset: Decimal
    """A limit order's distance beyond the touch, as a fraction of the price."""
    minimum_notional: Decimal
    """Drift below this, in base currency, is not traded; closing a line ignores it."""
    minimum_conversion: Decimal
    """A balance in another currency below this, in base currency, is not converted."""
    max_parallel_orders: int
    """How many orders of a batch may work at once; 0: all of them."""
    canary: bool
    """Whether the smallest order of the first batch goes alone, and has to be seen filled before any other is sent."""
    partial_fills: PartialFills
    max_otc_spread: Decimal
    """How wide the spread of an over-the-counter name may be, as a fraction of its middle."""
    price_collar: Decimal
    """How far a price may move between plan and apply, as a fraction, before the plan is stale."""
    accept_delayed_quotes: bool
    plan_ttl: timedelta
    margin_headroom: Decimal
    """What-ifs of single orders do not add up exactly: their sum is multiplied by (1 + this)."""
    margin_tolerance: Decimal
    """How far margin may be from what the batch before was to leave, as a fraction of net liquidation."""
    short_of_funds: ShortOfFunds
    timeouts: Timeouts
    locations: Mapping[str, Location] = field(default_factory=dict)
    """Where each field is declared, by its name. A default has no place."""
