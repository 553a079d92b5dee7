"""Quirks of what is read, as the client libraries see them: the account, contracts, quotes."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway.quirks.catalogue import ENDS
from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import order, step, stock, values_by_key
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, until
from tests.simgateway.quirky import bought, heard, meeting, noted, sync

pytestmark = pytest.mark.broker

ASKING: dict[str, Callable[[Any], None]] = {
    "positions": lambda ib: ib.client.reqPositions(),
    "positions-multi": lambda ib: ib.client.reqPositionsMulti(701, ACCOUNT, ""),
    "open-orders": lambda ib: ib.client.reqOpenOrders(),
    "completed-orders": lambda ib: ib.client.reqCompletedOrders(False),
    "executions": lambda ib: ib.client.reqExecutions(702, library.load().ExecutionFilter()),
    "account": lambda ib: ib.client.reqAccountUpdates(True, ACCOUNT),
    "account-multi": lambda ib: ib.client.reqAccountUpdatesMulti(703, ACCOUNT, "", False),
    "contract-details": lambda ib: ib.client.reqContractDetails(704, stock("GLD")),
    "summary": lambda ib: ib.client.reqAccountSummary(705, "All", "NetLiquidation"),
    "snapshot": lambda ib: ib.client.reqMktData(706, stock("GLD"), "", True, False, []),
}
"""Each read that has an end, as the client sends it."""
ENDINGS = {
    "positions": "positionEnd",
    "positions-multi": "positionMultiEnd",
    "open-orders": "openOrderEnd",
    "completed-orders": "completedOrdersEnd",
    "executions": "execDetailsEnd",
    "account": "accountDownloadEnd",
    "account-multi": "accountUpdateMultiEnd",
    "contract-details": "contractDetailsEnd",
    "summary": "accountSummaryEnd",
    "snapshot": "tickSnapshotEnd",
}
"""The library's method that hears the end of each."""
UNHEARD = {"positions-multi"}
"""Ends that ib_insync and ib_async do not pass on; the raw frames show those."""


@pytest.mark.parametrize("name", sorted(set(ENDS) - UNHEARD))
def test_an_end_that_never_comes_and_comes_when_cleared(name: str) -> None:
    async def script(served: Running, ib: Any) -> None:
        calls = noted(ib, ENDINGS[name])
        ASKING[name](ib)
        await sync(ib)
        assert calls == []
        served.broker.quirks.clear(f"no-end:{name}")
        ASKING[name](ib)
        await until(lambda: len(calls) == 1)

    meeting(script, f"no-end:{name}")


def test_the_end_of_positions_multi_is_not_sent() -> None:
    async def script(served: Running, ib: Any) -> None:
        ASKING["positions-multi"](ib)
        await sync(ib)
        out = served.broker.log.counts("out")
        assert (out.get("71"), out.get("72")) == (2, None)

    meeting(script, "no-end:positions-multi")


def test_only_the_second_end_is_missing() -> None:
    async def script(_served: Running, ib: Any) -> None:
        calls = noted(ib, "openOrderEnd")
        for _ in range(3):
            ib.client.reqOpenOrders()
        await sync(ib)
        assert len(calls) == 2

    meeting(script, "no-end:open-orders@2")


def test_connecting_without_the_end_of_positions_looks_flat() -> None:
    """What makes this one dangerous: the library connects, and shows what came as if it were all."""

    async def script(served: Running, _ib: Any) -> None:
        other = library.load().IB()
        try:
            await other.connectAsync("127.0.0.1", served.port, clientId=2, timeout=0.3)
            assert other.isConnected()
        finally:
            other.disconnect()
            await asyncio.sleep(0)

    meeting(script, "no-position-end")


def test_account_values_of_a_server_that_resets() -> None:
    async def script(served: Running, ib: Any) -> None:
        ib.client.reqAccountUpdates(True, ACCOUNT)
        await until(lambda: values_by_key(ib.accountValues())[("AccountReady", "")] == "false")
        served.broker.quirks.clear("not-ready")
        ib.client.reqAccountUpdates(True, ACCOUNT)
        await until(lambda: values_by_key(ib.accountValues())[("AccountReady", "")] == "true")

    meeting(script, "not-ready")


def test_cash_stays_though_shares_were_sold() -> None:
    async def script(served: Running, ib: Any) -> None:
        trade = ib.placeOrder(stock("MSFT"), order("MKT", "SELL", 10))
        await until(lambda: trade.filled() == 10)
        await sync(ib)
        assert {each.contract.symbol: each.position for each in ib.positions()}["MSFT"] == 50
        assert values_by_key(ib.accountValues())[("TotalCashValue", "USD")] == "60000.00"
        assert values_by_key(await ib.accountSummaryAsync())[("TotalCashValue", "USD")] == "60000.00"
        served.broker.quirks.clear("stale-cash")
        ib.client.reqAccountUpdates(True, ACCOUNT)
        await until(lambda: float(values_by_key(ib.accountValues())[("TotalCashValue", "USD")]) > 64000)

    meeting(script, "stale-cash")


def test_positions_that_come_after_their_end() -> None:
    async def script(served: Running, ib: Any) -> None:
        calls = noted(ib, "position", "positionEnd")
        ib.client.reqPositions()
        await sync(ib)
        assert [name for name, _ in calls] == ["positionEnd"]
        step(served, 1)
        await until(lambda: [name for name, _ in calls] == ["positionEnd", "position", "position"])

    meeting(script, "late-positions")


def test_summaries_that_others_use_up() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        ib.client.reqAccountSummary(9001, "All", "NetLiquidation")
        await until(lambda: seen == [(9001, 322)])

    meeting(script, "summaries-full")


def test_account_updates_that_another_client_uses() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "updateAccountValue", "accountDownloadEnd")
        ib.client.reqAccountUpdates(True, ACCOUNT)
        await sync(ib)
        assert (seen, calls) == ([(-1, 2101)], [])

    meeting(script, "account-in-use")


def test_account_updates_that_stop() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "updateAccountValue")
        served.broker.quirks.arm("unsubscribed")
        trade = bought(ib)
        await until(lambda: trade.filled() == 5)
        await sync(ib)
        assert (seen, calls) == ([(-1, 2100)], [])

    meeting(script)


def test_the_margin_alert() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        trade = bought(ib)
        await until(lambda: trade.filled() == 5)
        assert seen == []
        bought(ib, "MSFT")
        await until(lambda: seen == [(-1, 2148)])
        assert served.broker.quirks.names() == ["margin-alert@2"]

    meeting(script, "margin-alert@2")


def test_a_liquidation_by_the_broker() -> None:
    async def script(served: Running, ib: Any) -> None:
        calls = noted(ib, "execDetails")
        served.broker.quirks.arm("liquidation:MSFT")
        await until(lambda: {p.contract.symbol for p in ib.positions()} == {"GLD"})
        await until(lambda: len(calls) == 1)
        (fill,) = await ib.reqExecutionsAsync()
        told = fill.execution
        assert (told.liquidation, told.clientId, told.orderId) == (1, 0, -1)
        assert (told.side, told.shares, told.price) == ("SLD", 60, 499.99)
        assert MSFT not in served.broker.ledgers[ACCOUNT].held()
        assert ib.openTrades() == [each for each in ib.openTrades() if each.order.clientId == 77]

    meeting(script)


def tick_types(calls: list[tuple[str, tuple[Any, ...]]]) -> list[int]:
    return [int(arguments[1]) for name, arguments in calls if name == "priceSizeTick"]


@pytest.mark.parametrize("code", [354, 10089, 10168, 10186, 10197])
def test_quotes_that_are_refused(code: int) -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "priceSizeTick")
        ib.client.reqMktData(800, stock("GLD"), "", False, False, [])
        ib.client.reqMktData(801, stock("MSFT"), "", False, False, [])
        await sync(ib)
        assert seen == [(800, code)]
        assert {arguments[0] for _, arguments in calls} == {801}

    meeting(script, f"market-data:{code}:GLD")


def test_quotes_that_are_delayed_instead() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "priceSizeTick", "marketDataType")
        ib.client.reqMktData(800, stock("GLD"), "", False, False, [])
        await sync(ib)
        assert seen == [(800, 10167)]
        assert ("marketDataType", (800, 3)) in calls
        assert tick_types(calls) == [66, 67, 68, 75]
        calls.clear()
        served.broker.move_prices({GLD: {"last": Decimal(349)}})
        await sync(ib)
        assert set(tick_types(calls)) == {66, 67, 68, 75}

    meeting(script, "market-data:10167:GLD")


def test_a_quote_without_prices() -> None:
    async def script(_served: Running, ib: Any) -> None:
        calls = noted(ib, "priceSizeTick")
        ib.client.reqMktData(800, stock("GLD"), "", False, False, [])
        await sync(ib)
        assert [arguments[1:3] for _, arguments in calls] == [(1, -1.0), (2, -1.0)]

    meeting(script, "no-price:GLD")


def test_a_halt() -> None:
    async def script(served: Running, ib: Any) -> None:
        calls = noted(ib, "tickGeneric")
        ib.client.reqMktData(800, stock("GLD"), "", False, False, [])
        ib.client.reqMktData(801, stock("MSFT"), "", False, False, [])
        trade = bought(ib)
        await sync(ib)
        assert [arguments[:3] for _, arguments in calls] == [(800, 49, 1.0), (801, 49, 0.0)]
        assert (trade.orderStatus.status, trade.filled()) == ("PreSubmitted", 0)
        served.broker.quirks.clear("halted:GLD")
        await until(lambda: trade.filled() == 5)

    meeting(script, "halted:GLD")


def test_a_frozen_quote() -> None:
    async def script(served: Running, ib: Any) -> None:
        calls = noted(ib, "priceSizeTick", "marketDataType")
        ib.client.reqMktData(800, stock("GLD"), "", False, False, [])
        await sync(ib)
        assert ("marketDataType", (800, 2)) in calls
        assert tick_types(calls) == [1, 2, 4, 9]
        calls.clear()
        served.broker.move_prices({GLD: {"last": Decimal(349)}})
        await sync(ib)
        assert calls == []

    meeting(script, "frozen:GLD")


def test_an_ambiguous_contract() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        found = await ib.reqContractDetailsAsync(stock("GLD"))
        assert [(each.contract.conId, each.contract.primaryExchange) for each in found] == [
            (GLD, "ARCA"),
            (GLD + 900_000_000, "VENTURE"),
        ]
        assert [each for each in await ib.qualifyContractsAsync(stock("GLD")) if each] == []
        trade = bought(ib)
        await until(lambda: seen == [(trade.order.orderId, 200)])
        (by_id,) = await ib.reqContractDetailsAsync(library.load().Contract(conId=GLD))
        assert by_id.contract.symbol == "GLD"

    meeting(script, "ambiguous:GLD")


def test_an_unknown_contract() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        assert await ib.reqContractDetailsAsync(stock("GLD")) == []
        assert [code for _, code in seen] == [200]

    meeting(script, "unknown-contract:GLD")
