"""`with Gateway(...)`: what it serves, on which loop, its verbs, and how it ends."""

import asyncio
import gc
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import reconciler.simgateway
from reconciler.simgateway import Gateway
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.control import VERBS
from reconciler.simgateway.records.recording import read
from reconciler.simgateway.records.replay import replay
from reconciler.simgateway.script import UnfitError
from reconciler.simgateway.serving.virtual import run_virtually
from reconciler.simgateway.staging import BadScenarioError, packaged
from reconciler.simgateway.wire import framing
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, GLD, STARTED, TEXT, order, scenario, until

BAD = "accounts: {DU1: {cahs: {}}}\ninstruments:\n  A: {con_id: x, name: A, primary_exchange: N}\n"


@pytest.fixture
def _no_loop_before_or_after() -> Iterator[None]:
    asyncio.set_event_loop(None)
    yield
    asyncio.set_event_loop(None)
    gc.collect()


async def first_reply(gateway: Gateway) -> bytes:
    reader, writer = await asyncio.open_connection(gateway.host, gateway.port)
    writer.write(b"API\0\0\0\0\x09v157..178")
    async with asyncio.timeout(5):
        reply = await reader.readexactly(8)
    writer.close()
    await writer.wait_closed()
    return reply[4:]


def test_what_can_be_served(tmp_path: Path) -> None:
    file = tmp_path / "lab.yaml"
    file.write_text(TEXT)
    mapping: dict[str, Any] = {
        "accounts": {ACCOUNT: {"cash": {"USD": Decimal("60000.50")}}},
        "instruments": {"A": {"con_id": 1, "name": "A", "primary_exchange": "NYSE", "last": 0.5}},
    }

    async def cash(*arguments: Any) -> dict[str, Any]:
        async with Gateway(*arguments) as gateway:
            accounts: dict[str, Any] = gateway.ledger()["accounts"]
            return {name: books["cash"] for name, books in accounts.items()}

    async def run() -> None:
        for source in (file, str(file), TEXT, scenario()):
            assert (await cash(source))[ACCOUNT]["USD"] == "60000", source
        assert await cash(mapping) == {ACCOUNT: {"USD": "60000.5"}}
        assert await cash() == await cash("demo") == await cash(packaged("demo"))
        assert await cash("cad") != await cash("demo")

    asyncio.run(run())


@pytest.mark.parametrize("source", [BAD, "path", "mapping"])
def test_a_bad_scenario_tells_every_mistake_with_its_place(tmp_path: Path, source: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    mapping = {"accounts": {"DU1": {"cahs": {}}}, "instruments": {"A": {"con_id": "x", "name": "A"}}}
    chosen: Any = {"path": file, "mapping": mapping}.get(source, source)
    with pytest.raises(BadScenarioError) as caught:
        Gateway(chosen)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.diagnostics) >= 2
    assert all(": error" in line for line in lines)
    if source == "path":
        assert [line.partition(": error")[0] for line in lines] == [f"{file}:1:18", f"{file}:3:15"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadScenarioError, match=r"none\.yaml"):
        Gateway(str(tmp_path / "none.yaml"))


def test_the_verbs_are_those_of_the_control_channel() -> None:
    stream = io.StringIO()

    async def run() -> None:
        async with Gateway(TEXT, clock="stepped", record=stream) as gateway:
            assert set(VERBS) <= set(dir(gateway))
            assert gateway.price("MSFT", last="480")["quote"]["last"] == "480"
            assert gateway.price(symbol="MSFT", last=Decimal("481.5"))["quote"]["last"] == "481.5"
            assert gateway.quirk(arm="no-price:MSFT") == {"armed": ["no-price:MSFT"]}
            assert gateway.quirk(clear="no-price:MSFT") == {"armed": []}
            assert gateway.step(90)["now"] == "2026-01-05T15:01:30+00:00"
            assert gateway.fill("GLD", never=True) == {"symbols": ["GLD"]}
            assert gateway.frames(last=3)["in"] == {}
            assert gateway.await_(**{"for": {"orders": 0}})["counts"]["orders"] == 0
            with pytest.raises(UnfitError, match="NONE"):
                gateway.price("NONE", last="1")
            with pytest.raises(UnfitError, match="lsat"):
                gateway.price("MSFT", lsat="1")
            with pytest.raises(TypeError):
                gateway.price("MSFT", "480")
            with pytest.raises(TypeError):
                gateway.ledger("all")
            with pytest.raises(AttributeError, match="ledger"):
                _ = gateway.legder

    asyncio.run(run())
    said = [json.loads(frame.fields[0]) for frame in read(stream.getvalue().splitlines()).frames]
    assert said[0] == {"do": "price", "symbol": "MSFT", "last": "480"}
    assert {each["do"] for each in said} == {"price", "quirk", "step", "fill", "frames", "await"}


def test_no_verb_hides_behind_an_attribute() -> None:
    assert [verb for verb in VERBS if verb in dir(Gateway)] == []


def test_it_serves_inside_its_block_alone() -> None:
    gateway = Gateway(TEXT)
    for asked in (lambda: gateway.port, gateway.ledger):
        with pytest.raises(RuntimeError, match="inside `with`"):
            asked()

    async def run() -> None:
        async with gateway:
            port = gateway.port
            assert await first_reply(gateway) == b"178\0"
            with pytest.raises(RuntimeError, match="already"):
                gateway.__enter__()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(RuntimeError):
            _ = gateway.port
        async with gateway:
            assert await first_reply(gateway) == b"178\0"

    asyncio.run(run())


def test_a_plain_with_serves_a_running_loop_too() -> None:
    async def run() -> None:
        with Gateway(TEXT, max_version=165) as gateway:
            assert await first_reply(gateway) == b"165\0"
        with Gateway(TEXT):
            pass
        await asyncio.sleep(0)

    asyncio.run(run())


def test_a_port_in_use_is_refused_and_nothing_is_left() -> None:
    async def run() -> None:
        async with Gateway(TEXT) as gateway:
            second = Gateway(TEXT, port=gateway.port)
            with pytest.raises(OSError, match="in use"):
                await second.__aenter__()
        async with second:
            assert await first_reply(second) == b"178\0"

    asyncio.run(run())


@pytest.mark.usefixtures("_no_loop_before_or_after")
def test_a_thread_without_a_loop_gets_one_for_as_long_as_it_lasts() -> None:
    with Gateway(TEXT) as gateway:
        loop = asyncio.get_event_loop()
        assert loop.run_until_complete(first_reply(gateway)) == b"178\0"
    assert loop.is_closed()
    with pytest.raises(RuntimeError):
        asyncio.get_event_loop()


@pytest.mark.usefixtures("_no_loop_before_or_after")
def test_a_thread_with_a_loop_keeps_it() -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with Gateway(TEXT) as gateway:
        assert loop.run_until_complete(first_reply(gateway)) == b"178\0"
    assert not loop.is_closed()
    loop.close()


def test_what_a_verb_brings_about_is_told_without_a_step(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"

    async def run() -> None:
        async with Gateway(TEXT, clock=SteppedClock(STARTED), record=file, seed=4) as gateway:
            _, writer = await asyncio.open_connection(gateway.host, gateway.port)
            writer.write(b"API\0\0\0\0\x09v157..178" + framing.frame(["71", "2", "1", ""]))
            writer.write(framing.frame([str(each) for each in (3, 1, *order(GLD, "BUY", 3, "LMT", limit=300))]))
            await until(lambda: len(gateway.orders()["orders"]) == 2)
            gateway.price("GLD", last="299")
            placed = gateway.orders()["orders"][1]
            assert (placed["status"], placed["executions"][0]["price"]) == ("Filled", "299.01")
            writer.close()
            await writer.wait_closed()

    asyncio.run(run())
    with file.open() as lines:
        assert [str(each) for each in replay(read(lines), scenario())] == []


def test_it_serves_a_loop_on_virtual_time_in_memory() -> None:
    async def run() -> None:
        with Gateway(TEXT) as gateway:
            assert await first_reply(gateway) == b"178\0"
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(gateway.host, 49152)

    run_virtually(run())


def test_the_package_offers_it_and_nothing_that_it_has_not() -> None:
    assert reconciler.simgateway.Gateway is Gateway
    with pytest.raises(AttributeError, match="Gatway"):
        _ = reconciler.simgateway.Gatway


@pytest.mark.broker
@pytest.mark.usefixtures("_no_loop_before_or_after")
def test_a_synchronous_client_trades_with_it() -> None:
    with Gateway(clock="x60") as gateway:
        module = library.load()
        ib = module.IB()
        ib.connect(gateway.host, gateway.port, clientId=1)
        trade = ib.placeOrder(module.Stock("MSFT", "SMART", "USD"), module.MarketOrder("BUY", 5, tif="DAY"))
        while not trade.isDone():
            assert ib.waitOnUpdate(timeout=5)
        placed = gateway.orders()["orders"][-1]
        assert (placed["status"], placed["filled"], trade.orderStatus.status) == ("Filled", "5", "Filled")
        gateway.price("MSFT", last="123")
        (ticker,) = ib.reqTickers(module.Stock("MSFT", "SMART", "USD", conId=272093))
        assert ticker.last == 123
        ib.disconnect()


@pytest.mark.broker
@pytest.mark.usefixtures("_no_loop_before_or_after")
def test_a_synchronous_client_is_told_when_it_ends() -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    lost: list[bool] = []
    with Gateway(TEXT) as gateway:
        ib = library.load().IB()
        ib.connect(gateway.host, gateway.port, clientId=1)
        ib.disconnectedEvent += lambda: lost.append(True)
    assert (lost, ib.isConnected()) == ([True], False)
    loop.close()
