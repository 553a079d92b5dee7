"""A command that kills itself: by a real SIGKILL, exactly at a point of choice, with nothing of the product changed.

Points lie before and after each write of the journal, and before and after each frame that is sent or received. They
have names, which count: `before record_intent 3`, `after sent order 2`, `before received execution 7`.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, cast

from reconciler.adapters.ib.pacing import Pacer
from reconciler.adapters.journal import open as opening
from reconciler.adapters.journal.sql import SqlJournal
from reconciler.simgateway.wire import framing
from tests.fakes.dying import DyingJournal
from tests.faults.wire import GREETING, PLACE_ORDER, is_order

_RECEIVED = {"3": "status", "5": "open order", "11": "execution", "59": "commission"}
"""Messages of the gateway by their ids; the others are called by the id."""


class Points:
    """Every point that a process passes, one a line in a file; the process does not outlive the fatal one."""

    def __init__(self, passed: Path, fatal: str | None) -> None:
        self._fatal = fatal
        self._counts: Counter[str] = Counter()
        self._passed = passed.open("w", buffering=1)

    def moment(self, what: str) -> None:
        """One of that name. A process that is killed leaves its name too."""
        self._counts[what] += 1
        name = f"{what} {self._counts[what]}"
        self._passed.write(name + "\n")
        if name == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def prepare(passed: str, fatal: str | None) -> None:
    """From now on every journal and every connection of this process has its points, and nothing that is sent waits.

    A gateway without a limit serves it: paced, a sweep would be mostly waiting.
    """
    points = Points(Path(passed), fatal)
    _among_journals(points)
    _among_connections(points)

    async def turn(self: Pacer) -> None:
        await asyncio.sleep(0)

    Pacer.turn = turn  # type: ignore[method-assign]


def prepare_writing(fatal: int) -> None:
    """The process does not outlive the moment before its `fatal`-th file takes the place of another."""
    replace = Path.replace
    moments = count(1)

    def mortal_replace(self: Path, target: Path) -> Path:
        if next(moments) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(self, target)

    Path.replace = mortal_replace  # type: ignore[assignment, method-assign]


def _among_journals(points: Points) -> None:
    open_journal = opening.open_journal

    def mortal_journal(path: Path) -> SqlJournal:
        return cast(SqlJournal, DyingJournal(open_journal(path), points))

    opening.open_journal = mortal_journal


def _among_connections(points: Points) -> None:
    connect = asyncio.SelectorEventLoop.create_connection

    async def mortal_connection(
        loop: asyncio.SelectorEventLoop, factory: Callable[[], asyncio.Protocol], *where: Any, **how: Any
    ) -> tuple[asyncio.BaseTransport, asyncio.BaseProtocol]:
        transport, ear = await connect(loop, lambda: _Ear(factory(), points), *where, **how)
        return cast(asyncio.Transport, _Mouth(transport, points)), ear.protocol

    asyncio.SelectorEventLoop.create_connection = mortal_connection  # type: ignore[assignment, method-assign]


class _Mouth:
    """A transport: one frame each time that the library writes."""

    def __init__(self, transport: asyncio.Transport, points: Points) -> None:
        self._transport = transport
        self._points = points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        what = f"sent {_sent(data)}"
        self._points.moment(f"before {what}")
        self._transport.write(data)
        # Else the kernel does not have it yet, and a kill would come before the sending, not after it.
        assert self._transport.get_write_buffer_size() == 0
        self._points.moment(f"after {what}")


def _sent(data: bytes) -> str:
    if data.startswith(GREETING):
        return "greeting"
    (payload,) = framing.FrameReader(limit=1 << 24).feed(data)
    fields = framing.split(payload)
    if fields[0] != PLACE_ORDER:
        return fields[0]
    return "order" if is_order(fields) else "what-if"


class _Ear(asyncio.Protocol):
    """A protocol: the library hears one frame at a time."""

    def __init__(self, protocol: asyncio.Protocol, points: Points) -> None:
        self.protocol = protocol
        self._points = points
        self._frames = framing.FrameReader(limit=1 << 24)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.protocol.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        for payload in self._frames.feed(data):
            kind = framing.split(payload)[0]
            what = f"received {_RECEIVED.get(kind, kind)}"
            self._points.moment(f"before {what}")
            self.protocol.data_received(len(payload).to_bytes(4, "big") + payload)
            self._points.moment(f"after {what}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.protocol.connection_lost(exc)
