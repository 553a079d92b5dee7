"""Reads what the broker knows of today's orders: open orders, completed orders and executions, each to its END.

Together they are the only proof that an order of ours does not exist, so one part that is not whole makes all Unknown.
"""

import asyncio
from collections.abc import Callable

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.connection import Connection
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.order_book import OrderBook
from reconciler.adapters.ib.requests import Request
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import (
    CommissionReport,
    CompletedReport,
    EvidenceReport,
    ExecutionReport,
    Report,
    StatusReport,
)
from reconciler.domain.unknown import Unknown
from reconciler.ports import Clock

COMMISSION_SECONDS = 0.5
"""Commissions follow the executions, also after their END; what is later still comes to the listeners."""


class Gathering:
    """The reports so far."""

    def __init__(self, book: OrderBook) -> None:
        self._book = book
        self.reports: list[Report] = []

    def take(self, message: Message) -> None:
        """Keep the report that a message is."""
        report = self._book.report(message)
        if report is not None:
            self.reports.append(report)

    def has_commissions(self, _message: Message | None = None) -> bool:
        """Whether every execution has its commission."""
        executions = {report.fill.exec_id for report in self.reports if isinstance(report, ExecutionReport)}
        return executions <= {report.exec_id for report in self.reports if isinstance(report, CommissionReport)}

    def traces(self) -> frozenset[OrderRef]:
        """The orders that were seen. An error message is no trace: a rejected order has one and is not there."""
        sightings = (
            report.ref
            for report in self.reports
            if isinstance(report, StatusReport | ExecutionReport | CompletedReport)
        )
        return frozenset(ref for ref in sightings if ref is not None)


class EvidenceReader:
    """Reads the three parts one after the other; open orders share their turn with the reader of working orders."""

    def __init__(self, connection: Connection, book: OrderBook, clock: Clock, open_orders_turn: asyncio.Lock) -> None:
        self._connection = connection
        self._book = book
        self._clock = clock
        self._open_orders_turn = open_orders_turn
        self._turn = asyncio.Lock()

    async def read(self) -> tuple[Report, ...] | Unknown:
        """The reports, an EvidenceReport last. Raises BrokerUnavailable when the connection is lost."""
        gathering = Gathering(self._book)
        async with self._turn:
            with self._connection.listening(gathering.take):
                problem = await self._parts()
                if problem is None and not gathering.has_commissions():
                    await self._connection.converse([], gathering.has_commissions, seconds=COMMISSION_SECONDS)
        if problem is not None:
            return problem
        since = self._connection.opened_at if self._connection.is_sending else None
        return (*gathering.reports, EvidenceReport(gathering.traces(), self._clock.now(), since))

    async def _parts(self) -> Unknown | None:
        for part in (self._open_orders, self._completed_orders, self._executions):
            problem = await part()
            if problem is not None:
                return problem
        return None

    async def _open_orders(self) -> Unknown | None:
        async with self._open_orders_turn:
            return await self._part(
                "open orders",
                requests.all_open_orders(),
                lambda message: isinstance(message, messages.OpenOrderEnd),
                frozenset({messages.OPEN_ORDER, messages.ORDER_STATUS}),
            )

    async def _completed_orders(self) -> Unknown | None:
        return await self._part(
            "completed orders",
            requests.completed_orders(),
            lambda message: isinstance(message, messages.CompletedOrderEnd),
            frozenset({messages.COMPLETED_ORDER}),
        )

    async def _executions(self) -> Unknown | None:
        request_id = self._connection.request_id()
        account = self._connection.identity.account_id
        wanted = self._connection.library.execution_filter(acctCode=account)
        return await self._part(
            "executions",
            requests.executions(request_id, wanted),
            lambda message: isinstance(message, messages.ExecutionEnd) and message.request_id == request_id,
            frozenset({messages.EXECUTION}),
            request_id,
        )

    async def _part(
        self, name: str, request: Request, ends: Callable[[Message], bool], parts: frozenset[int], *ids: int
    ) -> Unknown | None:
        problem = await self._connection.converse([request], ends, parts=parts, ids=ids)
        return None if problem is None else Unknown(f"today's {name} did not come to their END: {problem.why}")
