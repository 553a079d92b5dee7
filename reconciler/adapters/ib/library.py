"""The broker library: whichever of the two is installed, imported when the first connection is opened.

Only this file names them. Both share the wire classes that the adapter uses; an environment holds one of the two.
"""

import logging
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from reconciler.domain.errors import Refused


@dataclass(frozen=True)
class Library:
    """The classes of the library that the adapter uses."""

    name: str
    client: Any
    contract: Any
    order: Any
    execution_filter: Any


def load() -> Library:
    """The installed library. Raises Refused, saying what to install, where there is none."""
    if find_spec("ib_insync") is not None:
        return _ib_insync()
    if find_spec("ib_async") is not None:
        return _ib_async()
    raise Refused("no broker library is installed: pip install 'folioctl[ib]'")


def _ib_insync() -> Library:
    import ib_insync

    return _quiet(
        Library(
            name="ib_insync",
            client=ib_insync.Client,
            contract=ib_insync.Contract,
            order=ib_insync.Order,
            execution_filter=ib_insync.ExecutionFilter,
        )
    )


def _ib_async() -> Library:
    import ib_async
    from ib_async.client import Client

    return _quiet(
        Library(
            name="ib_async",
            client=Client,
            contract=ib_async.Contract,
            order=ib_async.Order,
            execution_filter=ib_async.ExecutionFilter,
        )
    )


def _quiet(library: Library) -> Library:
    """Keep the library's own log lines to itself: they repeat raw messages, account numbers included."""
    for name in (library.name, "eventkit"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    return library
