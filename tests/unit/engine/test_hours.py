"""An apply while a market is closed: it exits, waits or goes on, as the policy says."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.domain.account import QuoteType
from reconciler.domain.contract import TradingSession
from reconciler.domain.events import Event, OrderChanged
from reconciler.domain.exits import ExitCode
from reconciler.domain.orders import OrderState
from reconciler.domain.policy import Hours
from reconciler.domain.run import Outcome
from reconciler.engine.authorize import RefusalKind
from reconciler.engine.reconcile import Reconciliation
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import NOW, a_halt, some_timeouts
from tests.fakes.broker import Reaction
from tests.fakes.clock import LoopClock
from tests.fakes.house import CON_IDS, House, a_venue, an_account

LATER = (TradingSession(NOW + timedelta(minutes=20), NOW + timedelta(hours=7)),)
OPEN = (TradingSession(NOW - timedelta(hours=1), NOW + timedelta(hours=6)),)


def a_house(hours: Hours, **sessions: tuple[TradingSession, ...]) -> House:
    """It buys MSFT and AAPL, whose markets open in twenty minutes unless said otherwise."""
    house = House(a_venue(clock=LoopClock()), an_account())
    for symbol in ("MSFT", "AAPL"):
        con_id, open_at = CON_IDS[symbol], sessions.get(symbol, LATER)
        house.venue.contracts[con_id] = replace(house.venue.contracts[con_id], liquid_hours=open_at)
    return house.with_policy(hours=hours)


def applied(house: House) -> Reconciliation:
    return run_virtually(house.apply_fresh())


def test_in_a_closed_market_nothing_is_sent_and_the_plan_is_not_consumed() -> None:
    house = a_house(Hours.EXIT)

    done = applied(house)

    assert done.refusal is not None
    assert (done.refusal.kind, done.exit_code) == (RefusalKind.CLOSED, ExitCode.CLOSED)
    assert done.refusal.reasons == ("closed until 2026-03-02 15:20 UTC: AAPL, MSFT",)
    assert done.refusal.reasons == done.plan.notes
    assert house.venue.received == []
    assert house.journal.run_of_plan(done.plan.id) is None


def test_one_closed_market_keeps_the_whole_basket_back() -> None:
    house = a_house(Hours.EXIT, AAPL=OPEN)

    assert applied(house).exit_code is ExitCode.CLOSED
    assert house.venue.received == []


def test_what_has_no_price_because_its_market_is_closed_is_closed_and_not_blocked() -> None:
    house = a_house(Hours.EXIT, AAPL=OPEN)
    house.venue.quote_types["MSFT"] = QuoteType.FROZEN

    assert applied(house).exit_code is ExitCode.CLOSED


def test_several_without_a_price_because_one_market_is_closed_are_closed_too() -> None:
    house = a_house(Hours.EXIT)
    house.venue.quote_types |= {"MSFT": QuoteType.FROZEN, "AAPL": QuoteType.FROZEN}

    assert applied(house).exit_code is ExitCode.CLOSED


def test_one_without_a_price_in_an_open_market_is_blocked_whatever_else_is_closed() -> None:
    house = a_house(Hours.EXIT, AAPL=OPEN)
    house.venue.quote_types |= {"MSFT": QuoteType.FROZEN, "AAPL": QuoteType.FROZEN}

    assert applied(house).exit_code is ExitCode.BLOCKED


def test_what_has_no_price_in_an_open_market_is_blocked() -> None:
    house = a_house(Hours.EXIT, AAPL=OPEN)
    house.venue.quote_types["AAPL"] = QuoteType.FROZEN

    assert applied(house).exit_code is ExitCode.BLOCKED


def test_the_policy_may_send_all_the_same() -> None:
    house = a_house(Hours.CONTINUE)

    done = applied(house)

    assert done.result is not None
    assert done.result.outcome is Outcome.APPLIED


def test_the_policy_may_wait_for_the_opening_and_plans_afresh_then() -> None:
    house = a_house(Hours.WAIT)

    done = applied(house)

    assert done.result is not None
    assert done.result.outcome is Outcome.APPLIED
    assert done.plan.created >= NOW + timedelta(minutes=20)
    assert done.result.started >= NOW + timedelta(minutes=20)


def test_it_waits_no_longer_than_a_run_may_take() -> None:
    house = a_house(Hours.WAIT).with_policy(timeouts=some_timeouts(run=timedelta(minutes=19)))

    done = applied(house)

    assert done.exit_code is ExitCode.CLOSED
    assert done.plan.created < NOW + timedelta(minutes=19)


@pytest.mark.parametrize("hours", [Hours.EXIT, Hours.WAIT])
def test_hours_that_nobody_knows_keep_nothing_back(hours: Hours) -> None:
    done = applied(a_house(hours, MSFT=(), AAPL=()))

    assert done.result is not None
    assert done.result.outcome is Outcome.APPLIED


@pytest.mark.parametrize(("cancels", "minutes"), [(True, 1), (False, 20)])
def test_nothing_is_sent_at_the_opening_for_an_account_that_was_halted_meanwhile(cancels: bool, minutes: int) -> None:
    """A halt that needs the lock, to cancel or to flatten, ends the waiting at once."""
    house = a_house(Hours.WAIT)
    halt = a_halt(cancels=cancels)

    async def command() -> tuple[Reconciliation, float]:
        loop = asyncio.get_running_loop()
        loop.call_later(30, house.journal.record_halt, halt)
        began = loop.time()
        done = await house.apply_fresh()
        return done, loop.time() - began

    done, seconds = run_virtually(command())

    assert done.exit_code is ExitCode.BLOCKED
    assert "halted by alice" in str(done.refusal)
    assert (minutes - 1) * 60 < seconds <= minutes * 60 + 5
    assert house.venue.received == []


CLOSES_SOON = (TradingSession(NOW - timedelta(hours=6), NOW + timedelta(minutes=1)),)


def a_house_at_the_close(*, at_the_close: str) -> House:
    """It sells NVDA, and buys for that, a minute before the markets close; the sell rests until then."""
    venue = a_venue({"NVDA": 200}, cash=80_000, clock=LoopClock(), reactions={"NVDA": Reaction.REST})
    for con_id, contract in venue.contracts.items():
        venue.contracts[con_id] = replace(contract, liquid_hours=CLOSES_SOON)
    house = House(venue, an_account({"MSFT": "0.6", "AAPL": "0.4", "NVDA": "0"}))

    def close() -> None:
        if at_the_close == "fills":
            venue.fill(venue.received[0])
        else:
            venue.end(venue.received[0], at_the_close)

    def sent(event: Event) -> None:
        if isinstance(event, OrderChanged):
            house.sink.hears = lambda _: None
            asyncio.get_running_loop().call_later(61, close)

    house.sink.hears = sent
    return house.with_policy(hours=Hours.EXIT, timeouts=some_timeouts(fill=timedelta(minutes=5)))


def test_a_day_order_that_the_close_ends_stops_the_run_there() -> None:
    house = a_house_at_the_close(at_the_close="Cancelled")

    done = applied(house)

    assert done.exit_code is ExitCode.PARTIAL
    assert done.result is not None
    assert done.result.lines[0].state is OrderState.CANCELLED
    assert len(house.venue.received) == 1
    assert not house.journal.unfinished_runs(house.account.name)


def test_a_market_that_closes_between_two_batches_gets_no_order_of_the_second() -> None:
    house = a_house_at_the_close(at_the_close="fills")

    done = applied(house)

    assert done.exit_code is ExitCode.PARTIAL
    assert done.result is not None
    assert done.result.outcome is Outcome.PARTIALLY_APPLIED
    (message,) = done.result.messages
    assert message.startswith("batch 2 was not started: the plan expired at")
    assert len(house.venue.received) == 1
    assert house.venue.holdings[CON_IDS["NVDA"]] == 0
