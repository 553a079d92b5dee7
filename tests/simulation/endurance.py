"""A day of continuous running: one process that does round the clock what a schedule does, and a census of it.

Every quarter of an hour prices move, and the next of the schedule's commands runs: an apply, a plan, a status, a drift.
At 23:45 the gateway restarts, as the real one does every night.
"""

import asyncio
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median

from reconciler.domain.errors import BrokerUnavailable
from reconciler.domain.events import Event
from reconciler.domain.policy import Hours
from reconciler.engine.inspect import inspect
from reconciler.engine.propose import compare, propose
from reconciler.engine.reconcile import apply_fresh
from reconciler.engine.session import Session, StopSignal
from reconciler.ports import RetryPolicy
from tests.fakes.house import by_a_person
from tests.simulation import census, commands, market, weather
from tests.simulation.census import Census
from tests.simulation.chance import Chance
from tests.simulation.commands import TOOL, Command, Ended, Invocation, session
from tests.simulation.network import run_simulated
from tests.simulation.process import Process
from tests.simulation.world import Plant, World, a_world, sound

TURN = 4
"""Commands of the schedule. Censuses are taken after the same one of them."""
MOVES = 0.02
"""Standard deviation of each price's move between two commands: enough for most plans to trade."""
RESTART = (23, 45)
SETTLING = 100.0
"""Seconds after a command, in which the last packets of its connection arrive."""

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Course:
    """What a day is to be: the schedule's turns, from a time of the first day on, in New York."""

    turns: int
    every: timedelta
    start: tuple[int, int] = (10, 0)
    plant: Plant = sound


@dataclass
class Day:
    """What came of it."""

    censuses: list[Census]
    """After each turn of the schedule but the first: what is loaded once and kept is there by then."""
    ends: Counter[str]
    """How its commands ended."""
    orders: int
    left: list[str]
    """What a command left behind, by the number of the command."""

    @property
    def grown(self) -> set[str]:
        """Kinds of objects of which there never was so little in the second half as there ever was in the first.

        What a single command left until a timer rings, or until the next command, is no leak.
        """
        first, second = self._halves
        return {
            kind
            for kind in second[0].objects
            if min(each.count(kind) for each in second) > max(each.count(kind) for each in first)
        }

    @property
    def bytes(self) -> int:
        """By which the usual memory of the second half is above that of the first."""
        first, second = self._halves
        return int(median(each.bytes for each in second) - median(each.bytes for each in first))

    @property
    def _halves(self) -> tuple[list[Census], list[Census]]:
        middle = len(self.censuses) // 2
        return self.censuses[:middle], self.censuses[middle:]


Ends = Counter[str]


class Nowhere:
    """An EventSink for a process that lives long: it keeps nothing."""

    def emit(self, event: Event) -> None:
        """Heard."""


# ------------------------------------------------------------------------------------------- two ways of running


@asynccontextmanager
async def scheduled(world: World, ends: Ends) -> AsyncIterator[Step]:
    """Each command has a session of its own, as a command line has."""
    turns: Iterator[tuple[str, Command]] = cycle(
        [("apply", commands.apply), ("plan", commands.plan), ("drift", commands.drift), ("status", commands.status)]
    )

    async def step() -> None:
        name, command = next(turns)
        made: list[Ended] = []

        async def work(process: Process) -> None:
            made.append(await command(Invocation(world, process, StopSignal(), lambda _result, _plan: None)))

        await _in_a_process(name, work)
        ends[f"{name}: {_first_words(made[0].words)}"] += 1

    yield step


@asynccontextmanager
async def resident(world: World, ends: Ends) -> AsyncIterator[Step]:
    """One session does it all: it applies, plans and looks, and connects again where the gateway is gone."""
    process = Process("resident")
    invocation = Invocation(world, process, StopSignal(), lambda _result, _plan: None)
    orders: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    async def live() -> None:
        async with session(invocation, applies=True) as opened:
            quiet = replace(opened, sink=Nowhere())
            for use_case in cycle([_apply, _plan, _drift, _status]):
                done = await orders.get()
                try:
                    await quiet.retry.call(RetryPolicy.CONNECT, quiet.broker.connect)
                    ends[await use_case(quiet)] += 1
                except BrokerUnavailable:
                    ends["the gateway is gone"] += 1
                done.set_result(None)

    async def step() -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        orders.put_nowait(done)
        await asyncio.wait([done, task], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        process.tasks = [each for each in process.tasks if not each.done()]  # a process keeps them for its death

    task = process.start(live())
    try:
        yield step
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _apply(quiet: Session) -> str:
    return f"apply: {_first_words(commands.ended(await apply_fresh(quiet, tool=TOOL, approve=by_a_person)).words)}"


async def _plan(quiet: Session) -> str:
    await propose(quiet)
    return "plan"


async def _drift(quiet: Session) -> str:
    await compare(quiet)
    return "drift"


async def _status(quiet: Session) -> str:
    await inspect(quiet)
    return "status"


async def _in_a_process(name: str, work: Callable[[Process], Awaitable[None]]) -> None:
    process = Process(name)

    async def main() -> None:
        await work(process)

    await process.start(main())
    await asyncio.sleep(SETTLING)
    assert process.leaks() == [], (name, process.leaks())


def _first_words(words: str) -> str:
    return words.split(":", maxsplit=1)[0]


# ------------------------------------------------------------------------------------------- the day

Way = Callable[[World, Ends], AbstractAsyncContextManager[Step]]


def live(way: Way, course: Course, directory: Path) -> Day:
    """Live it, with the state directory given: it is empty at the beginning."""
    return run_simulated(_lived(way, course, directory))


@contextmanager
def traced() -> Iterator[None]:
    """While the block lasts, a census counts bytes too, which makes everything several times as slow."""
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


async def _lived(way: Way, course: Course, directory: Path) -> Day:
    chance, ends, count = Chance(1), Counter[str](), course.turns * TURN
    censuses: list[Census] = []
    left: list[str] = []
    usual: dict[str, int] = {}
    stage = market.a_drawn_stage(chance.stream("world"), chance.stream("ways"))
    async with a_world(chance, directory, stage, plant=course.plant, watch=lambda _world, _frame: None) as world:
        weather.fair(world)
        world.edit(policy=replace(world.account.policy, hours=Hours.EXIT))
        first = market.at(market.first_day(chance.stream("world")), *course.start)
        stream = chance.stream("prices")
        async with way(world, ends) as step:
            for number in range(1, count + 1):
                await _until(world, first + number * course.every)
                weather.move(world, stream, MOVES)
                await step()
                world.reports.clear()
                usual = usual or _standing(world)
                left += [f"command {number}: {each}" for each in _above(usual, _standing(world))]
                if number % TURN == 0 and number > TURN:
                    censuses.append(census.taken())
        return Day(censuses, ends, sum(1 for _ in world.gateway.book), left)


async def _until(world: World, moment: datetime) -> None:
    restart = market.at(world.clock.now().astimezone(market.NEW_YORK).date(), *RESTART)
    if restart <= moment:
        await world.until(restart)
        world.say("quirk", arm="restart")
        world.say("quirk", clear="restart")
    await world.until(moment)


def _standing(world: World) -> dict[str, int]:
    return {
        "tasks": census.tasks(),
        "open files": census.open_files(),
        "held locks": len(world.locks),
        "connections": len(world.gateway.clients),
    }


def _above(usual: dict[str, int], now: dict[str, int]) -> list[str]:
    return [f"{what}: {count}, not {usual[what]}" for what, count in now.items() if count > usual[what]]
