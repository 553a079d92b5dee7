"""Staging: from a scenario's text to a gateway's Setting. All mistakes are diagnostics, told at once.

Codes: SCN0xx for the shape of the document, SCN1xx for what its parts mean together.
"""

from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.simgateway.gateway import Setting
from reconciler.simgateway.instruments import FillBehaviour, Instrument, LotSizes, MarketRule, Quote, around_the_clock
from reconciler.simgateway.ledger import Ledger, Posting
from reconciler.simgateway.market import Listing, Market, around
from reconciler.simgateway.orders import STOP, Order, Terms
from reconciler.simgateway.scenario import (
    ALWAYS,
    DEFAULT_RULE,
    FillSpec,
    InstrumentSpec,
    OrderSpec,
    Scenario,
    contradictions,
)
from reconciler.simgateway.script import Script, Step

PREFIX = "SCN"
DEMO = "demo"
_CENT_EVERYWHERE = MarketRule(DEFAULT_RULE, ((Decimal(0), Decimal("0.01")),))


def packaged(name: str) -> Scenario:
    """A scenario that ships with the gateway: `demo` or `cad`. Raises ValueError where it does not load."""
    text = resources.files("reconciler.simgateway").joinpath("scenarios", f"{name}.yaml").read_text("utf-8")
    scenario, found = load(text, f"{name}.yaml")
    if scenario is None:
        raise ValueError("\n".join(str(each) for each in found))
    return scenario


def load_file(path: Path) -> tuple[Scenario | None, list[Diagnostic]]:
    """The scenario in a file, or None and everything that is wrong with it."""
    return _understood(*yamlsource.load_file(path, str(path)), file=str(path))


def load(text: str, file: str) -> tuple[Scenario | None, list[Diagnostic]]:
    """The scenario in a text, or None and everything that is wrong with it."""
    return _understood(*yamlsource.load(text, file), file=file)


def _understood(
    documents: list[yamlsource.Document], found: list[Diagnostic], *, file: str
) -> tuple[Scenario | None, list[Diagnostic]]:
    if diagnostics.has_errors(found):
        return None, found
    if len(documents) != 1:
        summary = f"a scenario is one YAML document, this file has {len(documents)}"
        return None, [*found, diagnostics.error(f"{PREFIX}100", summary, Location(file))]
    document = documents[0]
    scenario, mistakes = yamlsource.parse(document, Scenario, PREFIX)
    found = [*found, *mistakes]
    if scenario is None:
        return None, found
    found += [
        diagnostics.error(f"{PREFIX}{number}", summary, document.locate(path))
        for number, path, summary in contradictions(scenario)
    ]
    return (None if diagnostics.has_errors(found) else scenario), found


def stage(scenario: Scenario, today: date) -> Setting:
    """The books and the market with which a gateway starts. `today` anchors the text of trading hours."""
    rules = {
        number: MarketRule(number, tuple((step.low_edge, step.increment) for step in steps))
        for number, steps in scenario.market_rules.items()
    }
    rules.setdefault(DEFAULT_RULE, _CENT_EVERYWHERE)
    listings = {name: _listing(name, scenario, rules, today) for name in scenario.instruments}
    return Setting(
        market=Market(listings.values(), rules.values()),
        ledgers={account: _ledger(account, scenario, listings) for account in scenario.accounts},
        orders=tuple(_order(spec, listings[spec.instrument].instrument) for spec in scenario.orders),
        quirks=tuple(scenario.quirks),
        script=_script(scenario, listings),
        messages_per_second=scenario.pacing.messages_per_second,
    )


def _listing(name: str, scenario: Scenario, rules: dict[int, MarketRule], today: date) -> Listing:
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


def _ledger(account: str, scenario: Scenario, listings: dict[str, Listing]) -> Ledger:
    spec = scenario.accounts[account]
    rates = {**spec.exchange_rates, spec.base_currency: Decimal(1)}
    ledger = Ledger(account, spec.base_currency, rates)
    for currency, amount in spec.cash.items():
        ledger.post(Posting("opening", currency, amount))
    for name, held in spec.positions.items():
        instrument = listings[name].instrument
        cost = held.quantity * (held.average_cost or listings[name].quote.mark)
        ledger.post(Posting("opening", instrument.currency, Decimal(0), instrument.con_id, held.quantity, cost))
    return ledger


def _order(spec: OrderSpec, instrument: Instrument) -> Order:
    stop = spec.order_type == STOP
    terms = Terms(
        account=spec.account,
        action=spec.action,
        quantity=spec.quantity,
        order_type=spec.order_type,
        limit_price=None if stop else spec.price,
        stop_price=spec.price if stop else None,
        tif=spec.tif,
        order_ref=spec.order_ref,
    )
    return Order(spec.client_id, spec.order_id, 0, instrument, terms)


def _script(scenario: Scenario, listings: dict[str, Listing]) -> Script:
    return Script(
        tuple(
            Step(
                prices={listings[name].instrument.con_id: move.model_dump() for name, move in step.price.items()},
                fills=step.after.fills,
                seconds=None if step.after.seconds is None else float(step.after.seconds),
            )
            for step in scenario.script
        )
    )
