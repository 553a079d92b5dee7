"""The tour with ib_insync and ib_async, at each newest version that the gateway can be told to announce."""

import asyncio
import io
import logging
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.records.recording import read
from reconciler.simgateway.records.replay import replay
from reconciler.simgateway.serving.server import serve
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, STARTED, scenario, until
from tests.simgateway.tour import tour

pytestmark = pytest.mark.broker


class Library:
    """A Traveller on ib_insync or ib_async."""

    def __init__(self) -> None:
        self._errors: list[tuple[int, int]] = []
        self._module = library.load()
        self._ib: Any = None
        self._trades: dict[int, Any] = {}

    async def connect(self, port: int, client_id: int) -> int:
        self._ib = self._module.IB()
        self._ib.TimezoneTWS = "UTC"
        self._ib.client.MaxRequests = 0
        self._ib.errorEvent += self._note
        await self._ib.connectAsync("127.0.0.1", port, clientId=client_id, timeout=5)
        return int(self._ib.client.serverVersion())

    def _note(self, request_id: int, code: int, *_rest: Any) -> None:
        if not 2100 < code < 2200:
            self._errors.append((request_id, code))

    def errors(self) -> list[tuple[int, int]]:
        return self._errors

    async def disconnect(self) -> None:
        self._ib.disconnect()

    async def positions(self) -> dict[str, float]:
        return {each.contract.symbol: each.position for each in self._ib.positions()}

    async def summary(self, tag: str) -> str:
        rows = await self._ib.accountSummaryAsync()
        return next(str(row.value) for row in rows if row.tag == tag)

    def _stock(self, symbol: str) -> Any:
        return self._module.Stock(symbol, "SMART", "USD")

    async def contract(self, symbol: str) -> tuple[int, float]:
        (found,) = await self._ib.reqContractDetailsAsync(self._stock(symbol))
        return found.contract.conId, found.minTick

    async def quote(self, symbol: str) -> tuple[float, float, float]:
        (contract,) = await self._ib.qualifyContractsAsync(self._stock(symbol))
        (ticker,) = await self._ib.reqTickersAsync(contract)
        return ticker.bid, ticker.ask, ticker.last

    def _order(self, quantity: float, limit: float | None, **more: Any) -> Any:
        terms = {"tif": "DAY", "account": ACCOUNT, **more}
        if limit is None:
            return self._module.MarketOrder("BUY", quantity, **terms)
        return self._module.LimitOrder("BUY", quantity, limit, **terms)

    async def what_if(self, symbol: str, quantity: float) -> list[tuple[str, str]]:
        states: list[tuple[str, str]] = []
        told: Callable[..., None] = self._ib.wrapper.openOrder

        def note(order_id: int, contract: Any, order: Any, state: Any) -> None:
            states.append((state.initMarginAfter, state.commissionCurrency))
            told(order_id, contract, order, state)

        self._ib.wrapper.openOrder = note
        await self._ib.whatIfOrderAsync(self._stock(symbol), self._order(quantity, None))
        await until(lambda: len(states) == 2)
        self._ib.wrapper.openOrder = told
        return states

    def place(self, symbol: str, quantity: float, limit: float | None, reference: str) -> int:
        trade = self._ib.placeOrder(self._stock(symbol), self._order(quantity, limit, orderRef=reference))
        self._trades[trade.order.orderId] = trade
        return int(trade.order.orderId)

    def cancel(self, order_id: int) -> None:
        self._ib.cancelOrder(self._trades[order_id].order)

    def status(self, order_id: int) -> tuple[str, float]:
        state = self._trades[order_id].orderStatus
        return state.status, state.filled

    def reports(self, order_id: int) -> list[tuple[float, float]]:
        pairs = [(each.execution.shares, each.commissionReport.commission) for each in self._trades[order_id].fills]
        return [pair for pair in pairs if pair[1]]

    async def completed(self) -> list[tuple[str, float]]:
        trades = await self._ib.reqCompletedOrdersAsync(apiOnly=False)
        return [(each.orderStatus.status, each.order.filledQuantity) for each in trades]

    async def executions(self) -> list[tuple[str, float]]:
        return [(each.execution.execId, each.execution.shares) for each in await self._ib.reqExecutionsAsync()]

    async def open_orders(self) -> list[tuple[str, str]]:
        await self._ib.reqOpenOrdersAsync()
        return [(each.order.orderRef, each.orderStatus.status) for each in self._ib.openTrades()]


@pytest.mark.parametrize("announced", range(157, 179))
def test_the_tour_at_every_announced_version(announced: int, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        clock = SteppedClock(STARTED)
        async with serve(scenario(), clock=clock, max_version=announced) as served:
            await tour(served, Library(), min(announced, library.NEWEST))

    asyncio.run(run())
    trouble = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert [each for each in trouble if not each.startswith("Error ")] == []


def test_the_same_tour_leaves_the_same_recording_and_replays() -> None:
    def recorded() -> str:
        stream = io.StringIO()

        async def run() -> None:
            async with serve(scenario(), clock=SteppedClock(STARTED), seed=9, record=stream) as served:
                await tour(served, Library(), library.NEWEST)

        asyncio.run(run())
        return stream.getvalue()

    first = recorded()
    assert first == recorded()
    assert replay(read(first.splitlines()), scenario()) == []
