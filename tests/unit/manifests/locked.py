"""Folders that are locked, for tests that root runs too: root reads what it likes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

NOBODY = 65534


@contextmanager
def as_one_who_is_not_root() -> Iterator[None]:
    """Root reads what is locked; for as long as this lasts, the process does so no more."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)
