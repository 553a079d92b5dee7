"""What the real client libraries see of options: details, holdings, account values, quotes with their model, trades."""

from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import is_filled, order, values_by_key, with_client
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, until
from tests.simgateway.options_lab import CALL, CALL_NAME, HELD, OPTIONS, PUT
from tests.simgateway.quirky import heard, sync

pytestmark = [pytest.mark.broker, pytest.mark.usefixtures("no_decoding_trouble")]


def option(symbol: str, expiry: str, strike: float, right: str) -> Any:
    return library.load().Option(symbol, expiry, strike, right, "SMART", currency="USD")


def call() -> Any:
    return option("MSFT", "20261218", 520, "C")


def move(served: Running, con_id: int, last: str) -> None:
    served.broker.move_prices({con_id: {"last": Decimal(last)}})


def test_an_option_is_qualified_and_described() -> None:
    async def script(_served: Running, ib: Any) -> None:
        asked = call()
        assert len(await ib.qualifyContractsAsync(asked)) == 1
        assert (asked.conId, asked.localSymbol, asked.tradingClass, asked.multiplier) == (
            CALL,
            CALL_NAME,
            "MSFT",
            "100",
        )
        (details,) = await ib.reqContractDetailsAsync(option("GLD", "202701", 340.5, "P"))
        told = details.contract
        assert (told.conId, told.strike, told.right, told.exchange) == (PUT, 340.5, "P", "SMART")
        assert (told.lastTradeDateOrContractMonth, told.primaryExchange) == ("20270115", "")
        assert (details.underConId, details.underSymbol, details.underSecType) == (GLD, "GLD", "STK")
        assert (details.contractMonth, details.realExpirationDate, details.aggGroup) == ("202701", "20270115", 2)
        assert "MKT" in details.orderTypes.split(",")
        assert "MOC" not in details.orderTypes.split(",")
        # A stock is found as before, and a strike that nobody trades is not.
        (stock,) = await ib.reqContractDetailsAsync(library.load().Stock("MSFT", "SMART", "USD"))
        assert (stock.contract.conId, stock.contract.strike, stock.contract.right) == (MSFT, 0, "")
        assert await ib.reqContractDetailsAsync(option("MSFT", "20261218", 530, "C")) == []

    with_client(script, OPTIONS)


@pytest.mark.parametrize("version", [157, library.NEWEST])
def test_options_stand_among_the_holdings_and_in_the_account_values(version: int) -> None:
    async def script(_served: Running, ib: Any) -> None:
        held = {each.contract.conId: each for each in ib.positions()}
        told = held[CALL].contract
        assert (told.secType, told.symbol, told.strike, told.right) == ("OPT", "MSFT", 520.0, "C")
        assert (told.lastTradeDateOrContractMonth, told.multiplier, told.localSymbol) == ("20261218", "100", CALL_NAME)
        assert (held[CALL].position, held[CALL].avgCost, held[PUT].position) == (2.0, 2500.0, -1.0)
        rows = {each.contract.conId: each for each in ib.portfolio(ACCOUNT)}
        assert (rows[CALL].marketPrice, rows[CALL].marketValue, rows[CALL].unrealizedPNL) == (28.5, 5700.0, 700.0)
        assert (rows[PUT].marketPrice, rows[PUT].marketValue, rows[PUT].contract.right) == (6.0, -600.0, "P")
        values = values_by_key(ib.accountValues(ACCOUNT))
        told = {key: values[key, "USD"] for key in ("NetLiquidation", "GrossPositionValue", "InitMarginReq")}
        assert told == {"NetLiquidation": "102100.00", "GrossPositionValue": "43300.00", "InitMarginReq": "23310.00"}
        assert (values["OptionMarketValue", "USD"], values["StockMarketValue", "USD"]) == ("5100.00", "37000.00")

    with_client(script, HELD, version)


@pytest.mark.parametrize("version", [157, library.NEWEST])
def test_a_snapshot_has_the_model_where_there_is_a_delta(version: int) -> None:
    async def script(_served: Running, ib: Any) -> None:
        with_delta, without = await ib.reqTickersAsync(
            *await ib.qualifyContractsAsync(call(), option("GLD", "20270115", 340.5, "P"))
        )
        assert (with_delta.bid, with_delta.ask, with_delta.last) == (28.4, 28.6, 28.5)
        model = with_delta.modelGreeks
        assert (model.delta, model.undPrice, model.optPrice, model.impliedVol) == (0.42, 500.0, 28.5, 0.25)
        assert (model.gamma, model.pvDividend) == (None, None)
        assert (with_delta.bidGreeks, with_delta.askGreeks, with_delta.lastGreeks) == (None, None, None)
        assert (without.bid, without.last, without.modelGreeks) == (5.95, 6.0, None)

    with_client(script, OPTIONS, version)


def test_a_stream_follows_the_underlying() -> None:
    async def script(served: Running, ib: Any) -> None:
        (contract,) = await ib.qualifyContractsAsync(call())
        ticker = ib.reqMktData(contract)
        await until(lambda: ticker.modelGreeks is not None)
        assert (ticker.modelGreeks.undPrice, ticker.last) == (500.0, 28.5)
        move(served, MSFT, "510")
        await until(lambda: bool(ticker.modelGreeks.undPrice == 510.0))
        assert (ticker.last, ticker.modelGreeks.delta) == (28.5, 0.42)
        move(served, CALL, "33")
        await until(lambda: bool(ticker.last == 33.0 and ticker.modelGreeks.optPrice == 33.0))

    with_client(script, OPTIONS)


def test_delayed_data_has_its_model_too_and_a_price_that_is_missing_is_none() -> None:
    async def script(served: Running, ib: Any) -> None:
        ib.reqMarketDataType(3)
        (contract,) = await ib.qualifyContractsAsync(call())
        (ticker,) = await ib.reqTickersAsync(contract)
        assert (ticker.marketDataType, ticker.modelGreeks.delta) == (3, 0.42)
        served.broker.quirks.arm("no-price:MSFT")
        (ticker,) = await ib.reqTickersAsync(contract)
        assert (ticker.modelGreeks.delta, ticker.modelGreeks.undPrice, ticker.modelGreeks.optPrice) == (
            0.42,
            None,
            None,
        )

    with_client(script, OPTIONS.replace("delta: 0.42", "delta: 0.42\n    market_data: delayed"))


def test_options_are_bought_at_a_limit_and_sold_at_the_market() -> None:
    async def script(_served: Running, ib: Any) -> None:
        (contract,) = await ib.qualifyContractsAsync(call())
        bought = ib.placeOrder(contract, order("LMT", "BUY", 3, 28.6))
        await until(lambda: is_filled(bought) and bool(bought.fills[-1].commissionReport.execId))
        (fill,) = bought.fills
        assert (fill.contract.secType, fill.contract.strike, fill.contract.right) == ("OPT", 520.0, "C")
        assert (fill.contract.multiplier, fill.contract.localSymbol) == ("100", CALL_NAME)
        assert (fill.execution.shares, fill.execution.price, fill.commissionReport.commission) == (3.0, 28.6, 1.95)
        await sync(ib)
        (held,) = (each for each in ib.positions() if each.contract.conId == CALL)
        assert (held.position, held.avgCost) == (3.0, 2860.65)
        sold = ib.placeOrder(contract, order("MKT", "SELL", 3))
        await until(lambda: is_filled(sold) and bool(sold.fills[-1].commissionReport.execId))
        assert sold.fills[-1].commissionReport.realizedPNL == pytest.approx(-3 * 100 * 0.2 - 2 * 1.95, abs=0.01)
        done = await ib.reqCompletedOrdersAsync(apiOnly=False)
        assert [(each.contract.strike, each.contract.right) for each in done] == [(520.0, "C")] * 2
        assert [each.contract.strike for each in await ib.reqExecutionsAsync()] == [520.0] * 2

    with_client(script, OPTIONS)


def test_what_options_do_not_take_is_refused() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        (contract,) = await ib.qualifyContractsAsync(call())
        half = ib.placeOrder(contract, order("MKT", "BUY", 0.5))
        close = library.load().Order(action="BUY", orderType="MOC", totalQuantity=1, tif="DAY", account=ACCOUNT)
        at_close = ib.placeOrder(contract, close)
        await until(lambda: len(seen) == 2)
        assert seen == [(half.order.orderId, 10243), (at_close.order.orderId, 387)]

    with_client(script, OPTIONS)
