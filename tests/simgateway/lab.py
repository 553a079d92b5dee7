"""A small scenario with one instrument for each behaviour, and the ways in which the tests run it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.serving.server import Running, serve
from reconciler.simgateway.session import Session
from reconciler.simgateway.staging import load, stage
from reconciler.simgateway.wire import framing

ACCOUNT = "DU1000001"
STARTED = datetime(2026, 3, 4, 15, 0, 0, tzinfo=UTC)

GLD, MSFT = 51529211, 272093
PARTS, SLOW, NEVER, MUTE, OTCX, LOTS = 1001, 1002, 1003, 1006, 1007, 1008
"""Contract ids of the scenario's instruments."""

TEXT = """
smooth: true
accounts:
  DU1000001:
    cash: {USD: 60000.00}
    exchange_rates: {EUR: 1.10}
    positions:
      MSFT: {quantity: 60, average_cost: 400.00}
      GLD: {quantity: 20, average_cost: 300.00}
market_rules:
  67:
    - {low_edge: 0, increment: 0.0001}
    - {low_edge: 1, increment: 0.01}
pacing: {messages_per_second: 0}
instruments:
  MSFT: {con_id: 272093, name: MICROSOFT CORP, primary_exchange: NASDAQ, last: 500.00, spread: 0.02, close: 498.00}
  GLD: {con_id: 51529211, name: SPDR GOLD SHARES, primary_exchange: ARCA, stock_type: ETF, last: 350.00, spread: 0.02}
  PARTS: {con_id: 1001, name: FILLS IN PARTS, primary_exchange: NYSE, last: 10.00, spread: 0.02, fill: {parts: 3}}
  SLOW: {con_id: 1002, name: FILLS LATE, primary_exchange: NYSE, last: 10.00, spread: 0.02, fill: {delay_seconds: 5}}
  NEVER: {con_id: 1003, name: FILLS NEVER, primary_exchange: NYSE, last: 10.00, spread: 0.02, fill: {never: true}}
  LATE: {con_id: 1004, name: DELAYED DATA, primary_exchange: NYSE, last: 20.00, spread: 0.02, market_data: delayed}
  DARK: {con_id: 1005, name: NO SUBSCRIPTION, primary_exchange: NYSE, last: 20.00, spread: 0.02, market_data: none}
  MUTE: {con_id: 1006, name: NO PRICE AT ALL, primary_exchange: NYSE}
  OTCX:
    con_id: 1007
    name: OVER THE COUNTER
    primary_exchange: PINK
    valid_exchanges: [SMART, PINK]
    order_types: [LMT, WHATIF]
    market_rule: 67
    initial_margin: 1.00
    maintenance_margin: 1.00
    last: 5.00
    spread: 0.10
  LOTS:
    con_id: 1008
    name: TRADES IN TENS
    primary_exchange: NYSE
    last: 3.00
    spread: 0.02
    lots: {minimum: 10, increment: 10}
  TWIN: {con_id: 1009, name: TWIN IN NEW YORK, primary_exchange: NYSE, last: 7.00, spread: 0.02}
  TWIN.EUR:
    con_id: 1010
    symbol: TWIN
    currency: EUR
    name: TWIN IN EUROPE
    primary_exchange: IBIS
    last: 6.50
    spread: 0.02
orders:
  - client_id: 77
    order_id: 4
    account: DU1000001
    instrument: MSFT
    action: SELL
    quantity: 5
    order_type: STP
    price: 420
"""


def scenario(text: str = TEXT) -> Scenario:
    loaded, found = load(text, "lab.yaml")
    assert loaded is not None, [str(each) for each in found]
    return loaded


@asynccontextmanager
async def running(text: str = TEXT) -> AsyncIterator[Running]:
    """The scenario behind real sockets, on a clock that only `broker.clock.step` moves."""
    async with serve(scenario(text), control_port=0, clock=SteppedClock(STARTED)) as served:
        yield served


class Wire:
    """A transport in memory that keeps what the gateway wrote."""

    def __init__(self) -> None:
        self._reader = framing.FrameReader(limit=1 << 24)
        self.frames: list[list[str]] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.frames += [framing.split(payload) for payload in self._reader.feed(data)]

    def close(self) -> None:
        self.closed = True

    def ids(self) -> list[str]:
        return [frame[0] for frame in self.frames]

    def errors(self) -> list[tuple[int, int]]:
        """Request id and code of each error that is no news about the farms."""
        errors = [(int(frame[2]), int(frame[3])) for frame in self.frames if frame[0] == "4"]
        return [each for each in errors if each[1] not in (2104, 2106, 2158)]

    def take(self) -> list[list[str]]:
        taken, self.frames = self.frames, []
        return taken


class Bench:
    """A gateway in memory, and clients that speak to it in frames."""

    def __init__(self, text: str = TEXT) -> None:
        self.clock = SteppedClock(STARTED)
        self.broker = Broker(stage(scenario(text)), self.clock)

    def connect(self, version: int = 178) -> tuple[Session, Wire]:
        """A connection that shook hands and did not start the API."""
        wire = Wire()
        session = Session(self.broker, wire)
        session.receive(b"API\0" + _raw(f"v157..{version}"))
        return session, wire

    def client(self, client_id: int = 1, version: int = 178) -> tuple[Session, Wire]:
        session, wire = self.connect(version)
        say(session, 71, 2, client_id, "")
        wire.take()
        return session, wire


def _raw(text: str) -> bytes:
    return len(text).to_bytes(4, "big") + text.encode()


def say(session: Session, *fields: Any) -> None:
    """Send one request."""
    session.receive(framing.frame([str(field) for field in fields]))


def order(
    con_id: int,
    action: str,
    quantity: object,
    kind: str = "MKT",
    *,
    limit: object = "",
    stop: object = "",
    tif: str = "DAY",
    transmit: int = 1,
    what_if: int = 0,
) -> list[object]:
    """The fields of a placing after the order id, at version 178."""
    head = [con_id, "", "", "", "0", "", "", "SMART", "", "", "", "", "", ""]
    terms = [action, quantity, kind, limit, stop, tif, "", ACCOUNT, "", "0", "ref", transmit]
    fields: list[object] = [*head, *terms] + [""] * (114 - 2 - len(head) - len(terms))
    fields[82], fields[87] = what_if, "0"
    return fields


async def turns(count: int = 6) -> None:
    """Let what is due at once run, and what that brings about."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Turn the loop until the condition holds. Waits for sockets, never for a clock."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what a library waits for has no event of its own
            await asyncio.sleep(0)
