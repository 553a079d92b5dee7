"""Apply: carry out an Authorized plan, batch by batch, and report whatever comes of it.

The plan is consumed durably before its first order. Each batch passes the gate, is sent, and is over before the next
one is looked at. An outage is sat out, within a bound, and what was not sent before it passes the gate again. A stop, a
time-out or a gateway that stays away ends the sending; what works is then cancelled and confirmed, and what cannot be
confirmed is Unknown: the run stays open in the journal until reading resolves it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.errors import (
    BrokerError,
    StateUnavailable,
)
from reconciler.domain.events import RunStarted
from reconciler.domain.ids import RunId
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.engine.alarms import heeding_alarms
from reconciler.engine.authorize import Authorized
from reconciler.engine.batch import cancel_what_works, ending_of, run_batch
from reconciler.engine.brake import heeding_cancels
from reconciler.engine.clear import clear
from reconciler.engine.conclude import Ending, conclude
from reconciler.engine.course import Course
from reconciler.engine.desk import Desk
from reconciler.engine.session import Session
from reconciler.engine.settle import read_account
from reconciler.planning.attempts import attempts_at, is_done
from reconciler.planning.batch import canary_first
from reconciler.planning.exposure import why_out_of_bounds
from reconciler.planning.fold import is_over
from reconciler.planning.orderbook import OrderBook
from reconciler.ports import RunRecord


async def apply(session: Session, authorized: Authorized, *, plan_document: str) -> RunResult:
    """Run the plan. Raises PlanAlreadyBegun before anything is sent, where it was consumed before."""
    plan = authorized.plan
    run = RunRecord(
        RunId(plan.id),
        plan.id,
        plan.account,
        plan.environment,
        plan.revision,
        plan_document,
        started=session.clock.now(),
        ended=None,
        outcome=None,
    )
    session.journal.begin_run(run)
    return await take_up(session, authorized, run, OrderBook())


async def take_up(session: Session, authorized: Authorized, run: RunRecord, book: OrderBook) -> RunResult:
    """Send what is authorized under a run that was begun; `book` has what it sent before, nothing in a new run.

    A result is recorded on every way out, an exception's included.
    """
    plan = authorized.plan
    session.sink.emit(RunStarted(run.id, plan.id, sum(len(batch.orders) for batch in authorized.batches)))
    desk = Desk(session, run.id, book)
    course = Course(session, authorized, desk)
    unread = Unknown("the run ended before the account was read again")
    after: AccountSnapshot | Unknown = unread
    standing: Standing | Unknown = unread
    try:
        with (
            desk.listening(),
            heeding_alarms(course),
            _watchdog(session),
            heeding_cancels(session),
        ):
            await _work(course)
            after, standing = await _last_look(course)
    finally:
        ending = Ending(
            run.id,
            course.ended_by,
            run.started,
            session.clock.now(),
            after,
            standing,
            (*course.messages, *_loose_ends(desk)),
            course.left_out,
            session.retry.retried(),
        )
        result = _record(session, conclude(plan, desk.book, ending), plan, desk.book)
    return result


def _loose_ends(desk: Desk) -> Iterator[str]:
    """What a person should know of the run's outages, and of orders whose end no report has told."""
    for why in dict.fromkeys(outage.why for outage in desk.line.outages):
        alike = [outage for outage in desk.line.outages if outage.why == why]
        times = f", {len(alike)} times" if len(alike) > 1 else ""
        back = "" if alike[-1].is_over else ", and it did not come back"
        yield f"without the broker for {sum(outage.seconds for outage in alike):.0f} s{times}{back}: {why}"
    left = ", ".join(f"{record.instrument} ({record.ref})" for record in desk.book.open)
    if left:
        yield f"not confirmed by the broker: {left}; look for these orders before anything else"


@contextmanager
def _watchdog(session: Session) -> Iterator[None]:
    """Stop the sending once the run has taken longer than its policy allows; what works is cancelled as ever."""
    seconds = session.account.policy.timeouts.run.total_seconds()
    reason = f"the run's watchdog stopped it after {seconds:.0f} s"
    timer = asyncio.get_running_loop().call_later(seconds, session.stop.ask, reason, Outcome.PARTIALLY_APPLIED)
    try:
        yield
    finally:
        timer.cancel()


def _record(session: Session, result: RunResult, plan: Plan, book: OrderBook) -> RunResult:
    """Keep the result. One that cannot be kept is Unresolved: the run stays open, and the next command reads again."""
    try:
        document = session.recorder.record(result, plan)
        # A run with an order that is not accounted for stays open too.
        if all(is_over(record) for record in book.records.values()):
            session.journal.end_run(result.id, result.outcome, result.ended, document)
    except StateUnavailable as error:
        return replace(result, outcome=Outcome.UNRESOLVED, messages=(*result.messages, str(error)))
    return result


async def _work(course: Course) -> None:
    """All batches, up to the first that may not start or does not end well."""
    parts = course.authorized.batches
    try:
        if not await _cleared(course):
            return
        for batch in canary_first(parts) if course.session.account.policy.canary else parts:
            if not await run_batch(course, batch):
                return
    except BrokerError as error:
        await _give_up(course, str(error))
        return
    except StateUnavailable as error:
        # What is not on disk must not be built upon: nothing more is sent, and the next command reads the broker.
        course.end(Outcome.FAILED, str(error))
        return
    names = ", ".join(_unfilled(course))
    if names:
        course.end(Outcome.PARTIALLY_APPLIED, f"not filled: {names}")
    else:
        course.end(Outcome.APPLIED)


def _unfilled(course: Course) -> Iterator[str]:
    """What was sent and not filled, before a run was taken up again as well as now."""
    plan, book, partial = course.plan, course.desk.book, course.session.account.policy.partial_fills
    for order in plan.orders:
        if attempts_at(order, plan.id, book) and not is_done(order, plan.id, book, partial):
            yield ending_of(order, plan, book)


async def _cleared(course: Course) -> bool:
    """Whether the orders that the plan cancels first are gone. An emergency goes on without that, and says so."""
    left = await course.desk.line.through(lambda: clear(course.session, course.plan.cancellations))
    if left and course.plan.emergency is None:
        course.end(Outcome.BLOCKED, *(f"not cancelled: {why}" for why in left))
        return False
    course.messages.extend(f"not cancelled: {why}" for why in left)
    return True


async def _give_up(course: Course, why: str) -> None:
    """The broker does not come back, or refuses: cancel what works, if that can be."""
    stop = course.session.stop
    asked = (stop.reason,) if stop.is_asked else ()
    course.end(Outcome.PARTIALLY_APPLIED if course.desk.book.records else Outcome.FAILED, *asked, why)
    try:
        await cancel_what_works(course)
    except BrokerError as error:
        course.messages.append(f"what works could not be cancelled: {error}")


async def _last_look(course: Course) -> tuple[AccountSnapshot | Unknown, Standing | Unknown]:
    """The account after the run; what is wrong with it, or a failure to read it, is told and changes no outcome."""
    session = course.session
    try:
        after, standing = await course.desk.line.through(lambda: read_account(session))
        course.messages.extend(
            f"after the run, {words}" for words in why_out_of_bounds(standing, session.account.limits)
        )
        return after, standing
    except BrokerError as error:
        course.messages.append(f"the account could not be read after the run: {error}")
        return Unknown(str(error)), Unknown(str(error))
