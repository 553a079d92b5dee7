"""A pseudo-terminal, so that a command believes that a person sits there."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.acceptance.stage import Stage, command

ROWS, COLUMNS = 50, 120


class Terminal:
    """The person's side of a terminal on which a command runs."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int) -> None:
        self.process = process
        self._master = master
        self.seen = ""

    def until(self, text: str) -> None:
        """Read until `text` was shown; it must be, before the end."""
        while text not in self.seen:
            assert self._read(), f"{text!r} was never shown:\n{self.seen}"

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return self.process.wait()

    def _read(self) -> bool:
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # the other side is closed
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)


@contextmanager
def terminal(on: Stage, *arguments: str, **environment: str) -> Iterator[Terminal]:
    """Run a command on a terminal while the block lasts."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        command(*arguments),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=on.directory / "repository",
        env=on.environ(TERM="xterm-256color", **environment),
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        os.close(master)
