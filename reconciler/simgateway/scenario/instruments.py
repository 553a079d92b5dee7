"""What can be traded, and how orders in it fill."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from reconciler.simgateway.instruments import Entitlement
from reconciler.simgateway.scenario.vocabulary import Currency, Finding, Path, Positive, Rate, Seconds, Strict

ALWAYS = "always"
DEFAULT_RULE = 26


class FillSpec(Strict):
    """How marketable orders fill: `parts` equal parts, each after a delay, or never."""

    delay_seconds: Seconds = Decimal(0)
    parts: int = Field(default=1, ge=1, le=1000)
    never: bool = False


class PriceStep(Strict):
    """A row of a market rule: from this price on, this increment."""

    low_edge: Decimal = Field(ge=0)
    increment: Positive


class LotSpec(Strict):
    """Order sizes, in shares."""

    minimum: Positive = Decimal(1)
    increment: Positive = Decimal(1)
    suggested: Positive = Decimal(100)


class InstrumentSpec(Strict):
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


def findings(instruments: Mapping[str, InstrumentSpec], rules: Mapping[int, list[PriceStep]]) -> Iterator[Finding]:
    """What is wrong with instruments and market rules."""
    for name, instrument in instruments.items():
        here: Path = ("instruments", name)
        if instrument.market_rule != DEFAULT_RULE and instrument.market_rule not in rules:
            yield "101", (*here, "market_rule"), f"there is no market rule {instrument.market_rule}"
        if instrument.bid and instrument.ask and instrument.bid > instrument.ask:
            yield "104", (*here, "bid"), "the bid is above the ask"
        if instrument.spread and (instrument.bid or instrument.ask):
            yield "104", (*here, "spread"), "give a spread or bid and ask, not both"
        if instrument.spread and not instrument.last:
            yield "104", (*here, "spread"), "a spread needs a last price to stand around"
        if instrument.maintenance_margin > instrument.initial_margin:
            yield "104", (*here, "maintenance_margin"), "maintenance margin is above initial margin"
    for rule, steps in rules.items():
        edges = [step.low_edge for step in steps]
        if not edges or edges[0] != 0 or edges != sorted(set(edges)):
            yield "104", ("market_rules", str(rule)), "low edges start at 0 and rise"
