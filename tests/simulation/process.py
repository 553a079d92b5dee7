"""A process that can be killed: nothing that it does after its death reaches the world.

Its moments are counted: before and after each write of its journal, each report, each message that it sends, and before
each packet that it reads. At the moment that its fate names it dies, or when someone kills it while it waits. Python
cannot drop a coroutine without running its `finally` clauses; they run, but the journal, the reports, the lock and the
network of a dead process are out of its reach, so that nobody can tell.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Protocol

from reconciler.domain.errors import StateUnavailable
from tests.fakes.dying import Countdown, Killed

NEVER = 1 << 60


class Severable(Protocol):
    """A connection, as the death of its process meets it."""

    @property
    def is_open(self) -> bool:
        """Whether the network still knows it."""

    def sever(self) -> None:
        """The operating system closes it."""


class Process(Countdown):
    """One run of the command, with all that the operating system keeps for it. `fate`: the moment at which it dies."""

    def __init__(self, name: str, fate: int = NEVER) -> None:
        super().__init__(at=NEVER)
        self.name = name
        self.fate = fate
        self.alive = True
        self.breaks_at: dict[bytes, int] = {}
        """Its connection breaks in the very call that writes the n-th message with these bytes."""
        self.disk = Disk(self)
        self.tasks: list[asyncio.Task[Any]] = []
        self.lines: list[Severable] = []

    def moment(self, _what: str = "") -> None:
        """In the program's own flow. Raises Killed where it is the last one, and ever after."""
        if not self.reads():
            raise Killed

    def reads(self) -> bool:
        """A moment outside of the program's flow; whether the process lives on."""
        if self.alive:
            self.passed += 1
            if self.passed >= self.fate:
                self.die()
        return self.alive

    def breaks(self, data: bytes) -> bool:
        """Whether the connection breaks while this is written."""
        for mark in self.breaks_at:
            if mark in data:
                self.breaks_at[mark] -= 1
                if self.breaks_at[mark] == 0:
                    return True
        return False

    def die(self) -> None:
        """As SIGKILL does: the operating system closes the connections and frees the lock; the tasks are gone."""
        if not self.alive:
            return
        self.alive = False
        for line in self.lines:
            line.sever()
        for task in self.tasks:
            task.cancel()

    def start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run the process's work, so that every task and connection which it makes counts as its own."""
        token = PROCESS.set(self)
        try:
            return asyncio.get_running_loop().create_task(work)
        finally:
            PROCESS.reset(token)

    async def bury(self) -> None:
        """See every task of a dead process end."""
        while left := [task for task in self.tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left)
        for task in self.tasks:
            with suppress(asyncio.CancelledError):
                task.exception()

    def leaks(self) -> list[str]:
        """What a process that ended in order has left behind."""
        tasks = [f"task {task.get_coro()!r}".split(" at 0x")[0] for task in self.tasks if not task.done()]
        return tasks + ["an open connection" for line in self.lines if line.is_open]


class Disk(Countdown):
    """The state directory as a process meets it: from its `full_at`-th moment on, nothing can be written.

    The failure may come before a write or, as with a broken fsync, after it.
    """

    def __init__(self, process: Process) -> None:
        super().__init__(at=NEVER)
        self.full_at = NEVER
        self._process = process

    def moment(self, _what: str = "") -> None:
        """Before and after each write. Raises Killed, or StateUnavailable."""
        self._process.moment()
        self.passed += 1
        if self.passed >= self.full_at:
            raise StateUnavailable("the disk is full")


PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)
"""The process whose code runs."""
