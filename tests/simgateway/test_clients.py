"""The real client libraries against the gateway, over TCP: what they read, order, and are told."""

import asyncio
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from reconciler.simgateway.serving.server import Running, serve
from reconciler.simgateway.staging import packaged
from tests.simgateway import library
from tests.simgateway.clients import codes, is_filled, move, order, step, stock, values_by_key, with_client
from tests.simgateway.lab import ACCOUNT, TEXT, running, until

pytestmark = [pytest.mark.broker, pytest.mark.usefixtures("no_decoding_trouble")]


def test_connect_reads_everything() -> None:
    async def script(_served: Running, ib: Any) -> None:
        assert ib.client.serverVersion() == library.NEWEST
        assert ib.managedAccounts() == [ACCOUNT]
        assert {p.contract.symbol: (p.position, p.avgCost) for p in ib.positions()} == {
            "MSFT": (60.0, 400.0),
            "GLD": (20.0, 300.0),
        }
        assert {p.contract.exchange for p in ib.positions()} == {"NASDAQ", "ARCA"}
        portfolio = {item.contract.symbol: (item.marketPrice, item.marketValue) for item in ib.portfolio(ACCOUNT)}
        assert portfolio == {"MSFT": (500.0, 30000.0), "GLD": (350.0, 7000.0)}

    with_client(script)


def test_account_values_single_and_multi() -> None:
    async def script(_served: Running, ib: Any) -> None:
        values = values_by_key(ib.accountValues(ACCOUNT))
        assert values[("AccountReady", "")] == "true"
        assert values[("NetLiquidation", "USD")] == "97000.00"
        assert values[("GrossPositionValue", "USD")] == "37000.00"
        assert values[("InitMarginReq", "USD")] == "11100.00"
        assert values[("AvailableFunds", "USD")] == "85900.00"
        assert values[("CashBalance", "USD")] == values[("CashBalance", "BASE")] == "60000.00"
        assert values[("RealCurrency", "BASE")] == "USD"

    with_client(script)


def test_account_summary_and_its_limit() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = codes(ib)
        summary = values_by_key(await ib.accountSummaryAsync())
        assert summary[("NetLiquidation", "USD")] == "97000.00"
        assert summary[("ExchangeRate", "BASE")] == "1.00"
        for request_id in (9001, 9002):
            ib.client.reqAccountSummary(request_id, "All", "NetLiquidation")
        await until(lambda: (9002, 322) in seen)
        assert seen == [(9002, 322)]
        ib.client.cancelAccountSummary(9001)
        ib.client.reqAccountSummary(9003, "All", "NetLiquidation")
        await ib.reqCurrentTimeAsync()
        assert seen == [(9002, 322)]

    with_client(script)


def test_contract_details_market_rule_and_ambiguity() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = codes(ib)
        (details,) = await ib.reqContractDetailsAsync(stock("OTCX"))
        assert (details.contract.conId, details.contract.primaryExchange) == (1007, "PINK")
        assert "MKT" not in details.orderTypes.split(",")
        assert details.marketRuleIds == "67,67"
        assert (float(details.minSize), float(details.sizeIncrement)) == (1.0, 1.0)
        steps = await ib.reqMarketRuleAsync(67)
        assert [(step.lowEdge, step.increment) for step in steps] == [(0.0, 0.0001), (1.0, 0.01)]
        contract = library.load().Contract
        by_id = await ib.reqContractDetailsAsync(contract(conId=272093))
        assert [each.contract.symbol for each in by_id] == ["MSFT"]
        twins = await ib.reqContractDetailsAsync(contract(symbol="TWIN", secType="STK", exchange="SMART"))
        assert [each.contract.currency for each in twins] == ["USD", "EUR"]
        primary = contract(symbol="TWIN", secType="STK", exchange="SMART", primaryExchange="IBIS")
        assert [each.contract.conId for each in await ib.reqContractDetailsAsync(primary)] == [1010]
        assert await ib.reqContractDetailsAsync(stock("NOSUCH")) == []
        assert [code for _, code in seen] == [200]

    with_client(script)


@pytest.mark.parametrize("name", ["SOCIÉTÉ GÉNÉRALE", "ŁÓDŹ 東京 😀", r"BACK\SLASH \u00e9"])
def test_a_long_name_comes_as_it_is_written(name: str) -> None:
    async def script(_served: Running, ib: Any) -> None:
        (details,) = await ib.reqContractDetailsAsync(stock("MSFT"))
        assert details.longName == name

    with_client(script, TEXT.replace("name: MICROSOFT CORP", f"name: '{name}'"))


def test_snapshots_live_delayed_and_without_data() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = codes(ib)
        (msft,) = await ib.reqTickersAsync(*await ib.qualifyContractsAsync(stock("MSFT")))
        assert (msft.bid, msft.ask, msft.last, msft.close) == (499.99, 500.01, 500.0, 498.0)
        assert (msft.bidSize, msft.askSize, msft.marketDataType) == (300, 200, 1)
        (late,) = await ib.reqTickersAsync(*await ib.qualifyContractsAsync(stock("LATE")))
        assert late.last != late.last
        assert [code for _, code in seen] == [354]
        ib.reqMarketDataType(3)
        (late,) = await ib.reqTickersAsync(*await ib.qualifyContractsAsync(stock("LATE")))
        assert (late.bid, late.ask, late.last, late.marketDataType) == (19.99, 20.01, 20.0, 3)
        await ib.reqTickersAsync(*await ib.qualifyContractsAsync(stock("DARK")))
        assert [code for _, code in seen] == [354, 10167, 10168]
        (mute,) = await ib.reqTickersAsync(*await ib.qualifyContractsAsync(stock("MUTE")))
        assert [price for price in (mute.bid, mute.ask, mute.last, mute.close) if price > 0] == []

    with_client(script)


def test_streaming_follows_the_price() -> None:
    async def script(served: Running, ib: Any) -> None:
        (msft,) = await ib.qualifyContractsAsync(stock("MSFT"))
        ticker = ib.reqMktData(msft)
        await until(lambda: bool(ticker.last == 500.0))
        move(served, 272093, last="501.50")
        await until(lambda: bool(ticker.last == 501.5 and ticker.ask == 501.51))
        ib.cancelMktData(msft)
        await ib.reqCurrentTimeAsync()
        move(served, 272093, last="502.00")
        await ib.reqCurrentTimeAsync()
        assert ticker.last == 501.5

    with_client(script)


def what_if_states(ib: Any) -> list[tuple[str, str, float]]:
    """Every what-if callback as it comes over the wire: both libraries show their user only one of the two."""
    seen: list[tuple[str, str, float]] = []
    told = ib.wrapper.openOrder

    def note(order_id: int, contract: Any, placed: Any, state: Any) -> None:
        if placed.whatIf:
            seen.append((state.initMarginAfter, state.commissionCurrency, state.commission))
        told(order_id, contract, placed, state)

    ib.wrapper.openOrder = note
    return seen


def test_what_if_comes_unset_first_and_moves_nothing() -> None:
    async def script(served: Running, ib: Any) -> None:
        (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
        states = what_if_states(ib)
        await ib.whatIfOrderAsync(gld, order("MKT", "BUY", 10))
        await until(lambda: len(states) == 2)
        assert states == [("1.7976931348623157E308", "", 1.7976931348623157e308), ("12150.00", "USD", 1.0)]
        assert list(served.broker.book) == [served.broker.book.get(77, 4)]
        assert served.broker.book.what_if_count == 1

    with_client(script)


def test_market_order_fills_in_the_real_sequence() -> None:
    async def script(served: Running, ib: Any) -> None:
        (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
        before = len(served.broker.log.latest(10_000))
        trade = ib.placeOrder(gld, order("MKT", "BUY", 10, orderRef="folio-1"))
        await until(lambda: bool(trade.fills and trade.fills[0].commissionReport.commission))
        assert (trade.orderStatus.status, trade.orderStatus.avgFillPrice) == ("Filled", 350.01)
        fill = trade.fills[0]
        assert (fill.execution.side, fill.execution.shares, fill.execution.orderRef) == ("BOT", 10.0, "folio-1")
        assert (fill.commissionReport.commission, fill.commissionReport.currency) == (1.0, "USD")
        told = [frame.fields for frame in served.broker.log.latest(10_000)[before:] if frame.direction == "out"]
        story = [fields[0] for fields in told if fields[0] in ("3", "5", "11", "59")]
        assert story == ["5", "3", "11", "5", "3", "59"]
        statuses = [fields[2] for fields in told if fields[0] == "3"]
        assert statuses == ["PreSubmitted", "Filled"]
        await until(lambda: {p.contract.symbol: p.position for p in ib.positions()}["GLD"] == 30.0)
        await until(lambda: values_by_key(ib.accountValues())[("CashBalance", "USD")] == "56498.90")

    with_client(script)


def test_partial_fills() -> None:
    async def script(_served: Running, ib: Any) -> None:
        (parts,) = await ib.qualifyContractsAsync(stock("PARTS"))
        trade = ib.placeOrder(parts, order("MKT", "BUY", 10))
        await until(lambda: bool(trade.orderStatus.status == "Filled"))
        assert [fill.execution.shares for fill in trade.fills] == [3.0, 3.0, 4.0]
        assert [fill.execution.cumQty for fill in trade.fills] == [3.0, 6.0, 10.0]
        assert len({fill.execution.execId for fill in trade.fills}) == 3

    with_client(script)


def test_a_slow_fill_needs_the_clock() -> None:
    async def script(served: Running, ib: Any) -> None:
        (slow,) = await ib.qualifyContractsAsync(stock("SLOW"))
        trade = ib.placeOrder(slow, order("MKT", "BUY", 10))
        await until(lambda: bool(trade.orderStatus.status == "Submitted"))
        step(served, 4.9)
        await ib.reqCurrentTimeAsync()
        assert trade.orderStatus.status == "Submitted"
        step(served, 0.1)
        await until(lambda: bool(trade.orderStatus.status == "Filled"))

    with_client(script)


def test_a_limit_order_rests_until_the_price_crosses() -> None:
    async def script(served: Running, ib: Any) -> None:
        (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
        trade = ib.placeOrder(gld, order("LMT", "BUY", 5, 340.0, tif="GTC"))
        await until(lambda: bool(trade.orderStatus.status == "Submitted"))
        move(served, 51529211, last="340.00")
        await ib.reqCurrentTimeAsync()
        assert trade.orderStatus.status == "Submitted"
        move(served, 51529211, last="339.50")
        await until(lambda: bool(trade.orderStatus.status == "Filled"))
        assert trade.orderStatus.avgFillPrice == 339.51

    with_client(script)


def test_a_stop_rests_presubmitted_and_triggers() -> None:
    async def script(served: Running, ib: Any) -> None:
        (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
        trade = ib.placeOrder(gld, order("STP", "SELL", 5, 330.0))
        await until(lambda: bool(trade.orderStatus.status == "PreSubmitted"))
        move(served, 51529211, last="331.00")
        await ib.reqCurrentTimeAsync()
        assert trade.orderStatus.status == "PreSubmitted"
        move(served, 51529211, last="329.00")
        await until(lambda: bool(trade.orderStatus.status == "Filled"))
        assert trade.orderStatus.avgFillPrice == 328.99

    with_client(script)


def test_an_order_beyond_the_margin_is_rejected() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = codes(ib)
        (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
        trade = ib.placeOrder(gld, order("MKT", "BUY", 5000))
        await until(lambda: bool(seen))
        assert seen == [(trade.order.orderId, 201)]
        assert "YOUR EQUITY WITH LOAN VALUE" in trade.log[-1].message or trade.orderStatus.status == "Inactive"
        assert not [each for each in await ib.reqAllOpenOrdersAsync() if each.order.clientId == 1]

    with_client(script)


@pytest.mark.parametrize(
    ("symbol", "terms", "code"),
    [
        ("OTCX", ("MKT", "BUY", 10), 387),
        ("MSFT", ("LMT", "BUY", 10, 499.005), 110),
        ("MSFT", ("MKT", "BUY", 1.5), 10243),
        ("MSFT", ("MKT", "BUY", 0), 434),
        ("LOTS", ("MKT", "BUY", 15), 355),
    ],
)
def test_orders_refused_at_the_door(symbol: str, terms: tuple[Any, ...], code: int) -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = codes(ib)
        (contract,) = await ib.qualifyContractsAsync(stock(symbol))
        placed = ib.placeOrder(contract, order(*terms))
        await until(lambda: bool(seen))
        assert seen == [(placed.order.orderId, code)]
        refused = served.broker.book.get(1, placed.order.orderId)
        assert refused is not None
        assert refused.refusal is not None
        assert refused.refusal.code == code

    with_client(script)


def test_an_empty_time_in_force_is_noticed_and_the_order_lives() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = codes(ib)
        (never,) = await ib.qualifyContractsAsync(stock("NEVER"))
        placed = ib.placeOrder(never, order("MKT", "BUY", 1, tif=""))
        await until(lambda: len(served.broker.book.working()) == 2 and bool(seen))
        assert seen == [(placed.order.orderId, 10349)]
        assert served.broker.book.working()[-1].terms.tif == "DAY"

    with_client(script)


def test_an_untransmitted_order_waits_in_silence() -> None:
    async def script(served: Running, ib: Any) -> None:
        (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
        waiting = order("MKT", "BUY", 1, transmit=False)
        trade = ib.placeOrder(gld, waiting)
        await ib.reqCurrentTimeAsync()
        assert trade.orderStatus.permId == 0
        waiting.transmit = True
        ib.placeOrder(gld, waiting)
        await until(lambda: bool(trade.orderStatus.status == "Filled"))
        assert len(list(served.broker.book)) == 2

    with_client(script)


def test_modify_then_cancel() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = codes(ib)
        (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
        resting = order("LMT", "BUY", 5, 300.0)
        trade = ib.placeOrder(gld, resting)
        await until(lambda: bool(trade.orderStatus.status == "Submitted"))
        resting.lmtPrice = 310.0
        ib.placeOrder(gld, resting)
        kept = served.broker.book.get(1, resting.orderId)
        assert kept is not None
        await until(lambda: kept.terms.limit_price == Decimal(310))
        ib.cancelOrder(resting)
        await until(lambda: bool(trade.orderStatus.status == "Cancelled"))
        await until(lambda: (resting.orderId, 202) in seen)
        ib.client.cancelOrder(resting.orderId, "")
        ib.client.cancelOrder(999, "")
        await until(lambda: len(seen) == 3)
        assert seen[1:] == [(resting.orderId, 10148), (999, 10147)]

    with_client(script)


def test_open_orders_own_and_all_and_global_cancel() -> None:
    async def script(served: Running, ib: Any) -> None:
        (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
        mine = ib.placeOrder(gld, order("LMT", "BUY", 5, 300.0, orderRef="mine"))
        await until(lambda: bool(mine.orderStatus.status == "Submitted"))
        assert [each.order.orderRef for each in await ib.reqOpenOrdersAsync()] == ["mine"]
        everyone = await ib.reqAllOpenOrdersAsync()
        assert {(each.order.clientId, each.order.orderType, each.order.auxPrice) for each in everyone} == {
            (77, "STP", 420.0),
            (1, "LMT", 0.0),
        }
        ib.reqGlobalCancel()
        await until(lambda: bool(mine.orderStatus.status == "Cancelled"))
        assert served.broker.book.working() == []
        assert await ib.reqAllOpenOrdersAsync() == []

    with_client(script)


def test_completed_orders_and_executions() -> None:
    async def script(_served: Running, ib: Any) -> None:
        gld, msft = await ib.qualifyContractsAsync(stock("GLD"), stock("MSFT"))
        for contract, action, ref in ((gld, "BUY", "first"), (msft, "SELL", "second")):
            trade = ib.placeOrder(contract, order("MKT", action, 2, orderRef=ref))
            await until(partial(is_filled, trade))
        over = await ib.reqCompletedOrdersAsync(False)
        told = [(each.order.orderRef, each.order.filledQuantity, each.orderStatus.status) for each in over]
        assert told == [("first", 2.0, "Filled"), ("second", 2.0, "Filled")]
        wanted = library.load().ExecutionFilter
        assert len(await ib.reqExecutionsAsync()) == 2
        sold = await ib.reqExecutionsAsync(wanted(side="SELL"))
        assert [(fill.contract.symbol, fill.execution.side) for fill in sold] == [("MSFT", "SLD")]
        assert await ib.reqExecutionsAsync(wanted(clientId=77)) == []
        assert await ib.reqExecutionsAsync(wanted(time="20260304-15:00:01")) == []

    with_client(script)


def test_a_client_id_in_use_is_error_326_and_the_end() -> None:
    async def script(served: Running, _ib: Any) -> None:
        second = library.load().IB()
        seen = codes(second)
        with pytest.raises((TimeoutError, asyncio.TimeoutError, ConnectionError)):
            await second.connectAsync("127.0.0.1", served.port, clientId=1, timeout=0.2)
        assert [code for _, code in seen] == [326]
        async with library.connected(served, client_id=2) as other:
            assert other.isConnected()

    with_client(script)


def test_reconnect_finds_orders_and_ids_again() -> None:
    async def run() -> None:
        async with running() as served:
            async with library.connected(served, client_id=5) as ib:
                (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
                trade = ib.placeOrder(gld, order("LMT", "BUY", 5, 300.0, orderRef="kept"))
                await until(lambda: bool(trade.orderStatus.status == "Submitted"))
                used = trade.order.orderId
            await until(lambda: 5 not in served.broker.clients)
            async with library.connected(served, client_id=5) as ib:
                (found,) = ib.openTrades()
                assert (found.order.orderRef, found.orderStatus.status) == ("kept", "Submitted")
                assert ib.client.getReqId() > used

    asyncio.run(run())


def test_a_filled_order_is_not_told_to_other_clients_but_its_effect_is() -> None:
    async def run() -> None:
        async with running() as served, library.connected(served, 1) as one, library.connected(served, 2) as two:
            (gld,) = await one.qualifyContractsAsync(stock("GLD"))
            one.placeOrder(gld, order("MKT", "BUY", 10))
            await until(lambda: {p.contract.symbol: p.position for p in two.positions()}["GLD"] == 30.0)
            assert two.trades() == []

    asyncio.run(run())


@pytest.mark.parametrize("version", range(157, library.NEWEST + 1))
def test_every_version_both_sides_speak(version: int) -> None:
    """The whole script at each server version: no field left over, none missing, nothing undecodable."""

    async def run() -> None:
        async with running() as served, library.connected(served, version=version) as ib:
            assert ib.client.serverVersion() == version
            module = library.load()
            ib.TimezoneTWS = "UTC"
            (gld,) = await ib.qualifyContractsAsync(stock("GLD"))
            (quote,) = await ib.reqTickersAsync(gld)
            assert quote.ask == 350.01
            states = what_if_states(ib)
            await ib.whatIfOrderAsync(gld, order("MKT", "BUY", 10))
            await until(lambda: [state[1] for state in states] == ["", "USD"])
            adaptive = order("LMT", "BUY", 2, 360.0, algoStrategy="Adaptive")
            adaptive.algoParams = [module.TagValue("adaptivePriority", "Normal")]
            adaptive.conditions = [module.PriceCondition(conId=272093, exch="SMART", price=1.0)]
            trade = ib.placeOrder(gld, adaptive)
            await until(lambda: bool(trade.orderStatus.status == "Filled"))
            resting = ib.placeOrder(gld, order("LMT", "BUY", 1, 300.0))
            await until(lambda: bool(resting.orderStatus.status == "Submitted"))
            ib.cancelOrder(resting.order)
            await until(lambda: bool(resting.orderStatus.status == "Cancelled"))
            assert len(await ib.reqCompletedOrdersAsync(False)) == 2
            assert len(await ib.reqExecutionsAsync()) == 1
            assert dict(served.broker.log.leftovers) == {}

    asyncio.run(run())


@pytest.mark.parametrize(("name", "currency", "worth"), [("demo", "USD", "100000.00"), ("cad", "CAD", "140000.00")])
def test_the_packaged_scenarios_serve(name: str, currency: str, worth: str) -> None:
    async def run() -> None:
        async with serve(packaged(name)) as served, library.connected(served) as ib:
            values = values_by_key(ib.accountValues())
            assert values[("NetLiquidation", currency)] == worth
            assert values[("ExchangeRate", currency)] == values[("ExchangeRate", "BASE")] == "1.00"
            assert values[("ExchangeRate", "USD")] == {"USD": "1.00", "CAD": "1.37"}[currency]
            holdings = [each for each in ib.positions() if each.contract.secType != "CASH"]
            assert len(holdings) == {"demo": 19, "cad": 5}[name]
            assert len(ib.positions()) - len(holdings) == {"demo": 0, "cad": 1}[name]

    asyncio.run(run())
