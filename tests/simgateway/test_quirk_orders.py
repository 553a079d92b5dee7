"""Quirks of orders and of what is told about them, as the client libraries see them."""

import asyncio
import math
from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway.orders.book import Order, Status
from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import order, step, stock
from tests.simgateway.lab import ACCOUNT, GLD, running, until
from tests.simgateway.quirky import bought, heard, meeting, noted, resting, sync

pytestmark = pytest.mark.broker


def kept(served: Running, trade: Any, client_id: int = 1) -> Order:
    found = served.broker.book.get(client_id, trade.order.orderId)
    assert found is not None
    return found


def ask_what_if(ib: Any, order_id: int = 500) -> None:
    asked = order("MKT", "BUY", 10)
    asked.whatIf = True
    ib.client.placeOrder(order_id, stock("GLD"), asked)


def is_unset(text: Any) -> bool:
    return math.isclose(float(text), 1.7976931348623157e308)


def margins(calls: list[tuple[str, tuple[Any, ...]]]) -> list[Any]:
    return [arguments[3].initMarginAfter for _, arguments in calls]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("one-step", ["told"]),
        ("two-step", ["unset"]),
        ("unset", ["unset", "unset"]),
        ("blank", ["blank", "blank"]),
        ("no-commission", ["unset", "told"]),
        ("silent", []),
    ],
)
def test_what_ifs(mode: str, expected: list[str]) -> None:
    def kind(margin: Any) -> str:
        if margin in ("", 0.0):
            return "blank"
        return "unset" if is_unset(margin) else "told"

    async def script(served: Running, ib: Any) -> None:
        calls = noted(ib, "openOrder")
        ask_what_if(ib)
        await sync(ib)
        assert [kind(margin) for margin in margins(calls)] == expected
        if mode == "no-commission":
            assert is_unset(calls[-1][1][3].commission)
            assert calls[-1][1][3].commissionCurrency == ""
        if mode == "two-step":
            step(served, 1)
            await until(lambda: len(calls) == 2)
            assert [kind(margin) for margin in margins(calls)] == ["unset", "told"]
        assert list(served.broker.book.working())[1:] == []

    meeting(script, f"what-if:{mode}:GLD")


@pytest.mark.parametrize(
    ("mode", "code"), [(str(code), code) for code in (110, 201, 321, 360, 413, 10243)] + [("read-only", 321)]
)
def test_a_what_if_that_fails_has_a_code_and_no_state(mode: str, code: int) -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "openOrder")
        ask_what_if(ib, 500)
        ask_what_if(ib, 501)
        await sync(ib)
        assert seen == [(501, code)]
        assert len(calls) == 2

    meeting(script, f"what-if:{mode}@2")


def test_a_dropped_order_leaves_no_trace() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        lost, fine = bought(ib), bought(ib, "MSFT")
        await until(lambda: bool(fine.orderStatus.status == "Filled"))
        assert (lost.orderStatus.status, seen) == ("PendingSubmit", [])
        assert served.broker.book.get(1, lost.order.orderId) is None

    meeting(script, "silent-drop:GLD")


def test_an_unheard_order_shows_after_a_reconnect() -> None:
    async def run() -> None:
        async with running() as served:
            async with library.connected(served, 5) as ib:
                served.broker.quirks.arm("delayed-ack:GLD")
                trade = resting(ib, orderRef="unheard")
                await sync(ib)
                assert trade.orderStatus.status == "PendingSubmit"
                assert kept(served, trade, 5).status is Status.SUBMITTED
            await until(lambda: 5 not in served.broker.clients)
            async with library.connected(served, 5) as ib:
                (found,) = ib.openTrades()
                assert (found.order.orderRef, found.orderStatus.status) == ("unheard", "Submitted")

    asyncio.run(run())


def test_the_ack_is_lost_with_the_connection_and_the_order_is_alive() -> None:
    async def run() -> None:
        async with running() as served:
            async with library.connected(served, 5) as ib:
                served.broker.quirks.arm("lost-ack@2")
                first = bought(ib, "MSFT")
                await until(lambda: bool(first.orderStatus.status == "Filled"))
                trade = bought(ib, orderRef="alive")
                await until(lambda: not ib.isConnected())
                assert trade.orderStatus.status == "PendingSubmit"
            assert kept(served, trade, 5).status is Status.FILLED
            async with library.connected(served, 5) as ib:
                assert [each.execution.orderRef for each in ib.fills()] == ["", "alive"]

    asyncio.run(run())


@pytest.mark.parametrize("code", [103, 110, 200, 201, 203, 321, 460, 463, 10243])
def test_rejects(code: int) -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "orderStatus")
        refused, fine = bought(ib), bought(ib)
        await until(lambda: bool(fine.orderStatus.status == "Filled"))
        assert seen == [(refused.order.orderId, code)]
        mine = [arguments[1] for _, arguments in calls if arguments[0] == refused.order.orderId]
        assert mine == (["Inactive"] if code == 201 else [])
        assert kept(served, refused).status is Status.INACTIVE
        assert served.broker.ledgers[ACCOUNT].positions[GLD].quantity == 25

    meeting(script, f"reject:{code}:GLD@1")


@pytest.mark.parametrize("code", [2109, 2137, 10311, 10349])
def test_warnings_on_orders_that_live(code: int) -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        trade = resting(ib)
        await until(lambda: (trade.order.orderId, code) in seen)
        await sync(ib)
        assert kept(served, trade).status is Status.SUBMITTED
        served.broker.move_prices({GLD: {"last": Decimal(299)}})
        await until(lambda: trade.filled() == 5)

    meeting(script, f"warning:{code}:GLD")


@pytest.mark.parametrize(("code", "why"), [(399, ""), (404, "locate")])
def test_warnings_with_which_an_order_is_held(code: int, why: str) -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "orderStatus")
        trade = bought(ib)
        await until(lambda: (trade.order.orderId, code) in seen)
        served.broker.move_prices({GLD: {"last": Decimal(349)}})
        await sync(ib)
        assert [(arguments[1], arguments[9]) for _, arguments in calls] == [("PreSubmitted", why)]
        assert trade.fills == []
        served.broker.quirks.clear(f"warning:{code}:GLD")
        await until(lambda: trade.filled() == 5)
        assert calls[-1][1][9] == ""

    meeting(script, f"warning:{code}:GLD")


def test_a_reduced_order_has_half_its_size() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        trade = bought(ib, quantity=10)
        await until(lambda: (trade.order.orderId, 481) in seen)
        await until(lambda: trade.filled() == 5)
        assert kept(served, trade).status is Status.FILLED

    meeting(script, "warning:481")


@pytest.mark.parametrize(
    ("mode", "codes", "status"),
    [
        ("filled", [], Status.FILLED),
        ("10148", [10148], Status.FILLED),
        ("10147", [10147], Status.SUBMITTED),
        ("161", [161], Status.SUBMITTED),
        ("silent", [], Status.SUBMITTED),
    ],
)
def test_cancel_races(mode: str, codes: list[int], status: Status) -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "orderStatus", "execDetails")
        trade = resting(ib)
        await until(lambda: bool(trade.orderStatus.status == "Submitted"))
        calls.clear()
        ib.client.cancelOrder(trade.order.orderId, "")
        await sync(ib)
        assert [code for _, code in seen] == codes
        assert kept(served, trade).status is status
        told = [arguments[1] if name == "orderStatus" else "execution" for name, arguments in calls]
        pending = ["PendingCancel"] if mode == "filled" else []
        assert told == ([*pending, "execution", "Filled"] if status is Status.FILLED else [])

    meeting(script, f"cancel:{mode}")


@pytest.mark.parametrize("quirks", [(), ("cross-cancel",)])
def test_a_cancel_of_another_clients_order(quirks: tuple[str, ...]) -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        ib.client.cancelOrder(4, "")
        await sync(ib)
        assert seen == [(4, 202 if quirks else 10147)]
        assert len(served.broker.book.working()) == (0 if quirks else 1)

    meeting(script, *quirks)


@pytest.mark.parametrize("quirks", [(), ("see-all",)])
def test_whether_other_clients_hear_of_an_order(quirks: tuple[str, ...]) -> None:
    async def script(served: Running, ib: Any) -> None:
        async with library.connected(served, 2) as other:
            calls = noted(other, "orderStatus", "execDetails", "commissionReport")
            trade = bought(ib)
            await until(lambda: bool(trade.orderStatus.status == "Filled"))
            await sync(other)
            expected = ["orderStatus", "execDetails", "orderStatus", "commissionReport"] if quirks else []
            assert [name for name, _ in calls] == expected

    meeting(script, *quirks)


def shown(calls: list[tuple[str, tuple[Any, ...]]]) -> list[str]:
    return [str(arguments[1]) if name == "orderStatus" else name for name, arguments in calls]


@pytest.mark.parametrize(
    ("quirk", "expected"),
    [
        ("filled-first:GLD", ["PreSubmitted", "Filled", "execDetails", "commissionReport"]),
        ("no-status:GLD", ["execDetails", "commissionReport"]),
        (
            "double-status:GLD",
            ["PreSubmitted", "PreSubmitted", "execDetails", "Filled", "Filled", "commissionReport"],
        ),
        ("commission:missing:GLD", ["PreSubmitted", "execDetails", "Filled"]),
        ("commission:late:GLD", ["PreSubmitted", "execDetails", "Filled"]),
        ("no-status:MSFT", ["PreSubmitted", "execDetails", "Filled", "commissionReport"]),
        ("double-status@2", ["PreSubmitted", "execDetails", "Filled", "commissionReport"]),
    ],
)
def test_what_is_told_of_a_fill(quirk: str, expected: list[str]) -> None:
    async def script(served: Running, ib: Any) -> None:
        calls = noted(ib, "orderStatus", "execDetails", "commissionReport")
        trade = bought(ib)
        await until(lambda: trade.filled() == 5)
        await sync(ib)
        assert shown(calls) == expected
        step(served, 3)
        if quirk.startswith("commission:late"):
            await until(lambda: shown(calls) == [*expected, "commissionReport"])
        await sync(ib)
        calls.clear()
        assert len(await ib.reqExecutionsAsync()) == 1
        await until(lambda: "commissionReport" in shown(calls))

    meeting(script, quirk)


def test_a_corrected_execution_replaces_the_first() -> None:
    async def script(served: Running, ib: Any) -> None:
        calls = noted(ib, "execDetails")
        ledger = served.broker.ledgers[ACCOUNT]
        trade = bought(ib)
        await until(lambda: trade.filled() == 5)
        cash = ledger.cash["USD"]
        step(served, 1)
        await until(lambda: len(calls) == 2)
        first, second = (arguments[2] for _, arguments in calls)
        assert (first.price, second.price) == (350.01, 350.02)
        assert first.execId.rpartition(".")[0] == second.execId.rpartition(".")[0]
        assert (first.execId[-2:], second.execId[-2:]) == ("01", "02")
        assert cash - ledger.cash["USD"] == Decimal("0.05")
        assert kept(served, trade).filled == 5

    meeting(script, "corrected-execution:GLD")
