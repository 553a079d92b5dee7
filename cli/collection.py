"""The garbage collector, which has no part in reading manifests."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let what is made in the block live to the end, unlooked at.

    A thousand manifests are a million objects. To look for garbage among them takes a sixth of the time of reading.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
