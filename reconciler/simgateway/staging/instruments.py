"""From what a scenario says about instruments to the market."""

from datetime import date
from decimal import Decimal

from reconciler.simgateway.instruments import FillBehaviour, Instrument, LotSizes, MarketRule, Quote, around_the_clock
from reconciler.simgateway.market import Listing, around
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.instruments import ALWAYS, DEFAULT_RULE, FillSpec, InstrumentSpec

_CENT_EVERYWHERE = MarketRule(DEFAULT_RULE, ((Decimal(0), Decimal("0.01")),))


def market_rules(scenario: Scenario) -> dict[int, MarketRule]:
    """The price increments by rule number; the default rule is there always."""
    rules = {
        number: MarketRule(number, tuple((step.low_edge, step.increment) for step in steps))
        for number, steps in scenario.market_rules.items()
    }
    rules.setdefault(DEFAULT_RULE, _CENT_EVERYWHERE)
    return rules


def listing(name: str, scenario: Scenario, rules: dict[int, MarketRule], today: date) -> Listing:
    """An instrument as the market carries it from the start."""
    spec = scenario.instruments[name]
    return Listing(
        instrument=_instrument(spec.symbol or name, spec, rules[spec.market_rule], today),
        quote=_quote(spec),
        entitlement=spec.market_data or scenario.market_data,
        fill=behaviour(spec.fill or scenario.fill),
    )


def _instrument(symbol: str, spec: InstrumentSpec, rule: MarketRule, today: date) -> Instrument:
    always = around_the_clock(today)
    return Instrument(
        symbol=symbol,
        con_id=spec.con_id,
        security_type=spec.security_type,
        currency=spec.currency,
        primary_exchange=spec.primary_exchange,
        long_name=spec.name,
        stock_type=spec.stock_type,
        trading_class=spec.trading_class,
        market_rule=rule,
        lots=LotSizes(spec.lots.minimum, spec.lots.increment, spec.lots.suggested),
        order_types=spec.order_types,
        valid_exchanges=spec.valid_exchanges,
        trading_hours=always if spec.trading_hours == ALWAYS else spec.trading_hours,
        liquid_hours=always if spec.liquid_hours == ALWAYS else spec.liquid_hours,
        time_zone=spec.time_zone,
        initial_rate=spec.initial_margin,
        maintenance_rate=spec.maintenance_margin,
        industry=spec.industry,
        category=spec.category,
        subcategory=spec.subcategory,
    )


def _quote(spec: InstrumentSpec) -> Quote:
    bid, ask = spec.bid, spec.ask
    if spec.last and spec.spread:
        bid, ask = around(spec.last, spec.spread)
    return Quote(bid, ask, spec.last, spec.close or spec.last, spec.quote_age_seconds)


def behaviour(spec: FillSpec) -> FillBehaviour:
    """A fill specification as the venue takes it."""
    return FillBehaviour(spec.delay_seconds, spec.parts, spec.never)
