"""What comes with a halt: our orders cancelled and seen gone, the account flattened, the halt lifted as it was set."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import AccountLocked, BrokerUnavailable
from reconciler.domain.exits import ExitCode
from reconciler.domain.halt import switched
from reconciler.domain.ids import AccountName, OrderId
from reconciler.domain.options import RunOptions
from reconciler.domain.release import Cancellation
from reconciler.domain.run import Outcome
from reconciler.engine.halt import (
    Opener,
    cancel_all,
    cancel_ours,
    code_of_cancellations,
    code_of_release,
    flatten,
    patience,
    release,
)
from reconciler.engine.reconcile import Approval, Reconciliation, resume
from reconciler.engine.session import Session
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import MAIN, a_halt, a_working_order, an_emergency, some_limits, some_timeouts
from tests.contract.broker_worlds import ticket, unwritten
from tests.fakes.broker import Reaction, Read
from tests.fakes.clock import START
from tests.fakes.house import CON_IDS, House, a_venue, an_account, by_a_person

THEIRS = a_working_order("MSFT", remaining=5, con_id=CON_IDS["MSFT"])
REF = "folioctl:0123456789ab:001a:1"


def a_house(*, authorised_by: str | None = None, **venue: Any) -> House:
    """40,000 USD of MSFT and 20,000 of AAPL at leverage 0.6: by its figures no emergency at all."""
    limits = some_limits(emergency=an_emergency(authorised_by=authorised_by))
    house = House(a_venue({"MSFT": 80, "AAPL": 100}, cash=40_000, **venue), an_account(leverage="1.2", limits=limits))
    house.journal.record_halt(a_halt(cancels=True))
    return house.with_policy(timeouts=some_timeouts(acknowledgement=timedelta(seconds=10)))


async def rests(house: House, ref: str = REF, symbol: str = "AAPL") -> Session:
    """A session in which an order of ours works."""
    session = await house.session()
    house.venue.reactions[symbol] = Reaction.REST
    contract = house.venue.contracts[CON_IDS[symbol]]
    await session.broker.place(
        ticket(contract, ref, 2, limit="1"), session.broker.next_order_id(above=OrderId(0)), unwritten
    )
    return session


def statuses(house: House) -> list[str]:
    return [order.status for order in house.venue.orders]


# -------------------------------------------------------------------------------------------------------------- cancel


def test_ours_are_cancelled_and_nobody_elses() -> None:
    house = a_house(foreign_orders=[THEIRS])

    async def command() -> Cancellation:
        return await cancel_ours(await rests(house))

    done = run_virtually(command())

    assert ([order.order_ref for order in done.orders], done.unconfirmed) == ([REF], ())
    assert statuses(house) == ["Cancelled"]
    assert house.venue.foreign_orders == [THEIRS]
    assert code_of_cancellations([done]) is ExitCode.OK


def test_without_orders_there_is_nothing_to_cancel() -> None:
    async def command() -> Cancellation:
        return await cancel_ours(await a_house().session())

    assert run_virtually(command()) == Cancellation(MAIN)


def test_an_order_that_lives_on_is_not_confirmed_and_the_wait_for_it_ends() -> None:
    house = a_house()

    async def command() -> Cancellation:
        session = await rests(house)
        house.venue.reactions["AAPL"] = Reaction.REST
        house.venue.cancel = lambda ref: None  # type: ignore[method-assign]
        return await cancel_ours(session)

    done = run_virtually(command())

    assert done.unconfirmed == ("BUY 2 AAPL LMT (client 1) still works",)
    assert code_of_cancellations([done]) is ExitCode.PARTIAL


def test_orders_that_cannot_be_read_are_not_confirmed() -> None:
    house = a_house(unknown={Read.WORKING_ORDERS: "openOrderEnd never came"})

    async def command() -> Cancellation:
        return await cancel_ours(await house.session())

    assert run_virtually(command()).unconfirmed == ("the working orders could not be read: openOrderEnd never came",)


def test_an_order_that_nobody_can_account_for_is_not_confirmed() -> None:
    house = a_house(reactions={"MSFT": Reaction.SILENT_DROP})
    house.journal.lift_halts(MAIN, by="bob", at=START)

    async def command() -> Cancellation:
        house.venue.unknown[Read.EVIDENCE] = "openOrderEnd never came"
        await house.apply_fresh()
        house.venue.unknown.clear()
        house.venue.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
        return await cancel_ours(await house.session())

    (words,) = run_virtually(command()).unconfirmed

    assert re.fullmatch(r"MSFT \(folioctl:.*\) is not accounted for", words)


def test_a_run_that_a_cancel_ends_is_closed() -> None:
    house = a_house(reactions={"MSFT": Reaction.REST})
    house.journal.lift_halts(MAIN, by="bob", at=START)

    class Killed(BaseException):
        pass

    def kill(event: object) -> None:
        if "OrderChanged" in str(event) and "MSFT" in str(event):
            raise Killed

    house.sink.hears = kill

    async def command() -> Cancellation:
        house.venue.clock.advance(house.account.policy.plan_ttl * 2)  # type: ignore[attr-defined]
        return await cancel_ours(await house.session())

    with pytest.raises(Killed):
        run_virtually(house.apply_fresh())
    assert "Submitted" in statuses(house)
    assert house.journal.unfinished_runs(MAIN)
    house.sink.hears = lambda event: None

    assert run_virtually(command()).unconfirmed == ()
    assert "Submitted" not in statuses(house)
    assert house.journal.unfinished_runs(MAIN) == ()


def opener(failures: dict[str, Exception], house: House) -> Opener:
    def opened(account: AccountSpec) -> AbstractAsyncContextManager[Session]:
        @asynccontextmanager
        async def session() -> AsyncIterator[Session]:
            if account.name in failures:
                raise failures[account.name]
            yield replace(await house.session(), account=account)

        return session()

    return opened


def test_what_fails_for_one_account_stands_in_no_others_way() -> None:
    house = a_house()
    one, two, three = (replace(house.account, name=AccountName(name)) for name in ("one", "two", "three"))
    failures: dict[str, Exception] = {
        "one": AccountLocked("one", "`folioctl apply` (process 1 on desk)", START),
        "two": BrokerUnavailable("nothing listens there"),
    }

    done = run_virtually(cancel_all([one, two, three], opener(failures, house)))

    assert [each.account for each in done] == ["one", "two", "three"]
    assert [bool(each.unconfirmed) for each in done] == [True, True, False]
    assert "nothing listens there" in done[1].unconfirmed[0]
    codes = [code_of_cancellations(some) for some in (done, done[1:], done[2:], ())]
    assert codes == [ExitCode.LOCKED, ExitCode.PARTIAL, ExitCode.OK, ExitCode.OK]


def test_a_halted_run_has_the_time_to_cancel_and_to_report() -> None:
    timeouts = some_timeouts()
    assert patience(timeouts) > timeouts.acknowledgement + timeouts.settle


# ------------------------------------------------------------------------------------------------------------- flatten


def flattened(house: House, approval: Approval = Approval.PERSON) -> tuple[Cancellation, Reconciliation]:
    async def command() -> tuple[Cancellation, Reconciliation]:
        session = await rests(house)
        house.venue.reactions.clear()
        session = session.under(RunOptions(flatten="prices look wrong (alice)"))
        return await flatten(session, tool="test", approve=lambda _plan: approval)

    return run_virtually(command())


def test_everything_declared_is_closed_although_the_account_is_halted() -> None:
    house = a_house()

    cancellation, done = flattened(house)

    assert [order.order_ref for order in cancellation.orders] == [REF]
    assert done.result is not None
    assert done.result.outcome is Outcome.APPLIED
    assert house.held == dict.fromkeys(CON_IDS, Decimal(0))
    assert done.plan.emergency is not None
    assert done.plan.emergency.reasons == ("the account is halted and flattened: prices look wrong (alice)",)
    assert house.journal.halts() == (a_halt(cancels=True),)


def test_with_nobody_there_it_needs_whoever_authorised_emergencies() -> None:
    house = a_house()
    _, refused = flattened(house, Approval.BEFOREHAND)
    assert refused.exit_code is ExitCode.BLOCKED
    assert "emergencyAuthorisedBy" in str(refused.refusal)
    assert house.held["MSFT"] == 80

    authorised = a_house(authorised_by="the risk committee")
    _, done = flattened(authorised, Approval.BEFOREHAND)
    assert done.exit_code is ExitCode.OK
    assert authorised.held == dict.fromkeys(CON_IDS, Decimal(0))


def test_the_environments_switch_does_not_hold_it_up_either() -> None:
    house = a_house()

    async def command() -> tuple[Cancellation, Reconciliation]:
        session = replace(await house.session(), switch=(switched("on"),), options=RunOptions(flatten="because"))
        return await flatten(session, tool="test", approve=by_a_person)

    assert run_virtually(command())[1].exit_code is ExitCode.OK


def test_an_emergency_of_its_figures_is_held_up_by_a_halt() -> None:
    house = House(a_venue({"NVDA": 2_500}, cash=-150_000), an_account({"NVDA": "1"}))
    house.journal.record_halt(a_halt())

    done = run_virtually(house.apply_fresh())
    assert done.plan.emergency is not None
    assert done.exit_code is ExitCode.BLOCKED
    assert house.venue.received == []


def test_a_flattening_that_broke_off_is_resumed_although_the_account_is_halted() -> None:
    house = a_house(reactions={"MSFT": Reaction.REST})

    class Killed(BaseException):
        pass

    def kill(event: object) -> None:
        if "OrderChanged" in str(event):
            raise Killed

    async def dies() -> None:
        session = (await house.session()).under(RunOptions(flatten="because"))
        house.sink.hears = kill
        await flatten(session, tool="test", approve=by_a_person)

    async def resumed() -> Reconciliation:
        house.venue.fill(house.venue.received[-1])
        (run,) = house.journal.unfinished_runs(MAIN)
        return await resume(await house.session(), run.id, approve=by_a_person)

    with pytest.raises(Killed):
        run_virtually(dies())
    assert len(house.venue.received) == 1
    house.sink.hears = lambda event: None

    assert run_virtually(resumed()).exit_code is ExitCode.OK
    assert house.held == dict.fromkeys(CON_IDS, Decimal(0))


# ------------------------------------------------------------------------------------------------------------- release


def test_a_release_tells_what_it_lifted_and_what_is_left() -> None:
    house = a_house()
    everything, side = a_halt(None), a_halt(AccountName("side"))
    for halt in (everything, side):
        house.journal.record_halt(halt)

    of_main = release(house.journal, MAIN, switch=(), by="bob", at=START)
    assert (of_main.lifted, of_main.left) == ((a_halt(cancels=True),), (everything,))
    of_all = release(house.journal, None, switch=(), by="bob", at=START)
    assert (of_all.lifted, of_all.left) == ((everything,), (side,))
    assert code_of_release(of_all) is ExitCode.BLOCKED
    of_side = release(house.journal, AccountName("side"), switch=(), by="bob", at=START)
    assert (of_side.left, code_of_release(of_side)) == ((), ExitCode.OK)
    switch = (switched("on"),)
    assert release(house.journal, MAIN, switch=switch, by="bob", at=START).left == switch
