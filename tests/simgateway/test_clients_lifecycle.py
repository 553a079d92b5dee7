"""What the client libraries see of an order's life: brackets, groups, an order after the close, a day that ends."""

from typing import Any

import pytest

from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import codes, is_filled, move, order, step, stock, with_client
from tests.simgateway.lab import GLD, until
from tests.simgateway.life import HOUR, HOURS

pytestmark = pytest.mark.broker


def status(trade: Any) -> str:
    return str(trade.orderStatus.status)


def test_a_bracket() -> None:
    async def script(served: Running, ib: Any) -> None:
        bracket = ib.bracketOrder("BUY", 10, 349, 360, 340, tif="GTC")
        parent, profit, loss = (ib.placeOrder(stock("GLD"), each) for each in bracket)
        await until(lambda: status(parent) == "Submitted")
        assert [(status(each), each.orderStatus.whyHeld) for each in (profit, loss)] == [
            ("PreSubmitted", "child"),
            ("PreSubmitted", "child,trigger"),
        ]
        move(served, GLD, last="348.00")
        await until(lambda: is_filled(parent) and status(profit) == "Submitted")
        assert (status(loss), loss.orderStatus.whyHeld) == ("PreSubmitted", "trigger")
        move(served, GLD, last="361.00")
        await until(lambda: is_filled(profit) and status(loss) == "Cancelled")
        assert {each.contract.symbol: each.position for each in ib.positions()}["GLD"] == 20
        assert loss.isDone()

    with_client(script)


def test_a_pair_of_which_one_cancels_the_other() -> None:
    async def script(served: Running, ib: Any) -> None:
        pair = [order("LMT", "BUY", 10, 300, tif="GTC"), order("LMT", "SELL", 10, 400, tif="GTC")]
        bought, sold = (ib.placeOrder(stock("GLD"), each) for each in ib.oneCancelsAll(pair, "pair", 1))
        await until(lambda: status(bought) == status(sold) == "Submitted")
        seen = codes(ib)
        move(served, GLD, last="401.00")
        await until(lambda: is_filled(sold) and status(bought) == "Cancelled")
        await until(lambda: seen == [(bought.order.orderId, 202)])
        late = ib.placeOrder(stock("GLD"), ib.oneCancelsAll([order("LMT", "BUY", 10, 300)], "pair", 1)[0])
        await until(lambda: (late.order.orderId, 201) in seen)

    with_client(script)


def test_a_group_that_is_made_smaller() -> None:
    async def script(served: Running, ib: Any) -> None:
        pair = [order("LMT", "BUY", 9, 11, tif="GTC"), order("LMT", "BUY", 6, 300, tif="GTC")]
        ib.oneCancelsAll(pair, "pair", 2)
        waiting = ib.placeOrder(stock("GLD"), pair[1])
        await until(lambda: status(waiting) == "Submitted")
        served.broker.quirks.arm("halted:PARTS")
        filling = ib.placeOrder(stock("PARTS"), pair[0])
        await until(lambda: status(filling) == "PreSubmitted")
        working = served.broker.book.get(1, filling.order.orderId)
        assert working is not None
        served.broker.venue.strike(working, working.terms.shares / 3)
        await until(lambda: waiting.order.totalQuantity == 4)
        assert (status(waiting), filling.filled()) == ("Submitted", 3)

    with_client(script)


def test_an_order_after_the_close() -> None:
    """ib_async calls the state of an order with a warning ValidationError; it lives all the same."""

    async def script(served: Running, ib: Any) -> None:
        seen, texts = codes(ib), []
        ib.errorEvent += lambda _request, _code, text, *_rest: texts.append(text)
        step(served, 7 * HOUR)
        trade = ib.placeOrder(stock("MSFT"), order("MKT", "BUY", 5))
        await until(lambda: seen == [(trade.order.orderId, 399)])
        assert texts[-1].endswith("placed at the exchange until 2026-03-05 09:30:00 US/Eastern")
        assert status(trade) in ("PreSubmitted", "ValidationError")
        assert not trade.isDone()
        step(served, 16.5 * HOUR)
        await until(lambda: is_filled(trade))

    with_client(script, HOURS)


def test_a_cancel_after_the_close_waits_for_the_open() -> None:
    async def script(served: Running, ib: Any) -> None:
        step(served, 7 * HOUR)
        trade = ib.placeOrder(stock("MSFT"), order("LMT", "BUY", 5, 400))
        await until(lambda: trade.orderStatus.permId != 0)
        ib.cancelOrder(trade.order)
        told = [trade.orderStatus.status]
        trade.statusEvent += lambda each: told.append(each.orderStatus.status)
        await ib.reqCurrentTimeAsync()
        assert told[-1] == "PendingCancel"
        assert served.broker.book.get(1, trade.order.orderId) in served.broker.book.working()
        step(served, 16.5 * HOUR)
        await until(lambda: status(trade) == "Cancelled")

    with_client(script, HOURS)


def test_a_day_order_ends_at_the_close() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = codes(ib)
        day = ib.placeOrder(stock("GLD"), order("LMT", "BUY", 10, 300))
        kept = ib.placeOrder(stock("GLD"), order("LMT", "BUY", 10, 301, tif="GTC"))
        await until(lambda: status(day) == status(kept) == "Submitted")
        step(served, 6 * HOUR)
        await until(lambda: status(day) == "Cancelled")
        assert (status(kept), seen) == ("Submitted", [(day.order.orderId, 202)])
        over = await ib.reqCompletedOrdersAsync(apiOnly=False)
        assert [(each.order.permId, each.orderStatus.status) for each in over] == [(day.order.permId, "Cancelled")]

    with_client(script, HOURS)


def test_a_closing_order_fills_at_the_close() -> None:
    async def script(served: Running, ib: Any) -> None:
        closing = library.load().Order(action="BUY", totalQuantity=10, orderType="MOC", tif="DAY", account="DU1000001")
        trade = ib.placeOrder(stock("GLD"), closing)
        await until(lambda: status(trade) == "PreSubmitted")
        step(served, 6 * HOUR)
        await until(lambda: is_filled(trade))
        assert trade.orderStatus.avgFillPrice == 350

    with_client(script, HOURS)
