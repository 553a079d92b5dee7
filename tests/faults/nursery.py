"""A nursery of commands: one interpreter that has everything imported, and forks a process for each command line.

Each is a process of its own, with its own pid, streams and end, and runs what `folioctl` runs; what it saves is the
second that an interpreter takes to start. Its commands do not pace what they send: a gateway without a limit serves
them, and a sweep would be mostly waiting.
"""

import asyncio
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.acceptance.stage import REPOSITORY, Ended, bare_environment
from tests.faults import mortal

COMMAND_SECONDS = 120
NOT_IMPORTED = ("__main__", "pytest_plugin", ".migrations.")
"""Modules that do something when they are imported."""


class Nursery:
    """The nursery as a test sees it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._number = 0

    async def run(
        self,
        words: Sequence[str],
        *,
        directory: Path,
        environment: dict[str, str],
        passed: Path | None = None,
        fatal: str | None = None,
    ) -> Ended:
        """Run one command to its end, or to its death at the fatal point; the names of its points go to `passed`."""
        self._number += 1
        order = {
            "number": self._number,
            "words": list(words),
            "directory": str(directory),
            "environment": environment,
            "passed": None if passed is None else str(passed),
            "fatal": fatal,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        code = await asyncio.wait_for(self._code(), COMMAND_SECONDS)
        return Ended(code, _stream(directory, 1).read_text(), _stream(directory, 2).read_text())

    async def _code(self) -> int:
        """How the last command ended. An answer to one before it, which a test did not wait for, is passed over."""
        while True:
            number, code = json.loads(await self._answer())
            if number == self._number:
                return int(code)

    async def _answer(self) -> str:
        """The next line; the loop goes on meanwhile, because the gateway runs on it."""
        loop, is_there = asyncio.get_running_loop(), asyncio.Event()
        assert self._process.stdout is not None
        loop.add_reader(self._process.stdout, is_there.set)
        try:
            await is_there.wait()
        finally:
            loop.remove_reader(self._process.stdout)
        return self._process.stdout.readline()


@contextmanager
def nursery(home: Path) -> Iterator[Nursery]:
    """A nursery while the block lasts."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=bare_environment(home),
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()  # its end is the nursery's


def _stream(directory: Path, number: int) -> Path:
    return directory.parent / f"stream-{number}"


# ------------------------------------------------------------------------------------------- in the nursery's process


def serve() -> None:
    """Fork a process for each line of standard input, and answer with how it ended."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(_obey(order))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{json.dumps([order['number'], os.waitstatus_to_exitcode(status)])}\n")
        sys.stdout.flush()


def _obey(order: dict[str, Any]) -> int:
    from cli.app import main

    directory = Path(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(directory)
    for number in (1, 2):
        os.dup2(os.open(_stream(directory, number), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if order["passed"]:
        mortal.install(mortal.Points(Path(order["passed"]), order["fatal"]))
    try:
        return main(order["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _warm() -> None:
    """Import whatever a command might, and let nothing pace."""
    for package in (importlib.import_module("cli"), importlib.import_module("reconciler")):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(part in found.name for part in NOT_IMPORTED):
                importlib.import_module(found.name)
    asyncio.run(_load_library())


async def _load_library() -> None:
    """Inside of a loop, as the adapter does: the library asks for one when it is imported."""
    from reconciler.adapters.ib import library
    from reconciler.adapters.ib.pacing import Pacer

    library.load()

    async def turn(self: Pacer) -> None:
        await asyncio.sleep(0)

    Pacer.turn = turn  # type: ignore[method-assign]


if __name__ == "__main__":
    _warm()
    serve()
