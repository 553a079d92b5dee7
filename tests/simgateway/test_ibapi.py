"""The tour with the broker's own client, `ibapi` 9.81.1, which speaks protocol versions up to 157.

Its message loop blocks and has threads of its own, so here, and only here, a client runs beside the gateway's loop.
Its callbacks append to lists, which the tour reads.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.wrapper import EWrapper

from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.serving.server import serve
from tests.simgateway.lab import ACCOUNT, STARTED, scenario, until
from tests.simgateway.tour import tour

pytestmark = pytest.mark.ibapi
VERSION = 157

Told = tuple[str, tuple[Any, ...]]
"""The name of a callback and its arguments."""


class Callbacks(EWrapper):  # type: ignore[misc] # the client comes without types
    """Every callback of the client, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Told] = []

    def __getattribute__(self, name: str) -> Any:
        """What the base class declares as a callback becomes a note of its call."""
        declared = EWrapper.__dict__.get(name)
        if declared is None or name in ("__init__", "logAnswer"):
            return super().__getattribute__(name)
        told = super().__getattribute__("told")
        return lambda *arguments: told.append((name, arguments))


class Broker:
    """A Traveller on the broker's own client."""

    def __init__(self) -> None:
        self._wrapper = Callbacks()
        self._client: Any = None
        self._thread: threading.Thread | None = None
        self._next_order, self._next_request = 0, 9000

    async def connect(self, port: int, client_id: int) -> int:
        self._wrapper = Callbacks()
        self._client = EClient(self._wrapper)
        await asyncio.to_thread(self._client.connect, "127.0.0.1", port, client_id)
        self._thread = threading.Thread(target=self._client.run)
        self._thread.start()
        ((self._next_order,),) = await self._when("nextValidId")
        return int(self._client.serverVersion())

    async def disconnect(self) -> None:
        self._client.disconnect()
        if self._thread:
            await asyncio.to_thread(self._thread.join)

    def errors(self) -> list[tuple[int, int]]:
        return [(number, code) for number, code, *_ in self._calls("error") if not 2100 < code < 2200]

    def _calls(self, name: str) -> list[tuple[Any, ...]]:
        return [arguments for told, arguments in self._wrapper.told if told == name]

    async def _when(self, name: str, number: int = 1) -> list[tuple[Any, ...]]:
        """The arguments of a callback, as soon as it came so often."""
        await until(lambda: len(self._calls(name)) >= number)
        return self._calls(name)

    async def _asked(self, ask: Callable[..., None], answer: str, end: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What a request brings about until its end, and not what came before."""
        before, ended = len(self._calls(answer)), len(self._calls(end))
        ask(*arguments)
        await self._when(end, ended + 1)
        return self._calls(answer)[before:]

    def _request_id(self) -> int:
        self._next_request += 1
        return self._next_request

    async def positions(self) -> dict[str, float]:
        rows = await self._asked(self._client.reqPositions, "position", "positionEnd")
        return {contract.symbol: shares for _, contract, shares, _ in rows}

    async def summary(self, tag: str) -> str:
        request_id = self._request_id()
        ask = self._client.reqAccountSummary
        rows = await self._asked(ask, "accountSummary", "accountSummaryEnd", request_id, "All", tag)
        self._client.cancelAccountSummary(request_id)
        return str(rows[0][3])

    @staticmethod
    def _stock(symbol: str) -> Any:
        contract = Contract()
        contract.symbol, contract.secType, contract.exchange, contract.currency = symbol, "STK", "SMART", "USD"
        return contract

    async def contract(self, symbol: str) -> tuple[int, float]:
        ask = self._client.reqContractDetails
        ((_, details),) = await self._asked(
            ask, "contractDetails", "contractDetailsEnd", self._request_id(), self._stock(symbol)
        )
        return details.contract.conId, details.minTick

    async def quote(self, symbol: str) -> tuple[float, float, float]:
        options: list[Any] = []
        arguments = (self._request_id(), self._stock(symbol), "", True, False, options)
        ticks = await self._asked(self._client.reqMktData, "tickPrice", "tickSnapshotEnd", *arguments)
        prices = {kind: price for _, kind, price, _ in ticks}
        return prices[1], prices[2], prices[4]

    @staticmethod
    def _order(quantity: float, limit: float | None) -> Any:
        order = Order()
        order.action, order.totalQuantity, order.tif, order.account = "BUY", quantity, "DAY", ACCOUNT
        order.orderType, order.eTradeOnly, order.firmQuoteOnly = "MKT", False, False
        if limit is not None:
            order.orderType, order.lmtPrice = "LMT", limit
        return order

    async def what_if(self, symbol: str, quantity: float) -> list[tuple[str, str]]:
        order = self._order(quantity, None)
        order.whatIf = True
        self._client.placeOrder(self._next_order, self._stock(symbol), order)
        self._next_order += 1
        states = [arguments[3] for arguments in await self._when("openOrder", 2)]
        return [(state.initMarginAfter, state.commissionCurrency) for state in states]

    def place(self, symbol: str, quantity: float, limit: float | None, reference: str) -> int:
        order = self._order(quantity, limit)
        order.orderRef = reference
        order_id, self._next_order = self._next_order, self._next_order + 1
        self._client.placeOrder(order_id, self._stock(symbol), order)
        return order_id

    def cancel(self, order_id: int) -> None:
        self._client.cancelOrder(order_id)

    def status(self, order_id: int) -> tuple[str, float]:
        told = [arguments for arguments in self._calls("orderStatus") if arguments[0] == order_id]
        return (told[-1][1], told[-1][2]) if told else ("", 0.0)

    def reports(self, order_id: int) -> list[tuple[float, float]]:
        costs = {report.execId: report.commission for (report,) in self._calls("commissionReport")}
        fills = [execution for _, _, execution in self._calls("execDetails") if execution.orderId == order_id]
        return [(fill.shares, costs[fill.execId]) for fill in fills if fill.execId in costs]

    async def completed(self) -> list[tuple[str, float]]:
        rows = await self._asked(self._client.reqCompletedOrders, "completedOrder", "completedOrdersEnd", False)
        return [(state.status, order.filledQuantity) for _, order, state in rows]

    async def executions(self) -> list[tuple[str, float]]:
        arguments = (self._request_id(), ExecutionFilter())
        rows = await self._asked(self._client.reqExecutions, "execDetails", "execDetailsEnd", *arguments)
        return [(execution.execId, execution.shares) for _, _, execution in rows]

    async def open_orders(self) -> list[tuple[str, str]]:
        rows = await self._asked(self._client.reqOpenOrders, "openOrder", "openOrderEnd")
        return [(order.orderRef, state.status) for _, _, order, state in rows]


@pytest.mark.parametrize("announced", range(VERSION, 179))
def test_the_tour_with_the_brokers_own_client(announced: int, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with serve(scenario(), clock=SteppedClock(STARTED), max_version=announced) as served:
            await tour(served, Broker(), VERSION)

    with caplog.at_level(logging.INFO, "ibapi"):
        asyncio.run(run())
    messages = [record.getMessage() for record in caplog.records]
    trouble = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert trouble == []
    assert "BadMessage" not in messages
