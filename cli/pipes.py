"""What happens when nobody reads on (`folioctl apply | head`): the rest is dropped, and the exit code stays what it is.

Rich would end the process with 1 there, in the middle of a report; the code of a half-applied plan is 6, read or not.
"""

import os
from typing import IO

from rich.console import Console


class PatientConsole(Console):
    """A console that falls silent when its reader has gone."""

    def on_broken_pipe(self) -> None:
        """Called by rich for a BrokenPipeError."""
        self.quiet = True
        fall_silent(self.file)


def fall_silent(stream: IO[str]) -> None:
    """Send what is still to come nowhere, the interpreter's own last flush included."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
