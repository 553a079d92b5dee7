"""Recordings: the same twice, byte for byte; replayed without a difference; and a difference where there is one."""

import asyncio
import io
import json
from functools import partial
from typing import Any

import pytest

from reconciler.simgateway.clock import LoopClock, SteppedClock
from reconciler.simgateway.records.recording import BadRecordingError, Recording, read
from reconciler.simgateway.records.replay import replay
from reconciler.simgateway.serving.server import Running, serve
from reconciler.simgateway.wire import framing
from tests.simgateway.lab import GLD, MSFT, NEVER, PARTS, SLOW, STARTED, TEXT, order, scenario, until

BUSY = [
    (61, 1),
    (6, 2, 1, ""),
    (62, 1, 9001, "All", "NetLiquidation,BuyingPower"),
    (3, 1, *order(GLD, "BUY", 10)),
    (3, 2, *order(PARTS, "BUY", 9)),
    (3, 3, *order(SLOW, "BUY", 5)),
    (3, 4, *order(MSFT, "BUY", 1, what_if=1)),
    (3, 5, *order(NEVER, "BUY", 1, "LMT", limit=9)),
    (4, 1, 5, ""),
    (3, 6, *order(MSFT, "BUY", 10**9)),
    (61, "x"),
    (6000,),
]


async def quiet(running: Running) -> None:
    """Wait until what a request brought about is told: its answer to a request for the time comes last."""
    before = -1
    while before != (before := sum(running.broker.log.counts("out").values())):
        for _ in range(20):
            await asyncio.sleep(0)


def heard(running: Running, number: int) -> bool:
    return sum(running.broker.log.counts("in").values()) >= number


async def session(running: Running, requests: list[tuple[Any, ...]]) -> None:
    """A client over TCP that sends one request at a time, on a clock that moves a second after each."""
    _, writer = await asyncio.open_connection("127.0.0.1", running.port)
    offer = b"v157..178"
    writer.write(b"API\0" + len(offer).to_bytes(4, "big") + offer)
    for number, request in enumerate([(71, 2, 1, ""), *requests]):
        writer.write(framing.frame([str(field) for field in request]))
        await until(partial(heard, running, number + 1))
        await quiet(running)
        await control(running, {"do": "step", "seconds": 1})
    writer.close()
    await writer.wait_closed()


async def control(running: Running, command: dict[str, Any]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.control_port)
    writer.write(json.dumps(command).encode() + b"\n")
    assert json.loads(await reader.readline())["ok"]
    writer.close()
    await writer.wait_closed()
    await quiet(running)


def record(seed: int = 0, *, text: str = TEXT, max_version: int = 178) -> str:
    """What a busy session leaves in the recording."""
    stream = io.StringIO()

    async def run() -> None:
        async with serve(
            scenario(text),
            control_port=0,
            clock=SteppedClock(STARTED),
            seed=seed,
            max_version=max_version,
            record=stream,
        ) as running:
            await session(running, BUSY)
            await control(running, {"do": "price", "symbol": "NEVER", "last": "8"})
            await session(running, [(5, 1), (99, 0), (7, 3, 1, 0, "", "", "", "", "", "")])

    asyncio.run(run())
    return stream.getvalue()


def replayed(text: str, served: str = TEXT) -> list[str]:
    return [str(each) for each in replay(read(text.splitlines()), scenario(served))]


def parsed(text: str) -> Recording:
    return read(text.splitlines())


def test_the_same_scenario_and_seed_give_the_same_recording_byte_for_byte() -> None:
    first = record(7)
    assert first == record(7)
    ids = {frame.fields[0] for frame in parsed(first).frames if frame.direction == "out"}
    assert {"3", "4", "5", "6", "7", "8", "11", "59", "61", "62", "63", "64", "101", "102"} <= ids
    assert len({frame.seconds for frame in parsed(first).frames}) > 10


def test_another_seed_gives_none_of_the_ids() -> None:
    def ids(text: str) -> set[str]:
        frames = [frame.fields for frame in parsed(text).frames if frame.direction == "out"]
        return {each[2] for each in frames if each[0] == "59"} | {each[6] for each in frames if each[0] == "3"}

    assert len(ids(record(1))) > 5
    assert ids(record(1)).isdisjoint(ids(record(2)))


@pytest.mark.parametrize("version", [157, 178])
def test_a_replay_of_a_recording_differs_in_nothing(version: int) -> None:
    text = record(3, max_version=version)
    assert parsed(text).origin.max_version == version
    assert replayed(text) == []


def test_an_accelerated_clock_reaches_later_times_sooner() -> None:
    async def run() -> None:
        started = asyncio.get_running_loop().time()
        clock, reached = LoopClock(STARTED, speed=9999), asyncio.Event()
        clock.call_later(60, reached.set)
        await reached.wait()
        assert clock.seconds() >= 60
        assert (clock.now() - STARTED).total_seconds() >= 60
        assert asyncio.get_running_loop().time() - started < 30

    asyncio.run(run())


def test_a_replay_tells_what_is_different() -> None:
    text = record()
    dearer = TEXT.replace(
        "primary_exchange: ARCA, stock_type: ETF, last: 350.00", "primary_exchange: ARCA, last: 351.00"
    )
    assert any("'351.01'" in each for each in replayed(text, dearer))
    lines = text.splitlines(keepends=True)
    answer = next(at for at, line in enumerate(lines) if '"fields": ["62", "1"]' in line)
    missing = replayed("".join(lines[:answer] + lines[answer + 1 :]))
    assert missing
    assert missing[0].startswith(f"line {answer + 1}, ") or "recorded None" in missing[-1]
    doubled = replayed("".join(lines[: answer + 1] + lines[answer:]))
    assert doubled


def test_bytes_that_are_no_frame_and_their_end_are_replayed() -> None:
    stream = io.StringIO()

    async def run() -> None:
        async with serve(scenario(), clock=SteppedClock(STARTED), record=stream) as running:
            for garbage in (b"GET / HTTP/1.1", b"API\0\xff\xff\xff\xff", b"API\0\0\0\0\x04v1.."):
                reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
                writer.write(garbage)
                assert await reader.read() == b""
                writer.close()
                await writer.wait_closed()

    asyncio.run(run())
    directions = [frame.direction for frame in parsed(stream.getvalue()).frames]
    assert directions == ["broken", "hangup", "close", "broken", "hangup", "close", "open", "hangup", "close"]
    assert replayed(stream.getvalue()) == []


HEAD = '{"started": "2026-01-05T15:00:00Z", "max_version": 178, "seed": 0}'
LINE = '{"seconds": %s, "direction": "%s", "client_id": -1, "fields": %s, "connection": 1}'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "it does not begin as a recording of format 1"),
        ("{}", "line 1: Field required"),
        ('{"started": "2026-01-05T15:00:00Z", "max_version": 178, "seed": 0, "recording": 2}', "of format 1"),
        (
            '{"started": "2026-01-05T15:00:00Z", "max_version": 178, "seed": 0}\n{"seconds": 1}',
            "line 2: Field required",
        ),
        ('{"started": "2026-01-05T15:00:00", "max_version": 178, "seed": 0}', "line 1: Input should have timezone"),
        ('{"started": "2026-01-05T15:00:00Z", "max_version": 179, "seed": 0}', "line 1: Input should be less"),
        (f"{HEAD}\n{LINE % ('1e10', 'in', '[]')}", "line 2: Input should be less"),
        (f"{HEAD}\n{LINE % ('0', 'open', '[]')}", "line 2: Value error, open has one field"),
        (f"{HEAD}\n{LINE % ('0', 'said', '[]')}", "line 2: Input should be 'open'"),
        (f"{HEAD}\n[", "line 2: Invalid JSON"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(text: str, where: str) -> None:
    with pytest.raises(BadRecordingError, match=where):
        parsed(text)
