"""A batch: through its gate, sent, watched to its end, and settled, with every attempt at its orders.

After an outage what was not sent yet passes the gate again: the word that it had is old. A halt ends the sending alone;
a stop also cancels what works.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from reconciler.domain.errors import AccountHalted, BrokerUnavailable, CancelNotConfirmed, SendUncertain
from reconciler.domain.events import BatchEnded, BatchStarted, Notice
from reconciler.domain.orders import OrderIntent, OrderTicket
from reconciler.domain.plan import Batch, Plan
from reconciler.domain.run import Outcome
from reconciler.engine.course import Course
from reconciler.engine.desk import Ended
from reconciler.engine.gate import Open, Shut, check_gate
from reconciler.engine.settle import settle
from reconciler.engine.watch import watching
from reconciler.planning.attempts import attempts_at, filled_of, is_done, remainders
from reconciler.planning.fold import final_state, is_over
from reconciler.planning.orderbook import OrderBook


async def run_batch(course: Course, batch: Batch) -> bool:
    """Carry out a batch; whether the next one may be looked at. Raises BrokerError or StateUnavailable."""
    plan, desk, partial = course.plan, course.desk, course.session.account.policy.partial_fills
    left = batch.orders
    while left:
        outages = len(desk.line.outages)
        if not await _attempt(course, replace(batch, orders=left)):
            return False
        admitted = [order for order in batch.orders if order not in course.left_out]
        cut_off = _unsent(admitted, plan, desk.book) if len(desk.line.outages) > outages else ()
        again = remainders(admitted, plan.id, desk.book, partial)
        left = tuple(each for each in (*cut_off, *again) if each not in course.left_out)
    admitted = [order for order in batch.orders if order not in course.left_out]
    short = [order for order in admitted if _is_short(order, plan, desk.book)]
    failed = [order for order in short if not is_done(order, plan.id, desk.book, partial)]
    if failed:
        names = ", ".join(ending_of(order, plan, desk.book) for order in failed)
        course.end(Outcome.PARTIALLY_APPLIED, f"batch {batch.number} was not filled as planned: {names}")
        return False
    course.messages.extend(f"{ending_of(order, plan, desk.book)}: enough, by minRatio" for order in short)
    course.session.sink.emit(BatchEnded(batch.number))
    return True


def ending_of(order: OrderIntent, plan: Plan, book: OrderBook) -> str:
    """How an order ended, in words."""
    records = attempts_at(order, plan.id, book)
    if not records:
        return f"{order.instrument} was not sent"
    return f"{order.instrument} {final_state(records[-1])} {filled_of(order, plan.id, book):f} of {order.quantity:f}"


async def cancel_what_works(course: Course) -> None:
    """Cancel every order that works. What is not confirmed is left to the report. Raises BrokerUnavailable."""
    names = ", ".join(record.instrument for record in course.desk.book.open)
    if names:
        course.session.sink.emit(Notice(f"cancelling what still works: {names}"))
        with suppress(CancelNotConfirmed):  # the report names what is left, as it stands at the end
            await course.desk.cancel_open()


def _unsent(orders: Iterable[OrderIntent], plan: Plan, book: OrderBook) -> tuple[OrderIntent, ...]:
    return tuple(each for each in orders if not attempts_at(each, plan.id, book))


def _is_short(order: OrderIntent, plan: Plan, book: OrderBook) -> bool:
    records = attempts_at(order, plan.id, book)
    return filled_of(order, plan.id, book) < order.quantity or not all(is_over(record) for record in records)


async def _attempt(course: Course, batch: Batch) -> bool:
    """These orders from their gate to their settlement; whether the run may go on."""
    gate = await _gate(course, batch)
    if gate is None:
        return False
    course.session.sink.emit(BatchStarted(batch))
    try:
        async with watching(course.session, course.plan, gate):
            ended = await _send_and_watch(course, gate)
    except BrokerUnavailable as error:
        await course.desk.line.restore(str(error))  # before anything was sent; what is left passes the gate again
        return True
    return await _wind_up(course, ended)


async def _gate(course: Course, batch: Batch) -> Open | None:
    """The open gate; None, with the reasons told, where the batch may not start."""

    async def check() -> Open | Shut:
        return await check_gate(
            course.session,
            course.authorized,
            batch,
            book=course.desk.book,
            dropped=course.left_out,
            predicted=course.predicted,
        )

    gate = await course.desk.line.through(check)
    if isinstance(gate, Shut):
        course.end(gate.outcome, *(f"batch {batch.number} was not started: {reason}" for reason in gate.reasons))
        return None
    course.left_out.update(gate.left_out)
    course.predicted, course.adds_risk = gate.predicted, gate.adds_risk
    if course.alarm is not None and course.adds_risk:
        course.end(Outcome.PARTIALLY_APPLIED, f"batch {batch.number} was not started: {course.alarm}")
        return None
    return gate


async def _send_and_watch(course: Course, gate: Open) -> Ended:
    """Send the orders and watch them until they are over, all of it within the batch's time, outages not counted."""
    session, desk, timeouts = course.session, course.desk, course.session.account.policy.timeouts
    auction = _until_auction(course, gate.tickets.values())
    before, deadline = desk.line.away, session.clock.now() + timeouts.batch + auction

    def within(wait: timedelta) -> timedelta:
        left = deadline + (desk.line.away - before) - session.clock.now()
        return max(min(wait, left), timedelta(0))

    ended = await _send(course, gate, within)
    if ended is not Ended.DONE:
        return ended
    refs = [ticket.ref for ticket in gate.tickets.values() if ticket.ref in desk.book.records]
    if await desk.until_acknowledged(refs, within(timeouts.acknowledgement)) is Ended.TIMED_OUT:
        await desk.line.through(desk.resolve_doubts)
    ended = await desk.until_over(refs, within(timeouts.fill + auction))
    return ended if ended is not Ended.DONE else await desk.until_told(refs, within(timeouts.acknowledgement))


async def _send(course: Course, gate: Open, within: Callable[[timedelta], timedelta]) -> Ended:
    """Send the orders, no more at once than the policy lets work. DONE also where a halt or an outage ended it."""
    session, plan, desk = course.session, course.plan, course.desk
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


def _until_auction(course: Course, tickets: Iterable[OrderTicket]) -> timedelta:
    """How long it is until the closing auctions that these orders are for."""
    now = course.session.clock.now()
    closes = (each.contract.closes_after(now) for each in tickets if each.order_type == "MOC")
    return max((each - now for each in closes if each is not None), default=timedelta(0))


async def _wind_up(course: Course, ended: Ended) -> bool:
    """Bring what is open to an end, and see the account hold what was filled; whether the run may go on."""
    session, desk = course.session, course.desk
    await cancel_what_works(course)
    if ended is Ended.STOPPED:
        course.end(session.stop.outcome, session.stop.reason)
        return False
    settled = await desk.line.through(lambda: settle(session, course.plan, desk.book))
    problems = [each for each in (course.alarm if course.adds_risk else None, settled) if each is not None]
    if problems:
        course.end(Outcome.PARTIALLY_APPLIED, *problems)
    return not problems and not course.is_halted
