"""What the real client libraries see of the books: a currency trade, a dividend, a split, a future's variation."""

from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway.books.corporate import Dividend, Ratio
from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import is_filled, move, order, step, stock, values_by_key, with_client
from tests.simgateway.lab import ACCOUNT, MSFT, TEXT, until
from tests.simgateway.quirky import sync

pytestmark = pytest.mark.broker

EURO, MICRO = 2001, 2002
WORLD = TEXT.replace(
    "orders:\n",
    """  EUR.USD:
    con_id: 2001
    symbol: EUR
    security_type: CASH
    name: Euro
    primary_exchange: IDEALPRO
    valid_exchanges: [IDEALPRO]
    last: 1.1
    spread: 0.0002
    market_rule: 239
    order_types: [LMT, MKT]
  MES:
    con_id: 2002
    security_type: FUT
    name: MICRO E-MINI
    primary_exchange: CME
    valid_exchanges: [CME]
    multiplier: 5
    expiry: 2026-06-19
    last: 5000.00
    spread: 0.50
    order_types: [LMT, MKT]
orders:
""",
).replace("market_rules:\n", "market_rules:\n  239: [{low_edge: 0, increment: 0.00005}]\n")


def values(ib: Any) -> dict[tuple[str, str], str]:
    return values_by_key(ib.accountValues(ACCOUNT))


def held(ib: Any) -> dict[int, float]:
    return {each.contract.conId: each.position for each in ib.positions()}


async def filled(ib: Any, con_id: int, action: str, quantity: float) -> Any:
    contract = library.load().Contract(conId=con_id)
    await ib.qualifyContractsAsync(contract)
    trade = ib.placeOrder(contract, order("MKT", action, quantity))
    await until(lambda: is_filled(trade) and bool(trade.fills[-1].commissionReport.currency))
    return trade


def test_a_currency_trade_moves_two_cash_balances_and_shows_a_virtual_position() -> None:
    async def script(_served: Running, ib: Any) -> None:
        before = float(values(ib)["NetLiquidation", "USD"])
        trade = await filled(ib, EURO, "BUY", 30_000)
        await until(lambda: values(ib).get(("CashBalance", "EUR")) == "30000.00")
        # 30,000 at 1.1001, and a commission of two dollars.
        assert values(ib)["CashBalance", "USD"] == "26995.00"
        assert trade.fills[0].commissionReport.currency == "USD"
        assert values(ib)["SettledCash", "EUR"] == "0.00"
        assert values(ib)["ExchangeRate", "EUR"] == "1.10"
        assert values(ib)["GrossPositionValue", "USD"] == "37000.00"
        assert float(values(ib)["NetLiquidation", "USD"]) == before - 3 - 2
        assert held(ib)[EURO] == 30_000
        assert {each.contract.secType for each in await ib.reqPositionsAsync()} == {"STK", "CASH"}
        assert EURO not in {each.contract.conId for each in ib.portfolio(ACCOUNT)}

    with_client(script, WORLD)


def test_a_dividend_shows_as_an_accrual_and_then_as_cash() -> None:
    async def script(served: Running, ib: Any) -> None:
        served.broker.bookkeeping.dividend(Dividend(MSFT, Decimal("0.75"), "USD"), pays_in_days=1)
        await until(lambda: values(ib)["AccruedDividend", "USD"] == "45.00")
        assert values(ib)["NetLiquidation", "USD"] == "97045.00"
        assert values(ib)["EquityWithLoanValue", "USD"] == "97000.00"
        assert values(ib)["TotalCashValue", "USD"] == "60000.00"
        assert values(ib)["NetDividend", "BASE"] == "45.00"
        served.broker.reporting.stop()
        step(served, 24 * 3600.0)
        await until(lambda: values(ib)["AccruedDividend", "USD"] == "0.00")
        assert values(ib)["TotalCashValue", "USD"] == "60045.00"
        assert values(ib)["EquityWithLoanValue", "USD"] == values(ib)["NetLiquidation", "USD"] == "97045.00"

    with_client(script, WORLD)


def test_a_split_into_a_new_contract_replaces_the_holding() -> None:
    async def script(served: Running, ib: Any) -> None:
        working = ib.placeOrder(stock("MSFT"), order("LMT", "BUY", 1, 400.0, tif="GTC"))
        await until(lambda: working.orderStatus.status == "Submitted")
        served.broker.bookkeeping.split(MSFT, Ratio(Decimal(3), Decimal(1)), new_con_id=999)
        await until(lambda: held(ib).get(999) == 180)
        assert MSFT not in held(ib)
        await until(lambda: working.orderStatus.status == "Cancelled")
        await until(lambda: MSFT not in {each.contract.conId for each in ib.portfolio(ACCOUNT)})
        rows = {each.contract.conId: each for each in ib.portfolio(ACCOUNT)}
        assert rows[999].averageCost == pytest.approx(133.33333333)
        assert (rows[999].marketPrice, rows[999].marketValue) == (166.67, 30000.6)
        assert await ib.reqContractDetailsAsync(library.load().Contract(conId=MSFT)) == []
        [found] = await ib.reqContractDetailsAsync(stock("MSFT"))
        assert found.contract.conId == 999

    with_client(script, WORLD)


def test_a_future_costs_no_cash_and_pays_its_variation_at_the_end_of_the_day() -> None:
    async def script(served: Running, ib: Any) -> None:
        trade = await filled(ib, MICRO, "BUY", 2)
        fee = trade.fills[0].commissionReport.commission
        await until(lambda: held(ib).get(MICRO) == 2)
        move(served, MICRO, last="5010")
        step(served, 180.0)
        await until(lambda: values(ib)["FuturesPNL", "USD"] == "97.50")
        assert float(values(ib)["NetLiquidation", "USD"]) == pytest.approx(97_097.50 - fee)
        assert values(ib)["GrossPositionValue", "USD"] == "37000.00"
        row = next(each for each in ib.portfolio(ACCOUNT) if each.contract.conId == MICRO)
        assert row.averageCost == pytest.approx(5000.25 * 5 + fee / 2)
        served.broker.reporting.stop()
        step(served, 14 * 3600.0)
        await sync(ib)
        await until(lambda: values(ib)["FuturesPNL", "USD"] == "0.00")
        assert float(values(ib)["CashBalance", "USD"]) == pytest.approx(60_097.50 - fee)

    with_client(script, WORLD)
