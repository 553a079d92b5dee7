"""Apply: carry out an Authorized plan, batch by batch, and report whatever comes of it.

The plan is consumed durably before its first order. Each batch passes the gate, is sent, and is over before the next
one is looked at. A stop, a lost connection or a time-out ends the sending; what works is then cancelled and confirmed,
and what cannot be confirmed is Unknown: the run stays open in the journal until reading resolves it.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.errors import AccountHalted, BrokerError, SendUncertain, StateUnavailable
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
            after, standing = await _last_look(session, course)
    finally:
        ending = Ending(
            run.id,
            course.ended_by,
            run.started,
            session.clock.now(),
            after,
            standing,
            tuple(course.messages),
            course.left_out,
            session.retry.retried(),
        )
        result = _record(session, conclude(plan, desk.book, ending), plan, desk.book)
    return result


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
    if not await _cleared(session, authorized.plan, course):
        return
    parts = authorized.batches
    for batch in canary_first(parts) if session.account.policy.canary else parts:
        try:
            if not await _run_batch(session, authorized, batch, desk, course):
                return
        except SendUncertain as error:
            await _after_loss(session, desk, course, f"the connection broke while an order was sent: {error}")
            return
        except BrokerError as error:
            await _after_loss(session, desk, course, str(error))
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


async def _cleared(session: Session, plan: Plan, course: Course) -> bool:
    """Whether the orders that the plan cancels first are gone. An emergency goes on without that, and says so."""
    try:
        left = await clear(session, plan.cancellations)
    except BrokerError as error:
        course.end(Outcome.FAILED, str(error))
        return False
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
        if not await _attempt(session, authorized, replace(batch, orders=left), desk, course):
            return False
        open_ones = [order for order in batch.orders if order not in course.left_out]
        left = tuple(each for each in remainders(open_ones, plan.id, desk.book, partial) if each not in course.left_out)
    short = [order for order in batch.orders if _is_short(order, plan, desk.book) and order not in course.left_out]
    failed = [order for order in short if not is_done(order, plan.id, desk.book, partial)]
    if failed:
        names = ", ".join(_ending_of(order, plan, desk.book) for order in failed)
        course.end(Outcome.PARTIALLY_APPLIED, f"batch {batch.number} was not filled as planned: {names}")
        return False
    course.messages.extend(f"{_ending_of(order, plan, desk.book)}: enough, by minRatio" for order in short)
    session.sink.emit(BatchEnded(batch.number))
    return True


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
    gate = await check_gate(
        session, authorized, batch, book=desk.book, dropped=course.left_out, predicted=course.predicted
    )
    if isinstance(gate, Shut):
        course.end(gate.outcome, *(f"batch {batch.number} was not started: {reason}" for reason in gate.reasons))
        return False
    course.left_out.update(gate.left_out)
    course.predicted = gate.predicted
    session.sink.emit(BatchStarted(batch))
    async with watching(session, plan, gate) as watch:
        ended = await _send_and_watch(session, plan, gate, desk, course)
    if not await _wind_up(session, desk, course, ended):
        return False
    problems = [each for each in (watch.alarm, await settle(session, plan, desk.book)) if each is not None]
    if problems:
        course.end(Outcome.PARTIALLY_APPLIED, *problems)
    return not problems and not course.is_halted


async def _send_and_watch(session: Session, plan: Plan, gate: Open, desk: Desk, course: Course) -> Ended:
    """Send the orders, no more at once than the policy lets work, and watch them until they are over.

    A halt ends the sending alone: what was sent before it is watched as ever.
    """
    policy = session.account.policy
    timeouts = policy.timeouts
    auction = _until_auction(session, gate.tickets.values())
    deadline = session.clock.now() + timeouts.batch + auction

    def within(wait: timedelta) -> timedelta:
        return max(min(wait, deadline - session.clock.now()), timedelta(0))

    for order, ticket in gate.tickets.items():
        if policy.max_parallel_orders:
            room = await desk.until_fewer_than(policy.max_parallel_orders, within(timeouts.fill))
            if room is not Ended.DONE:
                return room
        if session.stop.is_asked:
            return Ended.STOPPED
        try:
            await desk.send(order, ticket, attempt=len(attempts_at(order, plan.id, desk.book)) + 1)
        except AccountHalted as halt:
            course.is_halted = True
            course.end(Outcome.BLOCKED, f"stopped before {order.instrument} was sent: {halt}")
            break
    refs = [ticket.ref for ticket in gate.tickets.values() if ticket.ref in desk.book.records]
    ended = await desk.until_acknowledged(refs, within(timeouts.acknowledgement))
    if ended is Ended.TIMED_OUT:
        await desk.read_evidence()
    if ended is Ended.DISCONNECTED:
        return ended
    return await desk.until_over(refs, within(timeouts.fill + auction))


def _until_auction(session: Session, tickets: Iterable[OrderTicket]) -> timedelta:
    """How long it is until the closing auctions that these orders are for."""
    now = session.clock.now()
    closes = (each.contract.closes_after(now) for each in tickets if each.order_type == "MOC")
    return max((each - now for each in closes if each is not None), default=timedelta(0))


async def _wind_up(session: Session, desk: Desk, course: Course, ended: Ended) -> bool:
    """Bring what is open to an end; whether the run may go on."""
    if ended is Ended.DISCONNECTED:
        await _after_loss(session, desk, course, "the connection to the gateway was lost")
        return False
    if desk.book.open:
        await _cancel_open(session, desk, course)
    if ended is Ended.STOPPED:
        course.end(session.stop.outcome, session.stop.reason)
        return False
    return True


async def _cancel_open(session: Session, desk: Desk, course: Course) -> None:
    names = ", ".join(record.instrument for record in desk.book.open)
    session.sink.emit(Notice(f"cancelling what still works: {names}"))
    await desk.cancel_open(session.account.policy.timeouts.acknowledgement)
    await desk.read_evidence()
    if desk.book.open:
        left = ", ".join(f"{record.instrument} ({record.ref})" for record in desk.book.open)
        course.messages.append(f"not confirmed by the broker: {left}; look for these orders before anything else")


async def _after_loss(session: Session, desk: Desk, course: Course, why: str) -> None:
    """The connection is gone: connect again, read what became of the orders, cancel what works. Nothing is re-sent."""
    course.end(Outcome.PARTIALLY_APPLIED if desk.book.records else Outcome.FAILED, why)
    try:
        await desk.reconnect()
        if desk.book.open:
            await _cancel_open(session, desk, course)
    except BrokerError as error:
        course.messages.append(f"the gateway could not be reached again: {error}")


async def _last_look(session: Session, course: Course) -> tuple[AccountSnapshot | Unknown, Standing | Unknown]:
    """The account after the run; what is wrong with it, or a failure to read it, is told and changes no outcome."""
    try:
        after, standing = await read_account(session)
        course.messages.extend(
            f"after the run, {words}" for words in why_out_of_bounds(standing, session.account.limits)
        )
        return after, standing
    except BrokerError as error:
        course.messages.append(f"the account could not be read after the run: {error}")
        return Unknown(str(error)), Unknown(str(error))
