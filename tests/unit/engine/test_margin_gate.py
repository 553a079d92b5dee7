"""Margin before a batch: looked for again where this run has freed some, reduced to what fits where the policy says."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.exits import ExitCode, of_run
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderTicket, WhatIf
from reconciler.domain.policy import LastAttempt, PartialFills, ShortOfFunds
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.unknown import Unknown
from reconciler.engine.propose import propose
from reconciler.engine.session import Session
from reconciler.planning.check import MARGIN_LIMITS
from reconciler.ports import AccountReading
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import some_limits, some_timeouts
from tests.fakes.broker import Reaction
from tests.fakes.house import CON_IDS, House, a_venue, an_account

SELL_THEN_BUY = {"MSFT": "0.5", "AAPL": "0.5", "NVDA": "0"}
Short = Callable[[float], bool]
"""Whether the account has no funds, at this many seconds of the run."""


def a_house(**policy: Any) -> House:
    """300 NVDA to sell, then two buys."""
    return House(a_venue({"NVDA": 300}, cash=70_000), an_account(SELL_THEN_BUY)).with_policy(**policy)


async def short_of_funds(house: House, is_short: Short) -> tuple[RunResult, float]:
    """A run in which the account says that it has no funds while `is_short`; and how long it took."""
    session = await house.session()
    loop, read = asyncio.get_running_loop(), session.broker.read_account
    started = loop.time()

    async def reading() -> Any:
        told = await read()
        assert isinstance(told, AccountReading)
        assert not isinstance(told.values, Unknown)
        nothing = Money(Decimal(1), house.venue.base_currency)
        short = replace(told.values, available_funds=nothing, look_ahead_available_funds=nothing)
        return replace(told, values=short) if is_short(loop.time() - started) else told

    session.broker.read_account = reading  # type: ignore[method-assign]
    return await house.plan_and_apply(session), loop.time() - started


def sold(house: House) -> bool:
    return not house.venue.holdings.get(CON_IDS["NVDA"])


def test_margin_that_this_run_freed_is_looked_for_again_and_every_look_is_counted() -> None:
    house = a_house()
    result, seconds = run_virtually(short_of_funds(house, lambda at: sold(house) and at < 10))

    assert result.outcome is Outcome.APPLIED
    (margin,) = result.retries
    assert margin.policy == "margin"
    assert [each.why for each in margin.failures] == ["batch 2 lacks margin: availableFunds"]
    assert 10 <= seconds < 60


def test_margin_that_never_comes_free_blocks_the_batch_after_the_policys_bound() -> None:
    house = a_house()
    result, seconds = run_virtually(short_of_funds(house, lambda _at: sold(house)))

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert len(house.venue.received) == 1
    assert "batch 2 was not started: availableFunds: " in " ".join(result.messages)
    assert sum(each.times for each in result.retries) > 1
    assert 60 < seconds <= 181


def test_where_nothing_was_freed_the_batch_is_blocked_at_once() -> None:
    house, looks = House(a_venue(cash=100_000)), list[float]()

    def after_the_plan(at: float) -> bool:
        looks.append(at)
        return len(looks) > 2  # the plan and its authorization see funds

    result, seconds = run_virtually(short_of_funds(house, after_the_plan))
    assert (result.outcome, result.retries, house.venue.received) == (Outcome.BLOCKED, (), [])
    assert seconds < 1


def test_what_holds_the_batch_up_besides_margin_is_not_waited_for() -> None:
    house = a_house()

    def dearer(event: object) -> None:
        if type(event).__name__ == "BatchEnded":
            house.venue.rates.clear()
            house.venue.cash[house.venue.base_currency] -= 50_000  # leverage after the buys is beyond its limit

    house.sink.hears = dearer
    result, seconds = run_virtually(short_of_funds(house, lambda _at: sold(house)))
    assert (result.outcome, result.retries) == (Outcome.PARTIALLY_APPLIED, ())
    assert "maxLeverage" in " ".join(result.messages)
    assert seconds < 5


def test_a_stop_ends_the_wait_for_margin_at_once() -> None:
    house = a_house()

    async def stopped() -> tuple[RunResult, float]:
        session = await house.session()
        house_session: list[Session] = [session]
        loop, read = asyncio.get_running_loop(), session.broker.read_account

        async def reading() -> Any:
            told = await read()
            assert isinstance(told, AccountReading)
            assert not isinstance(told.values, Unknown)
            if sold(house):
                loop.call_later(1, house_session[0].stop.ask, "stopped by SIGINT")
                nothing = Money(Decimal(1), house.venue.base_currency)
                return replace(told, values=replace(told.values, available_funds=nothing))
            return told

        session.broker.read_account = reading  # type: ignore[method-assign]
        started = loop.time()
        return await house.plan_and_apply(session), loop.time() - started

    result, seconds = run_virtually(stopped())
    assert result.outcome is Outcome.INTERRUPTED
    assert "batch 2 was not started: stopped by SIGINT" in result.messages
    assert seconds < 3


# ------------------------------------------------------------------------------------------------- short of funds


THREE = {"MSFT": "0.5", "AAPL": "0.3", "NVDA": "0.2"}
"""At leverage 1.2: 60,000, 36,000 and 24,000."""


def a_tight_house(short_of_funds: ShortOfFunds, *, cushion: str = "2.5") -> House:
    """100,000 of equity, of which 25 % of exposure, 5 % of headroom and the cushion on top must not take more."""
    limits = some_limits(margin_cushion=Decimal(cushion))
    return House(a_venue(cash=100_000), an_account(THREE, limits=limits)).with_policy(short_of_funds=short_of_funds)


def test_a_batch_is_blocked_where_the_policy_does_not_reduce_it() -> None:
    house = a_tight_house(ShortOfFunds.BLOCK)
    reasons = " ".join(run_virtually(house.refusal()).reasons)
    assert "marginCushion" in reasons
    assert house.venue.received == []


def test_a_batch_is_reduced_to_the_largest_orders_that_fit_together() -> None:
    house = a_tight_house(ShortOfFunds.REDUCE)

    async def applied() -> tuple[RunResult, ExitCode]:
        plan = await propose(await house.session())
        result = await house.plan_and_apply()
        return result, of_run(result, plan)

    result, code = run_virtually(applied())
    lines = {str(line.instrument): line for line in result.lines}
    assert {order.ticket.contract.symbol for order in house.venue.orders} == {"MSFT", "AAPL"}
    assert lines["NVDA"].order_ref is None
    assert lines["NVDA"].detail.startswith("NVDA: no margin for it: ")
    assert (result.outcome, code) == (Outcome.APPLIED, ExitCode.BLOCKED)


def test_a_smaller_order_that_fits_is_sent_though_a_larger_one_before_it_does_not() -> None:
    """15,750 of margin for MSFT, 9,450 for AAPL, 6,300 for NVDA, and as much as 4.2 times that of cushion."""
    house = a_tight_house(ShortOfFunds.REDUCE, cushion="3.2")
    result = run_virtually(house.plan_and_apply())
    assert {order.ticket.contract.symbol for order in house.venue.orders} == {"MSFT", "NVDA"}
    assert result.outcome is Outcome.APPLIED


def test_where_no_order_fits_the_batch_is_blocked() -> None:
    house = a_tight_house(ShortOfFunds.REDUCE, cushion="20")
    result = run_virtually(house.plan_and_apply())
    assert (result.outcome, house.venue.received) == (Outcome.BLOCKED, [])
    assert "batch 1 was not started: " in result.messages[0]


def test_margin_that_is_not_known_is_no_shortage() -> None:
    house = a_tight_house(ShortOfFunds.REDUCE)

    async def silent() -> RunResult:
        session = await house.session()
        ask, asked = session.broker.what_if, list[str]()

        async def what_if(ticket: OrderTicket) -> WhatIf | Unknown:
            asked.append(ticket.contract.symbol)
            is_lost = len(asked) > len(THREE) and ticket.contract.symbol == "NVDA"
            return Unknown("it never came") if is_lost else await ask(ticket)

        session.broker.what_if = what_if  # type: ignore[method-assign]
        return await house.plan_and_apply(session)

    result = run_virtually(silent())
    assert (result.outcome, house.venue.received) == (Outcome.BLOCKED, [])
    (reason,) = [each for each in result.messages if "gave no margin" in each]
    assert reason.count("it never came") == 1, "one cause is told once"
    assert all(str(limit) in reason for limit in MARGIN_LIMITS), "with all the limits that hang on it"


def test_margin_that_is_not_known_after_a_sell_is_not_waited_for() -> None:
    house = a_house()

    async def silent() -> tuple[RunResult, float]:
        session = await house.session()
        ask, started = session.broker.what_if, asyncio.get_running_loop().time()

        async def what_if(ticket: OrderTicket) -> WhatIf | Unknown:
            return Unknown("it never came") if sold(house) else await ask(ticket)

        session.broker.what_if = what_if  # type: ignore[method-assign]
        return await house.plan_and_apply(session), asyncio.get_running_loop().time() - started

    result, seconds = run_virtually(silent())
    assert (result.outcome, result.retries) == (Outcome.PARTIALLY_APPLIED, ())
    assert seconds < 5


def test_a_limit_that_is_not_about_margin_blocks_whatever_the_policy() -> None:
    house = a_tight_house(ShortOfFunds.REDUCE)
    limits = replace(house.account.limits, max_position_weight=Decimal("0.5"))
    house.account = replace(house.account, limits=limits)
    reasons = " ".join(run_virtually(house.refusal()).reasons)
    assert "maxPositionWeight" in reasons
    assert "marginCushion" not in reasons


def test_a_margin_limit_that_was_crossed_before_is_not_cured_by_fewer_orders() -> None:
    """It lets pass what reduces risk, and holds the rest up before anything is sent, as it does under any policy."""
    house = a_house(short_of_funds=ShortOfFunds.REDUCE)
    house.account = replace(house.account, limits=some_limits(margin_cushion=Decimal(13)))
    result = run_virtually(house.plan_and_apply())
    assert {order.ticket.contract.symbol for order in house.venue.orders} == {"NVDA"}
    assert (result.outcome, result.messages, result.retries) == (Outcome.APPLIED, (), ())


def test_a_reduced_batch_is_applied_by_one_command_too() -> None:
    house = a_tight_house(ShortOfFunds.REDUCE)

    reconciled = run_virtually(house.apply_fresh())
    assert reconciled.result is not None
    assert reconciled.exit_code is ExitCode.BLOCKED


# ------------------------------------------------------------------------------------------------------ prediction


def a_house_in_two_attempts(**policy: Any) -> House:
    """Half of MSFT fills at first, and the rest in a second attempt behind a gate of its own."""
    partial = PartialFills(min_ratio=Decimal(1), attempts=2, last_attempt=LastAttempt.REPRICE)
    house = House(a_venue(cash=100_000, reactions={"MSFT": Reaction.FILL_HALF}))
    return house.with_policy(partial_fills=partial, timeouts=some_timeouts(fill=timedelta(seconds=5)), **policy)


def then(house: House, act: Callable[[], object]) -> None:
    """Do something before the second gate."""

    def hear(event: object) -> None:
        if type(event).__name__ == "Notice" and "cancelling" in str(event):
            house.venue.reactions.clear()
            act()

    house.sink.hears = hear


def test_margin_that_became_what_was_predicted_lets_the_next_batch_start() -> None:
    house = a_house_in_two_attempts()
    then(house, lambda: None)
    assert run_virtually(house.plan_and_apply()).outcome is Outcome.APPLIED


@pytest.mark.parametrize(("tolerance", "outcome"), [("0.05", Outcome.PARTIALLY_APPLIED), ("0.5", Outcome.APPLIED)])
def test_margin_that_became_something_else_stops_the_run(tolerance: str, outcome: Outcome) -> None:
    """25 % of 84,000 predicted; the broker then asks 33 %."""
    house = a_house_in_two_attempts(margin_tolerance=Decimal(tolerance))
    then(house, lambda: setattr(house.venue, "margin_rate", Decimal("0.33")))

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is outcome
    if outcome is Outcome.PARTIALLY_APPLIED:
        (why,) = (each for each in result.messages if "marginTolerance" in each)
        assert "21,000.00 USD was predicted" in why
        assert "start from 27,720.00 USD" in why
