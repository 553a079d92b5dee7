"""What can be traded: instruments, their tick rules, quotes, and how orders in them fill. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from reconciler.simgateway.amounts import ONE, ZERO
from reconciler.simgateway.market.hours import Sessions
from reconciler.simgateway.market.margin_calendar import MarginPeriod


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


class SecurityType(StrEnum):
    """What kind of contract it is, spelled as the wire spells it. ETFs and ADRs are stocks."""

    STOCK = "STK"
    CURRENCY = "CASH"
    FUTURE = "FUT"
    CRYPTO = "CRYPTO"
    OPTION = "OPT"


SMART = "SMART"
"""The broker's own routing among the exchanges of a stock, or of an option."""


@dataclass(frozen=True)
class Delivery:
    """What a future or an option is about, and until when it trades. The month is that of the contract, `202612`."""

    expiry: date
    month: str
    underlying_con_id: int
    underlying_symbol: str
    underlying_type: str


@dataclass(frozen=True)
class OptionTerms:
    """At which price of the underlying an option is exercised, in its currency, and whether it is a call or a put."""

    strike: Decimal
    right: str
    """C or P."""


@dataclass(frozen=True)
class Instrument:
    """A contract the gateway knows.

    `market_rule` holds where `exchange_rules` names no other for the exchange. In a currency pair the symbol is what is
    bought or sold, and the currency what it costs.
    """

    symbol: str
    con_id: int
    security_type: SecurityType
    currency: str
    primary_exchange: str
    long_name: str
    stock_type: str
    trading_class: str
    local_symbol: str
    market_rule: MarketRule
    exchange_rules: Mapping[str, MarketRule]
    lots: LotSizes
    order_types: tuple[str, ...]
    valid_exchanges: tuple[str, ...]
    sessions: Sessions
    multiplier: Decimal = ONE
    delivery: Delivery | None = None
    option: OptionTerms | None = None
    industry: str = ""
    category: str = ""
    subcategory: str = ""

    def takes(self, order_type: str) -> bool:
        """Whether the exchange accepts this order type (the contract's own list says so)."""
        return order_type in self.order_types

    @cached_property
    def is_currency_pair(self) -> bool:
        """Whether a trade in it exchanges one currency for another, and leaves cash and no holding."""
        return self.security_type is SecurityType.CURRENCY

    @cached_property
    def settles_daily(self) -> bool:
        """Whether nothing is paid for a holding but what its price moves: a future."""
        return self.security_type is SecurityType.FUTURE

    @cached_property
    def is_paid_in_full(self) -> bool:
        """Whether a trade exchanges the whole value for cash: a stock, a crypto currency or an option."""
        return not self.is_currency_pair and not self.settles_daily

    @property
    def takes_fractions(self) -> bool:
        """Whether clients may order fractions of one: not of stocks, in whatever steps the contract details tell."""
        return self.security_type in (SecurityType.CRYPTO, SecurityType.CURRENCY)

    @property
    def home_exchange(self) -> str:
        """Where an order goes that names no exchange."""
        routed = self.security_type in (SecurityType.STOCK, SecurityType.OPTION)
        return SMART if routed else self.primary_exchange

    def trades_on(self, exchange: str) -> bool:
        """Whether a contract request may name this exchange, or none."""
        return exchange in ("", self.home_exchange, self.primary_exchange, *self.valid_exchanges)

    def rule_at(self, exchange: str) -> MarketRule:
        """The price increments at an exchange."""
        return self.exchange_rules.get(exchange, self.market_rule)

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What a quantity is worth at a price, in the instrument's currency: quantity × price × multiplier."""
        return quantity * price * self.multiplier

    def equity(self, quantity: Decimal, settled_value: Decimal, price: Decimal) -> Decimal:
        """What a holding adds to the account beside its cash: its value, less what a future has settled of it in cash.

        A currency pair adds nothing, for both its currencies are in the cash.
        """
        return ZERO if self.is_currency_pair else self.notional(quantity, price) - settled_value


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


@dataclass(frozen=True)
class MarginRates:
    """The share of market value that margin asks for: to open a position, and to keep it."""

    initial: Decimal
    maintenance: Decimal

    def __post_init__(self) -> None:
        """Raises ValueError for rates that would ask more for keeping a position than for opening it."""
        if self.maintenance > self.initial:
            raise ValueError(f"maintenance margin {self.maintenance} is above initial margin {self.initial}")


@dataclass(frozen=True)
class MarginSchedule:
    """The rates of an instrument by margin period; one and the same value where they do not change."""

    day: MarginRates
    overnight: MarginRates

    def rates(self, period: MarginPeriod) -> MarginRates:
        """The rates of a period."""
        return self.day if period is MarginPeriod.DAY else self.overnight


@dataclass(frozen=True)
class Statistics:
    """Shares traded today and on an average day, shares to borrow, and (low, high) of so many weeks.

    Of what is None or left out nothing is told.
    """

    volume: int = 1_234_567
    average_volume: int | None = None
    shortable_shares: int = 1_000_000
    ranges: Mapping[int, tuple[Decimal, Decimal]] = field(default_factory=dict)


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
