"""The network in memory: what asyncio promises of a connection holds on it, and the same happens every time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.serving.backlog import BoundedTransport
from reconciler.simgateway.serving.memory import LARGEST_PIECE, MemoryTransport
from reconciler.simgateway.serving.virtual import VirtualTimeLoop, run_virtually
from tests.examples import examples
from tests.simgateway.lab import turns

HOST, PORT = "127.0.0.1", 4002


class Peer(asyncio.Protocol):
    """Notes what it is told."""

    def __init__(self, *, half_open: bool = False) -> None:
        self.told: list[str] = []
        self.received = b""
        self.pieces: list[int] = []
        self._half_open = half_open

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, MemoryTransport)
        self.told.append("made")
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        self.pieces.append(len(data))

    def eof_received(self) -> bool:
        self.told.append("eof")
        return self._half_open

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append(f"lost {exc}")


def joined(script: Callable[[Peer, Peer], Awaitable[None]], *, half_open: bool = False) -> None:
    """Run a script with the two ends of a connection, the client's first."""

    async def run() -> None:
        client, server = Peer(half_open=half_open), Peer(half_open=half_open)
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: server, HOST, PORT)
        await loop.create_connection(lambda: client, HOST, PORT)
        await script(client, server)

    run_virtually(run())


def test_bytes_come_in_order_in_a_later_turn_both_ways() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.write(b"one ")
        client.transport.writelines([b"two ", bytearray(b"three")])
        server.transport.write(b"hello")
        assert (client.received, server.received) == (b"", b"")
        await turns()
        assert (client.received, server.received) == (b"hello", b"one two three")
        assert client.told == server.told == ["made"]

    joined(script)


def test_closing_sends_what_was_written_and_ends_both_sides() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.write(b"last words")
        client.transport.close()
        client.transport.write(b"too late")
        server.transport.write(b"unread")
        assert client.transport.is_closing()
        await turns(10)
        assert (server.received, client.received) == (b"last words", b"")
        assert client.told == ["made", "lost None"]
        assert server.told == ["made", "eof", "lost None"]
        client.transport.close()
        server.transport.abort()
        await turns(10)
        assert client.told[-1:] + server.told[-1:] == ["lost None"] * 2
        assert client.told.count("lost None") == server.told.count("lost None") == 1

    joined(script)


def test_both_ends_can_close_in_the_same_turn() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.write(b"x")
        client.transport.close()
        server.transport.close()
        await turns(10)
        assert client.told == server.told == ["made", "lost None"]

    joined(script)


def test_an_end_of_stream_leaves_the_other_direction_open() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.write(b"question")
        client.transport.write_eof()
        with pytest.raises(RuntimeError):
            client.transport.write(b"more")
        await turns(10)
        assert (server.received, server.told) == (b"question", ["made", "eof"])
        server.transport.write(b"answer")
        server.transport.close()
        await turns(10)
        assert (client.received, client.told) == (b"answer", ["made", "eof"])
        client.transport.close()
        await turns(10)
        assert client.told == ["made", "eof", "lost None"]

    joined(script, half_open=True)


def test_aborting_loses_what_was_not_delivered() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.write(b"lost")
        client.transport.abort()
        await turns(10)
        assert (server.received, server.told, client.told) == (b"", ["made", "eof", "lost None"], ["made", "lost None"])

    joined(script)


def test_a_reader_that_pauses_holds_the_writer_up_and_no_more() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.set_write_buffer_limits(high=100)
        assert client.transport.get_write_buffer_limits() == (25, 100)
        server.transport.pause_reading()
        assert not server.transport.is_reading()
        client.transport.write(b"x" * 100)
        assert client.told == ["made"]
        client.transport.write(b"x")
        await turns(10)
        assert (client.told, server.received, client.transport.get_write_buffer_size()) == (["made", "pause"], b"", 101)
        server.transport.resume_reading()
        await turns(10)
        assert (client.told, len(server.received)) == (["made", "pause", "resume"], 101)

    joined(script)


def test_a_connection_whose_reader_paused_ends_when_the_reader_goes() -> None:
    async def script(client: Peer, server: Peer) -> None:
        server.transport.pause_reading()
        client.transport.write(b"x")
        client.transport.close()
        await turns(10)
        assert client.told == ["made"]
        server.transport.close()
        await turns(10)
        assert client.told == server.told == ["made", "lost None"]

    joined(script)


def test_a_writer_that_waits_goes_on_when_the_reader_closes() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.set_write_buffer_limits(high=10)
        server.transport.pause_reading()
        client.transport.write(b"x" * 11)
        server.transport.close()
        await turns(10)
        assert client.told == ["made", "pause", "resume", "eof"]
        assert server.received == b""

    joined(script, half_open=True)


def test_much_comes_in_pieces() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.write(bytes(3 * LARGEST_PIECE + 1))
        client.transport.close()
        await turns(20)
        assert server.pieces == [LARGEST_PIECE] * 3 + [1]
        assert server.told[-1] == "lost None"

    joined(script)


def test_a_peer_that_never_reads_is_cut_off() -> None:
    async def script(client: Peer, server: Peer) -> None:
        client.transport.pause_reading()
        bounded = BoundedTransport(server.transport, limit=1000)
        for _ in range(50):
            bounded.write(b"x" * 100)
            await turns(2)
        assert server.told[-1] == "lost None"
        assert server.transport.get_write_buffer_size() == 0

    joined(script)


def test_a_protocol_that_fails_does_not_hold_the_rest_up() -> None:
    class Failing(Peer):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            raise ValueError

    async def run() -> None:
        loop = asyncio.get_running_loop()
        troubles: list[object] = []
        loop.set_exception_handler(lambda _loop, context: troubles.append(context["exception"]))
        server = Failing()
        await loop.create_server(lambda: server, HOST, PORT)
        _, client = await loop.create_connection(Peer, HOST, PORT)
        assert isinstance(client, Peer)
        for text in (b"one", b"two"):
            client.transport.write(text)
            await turns()
        client.transport.close()
        await turns(10)
        assert (server.received, server.told[-1], len(troubles)) == (b"onetwo", "lost None", 2)

    run_virtually(run())


def test_addresses_are_told_and_ports_belong_to_one() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        first = await loop.create_server(Peer, HOST, 0)
        second = await loop.create_server(Peer, "localhost", 0)
        ports = [each.sockets[0].getsockname()[1] for each in (first, second)]
        assert len(set(ports)) == 2
        with pytest.raises(OSError, match="in use"):
            await loop.create_server(Peer, HOST, ports[0])
        transport, _ = await loop.create_connection(Peer, "localhost", ports[1])
        assert transport.get_extra_info("peername") == (HOST, ports[1])
        assert transport.get_extra_info("sockname")[0] == HOST
        assert transport.get_extra_info("socket") is None
        first.close()
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Peer, HOST, ports[0])
        again = await loop.create_server(Peer, HOST, ports[0])
        assert again.sockets[0].getsockname() == (HOST, ports[0])

    run_virtually(run())


def test_streams_run_on_it() -> None:
    async def run() -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                writer.write(line.upper())
                await writer.drain()
            writer.close()

        await asyncio.start_server(echo, HOST, PORT)
        reader, writer = await asyncio.open_connection(HOST, PORT)
        writer.write(b"one\ntwo\n")
        writer.write_eof()
        assert await reader.read() == b"ONE\nTWO\n"
        writer.close()
        await writer.wait_closed()

    run_virtually(run())


@given(
    writes=st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=40), st.integers(0, 3)), max_size=30),
    limit=st.integers(0, 50),
)
@examples(60)
def test_everything_arrives_once_and_in_order(writes: list[tuple[int, bytes, int]], limit: int) -> None:
    async def script(client: Peer, server: Peer) -> None:
        ends = (client, server)
        for each in ends:
            each.transport.set_write_buffer_limits(high=limit)
        for end, data, idle in writes:
            ends[end].transport.write(data)
            if idle == 1:
                ends[1 - end].transport.pause_reading()
            if idle == 2:
                ends[1 - end].transport.resume_reading()
            await turns(idle)
        for each in ends:
            each.transport.resume_reading()
        client.transport.close()
        await turns(20)
        assert server.received == b"".join(data for end, data, _ in writes if end == 0)
        written = b"".join(data for end, data, _ in writes if end == 1)
        assert written.startswith(client.received)
        assert client.told[-1] == server.told[-1] == "lost None"
        for each in ends:
            flow = [word for word in each.told if word in ("pause", "resume")]
            assert flow in (["pause", "resume"] * (len(flow) // 2), [*["pause", "resume"] * (len(flow) // 2), "pause"])

    joined(script)


def test_time_jumps_to_the_next_timer_and_timeouts_count_it() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        await asyncio.sleep(86_400)
        assert loop.time() == 86_400
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.Event().wait()
        assert loop.time() == 86_430
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HOST, PORT)

    run_virtually(run())


def test_a_wait_that_nothing_ends_is_told() -> None:
    with pytest.raises(RuntimeError, match="never happen"):
        run_virtually(asyncio.Event().wait())
