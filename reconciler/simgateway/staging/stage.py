"""From a Scenario to the Setting of a broker."""

from reconciler.simgateway.broker import Setting
from reconciler.simgateway.instruments import Instrument
from reconciler.simgateway.market import Listing, Market
from reconciler.simgateway.orders import Order
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.orders import OrderSpec
from reconciler.simgateway.script import Script, Step
from reconciler.simgateway.staging import accounts, instruments
from reconciler.simgateway.terms import STOP, Terms


def stage(scenario: Scenario) -> Setting:
    """The books and the market with which a gateway starts."""
    rules = instruments.market_rules(scenario)
    listings = {name: instruments.listing(name, scenario, rules) for name in scenario.instruments}
    return Setting(
        market=Market(listings.values(), rules.values()),
        ledgers={account: accounts.ledger(account, scenario, listings) for account in scenario.accounts},
        orders=tuple(_order(spec, listings[spec.instrument].instrument) for spec in scenario.orders),
        quirks=tuple(scenario.quirks),
        script=_script(scenario, listings),
        messages_per_second=scenario.pacing.messages_per_second,
        smooth=scenario.smooth,
    )


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
