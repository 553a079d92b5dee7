"""What the machine gives to every command: its clock, its chance, its files."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from reconciler.domain.imported import FileChange
from reconciler.ports import Clock, Retry


def system_clock() -> Clock:
    """The wall clock."""
    from reconciler.adapters.clock import SystemClock

    return SystemClock()


def system_retry() -> Retry:
    """Attempts that really wait for each other."""
    from reconciler.adapters.retry import DEFAULT_BOUNDS, TenacityRetry

    return TenacityRetry(DEFAULT_BOUNDS, chance=random.Random(), sleep=asyncio.sleep)  # noqa: S311 - jitter only


def current_text(path: Path) -> str | None:
    """The text of a file as it is; None where there is none. Raises Refused where it cannot be read."""
    from reconciler.adapters import textfiles

    return textfiles.current_text(path)


def write_changes(changes: Sequence[FileChange]) -> None:
    """Write files whole or not at all, and over nothing that somebody wrote meanwhile. Raises Refused."""
    from reconciler.adapters import textfiles

    textfiles.write_changes(changes)
