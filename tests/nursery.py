"""A nursery of commands: one interpreter that has everything imported, and forks a process for each command line.

Each is a process of its own, with its own pid, environment, directory, streams and end, and runs what `folioctl` runs.
What it saves is the second that an interpreter takes to start. Who forks must have one thread; hence a process.
"""

import asyncio
import atexit
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
_GUARD = REPOSITORY / "tests" / "acceptance" / "guard"
COMMAND_SECONDS = 120
_NOT_IMPORTED = ("__main__", "pytest_plugin", ".migrations.")
"""Modules that do something when they are imported."""


@dataclass(frozen=True)
class Order:
    """A command line and what it meets. `output` and `errors` are the files of its streams.

    `prepare` names a function, as `module:function`, that the new process calls with `given` before the command.
    """

    words: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    output: Path
    errors: Path
    prepare: str | None = None
    given: Mapping[str, Any] | None = None


class Nursery:
    """The nursery as a test sees it. Commands run one after the other, but for those that stay."""

    def __init__(self) -> None:
        self._process = _started()

    def close(self) -> None:
        """The end of its input is its own."""
        self._process.communicate()

    def run(self, order: Order) -> int:
        """Run a command to its end; its exit code, or less than zero where a signal ended it."""
        with self._whole():
            self._send(order)
            return self._code()

    def begin(self, order: Order) -> int:
        """Begin a command that runs on beside others; its process id."""
        with self._whole():
            self._send(order, stays=True)
            return self._code()

    async def run_beside(self, order: Order) -> int:
        """The same while the loop goes on, because the command's gateway runs on it."""
        loop, is_there = asyncio.get_running_loop(), asyncio.Event()
        with self._whole():
            assert self._process.stdout is not None
            self._send(order)
            loop.add_reader(self._process.stdout, is_there.set)
            try:
                async with asyncio.timeout(COMMAND_SECONDS):
                    await is_there.wait()
            finally:
                loop.remove_reader(self._process.stdout)
            return self._code()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """A test that ends while its command runs takes the nursery with it; the next command begins another."""
        try:
            yield
        except BaseException:
            os.killpg(self._process.pid, signal.SIGKILL)
            self.close()
            self._process = _started()
            raise

    def _send(self, order: Order, *, stays: bool = False) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**vars(order), "stays": stays}, default=str) + "\n")
        self._process.stdin.flush()

    def _code(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


def _started() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join((str(_GUARD), str(REPOSITORY))),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        },
    )


@cache
def nursery() -> Nursery:
    """The nursery of this process, begun when it is first asked for."""
    made = Nursery()
    atexit.register(made.close)
    return made


# ------------------------------------------------------------------------------------------- in the nursery's process


def serve() -> None:
    """Fork a process for each line of standard input; answer with how it ended, or with its id where it stays."""
    staying: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(_obey(order))
        if order["stays"]:
            staying.add(pid)
            answer = pid
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        staying = {each for each in staying if os.waitpid(each, os.WNOHANG) == (0, 0)}
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _obey(order: dict[str, Any]) -> int:
    from cli.main import run

    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["directory"])
    for number, file in ((1, order["output"]), (2, order["errors"])):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if order["prepare"]:
        module, _, function = order["prepare"].partition(":")
        getattr(importlib.import_module(module), function)(**order["given"])
    sys.argv = ["folioctl", *order["words"]]
    try:
        run()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def warm() -> None:
    """Import whatever a command might."""
    for package in (importlib.import_module("cli"), importlib.import_module("reconciler")):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(part in found.name for part in _NOT_IMPORTED):
                importlib.import_module(found.name)
    asyncio.run(_load_library())


async def _load_library() -> None:
    """Inside of a loop, as the adapter does: the library asks for one when it is imported."""
    from reconciler.adapters.ib import library

    library.load()


if __name__ == "__main__":
    warm()
    serve()
