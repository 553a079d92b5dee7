"""Mutated frames over TCP, and peers that ask and never read: nobody else notices."""

import asyncio
import gc
import random
import socket
import tracemalloc
from functools import partial

import pytest

from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.frames import KEPT_FRAMES
from reconciler.simgateway.serving.backlog import BoundedTransport
from reconciler.simgateway.serving.server import Running
from reconciler.simgateway.wire import framing
from tests.simgateway.lab import Bench, running, until
from tests.simgateway.mutants import mutant

GREETING = b"API\0\0\0\0\x09v157..178"
LIVES = framing.frame(["49", "1"])
ROUND = 25
"""Frames that one connection sends before somebody else asks for the time."""


def start(client_id: int) -> bytes:
    return GREETING + framing.frame(["71", "2", str(client_id), ""])


class Peer:
    """A client in bytes that counts the answers by message id."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    @classmethod
    async def connected(cls, served: Running, client_id: int) -> "Peer":
        peer = cls(*await asyncio.open_connection("127.0.0.1", served.port))
        peer.writer.write(start(client_id))
        return peer

    async def next_frame(self) -> list[str]:
        size = int.from_bytes(await self._reader.readexactly(4), "big")
        return framing.split(await self._reader.readexactly(size))

    async def ask_the_time(self) -> None:
        """Wait for the answer; what comes before it is passed over."""
        self.writer.write(LIVES)
        while (await self.next_frame())[0] != "49":
            pass

    async def drained(self) -> None:
        """Read until the end of the connection."""
        try:
            while await self._reader.read(1 << 16):
                pass
        except ConnectionError:
            return

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


async def bombard(served: Running, witness: Peer, chance: random.Random, frames: int) -> None:
    """Connections one after the other that each send a round of mutants, the last time with a request after them."""
    clock = served.broker.clock
    assert isinstance(clock, SteppedClock)
    for first in range(0, frames, ROUND):
        peer = await Peer.connected(served, 1)
        peer.writer.write(b"".join(mutant(chance, number) for number in range(first + 1, first + 1 + ROUND)))
        peer.writer.write_eof()
        await peer.drained()
        await peer.close()
        clock.step(1)
        await witness.ask_the_time()
        await until(lambda: 1 not in served.broker.clients)


def survive(seed: int, frames: int) -> None:
    async def run() -> None:
        chance = random.Random(seed)  # noqa: S311 - a seed, not a secret
        troubles: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: troubles.append(context))
        async with running() as served:
            witness = await Peer.connected(served, 999)
            await witness.ask_the_time()
            await bombard(served, witness, chance, frames)
            heard = served.broker.log.counts("in")
            assert sum(heard.values()) > frames / 3
            assert served.broker.log.counts("out")["4"] > frames / 20
            assert list(served.broker.clients) == [999]
            assert len(heard) < 10_000
            await witness.close()
        assert troubles == []

    asyncio.run(run())


@pytest.mark.parametrize("seed", range(4))
def test_mutated_frames_end_in_an_answer_or_a_closed_connection(seed: int) -> None:
    survive(seed, 200)


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(100, 104))
def test_a_hundred_thousand_mutated_frames(seed: int) -> None:
    survive(seed, 25_000)


ALLOWED_BYTES = 1 << 16
"""What the interpreter itself keeps here and there; a connection that is kept takes more, and 80 of them far more."""
ALLOWED_BYTES_OF_MANY = 1 << 18
"""The same for 4,000 connections: 64 bytes each, and 2 for each frame. The counts of message ids fill slowly."""


def left_after(seed: int, frames: int) -> int:
    """Bytes that so many mutants, on connections of a round each, leave behind in a gateway that has met some before.

    No mutant places an order: the book keeps those, as it should.
    """
    chance = random.Random(seed)  # noqa: S311 - a seed, not a secret
    bench = Bench()

    def bombarded(rounds: int) -> int:
        for _ in range(rounds):
            session, _wire = bench.client()
            for number in range(1, ROUND + 1):
                session.receive(next(each for each in iter(partial(mutant, chance, number), b"") if not placing(each)))
            session.lost()
            bench.clock.step(1)
        session, _wire = bench.client()
        for _ in range(KEPT_FRAMES):
            session.receive(LIVES)
        session.lost()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = bombarded(120)
        return bombarded(frames // ROUND) - before
    finally:
        tracemalloc.stop()


def placing(frame: bytes) -> bool:
    return frame[4:6] == b"3\0"


def test_mutated_frames_leave_nothing_behind() -> None:
    assert left_after(1, 2000) < ALLOWED_BYTES


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_hundred_thousand_mutated_frames_leave_nothing_behind() -> None:
    assert left_after(2, 100_000) < ALLOWED_BYTES_OF_MANY


def asking_without_reading(port: int, client_id: int) -> socket.socket:
    """A peer whose receive buffer is as small as the system allows."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", port))
    peer.setblocking(False)
    peer.send(start(client_id))
    return peer


def test_a_peer_that_never_reads_is_cut_off_and_others_are_served() -> None:
    question = framing.frame(["62", "1", "1", "All", "$LEDGER:ALL,NetLiquidation"]) * 200

    async def run() -> None:
        async with running() as served:
            witness = await Peer.connected(served, 999)
            deaf = asking_without_reading(served.port, 5)
            try:
                await until(lambda: 5 in served.broker.clients)
                sent = 0
                while 5 in served.broker.clients:
                    try:
                        sent += deaf.send(question)
                    except BlockingIOError:
                        await asyncio.sleep(0)
                    except ConnectionError:
                        break
                    await witness.ask_the_time()
                await until(lambda: list(served.broker.clients) == [999])
            finally:
                deaf.close()
            assert sent > 0
            await witness.ask_the_time()
            await witness.close()

    asyncio.run(run())


def test_a_connection_that_says_nothing_holds_nobody_up() -> None:
    async def run() -> None:
        async with running() as served:
            silent = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(50)]
            for number, (_, writer) in enumerate(silent):
                writer.write((start(1) + b"\0\0\x7f\xff")[: number % 40])
            witness = await Peer.connected(served, 999)
            await witness.ask_the_time()
            for _, writer in silent:
                writer.close()
                await writer.wait_closed()
            await witness.close()

    asyncio.run(run())


class Waiting(asyncio.Transport):
    """A transport whose peer takes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.kept, self.aborted = 0, 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.kept += len(data)

    def get_write_buffer_size(self) -> int:
        return self.kept

    def abort(self) -> None:
        self.aborted += 1


def test_no_more_than_the_limit_and_one_message_is_kept_for_a_peer() -> None:
    transport = Waiting()
    bounded = BoundedTransport(transport, limit=100)
    for _ in range(10):
        bounded.write(b"x" * 30)
    assert (transport.kept, transport.aborted) == (120, 1)
