"""What the real client libraries see of margin: alerts, a liquidation, look-ahead values, a cash account's refusal."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import move, order, step, stock, values_by_key, with_client
from tests.simgateway.lab import ACCOUNT, MSFT, until
from tests.simgateway.quirky import heard, sync
from tests.simgateway.test_cash_account import CASH, MORE
from tests.simgateway.test_risk import OVERNIGHT, WATCHED

pytestmark = pytest.mark.broker


def test_a_falling_price_is_warned_of_and_liquidates() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        move(served, MSFT, last="426")
        await until(lambda: seen == [(-1, 2148)])
        move(served, MSFT, last="410")
        await sync(ib)
        step(served, 10)
        await until(lambda: {each.contract.symbol: each.position for each in ib.positions()}["MSFT"] == 57)
        await sync(ib)
        told = [fill.execution for fill in ib.fills()]
        assert [(each.side, each.shares, each.liquidation, each.clientId, each.orderId) for each in told] == [
            ("SLD", 3, 1, 0, -1)
        ]
        assert [fill.commissionReport.commission for fill in ib.fills()] == [1]
        assert seen == [(-1, 2148)]
        values = values_by_key(ib.accountValues(ACCOUNT))
        assert float(values[("ExcessLiquidity", "USD")]) > 0

    with_client(script, WATCHED)


def test_look_ahead_values_are_those_of_the_night() -> None:
    async def script(_served: Running, ib: Any) -> None:
        values = values_by_key(ib.accountValues(ACCOUNT))
        assert values[("InitMarginReq", "USD")] == "11100.00"
        assert values[("LookAheadInitMarginReq", "USD")] == "20100.00"
        assert values[("LookAheadExcessLiquidity", "USD")] == "-3750.00"
        assert values[("LookAheadNextChange", "")] == "1772658000"
        summary = values_by_key(await ib.accountSummaryAsync())
        assert summary[("LookAheadMaintMarginReq", "USD")] == "16750.00"
        assert summary[("Cushion", "")] == "0.288462"

    with_client(script, OVERNIGHT)


def test_a_cash_account_refuses_what_it_cannot_pay() -> None:
    async def script(_served: Running, ib: Any) -> None:
        said: list[tuple[int, str]] = []
        ib.errorEvent += lambda _request, code, text, *_rest: said.append((code, text))
        bought = ib.placeOrder(stock("GLD"), order("MKT", "BUY", 15))
        sold = ib.placeOrder(stock("GLD"), order("MKT", "SELL", 21))
        await until(lambda: {201, 426} <= {code for code, _ in said})
        assert any("Cash needed for this order and other pending orders: <br>5251.15 USD" in text for _, text in said)
        assert [trade.filled() for trade in (bought, sold)] == [0, 0]
        assert bought.orderStatus.status in ("Inactive", "Cancelled")

    with_client(script, CASH)


def test_a_tiered_what_if_has_bounds_and_no_commission() -> None:
    async def script(_served: Running, ib: Any) -> None:
        states: list[Any] = []
        ib.client.decoder.wrapper.openOrder, pass_on = _noting(states), ib.client.decoder.wrapper.openOrder
        terms = order("MKT", "BUY", 10)
        terms.whatIf = True
        ib.client.placeOrder(9, stock("GLD"), terms)
        await sync(ib)
        ib.client.decoder.wrapper.openOrder = pass_on
        _, state = states
        assert (state.minCommission, state.maxCommission) == (0.35, 0.382)
        assert state.commission > 1e300 or math.isnan(state.commission)

    with_client(script, "commissions: tiered\n" + WATCHED)


def _noting(states: list[Any]) -> Callable[..., None]:
    return lambda _order_id, _contract, _order, state: states.append(state)


def test_futures_have_a_segment_of_their_own() -> None:
    async def script(_served: Running, ib: Any) -> None:
        future = library.load().Contract(conId=2002, exchange="CME")
        trade = ib.placeOrder(future, order("MKT", "BUY", 1))
        await until(trade.isDone)
        await sync(ib)
        values = values_by_key(ib.accountValues(ACCOUNT))

        def amount(key: str) -> float:
            return float(values[(key, "USD")])

        assert (amount("InitMarginReq-C"), amount("MaintMarginReq-C")) == (2500, 2000)
        assert (amount("NetLiquidation-C"), amount("AvailableFunds-C"), amount("ExcessLiquidity-C")) == (2500, 0, 500)
        for key in ("NetLiquidation", "EquityWithLoanValue", "InitMarginReq", "MaintMarginReq", "AvailableFunds"):
            assert round(amount(f"{key}-S") + amount(f"{key}-C"), 2) == amount(key), key

    with_client(script, MORE)
