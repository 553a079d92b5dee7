"""The order desk of a run: sends intents one by one, folds what the broker reports, waits by events, cancels.

Before a send its intent is on disk; after it, the acknowledgement of the send is. A send is never repeated: what
became of it is read. No polling: every wait ends with news, with the stop signal, or in time. An outage is sat out
within the policy's bound, in the middle of any wait; then what was missed is read, and the wait goes on.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from reconciler.domain.account import Side
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable, CancelNotConfirmed
from reconciler.domain.events import Notice, OrderChanged
from reconciler.domain.ids import ConId, OrderRef, RunId
from reconciler.domain.orders import ErrorReport, OrderIntent, OrderRecord, OrderState, OrderTicket, Report
from reconciler.domain.unknown import Unknown
from reconciler.engine.brake import require_released
from reconciler.engine.line import Line
from reconciler.engine.session import Session
from reconciler.planning.fold import concerns, fills_are_complete, final_state, is_over, rejection, state_of
from reconciler.planning.orderbook import OrderBook, enter, mark_sent, take
from reconciler.ports import IntentRecord, RetryPolicy

_UNHEARD = frozenset({OrderState.INTENDED, OrderState.SUBMITTED})


class Ended(StrEnum):
    """What ended a wait."""

    DONE = "done"
    TIMED_OUT = "timed out"
    STOPPED = "stopped"


class Desk:
    """All orders of one run. Use it inside `listening()`, so that no report is missed."""

    def __init__(self, session: Session, run: RunId, book: OrderBook) -> None:
        self._session = session
        self._run = run
        self._news = asyncio.Event()
        self._inbox: list[Report] = []
        self._examined: dict[OrderRef, frozenset[ErrorReport]] = {}
        self._intents: dict[OrderRef, OrderIntent] = {}
        self._withdrawn: set[OrderRef] = set()
        self.book = book
        self.line = Line(session, self._catch_up)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the broker's reports for the length of the block."""
        unsubscribe = self._session.broker.subscribe(self._hear)
        self.line.attend()
        try:
            yield
        finally:
            unsubscribe()
            self.line.leave()

    async def _catch_up(self) -> None:
        """After an outage."""
        if self.book.open and not await self.resolve_doubts():
            raise BrokerUnavailable("the state of the orders could not be read")

    async def send(self, intent: OrderIntent, ticket: OrderTicket, *, attempt: int) -> None:
        """Journal, send, journal, once its turn has come. Raises SendUncertain when the connection broke around it.

        Before anything is written down raises AccountHalted, where somebody halted the account, or BrokerUnavailable.
        """
        session = self._session
        order_id = session.broker.next_order_id(above=session.journal.last_order_id(session.account.name))

        def intend() -> None:
            require_released(session)
            self.line.require()
            now = session.clock.now()
            session.journal.record_intent(
                IntentRecord(self._run, ticket.ref, attempt, intent=intent, order_id=order_id, intended=now, sent=None)
            )
            self.book = enter(self.book, record_of(ticket.ref, intent, now))
            self._intents[ticket.ref] = intent

        await session.broker.place(ticket, order_id, intend)
        session.journal.record_sent(ticket.ref, session.clock.now())
        self.book = mark_sent(self.book, ticket.ref)
        self._tell(ticket.ref)

    async def until_acknowledged(self, refs: Iterable[OrderRef], within: timedelta) -> Ended:
        """Until the broker has said anything at all of each of these orders."""
        wanted = list(refs)
        return await self._until(
            lambda: all(state_of(self.book[ref]) is not OrderState.SUBMITTED for ref in wanted), within, stoppable=True
        )

    async def until_over(self, refs: Iterable[OrderRef], within: timedelta) -> Ended:
        """Until all of these orders are over; what they have filled may be told later."""
        wanted = list(refs)
        return await self._until(lambda: all(is_over(self.book[ref]) for ref in wanted), within, stoppable=True)

    async def until_told(self, refs: Iterable[OrderRef], within: timedelta) -> Ended:
        """Until the fills and commissions of these orders are in, which are over; what is not by then is read once."""
        wanted = list(refs)
        ended = await self._until(lambda: all(self._is_told(ref) for ref in wanted), within, stoppable=True)
        if ended is Ended.TIMED_OUT:
            await self.line.through(self.read_evidence)
        return ended

    async def until_fewer_than(self, count: int, within: timedelta) -> Ended:
        """Until fewer orders than `count` are open."""
        return await self._until(lambda: len(self.book.open) < count, within, stoppable=True)

    async def cancel_open(self) -> None:
        """Cancel everything that works, and see reports confirm it; what is not confirmed is asked for again, once.

        Raises CancelNotConfirmed, or BrokerUnavailable as `restore` does.
        """
        await self._session.retry.call(RetryPolicy.CANCEL, self._cancel_and_confirm)

    async def _cancel_and_confirm(self) -> None:
        for record in self.book.open:
            await self.line.through(partial(self._cancel, record.ref))
        await self._until(
            lambda: not self.book.open, self._session.account.policy.timeouts.acknowledgement, stoppable=False
        )
        if self.book.open:
            await self.line.through(self.resolve_doubts)
        if self.book.open:
            raise CancelNotConfirmed(f"not confirmed: {', '.join(record.instrument for record in self.book.open)}")

    async def _cancel(self, ref: OrderRef) -> None:
        with suppress(BrokerRefused):  # this session does not know it; it stays open, and is named so
            await self._session.broker.cancel(ref)

    def withdraw(self, con_id: ConId, side: Side) -> None:
        """Have what works on this side of a contract cancelled by whatever wait is under way, or comes next."""
        for record in self.book.open:
            intent = self._intents.get(record.ref)
            if intent is not None and (intent.con_id, intent.side) == (con_id, side):
                self._withdrawn.add(record.ref)
        self._news.set()

    async def _cancel_withdrawn(self) -> None:
        refs, self._withdrawn = sorted(self._withdrawn), set()
        for ref in refs:
            await self._cancel(ref)

    async def resolve_doubts(self) -> bool:
        """Read what became of the orders; whether the reading was complete.

        Where it shows no trace of one, it is read again in a new session: only that one proves that the order never
        arrived, and only in it the broker may show one that did. Raises BrokerUnavailable.
        """
        if not await self.read_evidence():
            return False
        if all(state_of(record) not in _UNHEARD for record in self.book.open):
            return True
        await self.line.renew()
        return await self.read_evidence()

    async def read_evidence(self) -> bool:
        """Read open orders, completed orders and executions, and fold them; whether the reading was complete."""
        session = self._session
        evidence = await session.read(session.broker.read_order_evidence)
        self._examined.update({record.ref: record.errors for record in self.book.open})
        if isinstance(evidence, Unknown):
            session.sink.emit(Notice(f"the state of the orders could not be read: {evidence.why}"))
            return False
        self._inbox.extend(evidence)
        self._digest()
        return True

    def _is_told(self, ref: OrderRef) -> bool:
        record = self.book[ref]
        return state_of(record) is not OrderState.FILLED or fills_are_complete(record)

    def _hear(self, report: Report) -> None:
        # Called from inside the connection: it only takes the report in.
        self._inbox.append(report)
        self._news.set()

    def _digest(self) -> None:
        """Journal and fold what came since, and tell what changed."""
        reports, self._inbox = self._inbox, []
        self._news.clear()
        if not reports:
            return
        before = self.book
        self.book = take(self.book, reports)
        known = [each for each in reports if any(concerns(record, each) for record in self.book.records.values())]
        if known:
            self._session.journal.record_reports(self._run, known, self._session.clock.now())
        for ref, record in self.book.records.items():
            if _shown(before[ref]) != _shown(record):
                self._tell(ref)

    def _tell(self, ref: OrderRef) -> None:
        record = self.book[ref]
        self._session.sink.emit(
            OrderChanged(ref, record.instrument, state_of(record), record.filled, record.quantity, record.average_price)
        )

    async def _until(self, done: Callable[[], bool], within: timedelta, *, stoppable: bool) -> Ended:
        """Raises BrokerUnavailable as `restore` does. The time of an outage does not count."""
        before = self.line.away
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within.total_seconds()
        while True:
            try:
                async with asyncio.timeout_at(deadline + (self.line.away - before).total_seconds()):
                    return await self._attended(done, stoppable=stoppable)
            except TimeoutError:
                self._digest()
                return Ended.DONE if done() else Ended.TIMED_OUT
            except BrokerUnavailable as error:
                await self.line.restore(str(error))

    async def _attended(self, done: Callable[[], bool], *, stoppable: bool) -> Ended:
        while True:
            self._digest()
            await self._cancel_withdrawn()
            if self._suspects():
                await self.read_evidence()
            if done():
                return Ended.DONE
            self.line.require()
            if stoppable and self._session.stop.is_asked:
                return Ended.STOPPED
            await self._next(stoppable=stoppable)

    def _suspects(self) -> bool:
        """Whether an open order was refused by a code that was not held against a complete reading yet (promise 4)."""
        return any(rejection(record) and self._examined.get(record.ref) != record.errors for record in self.book.open)

    async def _next(self, *, stoppable: bool) -> None:
        """Sleep until there is news, the stop signal or the end of the connection."""
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._news.wait())]
        if stoppable:
            waits.append(asyncio.ensure_future(self._session.stop.wait()))
        try:
            await asyncio.wait([*waits, *self.line.ends], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()


def record_of(ref: OrderRef, intent: OrderIntent, intended: datetime) -> OrderRecord:
    """An order's facts before anything is known of it."""
    return OrderRecord(ref, intent.line, intent.instrument, intent.side, intent.quantity, intended)


def _shown(record: OrderRecord) -> tuple[object, ...]:
    return (final_state(record), record.filled)
