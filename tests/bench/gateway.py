"""The simulated gateway on one core: orders and requests a second over TCP, and the time of a reply among many.

`make bench-gateway` prints figures. The gateway is the command, in a process of its own; the client here only counts
bytes, so that it is not what is measured.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import create_connection
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Self

from reconciler.simgateway.wire import framing
from tests.bench.telling import tell
from tests.simgateway.lab import ACCOUNT, GLD, NEVER, order

ORDERS, REQUESTS, CLIENTS, RESTING, ROUNDS = 2000, 40_000, 50, 500, 300
SCENARIO = """
accounts: {DU1000001: {cash: {USD: 1000000000}}}
pacing: {messages_per_second: 0}
instruments:
  GLD: {con_id: 51529211, name: SPDR GOLD SHARES, primary_exchange: ARCA, last: 350.00, spread: 0.02}
  NEVER: {con_id: 1003, name: FILLS NEVER, primary_exchange: NYSE, last: 10.00, spread: 0.02, fill: {never: true}}
"""
TIME = framing.frame(["49", "1"])


class Raw:
    """A client in bytes: counts the frames of each message id as they come."""

    def __init__(self, port: int, client_id: int) -> None:
        self._socket = create_connection(("127.0.0.1", port))
        self._pending = b""
        self._counts: dict[bytes, int] = {}
        self._socket.sendall(b"API\0\0\0\0\x09v157..178" + framing.frame(["71", "2", str(client_id), ""]))
        self.ask_the_time()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ending: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def await_frames(self, message_id: bytes, number: int) -> None:
        """Read until so many more frames of an id came."""
        wanted = self._counts.get(message_id, 0) + number
        while self._counts.get(message_id, 0) < wanted:
            self._pending += self._socket.recv(1 << 18)
            at, pending = 0, self._pending
            while len(pending) - at >= 4:
                end = at + 4 + int.from_bytes(pending[at : at + 4], "big")
                if end > len(pending):
                    break
                found = pending[at + 4 : at + 8].partition(b"\0")[0]
                self._counts[found] = self._counts.get(found, 0) + 1
                at = end
            self._pending = pending[at:]

    def ask_the_time(self) -> float:
        """Seconds until the answer."""
        began = perf_counter()
        self.send(TIME)
        self.await_frames(b"49", 1)
        return perf_counter() - began


@contextmanager
def served() -> Iterator[int]:
    """The command with the bench's scenario; its port."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bench.yaml"
        file.write_text(SCENARIO)
        command = [sys.executable, "-m", "cli", "gateway", "--port", "0", "--scenario", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield int(process.stdout.readline().rpartition(":")[2])
            finally:
                process.terminate()


def _placing(order_id: int, con_id: int, kind: str, limit: object = "") -> bytes:
    fields = [3, order_id, *order(con_id, "BUY", 1, kind, limit=limit)]
    assert ACCOUNT in fields
    return framing.frame([str(field) for field in fields])


def market_orders() -> float:
    """Market orders a second, all sent at once, until the last commission report."""
    with served() as port, Raw(port, 1) as client:
        stream = b"".join(_placing(number, GLD, "MKT") for number in range(1, ORDERS + 1))
        began = perf_counter()
        client.send(stream)
        client.await_frames(b"59", ORDERS)
        return ORDERS / (perf_counter() - began)


def simple_requests() -> float:
    """Requests for the time a second, pipelined in pieces that both sides' buffers hold."""
    piece = 2000
    with served() as port, Raw(port, 1) as client:
        began = perf_counter()
        for _ in range(REQUESTS // piece):
            client.send(TIME * piece)
            client.await_frames(b"49", piece)
        return REQUESTS / (perf_counter() - began)


def reply_seconds(client: Raw) -> float:
    return median(client.ask_the_time() for _ in range(ROUNDS))


def alone_and_among_many() -> tuple[float, float]:
    """The median reply time of a single client, then with many orders resting and many clients subscribed."""
    with served() as port, ExitStack() as clients:
        one = clients.enter_context(Raw(port, 1))
        alone = reply_seconds(one)
        others = [clients.enter_context(Raw(port, number)) for number in range(2, CLIENTS + 1)]
        for each in others:
            each.send(framing.frame(["61", "1"]) + framing.frame(["6", "2", "1", ACCOUNT]))
            each.await_frames(b"54", 1)
        one.send(b"".join(_placing(number, NEVER, "LMT", 9) for number in range(1, RESTING + 1)))
        one.await_frames(b"3", 2 * RESTING)
        return alone, reply_seconds(one)


def lines() -> Iterator[str]:
    yield f"gateway   {market_orders():,.0f} market orders a second through to the commission report"
    yield f"gateway   {simple_requests():,.0f} simple requests a second, pipelined"
    alone, among = alone_and_among_many()
    yield (
        f"gateway   {among * 1e6:.0f} µs for a reply with {RESTING} resting orders and {CLIENTS} clients, "
        f"{alone * 1e6:.0f} µs with one client: {among / alone:.2f} ×"
    )


def main() -> None:
    for line in lines():
        tell(line)


if __name__ == "__main__":
    main()
