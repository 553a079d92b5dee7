"""Scenarios: what a gateway serves, written as a YAML document. The models, and what they mean together.

Amounts are in the currency they stand under, prices per share, rates and spreads plain numbers, times in seconds.
Instruments, accounts and rules are named by their keys, and the rest of the document refers to those names.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from reconciler.simgateway import quirks
from reconciler.simgateway.instruments import Entitlement

MOST = Decimal(10) ** 9
"""Larger prices, rates and sizes would leave the digits in which amounts are exact."""

Positive = Annotated[Decimal, Field(gt=0, le=MOST, decimal_places=8)]
Amount = Annotated[Decimal, Field(ge=-(MOST**2), le=MOST**2, decimal_places=8)]
Seconds = Annotated[Decimal, Field(ge=0, le=86_400)]
Rate = Annotated[Decimal, Field(gt=0, le=1)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
ALWAYS = "always"
DEFAULT_RULE = 26


def _quirk(text: str) -> str:
    if problem := quirks.mistake(text):
        raise ValueError(f"is wrong: {problem}")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PacingSpec(_Strict):
    """The message limit of a connection; zero switches it off."""

    messages_per_second: int = Field(default=50, ge=0)


class FillSpec(_Strict):
    """How marketable orders fill: `parts` equal parts, each after a delay, or never."""

    delay_seconds: Seconds = Decimal(0)
    parts: int = Field(default=1, ge=1, le=1000)
    never: bool = False


class PositionSpec(_Strict):
    """A holding at the start. Without an average cost, the mark is it."""

    quantity: Annotated[Decimal, Field(ge=-MOST, le=MOST, decimal_places=8)]
    average_cost: Positive | None = None


class AccountSpec(_Strict):
    """An account at the start. `exchange_rates`: what one unit of a currency is worth in the base currency."""

    base_currency: Currency = "USD"
    cash: dict[Currency, Amount] = {}
    exchange_rates: dict[Currency, Positive] = {}
    positions: dict[str, PositionSpec] = {}


class PriceStep(_Strict):
    """A row of a market rule: from this price on, this increment."""

    low_edge: Decimal = Field(ge=0)
    increment: Positive


class LotSpec(_Strict):
    """Order sizes, in shares."""

    minimum: Positive = Decimal(1)
    increment: Positive = Decimal(1)
    suggested: Positive = Decimal(100)


class InstrumentSpec(_Strict):
    """A contract and its market at the start. No `last` and no `close` means that there is no data at all.

    Hours are told, not kept: orders fill at any time.
    """

    con_id: int = Field(gt=0)
    symbol: str = ""
    currency: Currency = "USD"
    security_type: Literal["STK"] = "STK"
    primary_exchange: str
    name: str
    stock_type: str = "COMMON"
    trading_class: str = "NMS"
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    order_types: tuple[str, ...] = (
        "ACTIVETIM", "ADJUST", "ALERT", "ALGO", "DAY", "GTC", "IOC", "LMT", "LOC", "MKT", "MOC", "STP", "TRAIL",
        "WHATIF",
    )  # fmt: skip
    valid_exchanges: tuple[str, ...] = ("SMART", "AMEX", "NYSE", "ARCA", "NASDAQ", "IEX")
    market_rule: int = DEFAULT_RULE
    lots: LotSpec = LotSpec()
    initial_margin: Rate = Decimal("0.30")
    maintenance_margin: Rate = Decimal("0.25")
    trading_hours: str = ALWAYS
    liquid_hours: str = ALWAYS
    time_zone: str = "US/Eastern"
    last: Positive | None = None
    spread: Positive | None = None
    bid: Positive | None = None
    ask: Positive | None = None
    close: Positive | None = None
    quote_age_seconds: Seconds = Decimal(0)
    market_data: Entitlement | None = None
    fill: FillSpec | None = None


class OrderSpec(_Strict):
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


class AfterSpec(_Strict):
    """When a step of the script happens: after so many fills, or so many seconds."""

    fills: int | None = Field(default=None, ge=1)
    seconds: Seconds | None = None


class PriceSpec(_Strict):
    """Where a quote moves. A new `last` alone takes bid and ask along."""

    last: Positive | None = None
    spread: Positive | None = None
    bid: Positive | None = None
    ask: Positive | None = None
    close: Positive | None = None


class StepSpec(_Strict):
    """A step of the script."""

    after: AfterSpec
    price: dict[str, PriceSpec]


class Scenario(_Strict):
    """A whole scenario."""

    description: str = ""
    accounts: dict[str, AccountSpec] = Field(min_length=1)
    instruments: dict[str, InstrumentSpec] = Field(min_length=1)
    market_rules: dict[int, list[PriceStep]] = {}
    market_data: Entitlement = Entitlement.LIVE
    pacing: PacingSpec = PacingSpec()
    fill: FillSpec = FillSpec()
    orders: list[OrderSpec] = []
    quirks: list[Annotated[str, AfterValidator(_quirk)]] = []
    script: list[StepSpec] = []


Path = tuple[str | int, ...]
Finding = tuple[str, Path, str]
"""A code's number, where in the document, and what is wrong there."""


def contradictions(scenario: Scenario) -> Iterator[Finding]:
    """What is wrong with a scenario whose every part is well-formed."""
    yield from _dangling_instruments(scenario)
    yield from _repeated_ids(scenario)
    yield from _account_findings(scenario)
    yield from _instrument_findings(scenario)
    for index, step in enumerate(scenario.script):
        if (step.after.fills is None) == (step.after.seconds is None):
            yield "105", ("script", index, "after"), "name either fills or seconds"


def _dangling_instruments(scenario: Scenario) -> Iterator[Finding]:
    named: list[tuple[Path, str]] = []
    for account, books in scenario.accounts.items():
        named += [(("accounts", account, "positions", name), name) for name in books.positions]
    named += [(("orders", index, "instrument"), order.instrument) for index, order in enumerate(scenario.orders)]
    for index, step in enumerate(scenario.script):
        named += [(("script", index, "price", name), name) for name in step.price]
    for path, name in named:
        if name not in scenario.instruments:
            yield "101", path, f"there is no instrument {name!r}"


def _repeated_ids(scenario: Scenario) -> Iterator[Finding]:
    owners: dict[int, str] = {}
    for name, instrument in scenario.instruments.items():
        owner = owners.setdefault(instrument.con_id, name)
        if owner != name:
            yield "102", ("instruments", name, "con_id"), f"{owner} has the contract id {instrument.con_id} already"
    order_ids: set[tuple[int, int]] = set()
    for index, order in enumerate(scenario.orders):
        if (order.client_id, order.order_id) in order_ids:
            yield "102", ("orders", index, "order_id"), f"client {order.client_id} has this order id already"
        order_ids.add((order.client_id, order.order_id))
        if order.account not in scenario.accounts:
            yield "101", ("orders", index, "account"), f"there is no account {order.account!r}"


def _account_findings(scenario: Scenario) -> Iterator[Finding]:
    traded = {instrument.currency for instrument in scenario.instruments.values()}
    for name, account in scenario.accounts.items():
        known = {account.base_currency, *account.exchange_rates}
        for currency in sorted((traded | set(account.cash)) - known):
            yield "103", ("accounts", name), f"the account has no exchange rate for {currency}"
        if account.exchange_rates.get(account.base_currency, 1) != 1:
            path = ("accounts", name, "exchange_rates", account.base_currency)
            yield "103", path, "the base currency's rate is 1"


def _instrument_findings(scenario: Scenario) -> Iterator[Finding]:
    for name, instrument in scenario.instruments.items():
        here: Path = ("instruments", name)
        if instrument.market_rule != DEFAULT_RULE and instrument.market_rule not in scenario.market_rules:
            yield "101", (*here, "market_rule"), f"there is no market rule {instrument.market_rule}"
        if instrument.bid and instrument.ask and instrument.bid > instrument.ask:
            yield "104", (*here, "bid"), "the bid is above the ask"
        if instrument.spread and (instrument.bid or instrument.ask):
            yield "104", (*here, "spread"), "give a spread or bid and ask, not both"
        if instrument.spread and not instrument.last:
            yield "104", (*here, "spread"), "a spread needs a last price to stand around"
        if instrument.maintenance_margin > instrument.initial_margin:
            yield "104", (*here, "maintenance_margin"), "maintenance margin is above initial margin"
    for rule, steps in scenario.market_rules.items():
        edges = [step.low_edge for step in steps]
        if not edges or edges[0] != 0 or edges != sorted(set(edges)):
            yield "104", ("market_rules", str(rule)), "low edges start at 0 and rise"
