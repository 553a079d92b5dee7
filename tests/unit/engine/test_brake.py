"""A halt holds up the very next send, whichever process set it; it cancels nothing unless it asks for that."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from reconciler.domain.errors import StateUnavailable
from reconciler.domain.exits import ExitCode
from reconciler.domain.halt import Halt, switched
from reconciler.domain.ids import AccountName
from reconciler.domain.orders import OrderState
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome
from reconciler.engine.authorize import RefusalKind
from reconciler.engine.inspect import inspect
from reconciler.engine.propose import propose
from reconciler.engine.reconcile import Approval, Reconciliation, resume
from reconciler.engine.session import Session
from reconciler.ports import Journal
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import MAIN, a_halt, some_timeouts
from tests.fakes.broker import Reaction
from tests.fakes.clock import START
from tests.fakes.house import House, a_venue, an_account, by_a_person

WORDS = "account 'main' is halted by alice since 2026-03-02 15:00:00 UTC: prices look wrong"
WEIGHTS = {"MSFT": "0.5", "AAPL": "0.5", "NVDA": "0"}


def a_house(**venue: Any) -> House:
    """300 NVDA to sell, then MSFT and AAPL to buy: two batches."""
    house = House(a_venue({"NVDA": 300}, cash=70_000, **venue), an_account(WEIGHTS))
    return house.with_policy(timeouts=some_timeouts(fill=timedelta(minutes=2)))


def applied(house: House, approve: Callable[[Plan], Approval] = by_a_person, **session: Any) -> Reconciliation:
    async def command() -> Reconciliation:
        opened = replace(await house.session(), **session)
        return await house.apply_fresh(opened, approve)

    return run_virtually(command())


def halt_at(house: House, *words: str, halt: Halt | None = None) -> None:
    """Another process halts the account at the first event that says all these words."""

    def hear(event: object) -> None:
        if not house.journal.halts() and all(word in str(event) for word in words):
            house.journal.record_halt(halt or a_halt())

    house.sink.hears = hear


def sent(house: House) -> list[str]:
    return [house.venue.order(ref).ticket.contract.symbol for ref in house.venue.received]


def told(done: Reconciliation, words: str) -> bool:
    assert done.result is not None
    return any(words in message for message in done.result.messages)


def states(done: Reconciliation) -> dict[str, OrderState]:
    assert done.result is not None
    return {str(line.instrument): line.state for line in done.result.lines}


# --------------------------------------------------------------------------------------------- before anything is sent


@pytest.mark.parametrize("halt", [a_halt(), a_halt(None)])
def test_a_halted_account_is_not_authorized(halt: Halt) -> None:
    house = a_house()
    house.journal.record_halt(halt)

    done = applied(house)

    assert done.refusal is not None
    assert (done.refusal.kind, done.exit_code) == (RefusalKind.BLOCKED, ExitCode.BLOCKED)
    assert str(halt) in done.refusal.reasons[0]
    assert "`folioctl resume" in done.refusal.reasons[0]
    assert sent(house) == []
    assert house.journal.runs() == ()


def test_a_halt_of_another_account_holds_up_nothing() -> None:
    house = a_house()
    house.journal.record_halt(a_halt(AccountName("side")))

    assert applied(house).exit_code is ExitCode.OK


def test_a_halt_that_was_lifted_holds_up_nothing() -> None:
    house = a_house()
    house.journal.record_halt(a_halt())
    house.journal.lift_halts(MAIN, by="bob", at=START)

    assert applied(house).exit_code is ExitCode.OK


def test_the_environments_switch_is_a_halt() -> None:
    house = a_house()

    done = applied(house, switch=(switched("quarter end"),))

    assert done.refusal is not None
    assert "halted by FOLIOCTL_HALT in the environment: quarter end; to go on, unset FOLIOCTL_HALT" in str(done.refusal)
    assert sent(house) == []


def test_who_halts_while_a_person_is_asked_is_heard_before_the_plan_is_consumed() -> None:
    house = a_house()

    def slowly(_plan: Plan) -> Approval:
        house.journal.record_halt(a_halt())
        return Approval.PERSON

    done = applied(house, slowly)

    assert done.exit_code is ExitCode.BLOCKED
    assert WORDS in str(done.refusal)
    assert house.journal.runs() == ()


def test_a_halt_before_the_first_order_sends_nothing_and_is_blocked() -> None:
    house = a_house()
    halt_at(house, "BatchStarted")

    done = applied(house)

    assert done.result is not None
    assert (done.result.outcome, done.exit_code) == (Outcome.BLOCKED, ExitCode.BLOCKED)
    assert f"stopped before NVDA was sent: {WORDS}" in done.result.messages[0]
    assert sent(house) == []
    assert not house.journal.unfinished_runs(MAIN)


# -------------------------------------------------------------------------------------------------------- in mid batch


def test_a_halt_in_mid_batch_stops_the_very_next_send_and_cancels_nothing() -> None:
    house = a_house(reactions={"AAPL": Reaction.REST})
    halt_at(house, "OrderChanged", "AAPL")

    async def filled_after_a_minute() -> Reconciliation:
        running = asyncio.ensure_future(house.apply_fresh())
        await asyncio.sleep(60)
        (order,) = [each for each in house.venue.orders if each.ticket.contract.symbol == "AAPL"]
        assert order.status == "Submitted"
        house.venue.fill(order.ticket.ref)
        return await running

    done = run_virtually(filled_after_a_minute())

    assert sent(house) == ["NVDA", "AAPL"]
    assert states(done) == {"NVDA": OrderState.FILLED, "AAPL": OrderState.FILLED, "MSFT": OrderState.INTENDED}
    assert done.result is not None
    assert (done.result.outcome, done.exit_code) == (Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
    assert f"stopped before MSFT was sent: {WORDS}" in done.result.messages[0]
    assert not house.journal.unfinished_runs(MAIN)


def test_a_halt_between_batches_starts_no_other() -> None:
    house = a_house()
    halt_at(house, "BatchEnded")

    done = applied(house)

    assert done.result is not None
    assert (done.result.outcome, done.exit_code) == (Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
    assert f"batch 2 was not started: {WORDS}" in done.result.messages[0]
    assert sent(house) == ["NVDA"]


def test_one_order_after_the_other_is_asked_for_each() -> None:
    house = a_house().with_policy(max_parallel_orders=1)
    halt_at(house, "OrderChanged", "AAPL", "Filled")

    done = applied(house)

    assert sent(house) == ["NVDA", "AAPL"]
    assert done.exit_code is ExitCode.PARTIAL


def test_what_rests_until_its_time_is_over_is_cancelled_as_in_any_run() -> None:
    house = a_house(reactions={"AAPL": Reaction.REST})
    halt_at(house, "OrderChanged", "AAPL")

    done = applied(house)

    assert states(done)["AAPL"] is OrderState.CANCELLED
    assert done.exit_code is ExitCode.PARTIAL
    assert told(done, WORDS)


def test_a_halt_that_cancels_ends_what_works_within_a_moment() -> None:
    house = a_house(reactions={"MSFT": Reaction.REST, "AAPL": Reaction.REST})
    halt_at(house, "OrderChanged", "MSFT", halt=a_halt(cancels=True))

    async def timed() -> tuple[Reconciliation, float]:
        began = asyncio.get_running_loop().time()
        done = await house.apply_fresh()
        return done, asyncio.get_running_loop().time() - began

    done, seconds = run_virtually(timed())

    assert seconds < 5
    assert states(done) == {
        "NVDA": OrderState.FILLED,
        "MSFT": OrderState.CANCELLED,
        "AAPL": OrderState.CANCELLED,
    }
    assert done.exit_code is ExitCode.PARTIAL
    assert told(done, WORDS)


def test_a_journal_that_cannot_tell_sends_nothing() -> None:
    house = a_house()

    class Mute:
        def __getattr__(self, name: str) -> Any:
            return getattr(house.journal, name)

        def halts(self) -> tuple[Halt, ...]:
            if house.journal.runs():
                raise StateUnavailable("the journal cannot be read or written: disk full")
            return ()

    async def command() -> Reconciliation:
        session = replace(await house.session(), journal=cast(Journal, Mute()))
        return await house.apply_fresh(session)

    done = run_virtually(command())

    assert sent(house) == []
    assert done.result is not None
    assert done.result.outcome is Outcome.FAILED
    assert "disk full" in done.result.messages[0]


# ---------------------------------------------------------------------------------------------------------- it is told


def test_plan_and_status_say_by_whom_since_when_and_why() -> None:
    house = a_house()
    house.journal.record_halt(a_halt())

    async def look(session: Session) -> tuple[Plan, Any]:
        return await propose(session), await inspect(session)

    async def command() -> tuple[Plan, Any]:
        return await look(await house.session())

    plan, status = run_virtually(command())

    assert WORDS in plan.notes
    assert plan.notes[-1] == "apply will refuse to send anything; to go on, `folioctl resume --account main`"
    assert plan.orders
    assert status.halts == (a_halt(),)
    assert status.health == "Suspended"
    (condition,) = [each for each in status.conditions if each.type == "Released"]
    assert (condition.status, condition.reason) == ("False", "Halted")
    assert WORDS in condition.message


def test_a_halt_does_not_change_which_plan_it_is() -> None:
    house = a_house()

    async def fingerprint() -> str:
        return (await propose(await house.session())).fingerprint

    before = run_virtually(fingerprint())
    house.journal.record_halt(a_halt())
    assert run_virtually(fingerprint()) == before


# ------------------------------------------------------------------------------------------------------------ recovery


class Killed(BaseException):
    pass


def killed_at(house: House, *words: str) -> None:
    def kill(event: object) -> None:
        if all(word in str(event) for word in words):
            raise Killed

    house.sink.hears = kill
    with pytest.raises(Killed):
        applied(house)
    house.sink.hears = lambda event: None


def test_while_halted_recovery_reads_and_closes_and_resumes_nothing() -> None:
    house = a_house(reactions={"AAPL": Reaction.REST})
    killed_at(house, "OrderChanged", "AAPL")
    house.journal.record_halt(a_halt())
    (run,) = house.journal.unfinished_runs(MAIN)

    async def resumed() -> Reconciliation:
        house.venue.fill(house.venue.received[-1])
        return await resume(await house.session(), run.id, approve=by_a_person)

    done = run_virtually(resumed())
    assert done.exit_code is ExitCode.BLOCKED
    assert WORDS in str(done.refusal)

    house.venue.clock.advance(house.account.policy.plan_ttl * 2)  # type: ignore[attr-defined]

    async def status() -> Any:
        return await inspect(await house.session())

    assert run_virtually(status()).unfinished_runs == ()
    assert sent(house) == ["NVDA", "AAPL"]
