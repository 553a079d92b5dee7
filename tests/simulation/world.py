"""The world: what outlives a process. The gateway with its market and books, the state directory, and time."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from reconciler.adapters.journal.open import open_journal
from reconciler.adapters.journal.sql import SqlJournal
from reconciler.domain.desired import AccountSpec, Revision
from reconciler.ports import Broker as BrokerPort
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import LoopClock
from reconciler.simgateway.control import ControlDesk
from reconciler.simgateway.frames import Frame
from reconciler.simgateway.serving.server import ApiProtocol, Doors
from reconciler.simgateway.staging import stage as set_up
from reconciler.simgateway.staging import understood
from tests.builders import a_revision
from tests.fakes.locks import LockTable
from tests.simulation import market
from tests.simulation.chance import Chance
from tests.simulation.network import SimulationLoop
from tests.simulation.trace import Trace

Plant = Callable[[BrokerPort], BrokerPort]
"""Puts a bug between the engine and the adapter, or nothing."""


def sound(broker: BrokerPort) -> BrokerPort:
    """No bug."""
    return broker


class LoopTime:
    """The Clock of every process: the loop's time, counted from a moment."""

    def __init__(self, started: datetime, loop: asyncio.AbstractEventLoop) -> None:
        self._started = started
        self._loop = loop

    def now(self) -> datetime:
        """The virtual moment, in UTC."""
        return self._started + timedelta(seconds=self._loop.time())


@dataclass
class World:
    """One gateway, one account, one state directory."""

    chance: Chance
    loop: SimulationLoop
    clock: LoopTime
    gateway: Broker
    account: AccountSpec
    directory: Path
    trace: Trace
    plant: Plant
    books: SqlJournal
    """The journal, as the judge reads it beside the processes."""
    opening: dict[int, Decimal]
    """What the account held at the beginning, by contract id."""
    edits: int = 0
    locks: LockTable = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)
    """The state directory's documents."""

    @property
    def ledger(self) -> Ledger:
        """The books of the account."""
        return self.gateway.ledgers[market.ACCOUNT_ID]

    @property
    def revision(self) -> Revision:
        """The commit changes with each edit of the manifests."""
        return a_revision(commit=f"{self.edits:040x}", manifests=f"sha256:{self.edits:064x}")

    def edit(self, **changes: Any) -> None:
        """Commit other manifests."""
        self.account = replace(self.account, **changes)
        self.edits += 1

    def journal(self) -> SqlJournal:
        """The journal, opened anew as each process does."""
        return open_journal(journal_of(self.directory))

    def say(self, verb: str, **fields: object) -> dict[str, Any]:
        """One verb of the control channel; a refusal is an answer, with the key `error`."""
        line = json.dumps({"do": verb, **fields}, default=str)
        answer: dict[str, Any] = json.loads(ControlDesk(self.gateway).answer(line.encode()))
        self.gateway.clock.settle()
        return answer

    def price(self, symbol: str) -> Decimal:
        """The market's, whatever clients are shown."""
        return self.gateway.market.quote(market.LISTED[symbol][0]).mark

    def held(self, symbol: str) -> Decimal:
        """Shares, by the ledger."""
        return self.ledger.position(market.LISTED[symbol][0]).quantity

    @property
    def is_open(self) -> bool:
        """Whether stocks trade in regular hours now."""
        (instrument,) = self.gateway.named("MSFT")
        return instrument.sessions.is_open(self.clock.now(), outside_rth=False)

    async def until(self, moment: datetime) -> None:
        """Let time pass up to a moment; one that is over is no wait."""
        await asyncio.sleep(max((moment - self.clock.now()).total_seconds(), 0) + 1e-6)


def journal_of(directory: Path) -> Path:
    """Where a state directory has its journal."""
    return directory / "journal.sqlite3"


Watch = Callable[[World, Frame], None]
"""Sees each message before the gateway acts on it."""


@asynccontextmanager
async def a_world(
    chance: Chance, directory: Path, stage: market.Stage, *, plant: Plant, watch: Watch, whole_trace: bool = False
) -> AsyncIterator[World]:
    """A world from the beginning of its stage on, while the block lasts."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulationLoop)
    trace = Trace(loop.time, whole=whole_trace)
    made: list[World] = []

    def record(frame: Frame) -> None:
        trace.frame(frame)
        if made:
            watch(made[0], frame)

    setting = set_up(understood(stage.scenario))
    gateway = Broker(setting, LoopClock(stage.started), seed=chance.seed % (1 << 16), recorder=record)
    doors = Doors(loop)
    try:
        port = doors.open(partial(ApiProtocol, gateway), 0)
        opening = {con_id: held.quantity for con_id, held in gateway.ledgers[market.ACCOUNT_ID].held().items()}
        account = replace(stage.account, gateway=replace(stage.account.gateway, port=port))
        clock = LoopTime(stage.started, loop)
        books = open_journal(journal_of(directory))
        made.append(World(chance, loop, clock, gateway, account, directory, trace, plant, books, opening))
        yield made[0]
    finally:
        for world in made:
            world.books.close()
        gateway.stop()
        doors.close()
        await asyncio.sleep(0)
