"""What can be traded: instruments, their tick rules, quotes, and how orders in them fill. Values only."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from reconciler.simgateway.amounts import ZERO


@dataclass(frozen=True)
class MarketRule:
    """Price increments by price: (low edge, increment) in rising order of the edge, in the instrument's currency."""

    rule_id: int
    steps: tuple[tuple[Decimal, Decimal], ...]

    def increment(self, price: Decimal) -> Decimal:
        """The tick at a price: that of the highest edge not above it."""
        return next((tick for edge, tick in reversed(self.steps) if price >= edge), self.steps[0][1])

    def admits(self, price: Decimal) -> bool:
        """Whether a price lies on a tick."""
        return price % self.increment(price) == 0

    @property
    def finest(self) -> Decimal:
        """The smallest increment, which contract details show as the minimum tick."""
        return min(tick for _, tick in self.steps)


@dataclass(frozen=True)
class LotSizes:
    """Sizes in shares, as contract details give them from server version 164 on."""

    minimum: Decimal
    increment: Decimal
    suggested: Decimal


@dataclass(frozen=True)
class Instrument:
    """A contract the gateway knows. Rates are the share of market value that margin asks for."""

    symbol: str
    con_id: int
    security_type: str
    currency: str
    primary_exchange: str
    long_name: str
    stock_type: str
    trading_class: str
    market_rule: MarketRule
    lots: LotSizes
    order_types: tuple[str, ...]
    valid_exchanges: tuple[str, ...]
    trading_hours: str
    liquid_hours: str
    time_zone: str
    initial_rate: Decimal
    maintenance_rate: Decimal
    industry: str = ""
    category: str = ""
    subcategory: str = ""

    def takes(self, order_type: str) -> bool:
        """Whether the exchange accepts this order type (the contract's own list says so)."""
        return order_type in self.order_types


@dataclass(frozen=True)
class Quote:
    """Prices per share; None where the market has none. Sizes are fixed, for nothing here depends on them."""

    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    close: Decimal | None = None
    age_seconds: Decimal = ZERO

    @property
    def mark(self) -> Decimal:
        """What account values are computed with: the last price, else the close, else nothing."""
        return self.last or self.close or ZERO


class Entitlement(StrEnum):
    """What market data the login is subscribed to."""

    LIVE = "live"
    DELAYED = "delayed"
    NONE = "none"


@dataclass(frozen=True)
class FillBehaviour:
    """How a marketable order fills: after a delay, in equal parts with the delay before each, or never."""

    delay_seconds: Decimal = ZERO
    parts: int = 1
    never: bool = False


def around_the_clock(today: date, days: int = 7) -> str:
    """Trading hours text of a market that never closes, from the day before on, so that no zone misses today."""
    starts = [today + timedelta(days=offset) for offset in range(-1, days)]
    return ";".join(f"{day:%Y%m%d}:0000-{day + timedelta(days=1):%Y%m%d}:0000" for day in starts)
