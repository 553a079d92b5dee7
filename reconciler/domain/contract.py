"""A Contract: what the broker says an instrument is."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reconciler.domain.ids import ConId
from reconciler.domain.money import Currency
from reconciler.domain.unknown import Unknown

STOCK = "STK"
FUTURE = "FUT"
CURRENCY_PAIR = "CASH"
OPTIONS = frozenset({"OPT", "FOP"})
"""The broker's security types that planning tells apart. An option's exposure is its underlying's, by its delta."""


def called(symbol: str, sec_type: str, currency: str) -> str:
    """`SAP STK in EUR`: which instrument is meant, to a person who is told of two."""
    return f"{symbol} {sec_type} in {currency}"


@dataclass(frozen=True)
class PriceIncrement:
    """From `low_edge` on, prices are multiples of `increment`, in the contract's currency: a market rule's row."""

    low_edge: Decimal
    increment: Decimal


@dataclass(frozen=True)
class TradingSession:
    """When a contract is liquid, in UTC: from its opening to its close."""

    opens: datetime
    closes: datetime

    def covers(self, moment: datetime) -> bool:
        """Whether the market is open then. It is closed at the very moment of its close."""
        return self.opens <= moment < self.closes


_OVER_THE_COUNTER = frozenset({"PINK", "GREY", "OTCBB", "OTCLNKECN", "ARCAEDGE"})
"""How the broker names the places where dealers quote."""


@dataclass(frozen=True)
class Contract:
    """One tradable contract. `exchange` is where orders are routed; positions name the listing exchange instead.

    `multiplier` is shares or units for each quantity of one; `lot_size` is the step of an order's quantity, and
    `order_types` is the broker's own list (`MKT`, `LMT`, …), the only one that says what this contract takes.
    `price_increments` are the market rule's, Unknown until an order needs a price of its own. `liquid_hours` are those
    of the next days; empty where nobody told them. `expiry` is a future's last day (`20261218`), and `time_zone` the
    zone of its hours by the broker's name; both empty where there is none.
    """

    con_id: ConId
    symbol: str
    sec_type: str
    currency: Currency
    exchange: str
    primary_exchange: str
    local_symbol: str
    trading_class: str
    long_name: str
    multiplier: Decimal
    lot_size: Decimal
    price_increments: tuple[PriceIncrement, ...] | Unknown
    order_types: frozenset[str]
    liquid_hours: tuple[TradingSession, ...] = ()
    expiry: str = ""
    time_zone: str = ""

    def increment_at(self, price: Decimal) -> Decimal | Unknown:
        """The price step that holds at `price`."""
        if isinstance(self.price_increments, Unknown):
            return self.price_increments
        fitting = [row.increment for row in self.price_increments if row.low_edge <= price]
        return fitting[-1] if fitting else self.price_increments[0].increment

    def is_open(self, moment: datetime) -> bool | Unknown:
        """Whether it is liquid then; Unknown where its hours are."""
        if not self.liquid_hours:
            return Unknown(f"the trading hours of {self.symbol} are not known")
        return any(each.covers(moment) for each in self.liquid_hours)

    def closes_after(self, moment: datetime) -> datetime | None:
        """When the session ends that is on; None where none is, or its hours are not known."""
        return next((each.closes for each in self.liquid_hours if each.covers(moment)), None)

    @property
    def is_over_the_counter(self) -> bool:
        """Whether it is quoted by dealers and not on an exchange: wide spreads, and no market order."""
        return self.primary_exchange in _OVER_THE_COUNTER

    def opens_after(self, moment: datetime) -> datetime | None:
        """When it is liquid again, where it is not; None where no later session was told."""
        return min((each.opens for each in self.liquid_hours if each.opens > moment), default=None)


@dataclass(frozen=True)
class Listing:
    """What tells one of the broker's contracts from the others: enough to choose by, too little to trade by."""

    con_id: ConId
    symbol: str
    sec_type: str
    currency: Currency
    primary_exchange: str
    expiry: str
    name: str
