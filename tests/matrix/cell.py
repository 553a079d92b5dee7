"""A cell: one fault in one phase of an apply. How it is run, and what came of it."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from cli.invocation import explain
from reconciler.adapters.journal.open import open_journal
from reconciler.domain.errors import FolioctlError
from reconciler.domain.plan import Plan
from reconciler.domain.run import LineResult, RunResult
from reconciler.engine.session import StopSignal
from tests.fakes.recorder import ListSink
from tests.matrix import account, audit
from tests.matrix.fault import Fault
from tests.matrix.phases import Phase, striking
from tests.simulation import commands, weather
from tests.simulation.breaches import Breach, Breaches
from tests.simulation.chance import Chance
from tests.simulation.commands import Command, Ended, Invocation
from tests.simulation.judge import Judge
from tests.simulation.network import Climate, run_simulated
from tests.simulation.process import Process
from tests.simulation.world import Plant, World, a_world, journal_of, sound

SEED = 1
CLOSING = 20.0
"""Seconds in which the last packets of a connection arrive."""


@dataclass
class Found:
    """What came of a cell. `seconds` are virtual, of the struck apply alone; `told` is what its report says.

    `digest` is over every message of the wire.
    """

    outcome: str = "no end"
    code: int = -1
    told: list[str] = field(default_factory=list)
    seconds: float = 0.0
    struck: bool = False
    breaches: list[Breach] = field(default_factory=list)
    digest: str = ""


def run(fault: Fault, phase: Phase, plant: Plant = sound) -> Found:
    """Run it, on a loop and in a state directory of its own; with a bug in the product that is planted on purpose."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(_empty_journal(), journal_of(Path(directory)))
        return run_simulated(_Cell(fault, phase, plant).found(Path(directory)))


@cache
def _empty_journal() -> Path:
    """A journal that is migrated already: that takes longer than the rest of a cell's beginning."""
    path = journal_of(Path(tempfile.mkdtemp()))
    open_journal(path).close()
    return path


class _Cell:
    def __init__(self, fault: Fault, phase: Phase, plant: Plant) -> None:
        self._fault = fault
        self._phase = phase
        self._plant = plant
        self._found = Found()
        self._breaches = Breaches(lambda _text: None)
        self._judge = Judge(self._breaches)
        self._results: list[RunResult] = []

    async def found(self, directory: Path) -> Found:
        async with a_world(Chance(SEED), directory, account.STAGE, plant=self._plant, watch=self._judge.watch) as world:
            asyncio.get_running_loop().set_exception_handler(self._failed)
            world.loop.climate = Climate(world.chance.stream("network"))
            world.gateway.tally.watch(lambda tally: self._judge.ticks(world, tally))
            world.gateway.tally.watch(lambda _tally: audit.of_margin(world, self._breaches))
            await self._struck(world)
            await self._afterwards(world)
            self._found.digest = world.trace.digest
        self._found.breaches = self._breaches.found
        return self._found

    def _failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._breaches.add("nothing fails unheard", f"{context['message']}: {context.get('exception')!r}")

    async def _struck(self, world: World) -> None:
        """The apply that meets the fault."""
        resting = {"never": True} if self._phase is Phase.CANCELLING else {"delay_seconds": account.FILLS_AFTER}
        world.say("fill", **resting)
        stop, sink = StopSignal(), ListSink()
        sink.hears = striking(self._phase, stop, partial(self._strike, world))
        began = world.loop.time()
        ended, error = await self._command(world, Process("struck apply"), commands.apply, stop, sink)
        self._found.seconds = world.loop.time() - began - CLOSING
        self._say(ended, error)
        audit.of_time(self._found.seconds, self._breaches)
        audit.of_reasons(self._results, self._breaches)
        audit.of_refusals(world, self._breaches)

    def _strike(self, world: World) -> None:
        self._found.struck = True
        if self._fault.needs_cancels:
            world.say("fill", never=True)
        for text in self._fault.armed(self._phase):
            answer = world.say("quirk", arm=text)
            assert "error" not in answer, answer
        if self._fault.lasts is not None:
            world.loop.call_later(self._fault.lasts, weather.clears, world)

    def _say(self, ended: Ended | None, error: BaseException | None) -> None:
        if isinstance(error, FolioctlError):
            code, self._found.outcome, message = explain(error)
            self._found.code, self._found.told = int(code), [message]
        elif ended is not None:
            self._found.code = int(ended.exit_code)
            self._found.outcome, self._found.told = ended.words, []
            for result in self._results[-1:]:
                self._found.outcome = result.outcome
                self._found.told = [*result.messages, *_lines(result)]

    async def _afterwards(self, world: World) -> None:
        """The fault is over and orders fill: the next apply ends in sync."""
        weather.clears(world)
        world.say("fill")
        await asyncio.sleep(CLOSING)
        applied, error = await self._command(world, Process("next apply"), commands.apply)
        after, later = await self._command(world, Process("plan"), commands.plan)
        if applied is None or after is None or after.plan is None:
            self._breaches.add("the next apply ends in sync", f"it ended with {error or later!r}")
        else:
            audit.of_the_end(world, applied, after.plan, self._breaches)

    async def _command(
        self,
        world: World,
        process: Process,
        command: Command,
        stop: StopSignal | None = None,
        sink: ListSink | None = None,
    ) -> tuple[Ended | None, BaseException | None]:
        """Run it in its process: what it said at its end, or the error that it ended with."""
        self._judge.session_begins(world)
        invocation = Invocation(world, process, stop or StopSignal(), self._told(world), sink or ListSink())
        said: list[Ended] = []

        async def work() -> None:
            said.append(await command(invocation))

        task = process.start(work())
        await asyncio.wait([task], timeout=2 * audit.LONGEST)
        if not task.done():
            self._judge.hung(process, 2 * audit.LONGEST)
            process.die()
            await asyncio.wait([task])
            await process.bury()
            return None, None
        audit.of_what_works(world, self._results, self._breaches)
        await asyncio.sleep(CLOSING)
        error = task.exception()
        self._judge.ended(world, process, error)
        return next(iter(said), None), error

    def _told(self, world: World) -> commands.Tell:
        def told(result: RunResult, plan: Plan) -> None:
            self._results.append(result)
            self._judge.report(world, result, plan)

        return told


def _lines(result: RunResult) -> Iterator[str]:
    return (f"{_line(each)} {each.detail}".rstrip() for each in result.lines)


def _line(line: LineResult) -> str:
    return f"{line.instrument}: {line.state} {line.filled:f} of {line.quantity:f}"
