"""What the predecessor did wrong while it applied, by its number in the list: S4 and S5, over the real adapter.

The others need no wire; they stand in `tests/unit/engine/test_predecessor_defects.py`.
"""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reconciler.domain.run import Outcome, RunResult
from reconciler.engine.session import StopSignal
from tests.simulation import commands, market, weather
from tests.simulation.chance import Chance
from tests.simulation.commands import Ended, Invocation
from tests.simulation.network import Climate, run_simulated
from tests.simulation.process import Process
from tests.simulation.world import World, a_world, sound

pytestmark = pytest.mark.broker


@dataclass(frozen=True)
class Applied:
    """What the run says of itself, and what the gateway's books say, by symbol."""

    result: RunResult
    filled: dict[str, Decimal]
    worth: dict[str, Decimal]
    """Of the fills, at their prices."""


def applied(directory: Path, prepare: Callable[[World], object]) -> Applied:
    """One apply on a Monday morning, to a world that was prepared."""

    async def lived() -> Applied:
        chance = Chance(1)
        stage = market.a_drawn_stage(chance.stream("world"), chance.stream("ways"))
        async with a_world(chance, directory, stage, plant=sound, watch=lambda _world, _frame: None) as world:
            weather.fair(world)
            await world.until(market.at(market.first_day(chance.stream("world")), 10))
            prepare(world)
            process, ended = Process("apply"), list[Ended]()

            async def work() -> None:
                ended.append(await commands.apply(Invocation(world, process, StopSignal(), lambda _run, _plan: None)))

            await process.start(work())
            assert ended[0].reconciliation is not None
            result = ended[0].reconciliation.result
            assert result is not None, ended[0].words
            return _with_books(result, world.say("orders")["orders"])

    return run_simulated(lived())


def _with_books(result: RunResult, orders: list[dict[str, Any]]) -> Applied:
    executions = {
        order["symbol"]: order["executions"] for order in orders if order["order_ref"].startswith("folioctl:")
    }
    return Applied(
        result,
        {symbol: sum((Decimal(each["shares"]) for each in found), Decimal(0)) for symbol, found in executions.items()},
        {
            symbol: sum((Decimal(each["shares"]) * Decimal(each["price"]) for each in found), Decimal(0))
            for symbol, found in executions.items()
        },
    )


def test_s4_an_apply_starts_no_thread_and_sets_no_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The predecessor sent each order from a worker thread, with an alarm set in it: only a main thread may do that, so
    each such order failed; and the library was called from threads that had no loop."""
    called: list[object] = []

    def watched(place: Any, name: str) -> None:
        whole = getattr(place, name)

        def heard(*arguments: Any, **options: Any) -> Any:
            called.append((name, arguments[0]))
            return whole(*arguments, **options)

        monkeypatch.setattr(place, name, heard)

    watched(threading.Thread, "start")
    for name in ("signal", "alarm", "setitimer"):
        watched(signal, name)
    before = threading.active_count()

    run = applied(tmp_path, lambda world: world.say("fill", parts=3, delay_seconds=1))

    assert run.result.outcome is Outcome.APPLIED
    assert len(run.result.lines) >= 4
    assert {each for each in called if each != ("signal", signal.SIGINT)} == set(), "the loop's own runner takes SIGINT"
    assert threading.active_count() == before


def test_s4_no_report_is_lost_where_the_orders_of_a_batch_are_told_of_all_at_once(tmp_path: Path) -> None:
    """Reports of many orders come in one packet, torn anywhere, each status twice, each order in three fills."""

    def in_bursts(world: World) -> None:
        world.loop.climate = Climate(world.chance.stream("bursts"), usual=0.2, spikes=0.3, torn=0.5)
        world.say("fill", parts=3, delay_seconds=0.1)
        world.say("quirk", arm="double-status")

    run = applied(tmp_path, in_bursts)

    assert run.result.outcome is Outcome.APPLIED
    assert {line.instrument: line.filled for line in run.result.lines} == run.filled
    for line in run.result.lines:
        assert line.average_price is not None
        assert line.average_price * line.filled == run.worth[line.instrument]


@pytest.mark.parametrize("quirk", ["commission:missing", "commission:late"])
def test_s5_a_trade_whose_commission_does_not_come_with_it_is_in_the_result(quirk: str, tmp_path: Path) -> None:
    """The predecessor asked the library's trade for a field that it does not have, took the error for no trade at all,
    and so reported none of its fills. Its tests had a mock that had the field."""
    run = applied(tmp_path, lambda world: world.say("quirk", arm=quirk))

    assert run.result.outcome is Outcome.APPLIED
    assert {line.instrument: line.filled for line in run.result.lines} == run.filled
    assert all(line.filled for line in run.result.lines)
    known = {None if line.commission is None else line.commission.amount for line in run.result.lines}
    assert known == {Decimal(1)}, "one that is not told is read"
