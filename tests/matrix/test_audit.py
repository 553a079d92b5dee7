"""The audit finds what it is there for: a bug that is planted on purpose, and books that are out of order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome
from tests.builders import a_run_result
from tests.matrix import account, audit
from tests.matrix.cell import run
from tests.matrix.fault import Fault
from tests.matrix.phases import Phase
from tests.simulation.__main__ import quiet
from tests.simulation.breaches import Breaches
from tests.simulation.chance import Chance
from tests.simulation.network import run_simulated
from tests.simulation.planted import PLANTED
from tests.simulation.world import World, a_world, sound

pytestmark = pytest.mark.broker

REF = OrderRef("folioctl:0123456789ab:001r:1")


def promises(breaches: Breaches) -> list[str]:
    return [each.promise for each in breaches.found]


def audited(directory: Path, ask: Callable[[World, Breaches], None]) -> list[str]:
    """The promises that an audit finds broken in the world of the cells."""
    breaches = Breaches(lambda _text: None)

    async def look() -> None:
        async with a_world(
            Chance(1), directory, account.STAGE, plant=sound, watch=lambda _world, _frame: None
        ) as world:
            ask(world, breaches)

    with quiet():
        run_simulated(look())
    return promises(breaches)


def test_an_order_that_works_and_is_called_cancelled() -> None:
    with quiet():
        found = run(Fault("warning:10349"), Phase.IN_FIRST, PLANTED["trusts-a-notice"])
    assert "a report names what works" in {breach.promise for breach in found.breaches}


def test_an_order_that_works_and_is_in_no_report(tmp_path: Path) -> None:
    def ask(world: World, breaches: Breaches) -> None:
        world.say("fill", never=True)
        world.say("order", symbol="NVDA", action="SELL", quantity=1, order_ref=REF)
        applied = a_run_result()
        line = replace(applied.lines[0], order_ref=REF, state=OrderState.WORKING)
        audit.of_what_works(world, [replace(applied, lines=(line,))], breaches)
        assert promises(breaches) == []
        audit.of_what_works(world, [], breaches)

    assert audited(tmp_path, ask) == ["a report names what works"]


def test_funds_below_zero(tmp_path: Path) -> None:
    def ask(world: World, breaches: Breaches) -> None:
        audit.of_margin(world, breaches)
        assert promises(breaches) == []
        for symbol in account.HELD:
            world.say("price", symbol=symbol, last="1.00")
        audit.of_margin(world, breaches)

    assert audited(tmp_path, ask) == ["no order without margin"]


def test_a_run_beyond_the_limits_of_its_policy() -> None:
    breaches = Breaches(lambda _text: None)
    longest = sum(vars(account.TIMEOUTS).values(), timedelta(0)).total_seconds()
    audit.of_time(longest, breaches)
    assert promises(breaches) == []
    audit.of_time(longest + 1, breaches)
    assert promises(breaches) == ["every wait is bounded"]


def test_a_report_without_reasons() -> None:
    breaches = Breaches(lambda _text: None)
    audit.of_reasons([a_run_result(outcome=Outcome.APPLIED)], breaches)
    audit.of_reasons([a_run_result(outcome=Outcome.PARTIALLY_APPLIED, messages=("halted",))], breaches)
    assert promises(breaches) == []
    audit.of_reasons([a_run_result(outcome=Outcome.PARTIALLY_APPLIED, messages=())], breaches)
    assert promises(breaches) == ["a report says what was not done"]


def test_an_order_that_nobody_confirmed_and_no_message_names() -> None:
    breaches = Breaches(lambda _text: None)
    applied = a_run_result(outcome=Outcome.UNRESOLVED)
    lost = replace(applied.lines[0], order_ref=REF, state=OrderState.UNKNOWN)
    audit.of_reasons([replace(applied, lines=(lost,), messages=(f"not confirmed: NVDA ({REF})",))], breaches)
    assert promises(breaches) == []
    audit.of_reasons([replace(applied, lines=(lost,), messages=("the connection was lost",))], breaches)
    assert promises(breaches) == ["a report says what to look for"]
