"""The state directory as it is: whether it can be written durably, where it lies, and how much room it has."""

import os
import shutil
import tempfile
from pathlib import Path

from reconciler.adapters.privatefiles import make_private_directory
from reconciler.domain.errors import Refused
from reconciler.domain.examination import StateReading


def look_at(directory: Path, manifests: Path) -> StateReading:
    """Make it where it is missing, write a file into it, see that on disk, and take it away again.

    `manifests` is a directory in the clone that it must not lie in.
    """
    clone = _clone_around(manifests)
    is_inside = clone is not None and directory.resolve().is_relative_to(clone)
    why = _why_unusable(directory)
    free = None if why is not None else _free(directory)
    return StateReading(str(directory), why, str(clone) if is_inside else None, free)


def _why_unusable(directory: Path) -> str | None:
    try:
        make_private_directory(directory)
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"folioctl")
            file.flush()
            os.fsync(file.fileno())
    except Refused as refusal:
        return str(refusal)
    except OSError as error:
        return f"it cannot be written: {error.strerror}"
    return None


def _clone_around(directory: Path) -> Path | None:
    """The nearest directory above that Git keeps a clone or a worktree in."""
    resolved = directory.resolve()
    return next((each for each in (resolved, *resolved.parents) if (each / ".git").exists()), None)


def _free(directory: Path) -> int | None:
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None
