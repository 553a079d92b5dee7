"""Scenarios: what a gateway serves, written as a YAML document. The whole document, and what its parts mean together.

Instruments, accounts and rules are named by their keys, and the rest of the document refers to those names.
"""

from collections.abc import Iterator

from pydantic import Field

from reconciler.simgateway.books.agreement import Pricing
from reconciler.simgateway.market.instruments import Entitlement
from reconciler.simgateway.scenario import accounts, derivatives, hours, instruments, login, orders, script
from reconciler.simgateway.scenario.accounts import AccountSpec, InterestSpec
from reconciler.simgateway.scenario.actions import QuirkText
from reconciler.simgateway.scenario.hours import Hours
from reconciler.simgateway.scenario.instruments import FillSpec, InstrumentSpec, PriceStep
from reconciler.simgateway.scenario.login import AdvisorSpec
from reconciler.simgateway.scenario.margin import LiquidationSpec
from reconciler.simgateway.scenario.orders import OrderSpec
from reconciler.simgateway.scenario.script import StepSpec
from reconciler.simgateway.scenario.vocabulary import Finding, Path, Strict, Zone


class PacingSpec(Strict):
    """The limit of messages a second of a connection, and of working orders; zero switches them off."""

    messages_per_second: int = Field(default=50, ge=0)
    """The limit of a connection; 0 switches it off."""
    working_orders: int | None = Field(default=None, ge=0)
    """In a contract, on a side, in an account; 0 is without limit, as is none where messages have no limit."""


class Scenario(Strict):
    """A whole scenario. `smooth` switches off the ways in which the broker is awkward without any quirk."""

    description: str = ""
    """For people."""
    smooth: bool = False
    """Whether the ways in which the broker is awkward without any quirk are off."""
    time_zone: Zone = "US/Eastern"
    """The zone of the script's times of day."""
    accounts: dict[str, AccountSpec] = Field(min_length=1)
    """The accounts of the login, by number."""
    instruments: dict[str, InstrumentSpec] = Field(min_length=1)
    """What can be traded, by the name that the rest of the scenario uses."""
    market_rules: dict[int, list[PriceStep]] = Field(default_factory=dict)
    """Price increments by price, by the number of the rule."""
    market_data: Entitlement = Entitlement.LIVE
    """What market data the login may see."""
    hours: Hours = "always"
    """When markets are open."""
    interest: InterestSpec | None = None
    """What loans cost and credit earns."""
    pacing: PacingSpec = PacingSpec()
    """Limits of messages and of working orders."""
    fill: FillSpec = FillSpec()
    """How orders fill that can."""
    commissions: Pricing = Pricing.FIXED
    """The tariff."""
    advisor: AdvisorSpec | None = None
    """What makes the login an advisor's."""
    master_client_id: int | None = Field(default=None, ge=0)
    """The client that is told the orders and fills of all others."""
    liquidation: LiquidationSpec | None = None
    """What happens to an account that lacks margin."""
    orders: list[OrderSpec] = Field(default_factory=list)
    """Orders that work already at the start."""
    quirks: list[QuirkText] = Field(default_factory=list)
    """Quirks that are on from the start."""
    script: list[StepSpec] = Field(default_factory=list)
    """What happens by itself."""


def contradictions(scenario: Scenario) -> Iterator[Finding]:
    """What is wrong with a scenario whose every part is well-formed."""
    yield from _dangling_instruments(scenario)
    yield from _repeated_ids(scenario)
    pairs = instruments.pairs(scenario.instruments)
    traded = {instrument.currency for instrument in scenario.instruments.values()}
    yield from accounts.findings(scenario.accounts, traded | {symbol for symbol, _ in pairs}, pairs)
    yield from instruments.findings(scenario.instruments, scenario.market_rules)
    yield from derivatives.findings(scenario.instruments)
    yield from login.findings(scenario.advisor, list(scenario.accounts))
    yield from orders.findings(scenario.orders, set(scenario.accounts))
    yield from hours.findings(scenario.hours, ("hours",))
    symbols = {*scenario.instruments, *(each.symbol for each in scenario.instruments.values() if each.symbol)}
    yield from script.findings(scenario.script, symbols, set(scenario.accounts))


def _dangling_instruments(scenario: Scenario) -> Iterator[Finding]:
    named: list[tuple[Path, str]] = []
    for account, books in scenario.accounts.items():
        named += [(("accounts", account, "positions", name), name) for name in books.positions]
    named += [(("orders", index, "instrument"), order.instrument) for index, order in enumerate(scenario.orders)]
    for path, name in named:
        if name not in scenario.instruments:
            yield "101", path, f"there is no instrument {name!r}"


def _repeated_ids(scenario: Scenario) -> Iterator[Finding]:
    owners: dict[int, str] = {}
    for name, instrument in scenario.instruments.items():
        owner = owners.setdefault(instrument.con_id, name)
        if owner != name:
            yield "102", ("instruments", name, "con_id"), f"{owner} has the contract id {instrument.con_id} already"
