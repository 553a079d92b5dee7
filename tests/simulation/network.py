"""The loop and the network: equal timers ring in the order of their setting; lines are late, frozen, cut and severed.

A line is the client's end of a connection in memory. What is written to it arrives late, what arrives is read late,
each direction in its order, as TCP has it. Packets may be torn anywhere.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, TypeVarTuple, Unpack, cast

from reconciler.simgateway.serving.memory import Factory, MemoryTransport
from reconciler.simgateway.serving.virtual import VirtualTimeLoop
from tests.simulation.chance import happens
from tests.simulation.process import PROCESS, Process

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

APART = 1e-9
"""Seconds between timers that were set for the same instant: far below a microsecond, far above a float's grain."""


@dataclass
class Climate:
    """How the network behaves now: the usual delay of a packet, in seconds, and how often one takes a second more."""

    chance: random.Random
    usual: float = 0.001
    spikes: float = 0.0
    torn: float = 0.0
    lines: int = 0

    def delay(self) -> float:
        """Of one packet."""
        spike = self.chance.uniform(0.2, 3) if happens(self.chance, self.spikes) else 0.0
        return self.chance.uniform(0.2, 1.8) * self.usual + spike

    def pieces(self, data: bytes) -> list[bytes]:
        """The packets in which bytes come."""
        if len(data) < 2 or not happens(self.chance, self.torn):
            return [data]
        place = self.chance.randrange(1, len(data))
        return [data[:place], data[place:]]


class SimulationLoop(VirtualTimeLoop):
    """A loop on virtual time whose connections are lines of the process that opens them."""

    def __init__(self) -> None:
        super().__init__()
        self.climate = Climate(random.Random(0))  # noqa: S311 - a simulation, no secret
        self._instants: dict[float, int] = {}
        self.set_task_factory(_owned)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Arguments]], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As ever; of two timers for one instant, the one that was set first rings first."""
        before = self._instants.get(when, 0)
        self._instants[when] = before + 1
        if len(self._instants) > 4096:
            now = self.time()
            self._instants = {instant: count for instant, count in self._instants.items() if instant >= now}
        return super().call_at(when + before * APART, callback, *args, context=context)

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Factory, host: str, port: int, **_options: object
    ) -> tuple["Line", asyncio.BaseProtocol]:
        """Connect in memory. Raises ConnectionRefusedError where nobody listens, or where the process is dead."""
        process = PROCESS.get()
        if process is None or not process.alive:
            raise ConnectionRefusedError
        await asyncio.sleep(self.climate.delay())
        line = Line(self, process, cast(asyncio.Protocol, protocol_factory()))
        self.network.connect(lambda: line.ear, host, port)
        return line, line.protocol


def _owned(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> "asyncio.Task[Any]":
    task = asyncio.Task(work, loop=loop, **options)
    process = PROCESS.get()
    if process is not None:
        process.tasks.append(task)
    return task


class Line(asyncio.Transport):
    """The client's end of a connection: late in both directions, and in the hands of its process's fate."""

    def __init__(self, loop: SimulationLoop, process: Process, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.ear = _Ear(self)
        self._loop = loop
        self._process = process
        self._near: MemoryTransport | None = None
        self._closing = False
        self._gone = False
        self._drops = False
        self._queues: dict[str, deque[tuple[float, Callable[[], None]]]] = {"up": deque(), "down": deque()}
        self._frozen_until = 0.0
        process.lines.append(self)

    # ------------------------------------------------------------------------------------------- what the library does

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, late."""
        if self._closing:
            return
        self._process.moment()
        for piece in self._loop.climate.pieces(bytes(data)):
            self._later("up", partial(self._send, piece))
        if self._process.breaks(bytes(data)):
            self._closing = True
            self.cut(drops=happens(self._loop.climate.chance, 0.5))
        self._process.moment()

    def write_eof(self) -> None:
        """The library closes right after it."""

    def can_write_eof(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Leave, after what was written."""
        if not self._closing:
            self._closing = True
            self._later("up", self._leave)

    def abort(self) -> None:
        """Leave at once."""
        self.close()

    def is_closing(self) -> bool:
        """Whether this end was closed, or knows that the other one was."""
        return self._closing

    # ------------------------------------------------------------------------------------------- what the network does

    @property
    def is_open(self) -> bool:
        """Whether the network still knows it."""
        return not self._gone

    def freeze(self, seconds: float) -> None:
        """Nothing gets through for a while, what is under way included."""
        self._frozen_until = self._loop.time() + seconds

    def cut(self, *, drops: bool) -> None:
        """The connection breaks; what is under way is lost on the way, or still arrives at the gateway."""
        if drops:
            self._drops = True
            self._leave()
        else:
            self._later("up", self._leave)

    def sever(self) -> None:
        """Its process died. What it had written is lost, or the operating system delivers it, as late as anything."""
        if not self._gone:
            self._closing = True
            self.cut(drops=happens(self._loop.climate.chance, 0.4))

    def made(self, near: MemoryTransport) -> None:
        """The connection stands."""
        self._near = near
        self.protocol.connection_made(self)

    def arrives(self, data: bytes) -> None:
        """The gateway said something."""
        for piece in self._loop.climate.pieces(data):
            self._later("down", partial(self._read, piece))

    def ended(self) -> None:
        """The connection is over; the program hears of it after what came before."""
        self._gone = True
        self._later("down", self._lose)

    def _later(self, way: str, action: Callable[[], None]) -> None:
        queue = self._queues[way]
        queue.append((self._loop.time() + self._loop.climate.delay(), action))
        if len(queue) == 1:
            self._await_first(way)

    def _await_first(self, way: str) -> None:
        due, _ = self._queues[way][0]
        self._loop.call_at(max(due, self._frozen_until, self._loop.time()), self._happen, way)

    def _happen(self, way: str) -> None:
        queue = self._queues[way]
        if queue and self._loop.time() >= self._frozen_until:
            _, action = queue[0]
            action()
            queue.popleft()
        if queue:
            self._await_first(way)

    def _send(self, piece: bytes) -> None:
        if self._near and not self._drops:
            self._near.write(piece)

    def _leave(self) -> None:
        if self._near:
            self._near.close()

    def _read(self, piece: bytes) -> None:
        if not self._closing and self._process.reads():
            self.protocol.data_received(piece)

    def _lose(self) -> None:
        self._closing = True
        if self._process.alive:
            self.protocol.connection_lost(None)


class _Ear(asyncio.Protocol):
    """What the network tells of a connection, to its line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line.made(cast(MemoryTransport, transport))

    def data_received(self, data: bytes) -> None:
        self._line.arrives(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._line.ended()


def run_simulated(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` on a simulation's loop."""
    try:
        with asyncio.Runner(loop_factory=_current) as runner:
            return runner.run(main)
    finally:
        asyncio.set_event_loop(None)


def _current() -> SimulationLoop:
    """A loop that is the thread's: ib_insync asks for that one, not for the one that runs."""
    loop = SimulationLoop()
    asyncio.set_event_loop(loop)
    return loop
