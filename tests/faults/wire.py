"""The wire between the command and its gateway, cut at a message of choice: so a kill lands where a test wants it.

What the client sends after the cut is lost on the way, as with a process that dies while its socket still holds bytes.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from reconciler.simgateway.wire import framing

GREETING = b"API\0"
PLACE_ORDER = "3"
Cut = Callable[[list[str]], bool]
"""Whether the wire is cut before this message of the client; asked for one message after the other."""


def is_order(fields: list[str]) -> bool:
    """Whether it is an order that is to trade: what-ifs carry another reference."""
    return fields[0] == PLACE_ORDER and any(each.startswith("folioctl:") for each in fields)


def is_what_if(fields: list[str]) -> bool:
    return fields[0] == PLACE_ORDER and not is_order(fields)


def before_order(number: int) -> Cut:
    """Before the order of that number, counted from 1: it is lost."""
    seen: list[list[str]] = []

    def cut(fields: list[str]) -> bool:
        if is_order(fields):
            seen.append(fields)
        return len(seen) == number

    return cut


def before_what_if_after_order(number: int) -> Cut:
    """Before the first what-if that follows so many orders: in the gate of the next batch."""
    seen: list[list[str]] = []

    def cut(fields: list[str]) -> bool:
        if is_order(fields):
            seen.append(fields)
        return len(seen) >= number and is_what_if(fields)

    return cut


class Wire:
    """One connection of a client after the other, passed on to the gateway until the cut."""

    def __init__(self, gateway_port: int, cut: Cut) -> None:
        self.was_cut = threading.Event()
        self._gateway_port = gateway_port
        self._cut = cut
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def close(self) -> None:
        """Wait for every connection to end; the client must be gone."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(timeout=10)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                gateway = socket.create_connection(("127.0.0.1", self._gateway_port))
                for target, source, sink in ((self._up, client, gateway), (self._down, gateway, client)):
                    self._threads.append(threading.Thread(target=target, args=(source, sink)))
                    self._threads[-1].start()

    def _up(self, client: socket.socket, gateway: socket.socket) -> None:
        frames, greeted = framing.FrameReader(limit=1 << 24), False
        with client, _ending(gateway), suppress(OSError):
            while data := client.recv(1 << 16):
                if not greeted:
                    gateway.sendall(GREETING)
                    data, greeted = data.removeprefix(GREETING), True
                for payload in frames.feed(data):
                    self._pass_on(payload, gateway)

    def _pass_on(self, payload: bytes, gateway: socket.socket) -> None:
        if not self.was_cut.is_set() and self._cut(framing.split(payload)):
            self.was_cut.set()
        if not self.was_cut.is_set():
            gateway.sendall(len(payload).to_bytes(4, "big") + payload)

    @staticmethod
    def _down(gateway: socket.socket, client: socket.socket) -> None:
        with gateway, _ending(client), suppress(OSError):
            while data := gateway.recv(1 << 16):
                client.sendall(data)


class SeveredWire(Wire):
    """At the cut both sides see the connection close, once; the next connection is whole. The message is lost."""

    def _pass_on(self, payload: bytes, gateway: socket.socket) -> None:
        if not self.was_cut.is_set() and self._cut(framing.split(payload)):
            self.was_cut.set()
            raise ConnectionAbortedError
        gateway.sendall(len(payload).to_bytes(4, "big") + payload)


@contextmanager
def _ending(peer: socket.socket) -> Iterator[None]:
    """However the block ends, the peer is told; whoever waits on its socket wakes up."""
    try:
        yield
    finally:
        with suppress(OSError):
            peer.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(gateway_port: int, cut: Cut, *, kind: type[Wire] = Wire) -> Iterator[Wire]:
    """A wire while the block lasts."""
    made = kind(gateway_port, cut)
    try:
        yield made
    finally:
        made.close()
