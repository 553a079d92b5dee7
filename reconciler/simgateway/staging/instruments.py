"""From what a scenario says about instruments to the market."""

from decimal import Decimal

from reconciler.simgateway.market.instruments import (
    Instrument,
    LotSizes,
    MarginRates,
    MarginSchedule,
    MarketRule,
    Quote,
    Statistics,
)
from reconciler.simgateway.market.market import Listing, around
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.instruments import (
    CURRENCY_RULE,
    DEFAULT_RULE,
    InstrumentSpec,
    overnight_rates,
    symbol_of,
)
from reconciler.simgateway.staging import contracts
from reconciler.simgateway.staging.hours import sessions
from reconciler.simgateway.staging.paths import closes

_STANDING = {DEFAULT_RULE: Decimal("0.01"), CURRENCY_RULE: Decimal("0.00005")}
"""Rules with one increment at any price that are there without being written."""

_WIDE = Decimal("0.02")
OVER_THE_COUNTER = frozenset({"PINK", "OTC", "OTCBB", "GREY"})
"""Where trading is over the counter, as primary exchanges name it."""


def market_rules(scenario: Scenario) -> dict[int, MarketRule]:
    """The price increments by rule number; the standing rules are there always."""
    rules = {
        number: MarketRule(number, tuple((step.low_edge, step.increment) for step in steps))
        for number, steps in scenario.market_rules.items()
    }
    standing = {number: MarketRule(number, ((Decimal(0), tick),)) for number, tick in _STANDING.items()}
    return standing | rules


def listing(name: str, scenario: Scenario, rules: dict[int, MarketRule]) -> Listing:
    """An instrument as the market carries it from the start."""
    spec = scenario.instruments[name]
    instrument = _instrument(symbol_of(name, scenario.instruments), spec, scenario, rules)
    return Listing(
        instrument=instrument,
        quote=_quote(spec, instrument.market_rule, smooth=scenario.smooth),
        entitlement=spec.market_data or scenario.market_data,
        fill=(spec.fill or scenario.fill).behaviour(),
        margin=_margin(spec),
        delta=spec.delta,
        statistics=Statistics(
            volume=spec.volume,
            average_volume=spec.average_volume,
            shortable_shares=spec.shortable_shares,
            ranges={int(weeks): (each.low, each.high) for weeks, each in spec.ranges.items()},
        ),
    )


def _instrument(symbol: str, spec: InstrumentSpec, scenario: Scenario, rules: dict[int, MarketRule]) -> Instrument:
    custom = contracts.CUSTOMS[spec.security_type]
    exchange = spec.primary_exchange or custom.primary_exchange
    lots = spec.lots
    return Instrument(
        symbol=symbol,
        con_id=spec.con_id,
        security_type=spec.security_type,
        currency=spec.currency,
        primary_exchange=exchange,
        long_name=spec.name,
        stock_type=custom.stock_type if spec.stock_type is None else spec.stock_type,
        trading_class=contracts.trading_class(symbol, spec),
        local_symbol=contracts.local_symbol(symbol, spec),
        market_rule=rules[custom.market_rule if spec.market_rule is None else spec.market_rule],
        exchange_rules={name: rules[rule] for name, rule in spec.exchange_rules.items()},
        lots=LotSizes(lots.minimum, lots.increment, lots.suggested) if lots else custom.lots,
        order_types=_order_types(spec, custom),
        valid_exchanges=spec.valid_exchanges or custom.valid_exchanges or (exchange,),
        sessions=sessions(spec.hours or scenario.hours),
        multiplier=spec.multiplier or custom.multiplier,
        delivery=contracts.delivery(symbol, spec, scenario.instruments),
        option=contracts.option_terms(spec),
        industry=spec.industry,
        category=spec.category,
        subcategory=spec.subcategory,
    )


def _order_types(spec: InstrumentSpec, custom: contracts.Custom) -> tuple[str, ...]:
    return spec.order_types if "order_types" in spec.model_fields_set else custom.order_types or spec.order_types


def _margin(spec: InstrumentSpec) -> MarginSchedule:
    """Overnight rates that are not given are those of the day."""
    day, overnight = MarginRates(spec.initial_margin, spec.maintenance_margin), MarginRates(*overnight_rates(spec))
    return MarginSchedule(day, day if overnight == day else overnight)


def _quote(spec: InstrumentSpec, rule: MarketRule, *, smooth: bool) -> Quote:
    bid, ask = spec.bid, spec.ask
    last = closes(spec.path.closes)[0] if spec.path and spec.path.closes else spec.last
    if last and bid is None and ask is None:
        bid, ask = around(last, spec.spread or _usual_spread(spec, last, rule, smooth=smooth), rule)
    return Quote(bid, ask, last, spec.close or last, spec.quote_age_seconds)


def _usual_spread(spec: InstrumentSpec, last: Decimal, rule: MarketRule, *, smooth: bool) -> Decimal:
    """A tick; over the counter, where spreads are wide, the ticks in a fiftieth of the price."""
    tick = rule.increment(last)
    if smooth or spec.primary_exchange not in OVER_THE_COUNTER:
        return tick
    return max(last * _WIDE // tick * tick, tick)
