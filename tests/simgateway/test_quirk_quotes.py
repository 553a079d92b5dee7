"""Quirks of quotes and contracts that the client libraries see: told in part, taken away, renumbered."""

import math
from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway.quirks.contracts import NEW_ID_OFFSET
from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import order, stock
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, until
from tests.simgateway.quirky import bought, heard, meeting, noted, sync
from tests.simgateway.test_quirk_readings import tick_types

pytestmark = pytest.mark.broker
NEW_GLD = GLD + NEW_ID_OFFSET


def watch(ib: Any, request_id: int, symbol: str) -> None:
    ib.client.reqMktData(request_id, stock(symbol), "", False, False, [])


def test_a_part_of_the_quote_is_not_subscribed_and_the_rest_flows() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "priceSizeTick", "tickSize")
        watch(ib, 800, "GLD")
        watch(ib, 801, "MSFT")
        await sync(ib)
        assert seen == [(800, 10090)]
        mine = [(name, arguments) for name, arguments in calls if arguments[0] == 800]
        assert tick_types(mine) == [4, 9]
        assert [arguments[1] for name, arguments in mine if name == "tickSize"] == [8, 5]
        assert 1 in tick_types(calls)
        calls.clear()
        served.broker.move_prices({GLD: {"last": Decimal(349)}})
        await sync(ib)
        assert set(tick_types(calls)) == {4, 9}

    meeting(script, "market-data:10090:GLD")


def test_another_session_takes_the_quotes_away_and_gives_them_back() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "priceSizeTick")
        watch(ib, 800, "GLD")
        watch(ib, 801, "MSFT")
        await sync(ib)
        calls.clear()
        served.broker.quirks.arm("competing-session:GLD")
        await until(lambda: seen == [(800, 10197)])
        served.broker.move_prices({GLD: {"last": Decimal(349)}, MSFT: {"last": Decimal(499)}})
        watch(ib, 802, "GLD")
        await sync(ib)
        assert seen == [(800, 10197), (802, 10197)]
        assert {arguments[0] for _, arguments in calls} == {801}
        served.broker.quirks.clear("competing-session:GLD")
        served.broker.move_prices({GLD: {"last": Decimal(348)}})
        await sync(ib)
        assert {arguments[0] for _, arguments in calls} == {800, 801, 802}

    meeting(script)


def test_a_close_that_is_no_number() -> None:
    async def script(_served: Running, ib: Any) -> None:
        calls = noted(ib, "priceSizeTick")
        watch(ib, 800, "GLD")
        watch(ib, 801, "MSFT")
        await sync(ib)
        prices = {(arguments[0], arguments[1]): arguments[2] for _, arguments in calls}
        assert math.isnan(prices[(800, 9)])
        assert (prices[(800, 4)], prices[(801, 9)]) == (350.0, 498.0)
        (ticker,) = await ib.reqTickersAsync(library.load().Contract(conId=GLD, exchange="SMART"))
        assert math.isnan(ticker.close)

    meeting(script, "nan-close:GLD")


def test_a_contract_has_another_id() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, by_id = heard(ib), library.load().Contract
        assert await ib.reqContractDetailsAsync(by_id(conId=GLD)) == []
        assert await ib.reqContractDetailsAsync(by_id(conId=MSFT + NEW_ID_OFFSET)) == []
        assert [code for _, code in seen] == [200, 200]
        for asked in (by_id(conId=NEW_GLD), stock("GLD")):
            found = await ib.reqContractDetailsAsync(asked)
            assert [each.contract.conId for each in found] == [NEW_GLD]
        ib.client.reqPositions()
        await until(lambda: NEW_GLD in {each.contract.conId for each in ib.positions()})
        trade = ib.placeOrder(by_id(conId=NEW_GLD, exchange="SMART"), order("MKT", "BUY", 5))
        await until(lambda: trade.filled() == 5)
        assert {each.contract.conId for each in ib.fills()} == {NEW_GLD}
        old = ib.placeOrder(by_id(conId=GLD, exchange="SMART"), order("MKT", "BUY", 5))
        await until(lambda: (old.order.orderId, 200) in seen)
        assert served.broker.ledgers[ACCOUNT].positions[GLD].quantity == 25
        other = bought(ib, "MSFT", 1)
        await until(lambda: other.filled() == 1)
        assert [each.conId for each in await ib.qualifyContractsAsync(stock("MSFT"))] == [MSFT]

    meeting(script, "new-id:GLD")


def test_the_id_is_the_old_one_when_cleared() -> None:
    async def script(served: Running, ib: Any) -> None:
        served.broker.quirks.clear("new-id:GLD")
        (found,) = await ib.reqContractDetailsAsync(stock("GLD"))
        assert found.contract.conId == GLD
        assert await ib.reqContractDetailsAsync(library.load().Contract(conId=NEW_GLD)) == []

    meeting(script, "new-id:GLD")
