"""Apply: carry out an Authorized plan, batch by batch, and report whatever comes of it.

The plan is consumed durably before its first order. Each batch passes the gate, is sent, and is over before the next
one is looked at. An outage is sat out, within a bound, and what was not sent before it passes the gate again. A stop, a
time-out or a gateway that stays away ends the sending; what works is then cancelled and confirmed, and what cannot be
confirmed is Unknown: the run stays open in the journal until reading resolves it.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.errors import (
    AccountHalted,
    BrokerError,
    BrokerUnavailable,
    CancelNotConfirmed,
    SendUncertain,
    StateUnavailable,
)
from reconciler.domain.events import BatchEnded, BatchStarted, Notice, RunStarted
from reconciler.domain.ids import RunId
from reconciler.domain.orders import OrderIntent, OrderTicket
from reconciler.domain.plan import Batch, Plan
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.engine.authorize import Authorized
from reconciler.engine.brake import heeding_cancels
from reconciler.engine.clear import clear
from reconciler.engine.conclude import Ending, conclude
from reconciler.engine.desk import Desk, Ended
from reconciler.engine.gate import Open, Shut, check_gate
from reconciler.engine.session import Session
from reconciler.engine.settle import read_account, settle
from reconciler.engine.watch import watching
from reconciler.planning.attempts import attempts_at, filled_of, is_done, remainders
from reconciler.planning.batch import canary_first
from reconciler.planning.exposure import why_out_of_bounds
from reconciler.planning.fold import final_state, is_over
from reconciler.planning.orderbook import OrderBook
from reconciler.planning.prediction import Prediction
from reconciler.ports import RunRecord


@dataclass
class Course:
    """What a run has come to so far: how it ends unless something worse turns up, and what a person should read."""

    ended_by: Outcome = Outcome.FAILED
    messages: list[str] = field(default_factory=list)
    left_out: dict[OrderIntent, str] = field(default_factory=dict)
    is_halted: bool = False
    predicted: Prediction | None = None
    """What the last batch is to make of the account's margin."""

    def end(self, outcome: Outcome, *messages: str) -> None:
        """Stop here."""
        self.ended_by = outcome
        self.messages.extend(messages)


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
    desk, course = Desk(session, run.id, book), Course()
    unread = Unknown("the run ended before the account was read again")
    after: AccountSnapshot | Unknown = unread
    standing: Standing | Unknown = unread
    try:
        with desk.listening(), _watchdog(session), heeding_cancels(session):
            await _work(session, authorized, desk, course)
            after, standing = await _last_look(session, desk, course)
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
    for outage in desk.line.outages:
        back = "" if outage.is_over else ", and it did not come back"
        yield f"without the broker for {outage.seconds:.0f} s{back}: {outage.why}"
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


async def _work(session: Session, authorized: Authorized, desk: Desk, course: Course) -> None:
    """All batches, up to the first that may not start or does not end well."""
    parts = authorized.batches
    try:
        if not await _cleared(session, authorized.plan, desk, course):
            return
        for batch in canary_first(parts) if session.account.policy.canary else parts:
            if not await _run_batch(session, authorized, batch, desk, course):
                return
    except BrokerError as error:
        await _give_up(session, desk, course, str(error))
        return
    except StateUnavailable as error:
        # What is not on disk must not be built upon: nothing more is sent, and the next command reads the broker.
        course.end(Outcome.FAILED, str(error))
        return
    names = ", ".join(_unfilled(session, authorized.plan, desk.book))
    if names:
        course.end(Outcome.PARTIALLY_APPLIED, f"not filled: {names}")
    else:
        course.end(Outcome.APPLIED)


def _unfilled(session: Session, plan: Plan, book: OrderBook) -> Iterator[str]:
    """What was sent and not filled, before a run was taken up again as well as now."""
    for order in plan.orders:
        if attempts_at(order, plan.id, book) and not is_done(
            order, plan.id, book, session.account.policy.partial_fills
        ):
            yield _ending_of(order, plan, book)


async def _cleared(session: Session, plan: Plan, desk: Desk, course: Course) -> bool:
    """Whether the orders that the plan cancels first are gone. An emergency goes on without that, and says so."""
    left = await desk.line.through(lambda: clear(session, plan.cancellations))
    if left and plan.emergency is None:
        course.end(Outcome.BLOCKED, *(f"not cancelled: {why}" for why in left))
        return False
    course.messages.extend(f"not cancelled: {why}" for why in left)
    return True


async def _run_batch(session: Session, authorized: Authorized, batch: Batch, desk: Desk, course: Course) -> bool:
    """One batch with every attempt at its orders; whether the next one may be looked at."""
    plan, partial = authorized.plan, session.account.policy.partial_fills
    left = batch.orders
    while left:
        outages = len(desk.line.outages)
        if not await _attempt(session, authorized, replace(batch, orders=left), desk, course):
            return False
        open_ones = [order for order in batch.orders if order not in course.left_out]
        again = remainders(open_ones, plan.id, desk.book, partial)
        cut_off = _unsent(open_ones, plan, desk.book) if len(desk.line.outages) > outages else ()
        left = tuple(each for each in (*cut_off, *again) if each not in course.left_out)
    short = [order for order in batch.orders if _is_short(order, plan, desk.book) and order not in course.left_out]
    failed = [order for order in short if not is_done(order, plan.id, desk.book, partial)]
    if failed:
        names = ", ".join(_ending_of(order, plan, desk.book) for order in failed)
        course.end(Outcome.PARTIALLY_APPLIED, f"batch {batch.number} was not filled as planned: {names}")
        return False
    course.messages.extend(f"{_ending_of(order, plan, desk.book)}: enough, by minRatio" for order in short)
    session.sink.emit(BatchEnded(batch.number))
    return True


def _unsent(orders: Iterable[OrderIntent], plan: Plan, book: OrderBook) -> tuple[OrderIntent, ...]:
    return tuple(each for each in orders if not attempts_at(each, plan.id, book))


def _is_short(order: OrderIntent, plan: Plan, book: OrderBook) -> bool:
    records = attempts_at(order, plan.id, book)
    return filled_of(order, plan.id, book) < order.quantity or not all(is_over(record) for record in records)


def _ending_of(order: OrderIntent, plan: Plan, book: OrderBook) -> str:
    records = attempts_at(order, plan.id, book)
    if not records:
        return f"{order.instrument} was not sent"
    return f"{order.instrument} {final_state(records[-1])} {filled_of(order, plan.id, book):f} of {order.quantity:f}"


async def _attempt(session: Session, authorized: Authorized, batch: Batch, desk: Desk, course: Course) -> bool:
    """These orders from their gate to their settlement; whether the run may go on."""
    plan = authorized.plan
    gate = await desk.line.through(
        lambda: check_gate(
            session, authorized, batch, book=desk.book, dropped=course.left_out, predicted=course.predicted
        )
    )
    if isinstance(gate, Shut):
        course.end(gate.outcome, *(f"batch {batch.number} was not started: {reason}" for reason in gate.reasons))
        return False
    course.left_out.update(gate.left_out)
    course.predicted = gate.predicted
    session.sink.emit(BatchStarted(batch))
    try:
        async with watching(session, plan, gate) as watch:
            ended = await _send_and_watch(session, plan, gate, desk, course)
    except BrokerUnavailable as error:
        await desk.line.restore(str(error))  # before anything was sent; what is left passes the gate again
        return True
    if not await _wind_up(session, desk, course, ended):
        return False
    settled = await desk.line.through(lambda: settle(session, plan, desk.book))
    problems = [each for each in (watch.alarm, settled) if each is not None]
    if problems:
        course.end(Outcome.PARTIALLY_APPLIED, *problems)
    return not problems and not course.is_halted


async def _send_and_watch(session: Session, plan: Plan, gate: Open, desk: Desk, course: Course) -> Ended:
    """Send the orders and watch them until they are over, all of it within the batch's time, outages not counted."""
    timeouts = session.account.policy.timeouts
    auction = _until_auction(session, gate.tickets.values())
    before, deadline = desk.line.away, session.clock.now() + timeouts.batch + auction

    def within(wait: timedelta) -> timedelta:
        left = deadline + (desk.line.away - before) - session.clock.now()
        return max(min(wait, left), timedelta(0))

    ended = await _send(session, plan, gate, desk, course, within)
    if ended is not Ended.DONE:
        return ended
    refs = [ticket.ref for ticket in gate.tickets.values() if ticket.ref in desk.book.records]
    if await desk.until_acknowledged(refs, within(timeouts.acknowledgement)) is Ended.TIMED_OUT:
        await desk.line.through(desk.resolve_doubts)
    ended = await desk.until_over(refs, within(timeouts.fill + auction))
    return ended if ended is not Ended.DONE else await desk.until_told(refs, within(timeouts.acknowledgement))


async def _send(
    session: Session,
    plan: Plan,
    gate: Open,
    desk: Desk,
    course: Course,
    within: Callable[[timedelta], timedelta],
) -> Ended:
    """Send the orders, no more at once than the policy lets work.

    A halt or an outage ends the sending alone: what was sent before it is watched as ever. After an outage the gate's
    word is old, and the orders that are left need another.
    """
    policy, outages = session.account.policy, len(desk.line.outages)
    for order, ticket in gate.tickets.items():
        if policy.max_parallel_orders:
            room = await desk.until_fewer_than(policy.max_parallel_orders, within(policy.timeouts.fill))
            if room is not Ended.DONE:
                return room
        if session.stop.is_asked:
            return Ended.STOPPED
        if len(desk.line.outages) > outages:
            break
        try:
            await desk.send(order, ticket, attempt=len(attempts_at(order, plan.id, desk.book)) + 1)
        except AccountHalted as halt:
            course.is_halted = True
            course.end(Outcome.BLOCKED, f"stopped before {order.instrument} was sent: {halt}")
            break
        except (BrokerUnavailable, SendUncertain) as error:
            await desk.line.restore(str(error))
    return Ended.DONE


def _until_auction(session: Session, tickets: Iterable[OrderTicket]) -> timedelta:
    """How long it is until the closing auctions that these orders are for."""
    now = session.clock.now()
    closes = (each.contract.closes_after(now) for each in tickets if each.order_type == "MOC")
    return max((each - now for each in closes if each is not None), default=timedelta(0))


async def _wind_up(session: Session, desk: Desk, course: Course, ended: Ended) -> bool:
    """Bring what is open to an end; whether the run may go on."""
    await _cancel_open(session, desk)
    if ended is Ended.STOPPED:
        course.end(session.stop.outcome, session.stop.reason)
        return False
    return True


async def _cancel_open(session: Session, desk: Desk) -> None:
    names = ", ".join(record.instrument for record in desk.book.open)
    if names:
        session.sink.emit(Notice(f"cancelling what still works: {names}"))
        with suppress(CancelNotConfirmed):  # the report names what is left, as it stands at the end
            await desk.cancel_open()


async def _give_up(session: Session, desk: Desk, course: Course, why: str) -> None:
    """The broker does not come back, or refuses: cancel what works, if that can be."""
    course.end(Outcome.PARTIALLY_APPLIED if desk.book.records else Outcome.FAILED, why)
    try:
        await _cancel_open(session, desk)
    except BrokerError as error:
        course.messages.append(f"what works could not be cancelled: {error}")


async def _last_look(
    session: Session, desk: Desk, course: Course
) -> tuple[AccountSnapshot | Unknown, Standing | Unknown]:
    """The account after the run; what is wrong with it, or a failure to read it, is told and changes no outcome."""
    try:
        after, standing = await desk.line.through(lambda: read_account(session))
        course.messages.extend(
            f"after the run, {words}" for words in why_out_of_bounds(standing, session.account.limits)
        )
        return after, standing
    except BrokerError as error:
        course.messages.append(f"the account could not be read after the run: {error}")
        return Unknown(str(error)), Unknown(str(error))
