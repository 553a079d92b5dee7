"""From a Scenario to the Setting of a broker."""

from reconciler.simgateway.broker import Setting
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.orders.book import Order
from reconciler.simgateway.orders.terms import STOP, Terms
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.instruments import symbol_of
from reconciler.simgateway.scenario.orders import OrderSpec
from reconciler.simgateway.staging import accounts, instruments, login, paths, script
from reconciler.simgateway.staging.margin import watch

WORKING_ORDERS = 20
"""The broker's limit, as it documents it; accounts with fewer have been seen."""


def stage(scenario: Scenario) -> Setting:
    """The books and the market with which a gateway starts."""
    rules = instruments.market_rules(scenario)
    listings = {name: instruments.listing(name, scenario, rules) for name in scenario.instruments}
    manned = login.with_advisors_account(scenario)
    market = Market(listings.values(), rules.values())
    return Setting(
        market=market,
        ledgers={account: accounts.ledger(account, manned, listings, market) for account in manned.accounts},
        orders=tuple(_order(spec, listings[spec.instrument].instrument) for spec in scenario.orders),
        quirks=(*scenario.quirks, *_halts(scenario)),
        script=(*script.steps(scenario), *paths.steps(scenario)),
        paths={
            listings[name].instrument.con_id: path
            for name, spec in scenario.instruments.items()
            if spec.path and (path := paths.path(spec.path))
        },
        served=scenario.model_dump(mode="json", exclude_defaults=True),
        names={name: each.instrument.con_id for name, each in listings.items()},
        messages_per_second=scenario.pacing.messages_per_second,
        watch=watch(scenario),
        working_orders=_working_orders(scenario),
        smooth=scenario.smooth,
        login=login.login(scenario),
    )


def _working_orders(scenario: Scenario) -> int:
    pacing = scenario.pacing
    if pacing.working_orders is not None:
        return pacing.working_orders
    return 0 if scenario.smooth or not pacing.messages_per_second else WORKING_ORDERS


def _halts(scenario: Scenario) -> list[str]:
    """The quirks of instruments that are halted from the start."""
    instruments = scenario.instruments
    return [f"halted:{symbol_of(name, instruments)}" for name, spec in instruments.items() if spec.halted]


def _order(spec: OrderSpec, instrument: Instrument) -> Order:
    stop = spec.order_type == STOP
    terms = Terms(
        account=spec.account,
        action=spec.action,
        quantity=spec.quantity,
        order_type=spec.order_type,
        limit_price=None if stop else spec.price,
        aux_price=spec.price if stop else None,
        tif=spec.tif,
        order_ref=spec.order_ref,
        exchange=instrument.home_exchange,
    )
    return Order(spec.client_id, spec.order_id, 0, instrument, terms)
