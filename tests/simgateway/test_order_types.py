"""Each order type, placed and changed by a real client library: what rests, what triggers, what fills, and where."""

import asyncio
from typing import Any

import pytest

from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import move, step, stock, with_client
from tests.simgateway.lab import ACCOUNT, GLD, TEXT, running, until
from tests.simgateway.quirky import heard, sync

pytestmark = [pytest.mark.broker, pytest.mark.usefixtures("no_decoding_trouble")]


def terms(kind: str, action: str, quantity: float = 10, **more: Any) -> Any:
    return library.load().Order(**said(kind, action, quantity, **more))


def state(trade: Any) -> str:
    return str(trade.orderStatus.status)


def prices(trade: Any) -> list[float]:
    return [fill.execution.price for fill in trade.fills]


def said(kind: str, action: str, quantity: float = 10, **more: Any) -> dict[str, Any]:
    """Terms as a table holds them: the library is imported by the tests, not by their collection."""
    return {"orderType": kind, "action": action, "totalQuantity": quantity, "tif": "DAY", "account": ACCOUNT, **more}


FILLED_AT_ONCE = [
    (said("MKT", "BUY"), 350.01),
    (said("LMT", "SELL", lmtPrice=349.99), 349.99),
    (said("MIDPRICE", "BUY"), 350.0),
    (said("MIDPRICE", "SELL", lmtPrice=350.0), 350.0),
    (said("REL", "BUY", auxPrice=0.02), 350.01),
    (said("REL", "BUY", percentOffset=0.001), 350.01),
    (said("STP", "BUY", auxPrice=349.0), 350.01),
    (said("MIT", "SELL", auxPrice=349.0), 349.99),
    (said("STP LMT", "SELL", auxPrice=350.5, lmtPrice=349.0), 349.99),
    (said("LIT", "BUY", auxPrice=351.0, lmtPrice=350.01), 350.01),
    (said("TRAIL", "SELL", auxPrice=1.0, trailStopPrice=350.0), 349.99),
    (said("MKT", "BUY", algoStrategy="Adaptive"), 350.01),
]


@pytest.mark.parametrize(("asked", "price"), FILLED_AT_ONCE)
def test_what_the_market_takes_fills(asked: dict[str, Any], price: float) -> None:
    async def script(_served: Running, ib: Any) -> None:
        trade = ib.placeOrder(stock("GLD"), library.load().Order(**asked))
        await until(lambda: state(trade) == "Filled")
        assert prices(trade) == [price]

    with_client(script)


RESTING = [
    (said("LMT", "BUY", lmtPrice=340.0), "Submitted", {"last": "339.98"}, 339.99),
    (said("MIDPRICE", "BUY", lmtPrice=340.0), "Submitted", {"last": "340.00"}, 340.0),
    (said("REL", "BUY"), "Submitted", {"last": "349.00"}, 349.01),
    (said("PEG MID", "SELL"), "Submitted", {"last": "351.00"}, 350.99),
    (said("STP", "BUY", auxPrice=360.0), "PreSubmitted", {"last": "360.00"}, 360.01),
    (said("MIT", "BUY", auxPrice=340.0), "PreSubmitted", {"last": "340.00"}, 340.01),
    (said("STP LMT", "BUY", auxPrice=360.0, lmtPrice=360.5), "PreSubmitted", {"last": "360.00"}, 360.01),
    (said("LIT", "SELL", auxPrice=360.0, lmtPrice=359.0), "PreSubmitted", {"last": "360.00"}, 359.99),
    (said("TRAIL", "SELL", auxPrice=5.0), "PreSubmitted", {"last": "345.00"}, 344.99),
    (said("TRAIL", "BUY", trailingPercent=1.0), "PreSubmitted", {"last": "353.50"}, 353.51),
    (said("TRAIL LIMIT", "SELL", auxPrice=5.0, lmtPriceOffset=0.5), "PreSubmitted", {"last": "345.00"}, 344.99),
]


@pytest.mark.parametrize(("asked", "waits", "prices_then", "price"), RESTING)
def test_what_waits_fills_when_the_market_comes(
    asked: dict[str, Any], waits: str, prices_then: dict[str, str], price: float
) -> None:
    async def script(served: Running, ib: Any) -> None:
        trade = ib.placeOrder(stock("GLD"), library.load().Order(**asked))
        await sync(ib)
        assert (state(trade), prices(trade)) == (waits, [])
        move(served, GLD, **prices_then)
        await until(lambda: state(trade) == "Filled")
        assert prices(trade) == [price]

    with_client(script)


def test_a_stop_limit_that_is_triggered_beyond_its_limit_rests_at_the_exchange() -> None:
    async def script(served: Running, ib: Any) -> None:
        trade = ib.placeOrder(stock("GLD"), terms("STP LMT", "BUY", auxPrice=355.0, lmtPrice=356.0))
        await sync(ib)
        assert state(trade) == "PreSubmitted"
        move(served, GLD, last="358.00")
        await until(lambda: state(trade) == "Submitted")
        move(served, GLD, last="355.50")
        await until(lambda: state(trade) == "Filled")
        assert prices(trade) == [355.51]

    with_client(script)


async def reread(ib: Any) -> Any:
    """The one working order of this client, as the gateway tells it now."""
    told: list[Any] = []
    keep = ib.wrapper.openOrder
    ib.wrapper.openOrder = lambda order_id, contract, order, state: told.append(order)
    decoder = ib.client.decoder
    ib.client.decoder = type(decoder)(ib.wrapper, decoder.serverVersion)
    await ib.reqOpenOrdersAsync()
    ib.wrapper.openOrder = keep
    ib.client.decoder = type(decoder)(ib.wrapper, decoder.serverVersion)
    return told[-1]


def test_a_trailing_stop_is_told_where_it_stands() -> None:
    async def script(served: Running, ib: Any) -> None:
        ib.placeOrder(stock("GLD"), terms("TRAIL LIMIT", "SELL", auxPrice=5.0, lmtPriceOffset=0.5))
        await sync(ib)
        move(served, GLD, last="360.00")
        move(served, GLD, last="357.00")
        told = await reread(ib)
        assert (told.trailStopPrice, told.lmtPrice, told.auxPrice, told.lmtPriceOffset) == (355.0, 354.5, 5.0, 0.5)

    with_client(script)


CHANGES = [
    (said("LMT", "BUY", lmtPrice=340.0), {"lmtPrice": 341.0, "totalQuantity": 12.0}),
    (said("LMT", "BUY", lmtPrice=340.0), {"tif": "GTC"}),
    (said("STP", "BUY", auxPrice=360.0), {"auxPrice": 361.0}),
    (said("STP LMT", "BUY", auxPrice=360.0, lmtPrice=361.0), {"auxPrice": 361.0, "lmtPrice": 362.0}),
    (said("MIT", "BUY", auxPrice=340.0), {"auxPrice": 341.0}),
    (said("LIT", "BUY", auxPrice=340.0, lmtPrice=340.0), {"lmtPrice": 339.0}),
    (said("TRAIL", "SELL", auxPrice=5.0), {"auxPrice": 6.0, "trailStopPrice": 345.0}),
    (said("TRAIL", "SELL", trailingPercent=2.0), {"trailingPercent": 3.0}),
    (said("TRAIL LIMIT", "SELL", auxPrice=5.0, lmtPriceOffset=0.5), {"lmtPriceOffset": 0.6}),
    (said("MIDPRICE", "BUY", lmtPrice=340.0), {"lmtPrice": 341.0}),
    (said("REL", "BUY", auxPrice=0.01, lmtPrice=340.0), {"lmtPrice": 341.0}),
    (said("PEG MID", "BUY", lmtPrice=340.0), {"lmtPrice": 341.0}),
]


TICKED = {"STP": "auxPrice", "MIT": "auxPrice", "TRAIL": "trailStopPrice", "TRAIL LIMIT": "trailStopPrice"}
"""The price that must lie on a tick, where it is not the limit."""


@pytest.mark.parametrize(("asked", "changes"), CHANGES)
def test_an_order_of_any_type_can_be_changed_and_a_bad_change_leaves_it(
    asked: dict[str, Any], changes: dict[str, Any]
) -> None:
    async def script(_served: Running, ib: Any) -> None:
        first = library.load().Order(**asked)
        trade = ib.placeOrder(stock("GLD"), first)
        await sync(ib)
        for name, value in changes.items():
            setattr(first, name, value)
        ib.placeOrder(stock("GLD"), first)
        await sync(ib)
        told = await reread(ib)
        assert {name: getattr(told, name) for name in changes} == changes
        assert prices(trade) == []
        seen = heard(ib)
        before = (told.lmtPrice, told.auxPrice, told.trailStopPrice, told.totalQuantity)
        off_tick = TICKED.get(first.orderType, "lmtPrice")
        setattr(first, off_tick, 340.005)
        ib.placeOrder(stock("GLD"), first)
        await sync(ib)
        assert [code for _, code in seen] == [110]
        told = await reread(ib)
        assert (told.lmtPrice, told.auxPrice, told.trailStopPrice, told.totalQuantity) == before

    with_client(script)


def test_a_changed_trail_begins_anew_and_a_changed_size_does_not() -> None:
    async def script(served: Running, ib: Any) -> None:
        asked = terms("TRAIL", "SELL", auxPrice=5.0)
        ib.placeOrder(stock("GLD"), asked)
        await sync(ib)
        move(served, GLD, last="360.00")
        move(served, GLD, last="358.00")
        asked.totalQuantity = 7
        ib.placeOrder(stock("GLD"), asked)
        await sync(ib)
        assert (await reread(ib)).trailStopPrice == 355.0
        asked.auxPrice = 4.0
        ib.placeOrder(stock("GLD"), asked)
        await sync(ib)
        assert (await reread(ib)).trailStopPrice == 354.0

    with_client(script)


def test_a_what_if_must_be_transmitted() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        ib.placeOrder(stock("GLD"), terms("MKT", "BUY", whatIf=True, transmit=False))
        await sync(ib)
        assert [code for _, code in seen] == [321]
        assert [each for each in served.broker.book if each.client_id == 1] == []

    with_client(script)


def test_a_stock_is_not_bought_by_an_amount_of_money() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        ib.placeOrder(stock("GLD"), terms("MKT", "BUY", 0, cashQty=1000.0))
        await sync(ib)
        assert [code for _, code in seen] == [10244]

    with_client(script)


def test_twenty_orders_work_on_a_side_and_no_more() -> None:
    text = TEXT.replace("pacing: {messages_per_second: 0}", "pacing: {messages_per_second: 0, working_orders: 20}")

    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        trades = [ib.placeOrder(stock("NEVER"), terms("LMT", "SELL", 1, lmtPrice=90.0)) for _ in range(21)]
        other_side = ib.placeOrder(stock("NEVER"), terms("LMT", "BUY", 1, lmtPrice=9.0))
        elsewhere = ib.placeOrder(stock("GLD"), terms("LMT", "SELL", 1, lmtPrice=390.0))
        await sync(ib)
        assert seen == [(trades[-1].order.orderId, 201)]
        assert {state(each) for each in (*trades[:-1], other_side, elsewhere)} == {"Submitted"}
        ib.cancelOrder(trades[0].order)
        await sync(ib)
        again = ib.placeOrder(stock("NEVER"), terms("LMT", "SELL", 1, lmtPrice=90.0))
        await sync(ib)
        assert state(again) == "Submitted"
        assert served.broker.limit == 20

    with_client(script, text)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (TEXT, 0),
        (TEXT.replace("messages_per_second: 0", "messages_per_second: 50"), 0),
        (TEXT.replace("smooth: true\n", ""), 0),
        (TEXT.replace("smooth: true\n", "").replace("messages_per_second: 0", "messages_per_second: 50"), 20),
        (TEXT.replace("messages_per_second: 0", "messages_per_second: 0, working_orders: 3"), 3),
    ],
)
def test_the_limit_of_working_orders_is_off_where_messages_have_none(text: str, limit: int) -> None:
    async def run() -> None:
        async with running(text) as served:
            assert served.broker.limit == limit

    asyncio.run(run())


def test_a_patient_order_is_seen_to_wait() -> None:
    async def script(served: Running, ib: Any) -> None:
        tags = [library.load().TagValue("adaptivePriority", "Patient")]
        trade = ib.placeOrder(stock("GLD"), terms("MKT", "BUY", algoStrategy="Adaptive", algoParams=tags))
        await until(lambda: state(trade) == "Submitted")
        step(served, 4)
        await sync(ib)
        assert prices(trade) == []
        step(served, 1)
        await until(lambda: state(trade) == "Filled")
        assert prices(trade) == [350.0]

    with_client(script, TEXT.replace("smooth: true\n", ""))
