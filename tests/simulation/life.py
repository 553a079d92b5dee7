"""A life: days of sessions in foul weather, and a calm day at the end, after which the account is in sync.

It stops at the first breach. The same seed lives the same life.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from reconciler.domain.errors import FolioctlError
from reconciler.domain.ids import RunId
from reconciler.engine.session import StopSignal
from tests.fakes.dying import Killed
from tests.simulation import commands, market, person, reckoning, weather
from tests.simulation.breaches import Breach, Breaches
from tests.simulation.chance import Chance, happens
from tests.simulation.commands import Command, Ended, Invocation
from tests.simulation.judge import Judge
from tests.simulation.network import run_simulated
from tests.simulation.process import Process
from tests.simulation.weather import Weather
from tests.simulation.world import Plant, World, a_world, sound

LONGEST = 3 * 3600.0
"""Seconds that no session takes: a plan that somebody reads for a while, and every bound of the policy after it."""
CLOSING = 100.0
"""Seconds in which the last packets of a connection arrive on the slowest network."""


class Sky(StrEnum):
    """Under what a session runs."""

    FAIR = "fair"
    FOUL = "foul"
    SHARED = "that of the session beside which it runs"


@dataclass(frozen=True)
class Course:
    """What a life is to be."""

    seed: int
    days: int
    faults: bool = True
    plant: Plant = sound
    whole_trace: bool = False


@dataclass
class Lived:
    """What came of it. `digest` is over every message and event; `events` are those that are no messages."""

    course: Course
    breaches: list[Breach] = field(default_factory=list)
    digest: str = ""
    lines: int = 0
    events: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def live(course: Course, directory: Path) -> Lived:
    """Live it, on a loop of its own, with the state directory given: it is empty at the beginning."""
    return run_simulated(_Life(course).lived(directory))


class _Life:
    def __init__(self, course: Course) -> None:
        self._course = course
        self._chance = Chance(course.seed)
        self._lived = Lived(course)

    async def lived(self, directory: Path) -> Lived:
        lived = self._lived
        self._breaches = Breaches(lived.events.append)
        self._judge = Judge(self._breaches)
        whole = self._course.whole_trace
        stage = market.a_drawn_stage(self._chance.stream("world"), self._chance.stream("ways"))
        async with a_world(
            self._chance, directory, stage, plant=self._course.plant, watch=self._judge.watch, whole_trace=whole
        ) as world:
            asyncio.get_running_loop().set_exception_handler(self._failed)
            world.gateway.tally.watch(lambda tally: self._judge.ticks(world, tally))
            try:
                await self._days(world)
            finally:
                lived.digest, lived.lines = world.trace.digest, world.trace.count
                lived.breaches = self._breaches.found
                lived.events = world.trace.lines + lived.events
        return lived

    def _failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, Killed):
            self._breaches.add("nothing fails unheard", f"{context['message']}: {error!r}")

    # ------------------------------------------------------------------------------------------- days

    async def _days(self, world: World) -> None:
        days = market.weekdays(market.first_day(self._chance.stream("world")))
        for number in range(self._course.days):
            stream = self._chance.stream("day", number)
            day = next(days)
            await world.until(market.at(day, 8, 30))
            world.trace.event(f"day {number}, {day}")
            person.morning(world, stream)
            for session in range(stream.choice([1, 2, 3, 4])):
                await self._a_session(world, stream, f"{number}.{session}", day)
                if self._breaches:
                    return
            await self._night(world, day)
            if self._breaches:
                return
        await self._calm(world, next(days))

    async def _a_session(self, world: World, stream: random.Random, name: str, day: date) -> None:
        soonest = world.clock.now() + timedelta(seconds=stream.randrange(1, stream.choice([10, 60, 900])))
        await world.until(max(soonest, _drawn_moment(stream, day)))
        person.by_hand(world, stream)
        if happens(stream, 0.5):
            await self._person_decides(world, name)
        chosen, command = commands.drawn(stream, self._unfinished(world))
        faults = self._course.faults and happens(stream, 0.8)
        beside = happens(stream, 0.1)
        sessions = [self._session(world, f"{name} {chosen}", command, Sky.FOUL if faults else Sky.FAIR)]
        if beside:
            sessions.append(self._session(world, f"{name} beside", commands.drawn(stream, [])[1], Sky.SHARED))
        await asyncio.gather(*sessions)
        weather.clears(world)

    async def _night(self, world: World, day: date) -> None:
        await asyncio.sleep(CLOSING)
        reckoning.of_a_day(world, self._breaches)
        await world.until(market.at(day, 23, 45))
        person.evening(world)
        world.say("quirk", arm="restart")
        world.say("quirk", clear="restart")

    async def _calm(self, world: World, day: date) -> None:
        """A day without faults: what is open is decided, and an apply brings the account in sync."""
        await world.until(market.at(day, 10))
        while not world.is_open:
            await world.until(world.clock.now() + timedelta(days=1))
        world.trace.event("a calm day")
        person.cancels_all(world)
        await asyncio.sleep(600)
        await self._session(world, "calm status", commands.status, Sky.FAIR)
        await self._person_decides(world, "calm")
        applied = await self._session(world, "calm apply", commands.apply, Sky.FAIR)
        after = await self._session(world, "calm plan", commands.plan, Sky.FAIR)
        reckoning.of_a_day(world, self._breaches)
        if applied is None or after is None or after.plan is None:
            self._breaches.add("a calm day ends in sync", "a command ended with an error")
            return
        reckoning.of_the_end(world, applied, after.plan, self._breaches)

    async def _person_decides(self, world: World, name: str) -> None:
        """Runs of earlier days that reading cannot settle are looked up at the broker, and resolved."""
        today = market.at(world.clock.now().astimezone(market.NEW_YORK).date(), 0)
        old = [run.id for run in world.books.unfinished_runs(world.account.name) if run.started < today]
        for run in old:
            person.looked_up(world, run)
            await self._session(world, f"{name} resolve {run}", commands.resolved(run), Sky.FAIR)

    def _unfinished(self, world: World) -> list[RunId]:
        return [run.id for run in world.books.unfinished_runs(world.account.name)]

    # ------------------------------------------------------------------------------------------- one session

    async def _session(self, world: World, name: str, command: Command, sky: Sky) -> Ended | None:
        """Run a command in a process of its own; what it said, None where it was killed or ended with an error."""
        process, stop = Process(name), StopSignal()
        climate = _climate(world, process, stop, sky)
        process.fate = climate.fate
        for quirk in climate.quirks:
            world.say("quirk", arm=quirk)
        world.trace.event(f"{name} begins: {climate.words}")
        received = sum(1 for _ in world.gateway.book)
        if sky is not Sky.SHARED:
            self._judge.session_begins(world)
        said: list[Ended] = []

        async def work() -> None:
            said.append(await command(Invocation(world, process, stop, self._told(world))))

        task = process.start(work())
        coming = asyncio.ensure_future(weather.comes(world, process, climate))
        await asyncio.wait([task], timeout=LONGEST)
        if not task.done():
            self._judge.hung(process, LONGEST)
            process.die()
        coming.cancel()
        await self._end(world, process, task, said)
        reckoning.of_a_refusal(world, self._breaches, since=received)
        return said[0] if said and process.alive else None

    async def _end(self, world: World, process: Process, task: "asyncio.Task[None]", said: list[Ended]) -> None:
        await asyncio.wait([task])
        # Who runs the next command after a kill does not wait for the network to forget the last one.
        await asyncio.sleep(CLOSING if process.alive else 0)
        if not process.alive:
            await process.bury()
            self._lived.counts["killed"] += 1
            world.trace.event(f"{process.name} was killed at moment {process.passed}")
            self._judge.reports_are_there(world)
            return
        error = task.exception()
        self._judge.ended(world, process, error)
        words = said[0].words if said else f"{type(error).__name__}: {error}"
        self._lived.counts[_kind(said, error)] += 1
        world.trace.event(f"{process.name} ended after {process.passed} moments: {words}")

    def _told(self, world: World) -> commands.Tell:
        return lambda result, plan: self._judge.report(world, result, plan)


def _drawn_moment(stream: random.Random, day: date) -> datetime:
    """In the morning; now and then at once, or minutes before the market closes."""
    if happens(stream, 0.3):
        return market.at(day, 9, 31)
    if happens(stream, 0.1):
        return market.at(day, 15, 58)
    return market.at(day, 9, 31) + timedelta(hours=2.5) * stream.random()


def _climate(world: World, process: Process, stop: StopSignal, sky: Sky) -> Weather:
    if sky is Sky.SHARED:
        return Weather()
    return weather.foul(world, process.name)(process, stop) if sky is Sky.FOUL else weather.fair(world)


def _kind(said: list[Ended], error: BaseException | None) -> str:
    if not said:
        return type(error).__name__ if isinstance(error, FolioctlError) else "defect"
    return said[0].words.split(":")[0]
