"""The gateway's time: what is due at once runs to its end first, later things at their own second, nothing for ever."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from reconciler.simgateway.agenda import MOST_AT_ONCE, Agenda
from reconciler.simgateway.clock import LoopClock, SteppedClock, clock_named
from reconciler.simgateway.serving.virtual import run_virtually
from tests.simgateway.lab import STARTED


def test_what_is_due_at_once_runs_to_its_end_before_what_is_due_later() -> None:
    agenda = Agenda()
    done: list[tuple[str, float]] = []

    def chain(name: str, links: int) -> None:
        done.append((name, agenda.seconds))
        if links:
            agenda.add(0, partial(chain, f"{name}+", links - 1))

    agenda.add(2, partial(chain, "two", 1))
    agenda.add(1, partial(chain, "one", 2))
    agenda.add(1, partial(chain, "one too", 0))
    agenda.add(0, partial(chain, "now", 1))
    agenda.add(-1, partial(chain, "past", 0))
    agenda.reach(1.5)
    assert done == [("now", 0), ("past", 0), ("now+", 0), ("one", 1), ("one+", 1), ("one++", 1), ("one too", 1)]
    assert agenda.seconds == 1.5
    agenda.reach(1)
    assert agenda.seconds == 1.5
    agenda.reach(2)
    assert done[-2:] == [("two", 2), ("two+", 2)]


def test_an_action_that_runs_the_agenda_waits_for_its_turn() -> None:
    agenda = Agenda()
    done: list[str] = []

    def first() -> None:
        agenda.add(0, partial(done.append, "second"))
        agenda.reach(100)
        done.append("first")

    agenda.add(0, first)
    agenda.reach(0)
    assert (done, agenda.seconds) == (["first", "second"], 0)


def endless(clock: SteppedClock | LoopClock, counted: list[int]) -> Callable[[], None]:
    def again() -> None:
        counted.append(1)
        clock.call_later(0, again)

    return again


def test_what_asks_for_itself_again_and_again_stops_nothing_else() -> None:
    async def run() -> None:
        counted: list[int] = []
        clocks: list[SteppedClock | LoopClock] = [SteppedClock(STARTED), LoopClock(STARTED)]
        for number, clock in enumerate(clocks, 1):
            clock.call_later(0, endless(clock, counted))
            clock.settle()
            assert len(counted) == number * MOST_AT_ONCE
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(counted) > 2 * MOST_AT_ONCE
        for clock in clocks:
            clock.stop()
        before = len(counted)
        await asyncio.sleep(0)
        assert len(counted) == before

    asyncio.run(run())


def test_a_failing_action_takes_no_other_with_it() -> None:
    clock = SteppedClock(STARTED)
    done: list[object] = []

    def fail() -> None:
        raise ValueError

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: done.append(context["exception"]))
        clock.call_later(0, fail)
        clock.call_later(0, partial(done.append, "after"))
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(run())
    assert isinstance(done[0], ValueError)
    assert done[1:] == ["after"]


def test_a_stepped_clock_needs_no_loop() -> None:
    clock = SteppedClock(STARTED)
    done: list[str] = []
    clock.call_later(0, partial(done.append, "at once"))
    clock.call_later(3, partial(done.append, "late"))
    assert done == []
    clock.settle()
    assert done == ["at once"]
    clock.step(3)
    assert (done, clock.seconds(), (clock.now() - STARTED).seconds) == (["at once", "late"], 3, 3)


def test_a_stepped_clock_that_outlives_a_loop_is_served_by_the_next() -> None:
    clock = SteppedClock(STARTED)
    done: list[str] = []

    async def ask(name: str) -> None:
        clock.call_later(0, partial(done.append, name))

    asyncio.run(ask("lost with its loop"))
    asyncio.run(ask("next"))
    clock.settle()
    assert done == ["lost with its loop", "next"]


def test_time_stands_still_while_an_event_is_dealt_with() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        clock = LoopClock(STARTED, speed=1000)
        seen: list[float] = []
        clock.settle()
        moment = clock.seconds()
        clock.call_later(0, lambda: seen.append(clock.seconds()))
        while loop.time() * 1000 < moment + 20:
            assert clock.seconds() == moment
        clock.settle()
        assert seen == [moment]
        assert clock.seconds() > moment

    asyncio.run(run())


def test_what_fell_due_runs_before_the_next_event_each_at_its_second() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        clock = LoopClock(STARTED, speed=1000)
        seen: list[float] = []
        for delay in (8, 2, 5):
            clock.call_later(delay, lambda: seen.append(clock.seconds()))
        began = loop.time()
        while loop.time() < began + 0.01:
            pass
        clock.settle()
        assert seen == [2, 5, 8]
        clock.stop()

    asyncio.run(run())


def test_the_loop_rings_for_the_earliest_however_late_it_was_asked_for() -> None:
    async def run() -> None:
        clock, rung = LoopClock(STARTED, speed=60), asyncio.Event()
        clock.call_later(86_400, rung.clear)
        clock.call_later(0.6, lambda: clock.call_later(0.6, rung.set))
        async with asyncio.timeout(5):
            await rung.wait()
        assert clock.seconds() >= 1.2
        clock.stop()

    asyncio.run(run())


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_a_clock_that_stops_leaves_nothing_on_the_loop(speed: float) -> None:
    async def run() -> None:
        clock = LoopClock(STARTED, speed)
        done: list[float] = []
        for delay in (0.0, 0.001, 3600.0):
            clock.call_later(delay, partial(done.append, delay))
        clock.stop()
        await asyncio.sleep(0.01)
        assert done == []

    asyncio.run(run())


@pytest.mark.parametrize("text", ["x60", "×60"])
def test_a_clock_may_run_faster_under_either_sign(text: str) -> None:
    async def run() -> None:
        clock = clock_named(text)
        await asyncio.sleep(2)
        clock.settle()
        assert clock.seconds() == 120

    run_virtually(run())
