"""Commands: what a person or a schedule runs, each in a process of its own, put together as the command puts it.

A command ends with words: an outcome, a refusal, or an error of the library's tree. Whatever else it ends with is a
defect.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import cast

from reconciler import planfile
from reconciler.adapters.ib.broker import IbBroker
from reconciler.adapters.retry import DEFAULT_BOUNDS, TenacityRetry
from reconciler.domain.errors import BrokerUnavailable, ClientIdInUse
from reconciler.domain.exits import ExitCode, of_run
from reconciler.domain.ids import AccountId, RunId
from reconciler.domain.plan import Plan
from reconciler.domain.run import RunResult
from reconciler.engine.inspect import inspect
from reconciler.engine.propose import compare, propose
from reconciler.engine.reconcile import (
    Approval,
    Reconciliation,
    apply_fresh,
    apply_saved,
    recover_if_free,
    resolve,
    resume,
)
from reconciler.engine.session import Session, StopSignal
from reconciler.ports import Broker, Journal, Retry, RetryPolicy
from reconciler.reports.documents import run_document, text_of
from tests.fakes.dying import DyingJournal
from tests.fakes.locks import InMemoryAccountLock
from tests.fakes.recorder import ListSink
from tests.simulation import market
from tests.simulation.process import Process
from tests.simulation.world import World

TOOL = "folioctl simulated"
READING_CLIENTS = 8

Tell = Callable[[RunResult, Plan], None]
"""Told of each report at the moment of its making."""


@dataclass
class Ended:
    """What a command said at its end; None where it did not come to say anything."""

    words: str
    exit_code: ExitCode
    reconciliation: Reconciliation | None = None
    plan: Plan | None = None


@dataclass(frozen=True)
class Invocation:
    """One command line: the process that runs it, and what of it the world may reach in to."""

    world: World
    process: Process
    stop: StopSignal
    tell: Tell
    sink: ListSink = field(default_factory=ListSink)


Command = Callable[[Invocation], Awaitable[Ended]]


class Recorder:
    """RunRecorder: the real document, into the world's state directory."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    def record(self, result: RunResult, plan: Plan) -> str:
        """Write the report; a dead process writes none."""
        self._invocation.process.disk.moment()
        text = text_of(run_document(result, plan, tool=TOOL, exit_code=of_run(result, plan)))
        self._invocation.world.reports[f"run-{result.id}.json"] = text
        self._invocation.tell(result, plan)
        self._invocation.process.disk.moment()
        return text


@asynccontextmanager
async def session(invocation: Invocation, *, applies: bool) -> AsyncIterator[Session]:
    """As `bootstrap.open_session` puts one together, over the world's time, network and state directory."""
    world, process = invocation.world, invocation.process
    lock = InMemoryAccountLock(world.locks, owner=process.name, clock=world.clock)
    chance = world.chance.stream("jitter", process.name)
    retry = TenacityRetry(DEFAULT_BOUNDS, chance=chance, sleep=asyncio.sleep)
    journal = world.journal()
    try:
        with lock.hold(world.account.name) if applies else nullcontext():
            broker = world.plant(await _connected(world, retry, applies=applies))
            try:
                yield Session(
                    account=world.account,
                    account_id=AccountId(market.ACCOUNT_ID),
                    revision=world.revision,
                    broker=broker,
                    journal=cast(Journal, DyingJournal(journal, process.disk)),
                    lock=lock,
                    clock=world.clock,
                    retry=retry,
                    sink=invocation.sink,
                    recorder=Recorder(invocation),
                    stop=invocation.stop,
                )
            finally:
                await broker.close()
    finally:
        journal.close()


async def _connected(world: World, retry: Retry, *, applies: bool) -> Broker:
    account, first = world.account, market.CLIENT_ID
    in_use: ClientIdInUse | None = None
    for client_id in [first] if applies else range(first + 1, first + 1 + READING_CLIENTS):
        broker = IbBroker(
            gateway=account.gateway,
            account_id=AccountId(market.ACCOUNT_ID),
            environment=account.environment,
            base_currency=account.base_currency,
            client_id=client_id,
            timeouts=account.policy.timeouts,
            clock=world.clock,
        )
        try:
            await retry.call(RetryPolicy.CONNECT, broker.connect)
        except ClientIdInUse as error:
            in_use = error
            continue
        return broker
    raise in_use or BrokerUnavailable("no client id was tried")


def _approved(_plan: Plan) -> Approval:
    return Approval.PERSON


async def apply(invocation: Invocation) -> Ended:
    """A bare apply."""
    async with session(invocation, applies=True) as opened:
        return ended(await apply_fresh(opened, tool=TOOL, approve=_approved))


def saved(wait: float) -> Command:
    """`plan -o FILE`, a person who reads it for so many seconds, `apply FILE`."""

    async def command(invocation: Invocation) -> Ended:
        async with session(invocation, applies=False) as opened:
            await recover_if_free(opened)
            document = planfile.write(await propose(opened), tool=TOOL)
        await asyncio.sleep(wait)
        async with session(invocation, applies=True) as opened:
            return ended(await apply_saved(opened, planfile.read(document), document, approve=_approved))

    return command


async def status(invocation: Invocation) -> Ended:
    """What only reads."""
    async with session(invocation, applies=False) as opened:
        found = await inspect(opened)
    return Ended(f"{found.sync} {found.health}", ExitCode.OK)


async def plan(invocation: Invocation) -> Ended:
    """A plan that nobody applies."""
    async with session(invocation, applies=False) as opened:
        await recover_if_free(opened)
        made = await propose(opened)
    return Ended(f"plan of {len(made.orders)} orders", ExitCode.OK, plan=made)


async def drift(invocation: Invocation) -> Ended:
    """What has drifted, without what it would cost to mend it."""
    async with session(invocation, applies=False) as opened:
        await recover_if_free(opened)
        made = await compare(opened)
    return Ended(f"drift of {len(made.orders)} orders", ExitCode.OK)


def resumed(run: RunId) -> Command:
    """`runs recover ID --resume`."""

    async def command(invocation: Invocation) -> Ended:
        async with session(invocation, applies=True) as opened:
            return ended(await resume(opened, run, approve=_approved))

    return command


def resolved(run: RunId) -> Command:
    """`runs resolve ID`."""

    async def command(invocation: Invocation) -> Ended:
        async with session(invocation, applies=True) as opened:
            result = await resolve(opened, run, reason="the broker's own books were looked at")
        return Ended(f"resolved: {result.outcome}", ExitCode.OK)

    return command


def ended(came: Reconciliation) -> Ended:
    words = "declined"
    if came.result is not None:
        words = f"{came.result.outcome}: {'; '.join(came.result.messages)}"
    elif came.refusal is not None:
        words = f"refused, {came.refusal.kind}: {'; '.join(came.refusal.reasons)}"
    return Ended(words, came.exit_code, came, came.plan)


def drawn(stream: random.Random, unfinished: list[RunId]) -> tuple[str, Command]:
    """What somebody runs now, by name."""
    if unfinished and stream.random() < 0.3:
        return "resume", resumed(unfinished[-1])
    named: list[tuple[str, Command]] = [("apply", apply), ("status", status), ("plan", plan)]
    if stream.random() < 0.2:
        return "saved", saved(stream.choice([2.0, 30.0, 300.0, 2000.0]))
    return stream.choices(named, weights=[8, 1, 1])[0]
