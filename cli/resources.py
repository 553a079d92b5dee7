"""Files that ship with folioctl: inside the installed package, or at the root of a checkout."""

from pathlib import Path

import reconciler


def shipped(name: str) -> Path:
    """The directory `name`: `desired-state` or `schemas`."""
    package = Path(reconciler.__file__).parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parent / name
