"""Quirks of the connection, as the client libraries see them: outages, restarts, connects that fail, pacing."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.clients import step
from tests.simgateway.lab import ACCOUNT, GLD, TEXT, Bench, running, say, until
from tests.simgateway.quirky import bought, heard, meeting, noted, resting, sync

pytestmark = pytest.mark.broker


@pytest.mark.parametrize(("mode", "code"), [("kept", 1102), ("lost", 1101)])
def test_an_outage_in_which_orders_fill(mode: str, code: int) -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "execDetails", "orderStatus")
        served.broker.quirks.arm(f"outage:{mode}")
        trade = bought(ib)
        await sync(ib)
        assert seen == [(-1, 1100)]
        assert calls == []
        assert served.broker.ledgers[ACCOUNT].positions[GLD].quantity == 25
        served.broker.quirks.clear(f"outage:{mode}")
        await until(lambda: seen == [(-1, 1100), (-1, code)])
        await sync(ib)
        assert trade.orderStatus.status == ("Filled" if mode == "kept" else "PendingSubmit")
        assert len(await ib.reqExecutionsAsync()) == 1

    meeting(script)


def test_reads_do_not_end_in_an_outage_and_who_comes_is_told() -> None:
    async def script(served: Running, _ib: Any) -> None:
        other = library.load().IB()
        seen = heard(other)
        with suppress(TimeoutError, asyncio.TimeoutError):  # ib_insync gives up, ib_async connects with nothing
            await other.connectAsync("127.0.0.1", served.port, clientId=2, timeout=0.3)
        assert seen == [(-1, 1100)]
        assert other.positions() == []
        other.disconnect()
        await asyncio.sleep(0)

    meeting(script, "outage:kept")


def test_the_port_is_reset() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen = heard(ib)
        served.broker.quirks.arm("port-reset")
        await until(lambda: not ib.isConnected())
        assert seen[0] == (-1, 1300)

    meeting(script)


def test_the_nightly_restart_rolls_ids_back_to_what_works() -> None:
    async def run() -> None:
        async with running() as served:
            async with library.connected(served, 5) as ib:
                kept = resting(ib, orderRef="kept")
                await until(lambda: bool(kept.orderStatus.status == "Submitted"))
                served.broker.quirks.arm("restart@2")
                before = bought(ib)
                await until(lambda: before.filled() == 5)
                last = bought(ib)
                await until(lambda: not ib.isConnected())
                used = last.order.orderId + 1
            async with library.connected(served, 5) as ib:
                assert [each.order.orderRef for each in ib.openTrades()] == ["kept"]
                calls = noted(ib, "nextValidId")
                ib.client.reqIds(1)
                await until(lambda: calls == [("nextValidId", (kept.order.orderId + 1,))])
                assert kept.order.orderId + 1 < used
                again = bought(ib)
                await until(lambda: again.filled() == 5)
                assert len(ib.fills()) == 3

    asyncio.run(run())


@pytest.mark.parametrize(
    ("mode", "codes"),
    [("refused", []), ("half-open", []), ("hang-up", []), ("no-accounts", []), ("no-id", []), ("326", [326])],
)
def test_a_connect_that_fails_and_the_next_that_does_not(mode: str, codes: list[int]) -> None:
    async def script(served: Running, _ib: Any) -> None:
        other = library.load().IB()
        seen = heard(other)
        with pytest.raises((TimeoutError, asyncio.TimeoutError, ConnectionError)):
            await other.connectAsync("127.0.0.1", served.port, clientId=2, timeout=0.3)
        assert [code for _, code in seen] == codes
        other.disconnect()
        async with library.connected(served, 2) as again:
            assert again.isConnected()

    meeting(script, f"connect:{mode}@1")


def test_pacing_refuses_thrice_and_hangs_up() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        for _ in range(3):
            ib.client.reqCurrentTime()
        await until(lambda: not ib.isConnected())
        assert [each for each in seen if each[1] == 100] == [(-1, 100)] * 3

    meeting(script, "pacing")


def test_one_request_is_refused_for_its_pace() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "currentTime")
        for _ in range(3):
            ib.client.reqCurrentTime()
        await until(lambda: len(calls) == 2)
        assert (seen, ib.isConnected()) == ([(-1, 100)], True)

    meeting(script, "pacing@2")


def test_an_event_of_a_scenario_waits_for_the_first_client() -> None:
    async def run() -> None:
        async with running(TEXT + "quirks: [margin-alert]\n") as served:
            other = library.load().IB()
            seen = heard(other)
            await other.connectAsync("127.0.0.1", served.port, clientId=2, timeout=5)
            await until(lambda: seen == [(-1, 2148)])
            other.disconnect()
            async with library.connected(served, 3) as third:
                late = heard(third)
                await sync(third)
                assert late == []

    asyncio.run(run())


async def refused_connect(served: Running) -> None:
    """A client that tries to connect, and does not."""
    other = library.load().IB()
    with pytest.raises((TimeoutError, asyncio.TimeoutError, ConnectionError)):
        await other.connectAsync("127.0.0.1", served.port, clientId=2, timeout=0.3)
    other.disconnect()
    await asyncio.sleep(0)


def test_the_second_factor_is_awaited() -> None:
    async def script(served: Running, ib: Any) -> None:
        seen, calls = heard(ib), noted(ib, "execDetails")
        served.broker.quirks.arm("two-factor")
        bought(ib)
        await sync(ib)
        assert (seen, calls) == ([(-1, 1100)], [])
        await refused_connect(served)
        served.broker.quirks.clear("two-factor")
        await until(lambda: seen == [(-1, 1100), (-1, 1101)])
        async with library.connected(served, 2) as other:
            assert len(other.fills()) == 1

    meeting(script)


def test_a_nightly_restart_closes_refuses_stalls_and_is_over() -> None:
    async def run() -> None:
        async with running() as served:
            async with library.connected(served, 5) as ib:
                served.broker.quirks.arm("nightly-restart@1")
                last = bought(ib)
                await until(lambda: not ib.isConnected())
            await refused_connect(served)
            step(served, 30)
            await refused_connect(served)
            step(served, 29)
            await refused_connect(served)
            step(served, 1)
            async with library.connected(served, 5) as ib:
                assert [each.execution.orderId for each in ib.fills()] == [last.order.orderId]
                calls = noted(ib, "nextValidId")
                ib.client.reqIds(1)
                await until(lambda: calls == [("nextValidId", (1,))])

    asyncio.run(run())


def test_a_restart_refuses_before_it_stalls() -> None:
    bench = Bench()
    _, before = bench.client()
    bench.broker.quirks.arm("nightly-restart")
    assert before.closed
    _, refused = bench.connect()
    assert refused.closed
    bench.clock.step(30)
    session, stalled = bench.connect()
    say(session, 71, 2, 1, "")
    assert (stalled.closed, stalled.frames) == (False, [])
    bench.clock.step(30)
    _, served = bench.client()
    assert not served.closed
    bench.broker.quirks.clear("nightly-restart")
    bench.broker.quirks.arm("nightly-restart@1")
    _, unharmed = bench.connect()
    assert not unharmed.closed
