"""One of each type is traded in the packaged world, as a client library sees it, when its market is open."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.margin import figures
from reconciler.simgateway.market.instruments import SecurityType
from reconciler.simgateway.serving.server import Running, serve
from reconciler.simgateway.staging import packaged
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, until

pytestmark = pytest.mark.broker

OPEN_EVERYWHERE = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
"""A Wednesday at 10:00 in New York and 16:00 in Frankfurt."""


def in_the_world(script: Callable[[Running, Any], Awaitable[None]]) -> None:
    async def run() -> None:
        scenario = packaged("world").model_copy(update={"smooth": True})
        async with (
            serve(scenario, clock=SteppedClock(OPEN_EVERYWHERE)) as served,
            library.connected(served) as ib,
        ):
            await script(served, ib)
            assert dict(served.broker.log.leftovers) == {}

    asyncio.run(run())


async def traded(ib: Any, contract: Any, kind: str, size: float, limit: float = 0, **terms: Any) -> Any:
    """Buy (a negative size: sell), and wait until it is filled and its commission came."""
    asked = {"action": "BUY" if size >= 0 else "SELL", "orderType": kind, "totalQuantity": abs(size), "tif": "DAY"}
    if limit:
        asked["lmtPrice"] = limit
    trade = ib.placeOrder(contract, library.load().Order(account=ACCOUNT, **{**asked, **terms}))
    await until(lambda: trade.orderStatus.status == "Filled" and bool(trade.fills[-1].commissionReport.execId))
    return trade


def worth(served: Running) -> Decimal:
    return figures(served.broker.ledgers[ACCOUNT], served.broker.market).net_liquidation


def cash(served: Running, currency: str) -> Decimal:
    return served.broker.ledgers[ACCOUNT].cash[currency]


def test_every_market_of_the_world_is_open_then() -> None:
    async def script(served: Running, _ib: Any) -> None:
        for each in served.broker.market.instruments:
            assert each.sessions.is_open(OPEN_EVERYWHERE, outside_rth=False), each.symbol
        kinds = {each.security_type for each in served.broker.market.instruments}
        assert kinds == set(SecurityType)

    in_the_world(script)


def test_a_future_is_bought_marked_and_sold() -> None:
    async def script(served: Running, ib: Any) -> None:
        lib, before, dollars = library.load(), worth(served), cash(served, "USD")
        contract = lib.Future("ES", "202612", "CME")
        bought = await traded(ib, contract, "MKT", 2)
        (fill,) = bought.fills
        assert (fill.execution.price, fill.execution.exchange) == (6720.25, "CME")
        assert (fill.contract.multiplier, fill.contract.lastTradeDateOrContractMonth) == ("50", "20261218")
        fee = Decimal(str(fill.commissionReport.commission))
        assert 0 < fee < 20
        # Nothing is paid for the contracts but the fee; what the ask was above the mark is lost at once.
        assert dollars - cash(served, "USD") < 100
        assert worth(served) == before - fee - Decimal("0.25") * 50 * 2
        served.broker.move_prices({495512563: {"last": Decimal("6730.25")}})
        assert worth(served) == before - fee + 10 * 50 * 2
        (held,) = [each for each in ib.positions() if each.contract.secType == "FUT"]
        assert (held.contract.localSymbol, held.contract.exchange, held.position) == ("ESZ6", "", 2.0)
        each = 6720.25 * 50 + float(fee) / 2
        assert held.avgCost == pytest.approx(each)
        sold = await traded(ib, lib.Contract(conId=495512563, exchange="CME"), "LMT", -2, limit=6730)
        realized = sold.fills[-1].commissionReport.realizedPNL
        assert realized == pytest.approx((sold.fills[-1].execution.price * 50 - each) * 2 - float(fee), abs=0.01)
        assert worth(served) == before + Decimal(str(round(realized, 2)))

    in_the_world(script)


def test_the_portfolio_shows_a_future_at_its_whole_value() -> None:
    async def script(served: Running, ib: Any) -> None:
        await traded(ib, library.load().Future("MES", "202703", "CME"), "MKT", -1)
        before = figures(served.broker.ledgers[ACCOUNT], served.broker.market)
        served.broker.move_prices({551601578: {"last": Decimal("6780")}})
        await ib.reqAccountUpdatesAsync(ACCOUNT)
        (row,) = [each for each in ib.portfolio(ACCOUNT) if each.contract.secType == "FUT"]
        assert (row.position, row.marketPrice, row.marketValue) == (-1.0, 6780.0, -33900.0)
        assert row.unrealizedPNL == pytest.approx(-33900 + row.averageCost, abs=0.01)
        after = figures(served.broker.ledgers[ACCOUNT], served.broker.market)
        assert after.gross_position_value == before.gross_position_value
        assert after.net_liquidation == before.net_liquidation - 25

    in_the_world(script)


def test_a_currency_pair_exchanges_both_currencies() -> None:
    async def script(served: Running, ib: Any) -> None:
        dollars, euros, before = cash(served, "USD"), cash(served, "EUR"), worth(served)
        bought = await traded(ib, library.load().Forex("EURUSD"), "MKT", 30_000)
        assert bought.fills[-1].execution.price == 1.16255
        assert (bought.fills[-1].execution.exchange, bought.contract.secType) == ("IDEALPRO", "CASH")
        fee = Decimal(str(bought.fills[-1].commissionReport.commission))
        assert cash(served, "EUR") - euros == 30_000
        assert dollars - cash(served, "USD") == Decimal(30_000) * Decimal("1.16255") + fee
        assert worth(served) == before - fee - Decimal("0.00005") * 30_000
        codes: list[int] = []
        ib.errorEvent += lambda _request, code, *_: codes.append(code)
        ib.placeOrder(
            library.load().Forex("EURUSD"),
            library.load().Order(action="BUY", orderType="LMT", totalQuantity=1000, lmtPrice=1.16251, tif="DAY"),
        )
        await until(lambda: codes == [110])

    in_the_world(script)


def test_a_small_order_in_a_pair_is_an_odd_lot_and_fills_all_the_same() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen: list[str] = []
        ib.errorEvent += lambda _request, code, text, *_: seen.append(f"{code} {text}")
        await traded(ib, library.load().Forex("USDJPY"), "MKT", -1000)
        (warning,) = seen
        assert warning.startswith("399 Order Message:\nSELL 1K USD.JPY Forex\nWarning: Your order size is below")
        await traded(ib, library.load().Forex("USDJPY"), "MKT", 25_000)
        assert len(seen) == 1

    in_the_world(script)


def test_the_rate_of_the_account_moves_with_the_pair() -> None:
    async def script(served: Running, ib: Any) -> None:
        await traded(ib, library.load().Stock("SAP", "SMART", "EUR"), "MKT", 10)
        before, euros = worth(served), cash(served, "EUR")
        held = Decimal(50) * Decimal("210.50")
        served.broker.move_prices({12087792: {"last": Decimal("1.26250")}})
        assert worth(served) == before + (euros + held) * Decimal("0.1")

    in_the_world(script)


def test_a_crypto_currency_is_bought_for_money_and_sold_in_units() -> None:
    async def script(served: Running, ib: Any) -> None:
        lib = library.load()
        coin = lib.Contract(secType="CRYPTO", symbol="BTC", exchange="PAXOS", currency="USD")
        bought = await traded(ib, coin, "MKT", 0, cashQty=1000, tif="IOC")
        (fill,) = bought.fills
        assert fill.execution.shares == 0.01156035
        assert fill.execution.shares * fill.execution.price == pytest.approx(1000, abs=0.001)
        (held,) = [each for each in ib.positions() if each.contract.secType == "CRYPTO"]
        assert (held.position, held.contract.localSymbol) == (0.01156035, "BTC.USD")
        await traded(ib, coin, "LMT", 0.5, limit=87_000)
        await traded(ib, coin, "MKT", -0.51156035, tif="IOC")
        assert not [each for each in ib.positions() if each.contract.secType == "CRYPTO" and each.position]
        codes: list[int] = []
        ib.errorEvent += lambda _request, code, *_: codes.append(code)
        for terms in ({"totalQuantity": 0.1, "tif": "IOC"}, {"totalQuantity": 0.1, "cashQty": 100, "tif": "IOC"}):
            ib.placeOrder(coin, lib.Order(action="BUY", orderType="MKT", account=ACCOUNT, **terms))
        await until(lambda: len(codes) == 2)
        assert codes == [10289, 10293]

    in_the_world(script)


def test_an_option_is_quoted_with_its_model_bought_and_sold() -> None:
    async def script(served: Running, ib: Any) -> None:
        before, dollars = worth(served), cash(served, "USD")
        asked = library.load().Option("SPY", "20261218", 680, "C", "SMART")
        (option,) = await ib.qualifyContractsAsync(asked)
        (ticker,) = await ib.reqTickersAsync(option)
        assert (ticker.modelGreeks.delta, ticker.modelGreeks.undPrice) == (0.47, 668.2)
        bought = await traded(ib, option, "LMT", 2, limit=24.2)
        fee = Decimal(str(bought.fills[-1].commissionReport.commission))
        assert dollars - cash(served, "USD") == Decimal("24.20") * 100 * 2 + fee
        assert worth(served) == before - Decimal("0.05") * 100 * 2 - fee
        await traded(ib, option, "MKT", -2)
        assert not [each for each in ib.positions() if each.contract.secType == "OPT" and each.position]

    in_the_world(script)


def test_an_over_the_counter_share_takes_limits_alone() -> None:
    async def script(_served: Running, ib: Any) -> None:
        lib = library.load()
        codes: list[int] = []
        ib.errorEvent += lambda _request, code, *_: codes.append(code)
        await traded(ib, lib.Stock("SAABY", "SMART", "USD"), "LMT", 10, limit=26)
        ib.placeOrder(lib.Stock("SAABY", "SMART", "USD"), lib.MarketOrder("BUY", 1, tif="DAY", account=ACCOUNT))
        await until(lambda: bool(codes))
        assert codes == [387]

    in_the_world(script)


def test_an_etf_and_a_listing_at_its_own_exchange() -> None:
    async def script(_served: Running, ib: Any) -> None:
        lib = library.load()
        await traded(ib, lib.Stock("SPY", "SMART", "USD"), "MKT", 1)
        swiss = await traded(ib, lib.Stock("SAP", "EBS", "CHF"), "MKT", 5)
        assert (swiss.fills[-1].execution.price, swiss.fills[-1].commissionReport.currency) == (197.4, "CHF")
        unclear = ib.placeOrder(lib.Stock("SAP", "SMART"), lib.MarketOrder("BUY", 1, tif="DAY", account=ACCOUNT))
        await until(lambda: any(entry.errorCode == 200 for entry in unclear.log))
        assert "SAP is ambiguous" in unclear.log[-1].message

    in_the_world(script)
