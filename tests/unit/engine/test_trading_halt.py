"""A name whose trading is halted at its exchange: it is not ordered, and its market is no closed one."""

import pytest

from reconciler import planfile
from reconciler.domain.account import TradingHalt
from reconciler.domain.exits import ExitCode
from reconciler.domain.policy import Hours, OnBlocked
from reconciler.domain.run import Outcome, RunResult
from reconciler.engine.apply import apply
from reconciler.engine.authorize import Authorized, authorize
from reconciler.engine.propose import propose, sketch
from reconciler.simgateway.serving.virtual import run_virtually
from tests.fakes.clock import LoopClock
from tests.fakes.house import House, a_venue, an_account

WHY = "trading in AAPL is halted at its exchange"


def a_house(**policy: object) -> House:
    """It buys MSFT and AAPL, in markets that are open."""
    return House(a_venue(clock=LoopClock()), an_account()).with_policy(**policy)


@pytest.mark.parametrize("hours", list(Hours))
def test_it_blocks_at_once_whatever_a_closed_market_would_do(hours: Hours) -> None:
    house = a_house(hours=hours)
    house.venue.halts["AAPL"] = TradingHalt.GENERAL

    async def command() -> ExitCode:
        done = await house.apply_fresh()
        (line,) = (each for each in done.plan.lines if each.instrument == "AAPL")
        assert WHY in str(line.blocked)
        return done.exit_code

    assert run_virtually(command()) is ExitCode.BLOCKED
    assert house.venue.received == []


def halted_after_the_plan(house: House) -> RunResult:
    async def command() -> RunResult:
        session = await house.session()
        plan = await propose(session)
        permission = authorize(session, plan, await sketch(session))
        assert isinstance(permission, Authorized)
        house.venue.halts["AAPL"] = TradingHalt.GENERAL
        return await apply(session, permission, plan_document=planfile.write(plan, tool="test"))

    return run_virtually(command())


def test_a_halt_after_the_plan_shuts_the_gate() -> None:
    house = a_house()

    result = halted_after_the_plan(house)

    assert result.outcome is Outcome.BLOCKED
    assert any(WHY in each for each in result.messages)
    assert house.venue.received == []


def test_where_others_proceed_they_do_without_it() -> None:
    house = a_house(on_blocked=OnBlocked.CONTINUE)

    result = halted_after_the_plan(house)

    assert [house.venue.order(ref).ticket.contract.symbol for ref in house.venue.received] == ["MSFT"]
    assert any(WHY in each.detail for each in result.lines if each.instrument == "AAPL")
