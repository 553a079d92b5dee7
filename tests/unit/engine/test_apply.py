"""One apply against a fake broker: what is sent, what is reported, and what is never sent twice."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from reconciler.domain.errors import ClientIdInUse, PlanAlreadyBegun, StateUnavailable
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import OrderState
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome, RunResult
from reconciler.engine.apply import apply
from reconciler.engine.authorize import Authorized, RefusalKind, authorize
from reconciler.engine.propose import propose, sketch
from reconciler.engine.recover import recover
from reconciler.ports import Journal
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import some_timeouts
from tests.fakes.broker import Reaction, Read
from tests.fakes.house import CON_IDS, House, a_venue, an_account


def test_an_empty_account_is_brought_to_its_targets() -> None:
    house = House(a_venue())

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.APPLIED
    assert house.held == {"MSFT": Decimal(144), "AAPL": Decimal(240), "NVDA": Decimal(0)}
    assert house.recorder.results == [result]
    assert not house.journal.unfinished_runs(house.account.name)


def test_the_plan_after_a_good_apply_is_empty() -> None:
    house = House(a_venue())

    async def twice() -> tuple[str, ...]:
        await house.plan_and_apply()
        again = await propose(await house.session())
        return tuple(line.instrument for line in again.changes)

    assert run_virtually(twice()) == ()


def test_sells_are_over_before_a_buy_is_sent() -> None:
    venue = a_venue({"NVDA": 300, "AAPL": 100}, cash=50_000)
    house = House(venue, an_account({"MSFT": "0.5", "NVDA": "0", "AAPL": "0"}))

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.APPLIED
    sides = [house.venue.order(ref).ticket.side.value for ref in house.venue.received]
    assert sides == ["SELL", "SELL", "BUY"]


def test_a_plan_is_consumed_once() -> None:
    house = House(a_venue())

    async def twice() -> None:
        session = await house.session()
        plan = await propose(session)
        permission = authorize(session, plan, await sketch(session))
        assert isinstance(permission, Authorized)
        house.venue.reactions["MSFT"] = Reaction.REST
        await apply(session, permission, plan_document="{}")
        await apply(session, permission, plan_document="{}")

    with pytest.raises(PlanAlreadyBegun):
        run_virtually(twice())
    assert len(house.venue.received) == len(set(house.venue.received))


def test_a_rejected_order_ends_the_run_with_what_is_known() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.REJECT}))

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    states = {str(line.instrument): line.state for line in result.lines}
    assert states == {"MSFT": OrderState.FILLED, "AAPL": OrderState.REJECTED}
    assert "201" in next(line.detail for line in result.lines if line.instrument == "AAPL")


def test_an_order_that_nobody_can_read_of_is_unknown_and_is_not_sent_again() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.SILENT_DROP}, unknown={Read.EVIDENCE: "openOrderEnd never came"}))

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.UNRESOLVED
    assert {str(line.instrument): line.state for line in result.lines}["AAPL"] is OrderState.UNKNOWN
    assert len(house.venue.received) == 2
    assert house.journal.unfinished_runs(house.account.name)


def test_an_order_that_nobody_heard_of_is_proved_by_a_new_session_never_to_have_arrived() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.SILENT_DROP}))

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    line = next(line for line in result.lines if line.instrument == "AAPL")
    assert (line.state, line.detail) == (OrderState.INTENDED, "it never reached the broker")
    assert len(house.venue.received) == 2
    assert not house.journal.unfinished_runs(house.account.name)


def test_an_order_that_rests_is_cancelled_and_confirmed() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.FILL_HALF}))

    result = run_virtually(house.plan_and_apply())

    line = next(line for line in result.lines if line.instrument == "AAPL")
    assert (result.outcome, line.state, line.filled) == (Outcome.PARTIALLY_APPLIED, OrderState.CANCELLED, Decimal(120))


@pytest.mark.parametrize("reaction", [Reaction.LOST_BEFORE_SEND, Reaction.LOST_AFTER_SEND])
def test_a_connection_lost_around_a_send_is_resolved_by_reading(reaction: Reaction) -> None:
    house = House(a_venue(reactions={"AAPL": reaction}))

    result = run_virtually(house.plan_and_apply())

    line = next(line for line in result.lines if line.instrument == "AAPL")
    filled = reaction is Reaction.LOST_AFTER_SEND
    assert line.filled == (240 if filled else 0)
    assert result.outcome is (Outcome.APPLIED if filled else Outcome.PARTIALLY_APPLIED)
    assert len(house.venue.received) == len(set(house.venue.received))


def test_positions_without_their_end_block_the_account() -> None:
    house = House(a_venue(unknown={Read.POSITIONS: "positionEnd never came"}))

    refusal = run_virtually(house.refusal())

    assert refusal.kind is RefusalKind.BLOCKED
    assert "positionEnd never came" in " ".join(refusal.reasons)
    assert house.venue.received == []


def test_a_position_that_moved_makes_a_saved_plan_stale() -> None:
    house = House(a_venue())

    async def moved() -> RefusalKind:
        plan = await propose(await house.session())
        house.venue.holdings[CON_IDS["MSFT"]] = Decimal(1)
        return (await house.refusal(plan)).kind

    assert run_virtually(moved()) is RefusalKind.STALE


def test_a_stop_cancels_what_works_and_says_interrupted() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.REST}))

    async def stopped() -> Outcome:
        session = await house.session()
        house.sink.hears = lambda event: session.stop.ask("SIGINT") if "AAPL" in str(event) else None
        return (await house.plan_and_apply(session)).outcome

    assert run_virtually(stopped()) is Outcome.INTERRUPTED
    assert {order.status for order in house.venue.orders} <= {"Cancelled", "Filled"}


def test_recovery_closes_a_run_whose_process_died() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.REST}))

    class Killed(BaseException):
        pass

    async def die() -> None:
        session = await house.session()

        def kill(event: object) -> None:
            if "AAPL" in str(event) and "Working" in str(event):
                raise Killed

        house.sink.hears = kill
        await house.plan_and_apply(session)

    async def come_back() -> tuple[Outcome, ...]:
        house.sink.hears = lambda event: None
        for order in house.venue.orders:
            if order.status == "Submitted":
                house.venue.fill(order.ticket.ref)
        session = await house.session()
        return tuple(each.outcome for each in (await recover(session)).closed)

    with pytest.raises(Killed):
        run_virtually(die())
    assert run_virtually(come_back()) == (Outcome.APPLIED,)


def test_a_client_id_that_is_still_held_after_a_broken_connection_is_waited_for() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.LOST_AFTER_SEND}))

    def hold_the_id(event: object) -> None:
        loop = asyncio.get_running_loop()
        if "AAPL" in str(event):
            house.venue.refusal = ClientIdInUse("client id 1 is in use")
            loop.call_later(3, setattr, house.venue, "refusal", None)

    house.sink.hears = hold_the_id
    result = run_virtually(house.plan_and_apply())

    assert {str(line.instrument): line.filled for line in result.lines} == {"MSFT": Decimal(144), "AAPL": Decimal(240)}
    assert result.outcome is Outcome.APPLIED


def test_a_run_that_takes_too_long_is_stopped_by_its_watchdog() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.REST})).with_policy(
        timeouts=some_timeouts(run=timedelta(seconds=20), fill=timedelta(hours=1))
    )

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert "watchdog" in result.messages[0]
    assert {order.status for order in house.venue.orders} == {"Cancelled", "Filled"}


def test_a_journal_that_fails_stops_the_sending_and_leaves_the_run_open() -> None:
    house = House(a_venue())

    class FullDisk:
        def __getattr__(self, name: str) -> Any:
            return getattr(house.journal, name)

        def record_sent(self, ref: OrderRef, at: datetime) -> None:
            raise StateUnavailable("the journal cannot be written: disk full")

    async def command() -> RunResult:
        session = await house.session()
        return await house.plan_and_apply(replace(session, journal=cast(Journal, FullDisk())))

    result = run_virtually(command())

    assert len(house.venue.received) == 1
    assert result.outcome is Outcome.UNRESOLVED
    assert "disk full" in " ".join(result.messages)
    assert house.journal.unfinished_runs(house.account.name)


def test_a_report_that_cannot_be_written_is_said_and_leaves_the_run_open() -> None:
    house = House(a_venue())

    class FullDisk:
        def record(self, result: RunResult, plan: Plan) -> str:
            raise StateUnavailable("run-1.json cannot be written: disk full")

    async def command() -> RunResult:
        return await house.plan_and_apply(replace(await house.session(), recorder=FullDisk()))

    result = run_virtually(command())

    assert result.outcome is Outcome.UNRESOLVED
    assert "disk full" in result.messages[-1]
    assert {line.state for line in result.lines} == {OrderState.FILLED}
    assert house.journal.unfinished_runs(house.account.name)


def test_every_retry_is_counted_in_the_result() -> None:
    house = House(a_venue(reactions={"AAPL": Reaction.LOST_AFTER_SEND}))

    def hold_the_id(event: object) -> None:
        if "AAPL" in str(event):
            house.venue.refusal = ClientIdInUse("client id 1 is in use")
            asyncio.get_running_loop().call_later(1.5, setattr, house.venue, "refusal", None)

    house.sink.hears = hold_the_id
    result = run_virtually(house.plan_and_apply())

    (reconnect,) = result.retries
    assert (reconnect.policy, reconnect.failures[0].why) == ("reconnect", "client id 1 is in use")
    assert reconnect.times >= 1
    assert len(house.venue.received) == len(set(house.venue.received))


def test_a_run_without_retries_says_nothing_of_them() -> None:
    assert run_virtually(House(a_venue()).plan_and_apply()).retries == ()
