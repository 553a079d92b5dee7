"""The order desk of a run: sends intents one by one, folds what the broker reports, waits by events, cancels.

Before a send its intent is on disk; after it, the acknowledgement of the send is. A send is never repeated: what
became of it is read. No polling: every wait ends with news, with the stop signal, with the connection, or in time.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from reconciler.domain.errors import BrokerUnavailable, ClientIdInUse
from reconciler.domain.events import Notice, OrderChanged
from reconciler.domain.ids import OrderRef, RunId
from reconciler.domain.orders import ErrorReport, OrderIntent, OrderRecord, OrderState, OrderTicket, Report
from reconciler.domain.unknown import Unknown
from reconciler.engine.brake import require_released
from reconciler.engine.session import Session
from reconciler.planning.fold import concerns, fills_are_complete, final_state, is_over, rejection, state_of
from reconciler.planning.orderbook import OrderBook, enter, mark_sent, take
from reconciler.ports import IntentRecord, RetryPolicy


class Ended(StrEnum):
    """What ended a wait."""

    DONE = "done"
    TIMED_OUT = "timed out"
    STOPPED = "stopped"
    DISCONNECTED = "disconnected"


class Desk:
    """All orders of one run. Use it inside `listening()`, so that no report is missed."""

    def __init__(self, session: Session, run: RunId, book: OrderBook) -> None:
        self._session = session
        self._run = run
        self._news = asyncio.Event()
        self._inbox: list[Report] = []
        self._lost: asyncio.Future[str] | None = None
        self._examined: dict[OrderRef, frozenset[ErrorReport]] = {}
        self.book = book

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the broker's reports for the length of the block."""
        unsubscribe = self._session.broker.subscribe(self._hear)
        self._lost = asyncio.ensure_future(self._session.broker.connection_lost())
        try:
            yield
        finally:
            unsubscribe()
            self._lost.cancel()

    async def reconnect(self) -> bool:
        """After the connection was lost: connect again and read what became of the orders; whether that worked."""
        session = self._session
        await session.retry.call(RetryPolicy.CONNECT, self._connect_again)
        self._lost = asyncio.ensure_future(session.broker.connection_lost())
        return await self.read_evidence()

    async def send(self, intent: OrderIntent, ticket: OrderTicket, *, attempt: int) -> None:
        """Journal, send, journal. Raises SendUncertain when the connection broke; the intent is then on disk.

        Raises AccountHalted before anything is written, where somebody halted the account.
        """
        session, now = self._session, self._session.clock.now()
        require_released(session)
        order_id = session.broker.next_order_id(above=session.journal.last_order_id(session.account.name))
        session.journal.record_intent(
            IntentRecord(self._run, ticket.ref, attempt, intent=intent, order_id=order_id, intended=now, sent=None)
        )
        self.book = enter(self.book, record_of(ticket.ref, intent, now))
        await session.broker.place(ticket, order_id)
        session.journal.record_sent(ticket.ref, session.clock.now())
        self.book = mark_sent(self.book, ticket.ref)
        self._tell(ticket.ref)

    async def _connect_again(self) -> None:
        try:
            await self._session.broker.connect()
        except ClientIdInUse as error:
            # The gateway holds the id of a broken connection for a while: ours, not another program's.
            raise BrokerUnavailable(str(error)) from error

    async def until_acknowledged(self, refs: Iterable[OrderRef], within: timedelta) -> Ended:
        """Until the broker has said anything at all of each of these orders."""
        wanted = list(refs)
        return await self._until(
            lambda: all(state_of(self.book[ref]) is not OrderState.SUBMITTED for ref in wanted), within, stoppable=True
        )

    async def until_over(self, refs: Iterable[OrderRef], within: timedelta) -> Ended:
        """Until all of these orders are over and their fills and commissions are in."""
        wanted = list(refs)
        return await self._until(lambda: all(self._is_settled(ref) for ref in wanted), within, stoppable=True)

    async def until_fewer_than(self, count: int, within: timedelta) -> Ended:
        """Until fewer orders than `count` are open."""
        return await self._until(lambda: len(self.book.open) < count, within, stoppable=True)

    async def cancel_open(self, within: timedelta) -> Ended:
        """Ask for the cancel of everything that works, and wait for the reports that confirm it."""
        for record in self.book.open:
            with suppress(BrokerUnavailable):
                await self._session.broker.cancel(record.ref)
        return await self._until(lambda: not self.book.open, within, stoppable=False)

    async def read_evidence(self) -> bool:
        """Read open orders, completed orders and executions, and fold them; whether the reading was complete."""
        session = self._session
        evidence = await session.retry.call(RetryPolicy.READ, session.broker.read_order_evidence)
        self._examined.update({record.ref: record.errors for record in self.book.open})
        if isinstance(evidence, Unknown):
            session.sink.emit(Notice(f"the state of the orders could not be read: {evidence.why}"))
            return False
        self._inbox.extend(evidence)
        self._digest()
        return True

    def _is_settled(self, ref: OrderRef) -> bool:
        record = self.book[ref]
        return is_over(record) and (state_of(record) is not OrderState.FILLED or fills_are_complete(record))

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
        try:
            async with asyncio.timeout(within.total_seconds()):
                while True:
                    self._digest()
                    if self._suspects():
                        await self.read_evidence()
                    if done():
                        return Ended.DONE
                    if self._lost is not None and self._lost.done():
                        return Ended.DISCONNECTED
                    if stoppable and self._session.stop.is_asked:
                        return Ended.STOPPED
                    await self._next(stoppable=stoppable)
        except TimeoutError:
            self._digest()
            return Ended.DONE if done() else Ended.TIMED_OUT
        except BrokerUnavailable:
            return Ended.DISCONNECTED

    def _suspects(self) -> bool:
        """Whether an open order was refused by a code that was not held against a complete reading yet (promise 4)."""
        return any(rejection(record) and self._examined.get(record.ref) != record.errors for record in self.book.open)

    async def _next(self, *, stoppable: bool) -> None:
        """Sleep until there is news, the stop signal or the end of the connection."""
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._news.wait())]
        if stoppable:
            waits.append(asyncio.ensure_future(self._session.stop.wait()))
        try:
            await asyncio.wait([*waits, *([self._lost] if self._lost else [])], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()


def record_of(ref: OrderRef, intent: OrderIntent, intended: datetime) -> OrderRecord:
    """An order's facts before anything is known of it."""
    return OrderRecord(ref, intent.line, intent.instrument, intent.side, intent.quantity, intended)


def _shown(record: OrderRecord) -> tuple[object, ...]:
    return (final_state(record), record.filled)
