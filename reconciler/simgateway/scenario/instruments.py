"""What can be traded, and how orders in it fill."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from reconciler.simgateway.market.instruments import Entitlement, FillBehaviour, SecurityType
from reconciler.simgateway.scenario import hours, paths
from reconciler.simgateway.scenario.hours import Hours
from reconciler.simgateway.scenario.paths import PathSpec
from reconciler.simgateway.scenario.vocabulary import Currency, Finding, Path, Positive, Rate, Seconds, Strict

DEFAULT_RULE = 26
CURRENCY_RULE = 239
"""The rules that are there without being written: a cent everywhere, and 0.00005 for currency pairs."""

STANDING_RULES = (DEFAULT_RULE, CURRENCY_RULE)


class FillSpec(Strict):
    """How marketable orders fill: `parts` equal parts, each after a delay, or never."""

    delay_seconds: Seconds = Decimal(0)
    """How long before each part."""
    parts: int = Field(default=1, ge=1, le=1000)
    """In how many equal parts."""
    never: bool = False
    """Whether orders never fill."""

    def behaviour(self) -> FillBehaviour:
        """As the venue takes it."""
        return FillBehaviour(self.delay_seconds, self.parts, self.never)


class PriceStep(Strict):
    """A row of a market rule: from this price on, this increment."""

    low_edge: Decimal = Field(ge=0)
    """The price from which on the increment holds."""
    increment: Positive
    """The increment."""


class LotSpec(Strict):
    """Order sizes, in shares."""

    minimum: Positive = Decimal(1)
    """The smallest order."""
    increment: Positive = Decimal(1)
    """The step of sizes."""
    suggested: Positive = Decimal(100)
    """The size that contract details suggest."""


class RangeSpec(Strict):
    """The lowest and the highest price of some weeks."""

    low: Positive
    """The lowest price."""
    high: Positive
    """The highest price."""


Shares = Annotated[int, Field(ge=0, le=10**12)]
Weeks = Annotated[str, Field(pattern="^(13|26|52)$")]


class UnderlyingSpec(Strict):
    """What a future or an option is about, where it is no instrument of the scenario."""

    con_id: int = Field(default=0, ge=0)
    """Its contract id."""
    symbol: str = ""
    """Its symbol."""
    security_type: str = "IND"
    """What kind of contract it is."""


class InstrumentSpec(Strict):
    """A contract and its market at the start. No `last` and no `close` means that there is no data at all.

    What is not said follows from the security type: exchanges, lots, market rule, trading class, local symbol. A pair
    of currencies is named by the one that is bought (`symbol`) and the one it costs (`currency`), an option by its
    underlying.
    """

    con_id: int = Field(gt=0)
    """The contract id."""
    symbol: str = ""
    """The symbol; without it, the instrument's name, or of an option the symbol of its underlying."""
    currency: Currency = "USD"
    """The currency of its price."""
    security_type: SecurityType = SecurityType.STOCK
    """What kind of contract it is."""
    primary_exchange: str = ""
    """Where it is listed."""
    name: str
    """The long name."""
    stock_type: str | None = None
    """What kind of stock it is, such as ETF."""
    trading_class: str = ""
    """The trading class."""
    local_symbol: str = ""
    """The symbol at the exchange."""
    multiplier: Positive | None = None
    """What a price of one is worth, of a future or an option; without it 1, or 100 of an option."""
    expiry: date | None = None
    """The last day of a future or an option."""
    contract_month: Annotated[str, Field(pattern="^([0-9]{4}(0[1-9]|1[0-2]))?$")] = ""
    """The month of a future or an option, as 202612."""
    underlying: UnderlyingSpec | str = UnderlyingSpec()
    """The underlying of a future or an option: the name of another instrument, or what it is."""
    strike: Positive | None = None
    """The price of its underlying at which an option is exercised."""
    right: Literal["C", "P"] | None = None
    """Whether an option is a call or a put."""
    delta: Annotated[Decimal, Field(ge=-1, le=1, decimal_places=8)] | None = None
    """How far an option's price moves for one of its underlying; without it, no model of the option is told."""
    industry: str = ""
    """The industry."""
    category: str = ""
    """The category within the industry."""
    subcategory: str = ""
    """The category within the category."""
    order_types: tuple[str, ...] = (
        "ACTIVETIM", "ADJUST", "ALERT", "ALGO", "DAY", "FOK", "GTC", "GTD", "IOC", "LIT", "LMT", "LOC", "MIDPX", "MIT",
        "MKT", "MOC", "OPG", "PEGMID", "REL", "STP", "STPLMT", "TRAIL", "TRAILLMT", "WHATIF",
    )  # fmt: skip
    """What contract details say of order types; orders of others are refused."""
    valid_exchanges: tuple[str, ...] = ()
    """Where it can be traded."""
    market_rule: int | None = None
    """The number of its price increments."""
    exchange_rules: dict[str, int] = Field(default_factory=dict)
    """Price increments of single exchanges."""
    lots: LotSpec | None = None
    """Sizes of orders."""
    initial_margin: Rate = Decimal("0.30")
    """The share of its value that it takes to open a position."""
    maintenance_margin: Rate = Decimal("0.25")
    """The share that it takes to keep one."""
    overnight_initial_margin: Rate | None = None
    """The share to open out of the day's hours."""
    overnight_maintenance_margin: Rate | None = None
    """The share to keep out of the day's hours."""
    hours: Hours | None = None
    """When it is open, if not as the scenario says."""
    last: Positive | None = None
    """The last price."""
    spread: Positive | None = None
    """How far bid and ask are apart, around the last price."""
    bid: Positive | None = None
    """The bid."""
    ask: Positive | None = None
    """The ask."""
    close: Positive | None = None
    """The close of the day before."""
    quote_age_seconds: Seconds = Decimal(0)
    """How old the last price is told to be."""
    market_data: Entitlement | None = None
    """What market data of it the login may see."""
    fill: FillSpec | None = None
    """How orders in it fill."""
    halted: bool = False
    """Whether trading in it is halted."""
    path: PathSpec | None = None
    """How its price moves by itself."""
    volume: Shares = 1_234_567
    """Shares traded today."""
    average_volume: Shares | None = None
    """Shares traded on an average day; without it, nobody tells."""
    shortable_shares: Shares = 1_000_000
    """Shares that can be borrowed."""
    ranges: dict[Weeks, RangeSpec] = Field(default_factory=dict)
    """The range of prices, by weeks: 13, 26, 52."""


def symbol_of(name: str, instruments: Mapping[str, InstrumentSpec]) -> str:
    """The symbol of a named instrument: as it is said, of an option that of its underlying, else the name."""
    instrument, about = instruments[name], instruments[name].underlying
    if instrument.symbol or instrument.security_type is not SecurityType.OPTION:
        return instrument.symbol or name
    if isinstance(about, UnderlyingSpec):
        return about.symbol or name
    return (about in instruments and instruments[about].symbol) or about


def overnight_rates(instrument: InstrumentSpec) -> tuple[Decimal, Decimal]:
    """Initial and maintenance rate out of the day's hours; those of the day where none are given."""
    return (
        instrument.overnight_initial_margin or instrument.initial_margin,
        instrument.overnight_maintenance_margin or instrument.maintenance_margin,
    )


def findings(instruments: Mapping[str, InstrumentSpec], rules: Mapping[int, list[PriceStep]]) -> Iterator[Finding]:
    """What is wrong with instruments and market rules."""
    for name, instrument in instruments.items():
        here: Path = ("instruments", name)
        yield from _wrong_rules(instrument, here, {*rules, *STANDING_RULES})
        yield from _wrong_prices(instrument, here)
        yield from _wrong_ranges(instrument, here)
        yield from _wrong_contract(name, instrument, here)
        if instrument.halted and set(symbol_of(name, instruments)) & set(":@"):
            yield "104", (*here, "halted"), "a halt is a quirk of the symbol, which may then have no : and no @"
        if instrument.maintenance_margin > instrument.initial_margin:
            yield "104", (*here, "maintenance_margin"), "maintenance margin is above initial margin"
        elif (rates := overnight_rates(instrument))[1] > rates[0]:
            yield "104", (*here, "overnight_maintenance_margin"), "maintenance margin is above initial margin overnight"
        if instrument.path is not None:
            yield from paths.findings(instrument.path, (*here, "path"), priced=instrument.last is not None)
        if instrument.hours is not None:
            yield from hours.findings(instrument.hours, (*here, "hours"))
    for rule, steps in rules.items():
        edges = [step.low_edge for step in steps]
        if not edges or edges[0] != 0 or edges != sorted(set(edges)):
            yield "104", ("market_rules", str(rule)), "low edges start at 0 and rise"


def pairs(instruments: Mapping[str, InstrumentSpec]) -> dict[tuple[str, str], Decimal]:
    """The currency pairs among the instruments at their marks; those without a price are left out."""
    return {
        (spec.symbol or name, spec.currency): mark
        for name, spec in instruments.items()
        if spec.security_type is SecurityType.CURRENCY and (mark := spec.last or spec.close)
    }


def _wrong_rules(instrument: InstrumentSpec, here: Path, rules: set[int]) -> Iterator[Finding]:
    if instrument.market_rule is not None and instrument.market_rule not in rules:
        yield "101", (*here, "market_rule"), f"there is no market rule {instrument.market_rule}"
    for exchange, rule in instrument.exchange_rules.items():
        if rule not in rules:
            yield "101", (*here, "exchange_rules", exchange), f"there is no market rule {rule}"


def _wrong_prices(instrument: InstrumentSpec, here: Path) -> Iterator[Finding]:
    if instrument.bid and instrument.ask and instrument.bid > instrument.ask:
        yield "104", (*here, "bid"), "the bid is above the ask"
    if instrument.spread and (instrument.bid or instrument.ask):
        yield "104", (*here, "spread"), "give a spread or bid and ask, not both"
    replayed = instrument.path and instrument.path.closes
    if instrument.spread and not (instrument.last or replayed):
        yield "104", (*here, "spread"), "a spread needs a last price to stand around"


def _wrong_ranges(instrument: InstrumentSpec, here: Path) -> Iterator[Finding]:
    for weeks, each in instrument.ranges.items():
        if each.low > each.high:
            yield "104", (*here, "ranges", weeks, "low"), "the low is above the high"


def _wrong_contract(name: str, instrument: InstrumentSpec, here: Path) -> Iterator[Finding]:
    kind, symbol = instrument.security_type, instrument.symbol or name
    if kind is SecurityType.STOCK and not instrument.primary_exchange:
        yield "107", here, "a stock needs a primary exchange"
    if kind is SecurityType.CURRENCY and (not _is_currency(symbol) or symbol == instrument.currency):
        yield "107", here, "a currency pair needs a currency as its symbol, and another one that it costs"


def _is_currency(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isupper()
