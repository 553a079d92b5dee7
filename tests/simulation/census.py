"""A census of what a process keeps: what must be the same after a day of commands as it was after the first of them.

Objects are counted by their kind, those of the product and of its libraries alone: the books and records of the
simulated gateway grow by right, and so do those of the simulation. Bytes are Python's own, by the file that asked.
"""

import asyncio
import functools
import gc
import os
import tracemalloc
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OURS = ("reconciler.", "cli.", "ib_insync", "ib_async", "eventkit", "tenacity", "asyncio.")
NOT_OURS = "reconciler.simgateway"
_REPOSITORY = Path(__file__).parents[2]
_APART = (str(_REPOSITORY / "reconciler" / "simgateway"), str(_REPOSITORY / "tests"), tracemalloc.__file__)
"""Files whose memory is not the product's."""


@dataclass(frozen=True)
class Census:
    """What a process keeps at one moment."""

    objects: Mapping[str, int]
    bytes: int

    def count(self, kind: str) -> int:
        """How many objects there are of a kind."""
        return self.objects.get(kind, 0)


def taken() -> Census:
    """The census of now. Without tracemalloc's tracing there are no bytes in it."""
    gc.collect()
    used = _bytes()
    objects: dict[str, int] = {}  # not a Counter: that would allocate in a file of the library's
    for each in gc.get_objects():
        kind = _kind(each)
        if kind is not None:
            objects[kind] = objects.get(kind, 0) + 1
    return Census(objects, used)


def tasks() -> int:
    """The tasks of the loop, without the one that asks."""
    return len(asyncio.all_tasks()) - 1


def open_files() -> int:
    """What the process has open, its sockets among them."""
    return len(os.listdir("/dev/fd"))


def _bytes() -> int:
    if not tracemalloc.is_tracing():
        return 0
    by_file = tracemalloc.take_snapshot().statistics("filename")
    return sum(each.size for each in by_file if not each.traceback[0].filename.startswith(_APART))


def _kind(thing: object) -> str | None:
    """What it is called where it counts: a function by its module, a bound method by its owner, else by its type."""
    match thing:
        case types.FunctionType():
            return _counted(thing.__module__, f"function {thing.__qualname__}")
        case types.MethodType():
            return _counted(type(thing.__self__).__module__, f"method {thing.__func__.__qualname__}")
        case functools.partial():
            return _counted(getattr(thing.func, "__module__", None), f"partial {thing.func}".split(" at 0x")[0])
        case _:
            return _counted(type(thing).__module__, type(thing).__qualname__)


def _counted(module: object, name: str) -> str | None:
    if not isinstance(module, str) or module.startswith(NOT_OURS) or not module.startswith(OURS):
        return None
    return f"{module} {name}"
