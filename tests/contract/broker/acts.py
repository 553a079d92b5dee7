"""What a test of the Broker does with one, and finds in its reports."""

import asyncio
from collections.abc import Awaitable, Callable

from reconciler.domain.account import WorkingOrder
from reconciler.domain.contract import Contract
from reconciler.domain.ids import ConId, InstrumentName, OrderId, OrderRef
from reconciler.domain.orders import (
    CommissionReport,
    ErrorReport,
    EvidenceReport,
    ExecutionReport,
    OrderTicket,
    Report,
    StatusReport,
)
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading, Broker
from tests.contract.broker_worlds import World, spec, unwritten

Case = Callable[[World], Awaitable[None]]
Play = Callable[[Case], None]
MSFT, GLD, LATE, SAP = ConId(272093), ConId(51529211), ConId(1004), ConId(14204)
REF = OrderRef("folioctl:0123456789ab:001:1")
IMPATIENT = 0.03
"""Seconds that are waited for what never comes."""


class Inbox:
    """The reports that a session hands out."""

    def __init__(self, broker: Broker) -> None:
        self.reports: list[Report] = []
        self._news = asyncio.Event()
        self.leave = broker.subscribe(self._take)

    def _take(self, report: Report) -> None:
        self.reports.append(report)
        self._news.set()

    async def until(self, holds: Callable[[list[Report]], bool]) -> list[Report]:
        async with asyncio.timeout(5):
            while not holds(self.reports):
                self._news.clear()
                await self._news.wait()
        return self.reports


def statuses(reports: list[Report]) -> set[str]:
    return {report.status for report in reports if isinstance(report, StatusReport) and report.ref == REF}


def executions(reports: list[Report] | tuple[Report, ...]) -> list[ExecutionReport]:
    return [report for report in reports if isinstance(report, ExecutionReport) and report.ref == REF]


def codes(reports: list[Report]) -> set[int]:
    return {report.code for report in reports if isinstance(report, ErrorReport) and report.ref == REF}


def evidence_of(reports: tuple[Report, ...] | Unknown) -> EvidenceReport:
    assert not isinstance(reports, Unknown)
    assert isinstance(reports[-1], EvidenceReport)
    assert sum(isinstance(report, EvidenceReport) for report in reports) == 1
    return reports[-1]


async def contract(broker: Broker, symbol: str = "MSFT") -> Contract:
    found = (await broker.read_contracts([spec(symbol)]))[InstrumentName(symbol)]
    assert isinstance(found, Contract)
    return found


async def place(broker: Broker, order: OrderTicket) -> OrderId:
    order_id = broker.next_order_id(above=OrderId(0))
    await broker.place(order, order_id, unwritten)
    return order_id


async def trade(broker: Broker, order: OrderTicket) -> ExecutionReport:
    """Place an order that fills whole, and wait for that."""
    inbox = Inbox(broker)
    await place(broker, order)
    reports = await inbox.until(lambda seen: any(isinstance(each, CommissionReport) for each in seen))
    inbox.leave()
    (execution,) = (each for each in reports if isinstance(each, ExecutionReport))
    return execution


async def reading_of(broker: Broker) -> AccountReading:
    reading = await broker.read_account()
    assert isinstance(reading, AccountReading)
    return reading


async def working_orders(broker: Broker) -> tuple[WorkingOrder, ...]:
    working = await broker.read_working_orders()
    assert not isinstance(working, Unknown)
    return working
