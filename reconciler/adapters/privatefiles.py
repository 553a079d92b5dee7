"""Files that are one person's own: in the state directory nobody else reads, and no name leads out of it."""

import os
from pathlib import Path
from urllib.parse import quote

from reconciler.domain.errors import Refused

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
_LONGEST_NAME = 200
"""Bytes. File systems take 255, and callers add an ending."""


def make_private_directory(directory: Path) -> None:
    """Make `directory` and what leads to it, durably and for its owner alone; what is there keeps its mode.

    Raises Refused.
    """
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    try:
        for each in reversed(missing):
            each.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
            sync_directory(each.parent)
    except OSError as error:
        raise Refused(f"the directory {directory} cannot be made: {error.strerror}") from error


def file_name(name: str) -> str:
    """`name` as the name of one file in one directory: different names stay different, and none is a path.

    Raises Refused for a name that is empty or too long.
    """
    quoted = quote(name, safe="", errors="surrogatepass")
    if quoted.startswith("."):
        quoted = f"%2E{quoted[1:]}"
    if not 0 < len(quoted) <= _LONGEST_NAME:
        raise Refused(f"{name[:40]!r} cannot name a file: it is empty or too long")
    return quoted


def sync_directory(directory: Path) -> None:
    """Make the directory's entries durable: a file's own fsync does not promise that its name is on disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
