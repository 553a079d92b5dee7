"""Cases that are played against the simulated gateway, through a proxy that changes what it says.

On virtual time the sockets are in memory: what a case waits for costs nothing, and what comes at once takes no time.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from reconciler.adapters.ib.broker import IbBroker
from reconciler.domain.contract import Contract
from reconciler.domain.ids import InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.orders import Report, StatusReport
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.ports import Broker
from reconciler.simgateway.serving.virtual import run_virtually
from tests.contract.broker_proxy import Edit, Fields
from tests.contract.broker_worlds import SCENARIO, GatewayWorld, gateway_world, spec

Case = Callable[[GatewayWorld], Awaitable[None]]
Reading = Callable[[IbBroker], Awaitable[object]]
BRIEF = 0.2
"""Seconds: enough for what comes, little to wait for what never does."""

DERIVATIVES = SCENARIO.replace(
    "market_rules:\n",
    """  MSFT.C520: {con_id: 3001, name: MICROSOFT CORP, security_type: OPT, underlying: MSFT, expiry: 2026-12-18,
              strike: 520, right: C, delta: 0.42, last: 28.50, spread: 0.20}
  GLD.P340: {con_id: 3002, name: SPDR GOLD SHARES, security_type: OPT, underlying: GLD, expiry: 2027-01-15,
             strike: 340.5, right: P, last: 6.00, spread: 0.10}
  MES.DEC: {con_id: 4001, symbol: MES, name: MICRO E-MINI S&P 500, security_type: FUT, primary_exchange: CME,
            expiry: 2026-12-18, multiplier: 5, last: 6000, spread: 0.25, market_rule: 67}
  MES.MAR: {con_id: 4002, symbol: MES, name: MICRO E-MINI S&P 500, security_type: FUT, primary_exchange: CME,
            expiry: 2027-03-19, multiplier: 5, last: 6050, spread: 0.25, market_rule: 67}
  EURUSD: {con_id: 12087792, symbol: EUR, currency: USD, name: European Monetary Union Euro, security_type: CASH,
           last: 1.10, spread: 0.0001}
market_rules:
  67:
    - {low_edge: 0, increment: 0.25}
""",
)
"""The account of the contract suite with more to trade: two options, two months of a future, and a currency pair."""


async def _played(case: Case, text: str) -> None:
    async with gateway_world(text) as world:
        await case(world)


def play(case: Case) -> None:
    """Over TCP."""
    asyncio.run(_played(case, SCENARIO))


def play_virtually(case: Case, text: str = SCENARIO) -> None:
    run_virtually(_played(case, text))


def changing(kind: str, change: Callable[[Fields], list[Fields]]) -> Edit:
    """What becomes of the gateway's messages of one kind."""
    return lambda fields: change(list(fields)) if fields[0] == kind else [fields]


def without(kind: str) -> Edit:
    """The gateway's messages of this kind get lost."""
    return lambda fields: [] if fields[0] == kind else [fields]


def with_field(kind: str, place: int, text: str) -> Edit:
    return changing(kind, lambda fields: [[*fields[:place], text, *fields[place + 1 :]]])


async def contract_of(broker: Broker, wanted: InstrumentSpec) -> Contract:
    found = (await broker.read_contracts([wanted]))[wanted.name]
    assert isinstance(found, Contract), found
    return found


async def msft(broker: Broker) -> Contract:
    return await contract_of(broker, spec("MSFT"))


async def some_contracts(broker: Broker, *symbols: str) -> list[Contract]:
    return [await contract_of(broker, spec(symbol)) for symbol in symbols]


async def connected(world: GatewayWorld) -> IbBroker:
    broker = await world.connected()
    assert isinstance(broker, IbBroker)
    return broker


async def arrived(broker: Broker) -> None:
    """A round trip, so that what was sent before it has arrived."""
    await broker.read_working_orders()


def sent(world: GatewayWorld) -> Counter[str]:
    """How many messages of each kind the client sent, after it said which versions it speaks."""
    return Counter(fields[0] for fields in world.tap.sent if not fields[0].startswith("v"))


async def heard_until(broker: Broker, act: Awaitable[object], holds: Callable[[list[Report]], bool]) -> list[Report]:
    reports: list[Report] = []
    done = asyncio.Event()

    def hear(report: Report) -> None:
        reports.append(report)
        if holds(reports):
            done.set()

    leave = broker.subscribe(hear)
    await act
    async with asyncio.timeout(5):
        await done.wait()
    leave()
    return reports


def has_filled(reports: list[Report]) -> bool:
    return any(isinstance(report, StatusReport) and report.status == "Filled" for report in reports)


def a_future(name: str = "MES", *, expiry: str | None = None, con_id: int | None = None) -> InstrumentSpec:
    """By its month, at its exchange; pinned by its id, at whichever exchange the broker names."""
    exchange = "CME" if con_id is None else ""
    return spec("MES", con_id=con_id, name=InstrumentName(name), sec_type="FUT", exchange=exchange, expiry=expiry)


def an_option(con_id: int) -> InstrumentSpec:
    symbol = {3001: "MSFT", 3002: "GLD"}[con_id]
    return spec(symbol, con_id=con_id, name=InstrumentName(f"{symbol} {con_id}"), sec_type="OPT")


def a_pair() -> InstrumentSpec:
    return spec("EUR", name=InstrumentName("EUR.USD"), sec_type="CASH", exchange="IDEALPRO", currency=Currency("USD"))
