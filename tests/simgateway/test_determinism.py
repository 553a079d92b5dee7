"""The same scenario, seed and requests give the same messages, in whatever packets, processes and loops they come."""

import asyncio
import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.records.recording import Origin, recorder
from reconciler.simgateway.serving.server import serve
from reconciler.simgateway.session import Session
from reconciler.simgateway.staging import stage
from reconciler.simgateway.wire import framing
from tests.examples import examples
from tests.simgateway.lab import (
    ACCOUNT,
    GLD,
    MSFT,
    MUTE,
    NEVER,
    PARTS,
    SLOW,
    STARTED,
    TEXT,
    Wire,
    order,
    scenario,
    turns,
    until,
)

REQUESTS = [
    (71, 2, 1, ""),
    (61, 1),
    (6, 2, 1, ACCOUNT),
    (62, 1, 9001, "All", "NetLiquidation,$LEDGER:ALL"),
    (3, 1, *order(GLD, "BUY", 10)),
    (3, 2, *order(PARTS, "BUY", 9)),
    (4, 1, 2, ""),
    (3, 3, *order(GLD, "BUY", 10, "LMT", limit="349.00", tif="IOC")),
    (3, 4, *order(NEVER, "BUY", 1, "LMT", limit=9)),
    (3, 4, *order(NEVER, "BUY", 2, "LMT", limit=9)),
    (3, 5, *order(SLOW, "BUY", 5)),
    (3, 6, *order(MUTE, "BUY", 5)),
    (58, 1),
    (3, 7, *order(MSFT, "SELL", 3)),
    (3, 8, *order(MSFT, "BUY", 1, what_if=1)),
    (99, 0),
    (7, 3, 1, 0, "", "", "", "", "", ""),
    (61, "x"),
    (3, 9, *order(GLD, "SELL", 1)),
]
STREAM = b"API\0\0\0\0\x09v157..178" + b"".join(framing.frame([str(field) for field in each]) for each in REQUESTS)
NO_FRAME = b"\xff\xff\xff\xff"


def recorded(packets: list[bytes], idle_turns: int, text: str = TEXT) -> str:
    """What a gateway records of a client whose bytes come in these packets."""
    stream = io.StringIO()

    async def run() -> None:
        write = recorder(stream, Origin(started=STARTED, max_version=178, seed=5))
        broker = Broker(stage(scenario(text)), SteppedClock(STARTED), seed=5, recorder=write)
        session = Session(broker, Wire())
        for packet in packets:
            session.receive(packet)
            await turns(idle_turns)
        session.lost()
        broker.stop()

    asyncio.run(run())
    return stream.getvalue()


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    return [stream[start:end] for start, end in pairwise([0, *sorted(places), len(stream)])]


PLACES = st.lists(st.integers(0, len(STREAM)), max_size=40)
WHOLE = recorded([STREAM], 0)
ANSWERED = WHOLE.splitlines(keepends=True)[-2]
"""The last answer before the end of the connection."""


@given(places=PLACES, idle_turns=st.integers(0, 8))
@examples(60)
def test_packets_change_nothing(places: list[int], idle_turns: int) -> None:
    assert recorded(cut(STREAM, places), idle_turns) == WHOLE


@given(places=PLACES, idle_turns=st.integers(0, 3))
@examples(20)
def test_packets_change_nothing_where_the_connection_ends_in_nonsense(places: list[int], idle_turns: int) -> None:
    stream = STREAM + NO_FRAME + STREAM
    assert recorded(cut(stream, places), idle_turns) == recorded([stream], 0)


@given(places=PLACES)
@examples(20)
def test_packets_change_nothing_for_a_client_that_is_too_fast(places: list[int]) -> None:
    text, stream = TEXT.replace("messages_per_second: 0", "messages_per_second: 4"), STREAM + NO_FRAME
    assert recorded(cut(stream, places), 1, text) == recorded([stream], 0, text)


def test_what_happened_is_in_the_recording() -> None:
    for told in ('"Cancelled"', '"Filled"', '"PendingCancel"', '"64"', '"101"', '"close"'):
        assert told in WHOLE, told


def test_packets_change_nothing_over_tcp() -> None:
    def over_tcp(packets: list[bytes]) -> str:
        stream = io.StringIO()

        async def run() -> None:
            async with serve(scenario(), clock=SteppedClock(STARTED), seed=5, record=stream) as running:
                _, writer = await asyncio.open_connection("127.0.0.1", running.port)
                for packet in packets:
                    writer.write(packet)
                    await writer.drain()
                    await turns(5)
                await until(lambda: stream.getvalue().endswith(ANSWERED))
                writer.close()
                await writer.wait_closed()
                await until(lambda: not running.broker.clients)

        asyncio.run(run())
        return stream.getvalue()

    assert over_tcp([STREAM]) == WHOLE
    assert over_tcp(cut(STREAM, list(range(0, len(STREAM), 97)))) == WHOLE
