"""The parts of the simulation on which its verdicts rest: equal timers, lines, and the death of a process."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from reconciler.adapters.journal.open import open_journal
from reconciler.domain.desired import Environment
from reconciler.domain.ids import PlanId, RunId
from reconciler.ports import Journal, RunRecord
from reconciler.simgateway.quirks import QUIRKS
from reconciler.simgateway.quirks.registry import mistake
from tests.builders import MAIN, NOW, a_revision
from tests.fakes.dying import DyingJournal, Killed
from tests.simulation import weather
from tests.simulation.chance import Chance
from tests.simulation.network import SimulationLoop, run_simulated
from tests.simulation.process import Process


def test_streams_of_chance_do_not_move_each_other() -> None:
    chance, again = Chance(7), Chance(7)
    chance.stream("one").random()
    assert chance.stream("two").random() == again.stream("two").random()
    assert Chance(8).stream("two").random() != again.stream("two").random()


def test_timers_for_one_instant_ring_in_the_order_of_their_setting() -> None:
    rung: list[int] = []

    async def ring() -> None:
        loop = asyncio.get_running_loop()
        for number in range(50):
            loop.call_at(10.0, rung.append, number)
        await asyncio.sleep(11)

    run_simulated(ring())
    assert rung == list(range(50))


class Hearing(asyncio.Protocol):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard = b""
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.heard += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


def conversation(process: Process, said: list[bytes]) -> tuple[Hearing, Hearing]:
    """A process connects and says these; what both ends have heard after a minute."""
    far, near = Hearing(), Hearing()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulationLoop)
        loop.climate.usual, loop.climate.torn = 0.5, 0.5
        await loop.create_server(lambda: far, "127.0.0.1", 4002)

        async def talk() -> None:
            line, _ = await loop.create_connection(lambda: near, "127.0.0.1", 4002)
            for words in said:
                line.write(words)
                await asyncio.sleep(0)

        task = process.start(talk())
        await asyncio.wait([task])
        await asyncio.sleep(60)
        if not process.alive:
            await process.bury()

    run_simulated(run())
    return far, near


def test_what_a_line_carries_arrives_whole_and_in_order() -> None:
    said = [f"{number:03d} ".encode() * 9 for number in range(40)]
    far, _ = conversation(Process("talks"), said)
    assert far.heard == b"".join(said)


def test_a_process_dies_at_its_moment_and_its_connection_with_it() -> None:
    far, near = conversation(process := Process("dies", fate=5), [b"one", b"two", b"three", b"four"])
    # Before and after each message is a moment: the fifth is before the third message.
    assert b"onetwo".startswith(far.heard)
    assert (process.alive, far.lost, near.lost) == (False, True, False)


def a_run(name: str) -> RunRecord:
    return RunRecord(RunId(name), PlanId(name), MAIN, Environment.PAPER, a_revision(), "", NOW, None, None)


def test_a_dead_process_writes_nothing_more(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "journal.sqlite3")
    process = Process("dies", fate=2)
    dying = cast(Journal, DyingJournal(journal, process))
    with pytest.raises(Killed):
        dying.begin_run(a_run("first"))
    with pytest.raises(Killed):
        dying.begin_run(a_run("second"))
    assert [run.id for run in journal.runs()] == ["first"]
    journal.close()


def test_a_connection_may_break_in_the_call_that_writes() -> None:
    process = Process("talks")
    process.breaks_at = {b"two": 1}
    far, near = conversation(process, [b"one", b"two", b"three"])
    assert b"onetwo".startswith(far.heard)
    assert (process.alive, near.lost) == (True, True)


def test_every_quirk_of_the_catalogue_is_drawn_and_every_draw_is_one() -> None:
    stream = Chance(1).stream("quirks")
    drawn = [weather.a_quirk(stream) for _ in range(5000)]
    assert [quirk for quirk in drawn if mistake(quirk)] == []
    assert {quirk.partition("@")[0].partition(":")[0] for quirk in drawn} == set(QUIRKS)
