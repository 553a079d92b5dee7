"""Contracts of every type: how they are found, and what is told of them. The packaged world has one of each."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import ContractQuery
from reconciler.simgateway.serving.server import Running, serve
from reconciler.simgateway.staging import load, packaged, stage
from tests.simgateway import library
from tests.simgateway.lab import TEXT, Bench, order, say, until

OPEN_EVERYWHERE = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
"""A Wednesday at 10:00 in New York and 16:00 in Frankfurt."""


def world() -> Broker:
    return Broker(stage(packaged("world")), SteppedClock(OPEN_EVERYWHERE))


def found(**fields: Any) -> list[str]:
    return [f"{each.symbol} {each.primary_exchange}" for each in world().find(ContractQuery(**fields))]


def instrument(broker: Broker, local_symbol: str, currency: str = "USD") -> Instrument:
    (one,) = broker.find(ContractQuery(local_symbol=local_symbol, currency=currency))
    return one


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"symbol": "SAP"}, ["SAP NYSE", "SAP IBIS", "SAP EBS"]),
        ({"symbol": "SAP", "exchange": "SMART"}, ["SAP NYSE", "SAP IBIS", "SAP EBS"]),
        ({"symbol": "SAP", "currency": "EUR"}, ["SAP IBIS"]),
        ({"symbol": "SAP", "exchange": "FWB"}, ["SAP IBIS"]),
        ({"symbol": "SAP", "primary_exchange": "EBS"}, ["SAP EBS"]),
        ({"symbol": "SAP", "trading_class": "XETRA"}, ["SAP IBIS"]),
        ({"symbol": "SAP", "exchange": "IDEALPRO"}, []),
        ({"con_id": 14204}, ["SAP IBIS"]),
        ({"con_id": 14204, "symbol": "IGNORED", "exchange": "SMART"}, ["SAP IBIS"]),
        ({"con_id": 14204, "exchange": "NYSE"}, []),
        ({"con_id": 4}, []),
        ({}, []),
        ({"currency": "EUR"}, []),
        ({"symbol": "EUR"}, ["EUR IDEALPRO"]),
        ({"symbol": "EUR", "currency": "USD", "security_type": "CASH", "exchange": "IDEALPRO"}, ["EUR IDEALPRO"]),
        ({"symbol": "EUR", "exchange": "SMART"}, []),
        ({"local_symbol": "USD.JPY"}, ["USD IDEALPRO"]),
        ({"symbol": "USD", "security_type": "CASH"}, ["USD IDEALPRO", "USD IDEALPRO", "USD IDEALPRO"]),
        ({"symbol": "ES"}, ["ES CME", "ES CME"]),
        ({"symbol": "ES", "exchange": "SMART"}, []),
        ({"symbol": "ES", "expiry": "202612"}, ["ES CME"]),
        ({"symbol": "ES", "expiry": "20261218"}, ["ES CME"]),
        ({"symbol": "ES", "expiry": "20261217"}, []),
        ({"symbol": "ES", "expiry": "2026"}, []),
        ({"symbol": "ES", "expiry": "202612", "multiplier": Decimal(50)}, ["ES CME"]),
        ({"symbol": "ES", "multiplier": Decimal(5)}, []),
        ({"local_symbol": "MESH7"}, ["MES CME"]),
        ({"symbol": "SPY"}, ["SPY ARCA", "SPY AMEX"]),
        ({"symbol": "SPY", "strike": Decimal(680), "right": "C"}, ["SPY AMEX"]),
        ({"local_symbol": "SPY   261218C00680000"}, ["SPY AMEX"]),
        ({"symbol": "BTC", "security_type": "CRYPTO", "exchange": "PAXOS"}, ["BTC PAXOS"]),
        ({"symbol": "BTC", "security_type": "STK"}, []),
        ({"symbol": "AAPL", "expiry": "202612"}, []),
        ({"symbol": "AAPL", "multiplier": Decimal(0)}, ["AAPL NASDAQ"]),
        ({"symbol": "AAPL", "multiplier": Decimal(100)}, []),
    ],
)
def test_a_query_finds_what_fits_all_its_fields(fields: dict[str, Any], names: list[str]) -> None:
    assert found(**fields) == names


def test_expiries_of_one_symbol_differ_by_local_symbol() -> None:
    broker = world()
    near, far = broker.find(ContractQuery(symbol="ES", security_type="FUT"))
    assert (near.local_symbol, far.local_symbol) == ("ESZ6", "ESH7")
    assert near.delivery is not None
    assert (near.delivery.month, near.delivery.underlying_con_id) == ("202612", 11004968)


def test_what_a_holding_is_worth() -> None:
    broker = world()
    es, euro, stock = instrument(broker, "ESZ6"), instrument(broker, "EUR.USD"), instrument(broker, "AAPL")
    two, price = Decimal(2), Decimal(6700)
    assert es.notional(two, price) == 670_000
    assert es.equity(two, Decimal(669_000), price) == 1000
    assert es.equity(-two, Decimal(-669_000), price) == -1000
    assert stock.equity(two, Decimal(0), price) == stock.notional(two, price) == 13_400
    assert euro.equity(two, Decimal(5), price) == 0
    kinds = [(each.is_paid_in_full, each.settles_daily, each.is_currency_pair) for each in (stock, es, euro)]
    assert kinds == [(True, False, False), (False, True, False), (False, False, True)]


def test_price_increments_by_exchange() -> None:
    broker = world()
    sap = instrument(broker, "SAP", "EUR")
    assert sap.rule_at("IBIS").increment(Decimal("210.50")) == Decimal("0.05")
    assert sap.rule_at("FWB").increment(Decimal("210.50")) == Decimal("0.01")
    assert sap.rule_at("SMART").rule_id == 1874


def query(session: Any, *contract: object) -> None:
    say(session, 9, 8, 1, *contract, "0", "", "", "")


@pytest.mark.parametrize(
    ("contract", "text"),
    [
        ((0, "NOPE", "STK", "", "", "", "", "SMART", "", "USD", "", ""), "No security definition has been found"),
        ((0, "MSFT", "STK", "", "", "", "", "GLOBEX", "", "USD", "", ""), "Invalid destination exchange specified"),
        ((272093, "", "", "", "", "", "", "GLOBEX", "", "", "", ""), "Invalid destination exchange specified"),
        ((0, "MSFT", "STK", "202612", "", "", "", "SMART", "", "USD", "", ""), "No security definition"),
    ],
)
def test_what_is_not_found_is_told_with_its_reason(contract: tuple[object, ...], text: str) -> None:
    session, wire = Bench().client()
    query(session, *contract)
    (error,) = wire.frames
    assert error[3] == "200"
    assert text in error[4]


def test_a_quote_of_an_ambiguous_symbol_is_refused_by_name() -> None:
    session, wire = Bench().client()
    say(session, 1, 11, 7, 0, "TWIN", "STK", "", "0", "", "", "SMART", "", "", "", "", 0, "", 0, 0, "")
    (error,) = wire.frames
    assert error[2:5] == ["7", "200", "The contract description specified for TWIN is ambiguous."]


async def details(bench: Bench, client_id: int) -> list[list[str]]:
    session, wire = bench.client(client_id)
    query(session, 272093, "", "", "", "0", "", "", "", "", "", "", "")
    return wire.frames[:-1]


def test_hours_are_told_from_the_gateways_day_on() -> None:
    async def run() -> None:
        bench = Bench(TEXT + "hours: {zone: US/Eastern, trading: 0400-2000, liquid: 0930-1600}\n")
        (before,) = await details(bench, 1)
        assert "20260304:0400-20260304:2000;20260305:0400-20260305:2000;20260306" in " ".join(before)
        assert "20260304:0930-20260304:1600;" in " ".join(before)
        bench.clock.step(86_400)
        (after,) = await details(bench, 2)
        assert "20260304" not in " ".join(after)
        assert "20260305:0930-20260305:1600;20260306:0930-20260306:1600;20260307:CLOSED" in " ".join(after)

    asyncio.run(run())


BAD = """accounts:
  DU1: {cash: {USD: 1}}
instruments:
  NOWHERE: {con_id: 1, name: A, last: 5}
  EUR: {con_id: 2, name: A, security_type: CASH, currency: EUR, last: 5}
  EURO: {con_id: 3, name: A, security_type: CASH, currency: USD, last: 5}
  ES: {con_id: 4, name: A, security_type: FUT, last: 5}
  OLD: {con_id: 5, name: A, primary_exchange: N, expiry: 2026-12-18, multiplier: 5, last: 5}
  RULES: {con_id: 6, name: A, primary_exchange: N, last: 5, exchange_rules: {N: 7, M: 26}}
  ZONE: {con_id: 7, name: A, primary_exchange: N, last: 5, hours: {zone: Mars/Base, trading: 0900-1700}}
  LATE: {con_id: 8, name: A, primary_exchange: N, last: 5, hours: {trading: 0900-1700, liquid: 0900-1800}}
  TWICE: {con_id: 9, name: A, primary_exchange: N, last: 5, hours: {trading: "0900-1300,1200-1700"}}
  ROUND: {con_id: 10, name: A, primary_exchange: N, last: 5, hours: {trading: "1700-1600,1630-1730"}}
hours: {zone: MET, trading: "0900-1000,0930-1100", liquid: "0900-1000,0930-1100"}
"""


def test_contradictions_of_contracts_and_hours() -> None:
    scenario, mistakes = load(BAD, "bad.yaml")
    assert scenario is None
    told = {str(each).removeprefix("bad.yaml:").partition(":")[0] + str(each)[-9:] for each in mistakes}
    assert {
        "4[SCN107]", "5[SCN107]", "6[SCN107]", "7[SCN107]", "8[SCN107]", "9[SCN101]", "10[SCN106]", "11[SCN106]",
        "12[SCN106]", "13[SCN106]", "14[SCN106]",
    } <= {each.replace(" ", "") for each in told}  # fmt: skip


def test_misshapen_hours_are_told() -> None:
    scenario, mistakes = load(BAD.replace("trading: 0900-1700}}", "trading: 0900-2500}}"), "bad.yaml")
    assert scenario is None
    assert any("bad.yaml:10:" in str(each) for each in mistakes)


def with_world(script: Callable[[Running, Any], Awaitable[None]]) -> None:
    async def run() -> None:
        clock = SteppedClock(OPEN_EVERYWHERE)
        async with serve(packaged("world"), clock=clock) as served, library.connected(served) as ib:
            await script(served, ib)
            assert dict(served.broker.log.leftovers) == {}

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_reads_the_details_of_each_type() -> None:
    async def script(_served: Running, ib: Any) -> None:
        lib = library.load()
        (pair,) = await ib.reqContractDetailsAsync(lib.Forex("EURUSD"))
        assert (pair.contract.localSymbol, pair.contract.conId) == ("EUR.USD", 12087792)
        assert (pair.contract.exchange, pair.minTick, pair.aggGroup) == ("IDEALPRO", 0.00005, 4)
        assert (pair.minSize, pair.sizeIncrement, pair.marketRuleIds) == (0.01, 0.01, "239")
        assert pair.tradingHours.startswith("20260303:1715-20260304:1700;20260304:1715-20260305:1700;")
        near, far = await ib.reqContractDetailsAsync(lib.Future("ES", exchange="CME"))
        assert (near.contract.lastTradeDateOrContractMonth, near.contract.multiplier) == ("20261218", "50")
        assert (near.contractMonth, near.realExpirationDate, near.contract.localSymbol) == (
            "202612",
            "20261218",
            "ESZ6",
        )
        assert (near.underConId, near.underSymbol, near.underSecType) == (11004968, "ES", "IND")
        assert (near.minTick, near.timeZoneId, far.contractMonth) == (0.25, "US/Central", "202703")
        assert (near.contract.primaryExchange, near.contract.tradingClass, near.marketName) == ("", "ES", "ES")
        (coin,) = await ib.reqContractDetailsAsync(lib.Contract(secType="CRYPTO", symbol="BTC", exchange="PAXOS"))
        assert (coin.contract.localSymbol, coin.minSize, coin.minTick) == ("BTC.USD", 1e-8, 0.25)
        (sap,) = await ib.reqContractDetailsAsync(lib.Stock("SAP", "SMART", "EUR"))
        assert (sap.validExchanges, sap.marketRuleIds) == ("SMART,IBIS,FWB,TGATE", "1874,1874,109,1874")
        assert (sap.minTick, sap.timeZoneId, sap.stockType) == (0.0001, "MET", "COMMON")
        (etf,) = await ib.reqContractDetailsAsync(lib.Stock("SPY", "SMART", "USD"))
        assert (etf.stockType, etf.contract.primaryExchange) == ("ETF", "ARCA")
        assert etf.liquidHours.startswith("20260304:0930-20260304:1600;")

    with_world(script)


@pytest.mark.broker
def test_a_library_qualifies_what_is_unambiguous() -> None:
    async def script(_served: Running, ib: Any) -> None:
        lib = library.load()
        seen: list[str] = []
        ib.errorEvent += lambda _request, code, text, *_: seen.append(f"{code} {text}")
        future, direct = lib.Future("ES", "202612", "CME"), lib.Stock("SAP", "EBS", "CHF")
        assert len(await ib.qualifyContractsAsync(future, direct)) == 2
        assert (future.conId, future.multiplier, future.localSymbol) == (495512563, "50", "ESZ6")
        assert (direct.conId, direct.primaryExchange) == (79056, "EBS")
        listings = await ib.reqContractDetailsAsync(lib.Stock("SAP", "SMART"))
        assert [each.contract.currency for each in listings] == ["USD", "EUR", "CHF"]
        unclear = lib.Stock("SAP", "SMART")
        assert [each for each in await ib.qualifyContractsAsync(unclear) if each] == []
        assert unclear.conId == 0
        await ib.qualifyContractsAsync(lib.Future("ES", "202612", "SMART"))
        await until(lambda: bool(seen))
        assert "Invalid destination exchange specified" in seen[-1]

    with_world(script)


OIL = """accounts:
  DU1: {cash: {USD: 1000000}}
instruments:
  CL:
    con_id: 1
    name: Light Sweet Crude Oil
    security_type: FUT
    primary_exchange: NYMEX
    expiry: 2026-11-20
    contract_month: "202612"
    multiplier: 1000
    hours: {trading: "0900-1700", holidays: [2026-03-05]}
    last: 60.00
    spread: 0.01
"""


def test_a_delivery_is_named_by_its_month_and_not_by_its_expiry() -> None:
    scenario, _ = load(OIL, "oil.yaml")
    assert scenario is not None
    (oil,) = Broker(stage(scenario), SteppedClock(OPEN_EVERYWHERE)).market.instruments
    assert (oil.local_symbol, oil.delivery and oil.delivery.month) == ("CLZ6", "202612")
    assert oil.sessions.liquid_text(OPEN_EVERYWHERE).startswith("20260304:0900-20260304:1700;20260305:CLOSED;")


def test_an_order_without_an_exchange_goes_where_the_contract_trades() -> None:
    async def run() -> None:
        bench = Bench(OIL)
        session, wire = bench.client()
        contract: list[object] = [1, "", "", "", "0", "", "", "", "", "", "", "", "", ""]
        terms: list[object] = ["BUY", 1, "LMT", 50, "", "DAY", "", "DU1"]
        fields = order(1, "BUY", 1, "LMT", limit=50)
        fields[: len(contract) + len(terms)] = [*contract, *terms]
        say(session, 3, 1, *fields)
        assert wire.errors() == []
        assert "NYMEX" in next(frame for frame in wire.frames if frame[0] == "5")[:12]

    asyncio.run(run())
