"""A day of a real client library with its gateway, in memory and on virtual time."""

import asyncio
import io
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reconciler.simgateway.clock import LoopClock
from reconciler.simgateway.records.recording import read
from reconciler.simgateway.records.replay import replay
from reconciler.simgateway.serving.server import Running, serve
from reconciler.simgateway.serving.virtual import run_virtually
from reconciler.simgateway.wire import framing
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, GLD, NEVER, PARTS, STARTED, TEXT, order, scenario

RESTART = TEXT + "quirks: [restart@2]\n"
DAY = 86_400


async def bought(ib: Any, module: Any, shares: int, seconds: float) -> Any:
    """The trade of a market order that is over within so many seconds."""
    terms = module.MarketOrder("BUY", shares, tif="DAY", account=ACCOUNT)
    trade = ib.placeOrder(module.Stock("SLOW", "SMART", "USD", conId=1002), terms)
    async with asyncio.timeout(seconds):
        while not trade.isDone():  # noqa: ASYNC110 - what a library waits for has no event of its own
            await asyncio.sleep(0.5)
    return trade


async def a_day(running: Running) -> list[object]:
    """Trade, lose the connection in the nightly restart, come back, and find what was traded."""
    loop, module = asyncio.get_running_loop(), library.load()
    seen: list[object] = []
    async with library.connected(running, 7) as ib:
        lost = asyncio.Event()
        ib.disconnectedEvent += lost.set
        trade = await bought(ib, module, 10, 6)
        seen += [trade.orderStatus.status, trade.filled(), loop.time() >= 5]
        await asyncio.sleep(DAY / 2)
        with pytest.raises(TimeoutError):
            await bought(ib, module, 5, 3)
        async with asyncio.timeout(1):
            await lost.wait()
    await asyncio.sleep(DAY / 2)
    async with library.connected(running, 7) as ib:
        async with asyncio.timeout(5):
            fills = await ib.reqExecutionsAsync()
        seen += [sorted(each.execution.shares for each in fills), {each.symbol for each in map(stock, ib.positions())}]
    return [*seen, round(loop.time() / DAY, 3)]


def stock(position: Any) -> Any:
    return position.contract


def recorded(text: str) -> tuple[list[object], str]:
    stream = io.StringIO()

    async def run() -> list[object]:
        async with serve(scenario(text), clock=LoopClock(STARTED), seed=3, record=stream) as running:
            return await a_day(running)

    return run_virtually(run()), stream.getvalue()


@pytest.mark.broker
def test_a_day_with_a_restart_passes_at_once_and_the_same_every_time() -> None:
    began = time.perf_counter()
    seen, recording = recorded(RESTART)
    assert time.perf_counter() - began < 20
    assert seen == ["Filled", 10, True, [5.0, 10.0], {"MSFT", "GLD", "SLOW"}, 1.0]
    assert (seen, recording) == recorded(RESTART)
    assert [str(each) for each in replay(read(recording.splitlines()), scenario(RESTART))] == []


@pytest.mark.broker
def test_nobody_listens_before_the_gateway_and_after_it() -> None:
    async def run() -> None:
        async with serve(scenario(), clock=LoopClock(STARTED)) as running:
            pass
        ib = library.load().IB()
        with pytest.raises(ConnectionRefusedError):
            await ib.connectAsync("127.0.0.1", running.port, clientId=1, timeout=2)

    run_virtually(run())


async def clients(running: Running) -> None:
    """Three clients that trade beside each other, each at a pace of its own."""

    async def trade(client_id: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(b"API\0\0\0\0\x09v157..178")
        requests: list[tuple[object, ...]] = [
            (71, 2, client_id, ""),
            (6, 2, 1, ACCOUNT),
            (61, 1),
            (3, 1, *order(GLD, "BUY", client_id)),
            (3, 2, *order(PARTS, "BUY", 9)),
            (3, 3, *order(NEVER, "BUY", 1, "LMT", limit=9)),
            (58, 1),
            (16, 1),
            (62, 1, 9001, "All", "NetLiquidation,$LEDGER:ALL"),
        ]
        for request in requests:
            writer.write(framing.frame([str(field) for field in request]))
            await asyncio.sleep(0.25 / client_id)
        writer.write_eof()
        while await reader.read(1 << 16):
            pass
        writer.close()

    await asyncio.gather(*(trade(client_id) for client_id in (1, 2, 3)))


def busy() -> str:
    """What a gateway with three clients records."""
    stream = io.StringIO()

    async def run() -> None:
        async with serve(scenario(), clock=LoopClock(STARTED), seed=3, record=stream) as running:
            await clients(running)

    run_virtually(run())
    return stream.getvalue()


def test_several_clients_leave_the_same_recording_in_every_process() -> None:
    program = "import sys; from tests.simgateway.test_virtual_day import busy; sys.stdout.write(busy())"
    root = Path(__file__).parents[2]
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            timeout=50,
            check=True,
        ).stdout
        for seed in ("0", "4711")
    ]
    first = busy()
    assert {busy(), *told} == {first}
    assert len(first.splitlines()) > 300
    assert [str(each) for each in replay(read(first.splitlines()), scenario())] == []
