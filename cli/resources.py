"""Files that ship with folioctl: inside the installed package, or at the root of a checkout."""

from pathlib import Path

import reconciler


def shipped(name: str) -> Path:
    """What is called so from a checkout's root: `desired-state`, `schemas`, `.env.example` or `.github/workflows`."""
    package = Path(reconciler.__file__).parent
    installed = package / "_data" / name
    return installed if installed.exists() else package.parent / name
