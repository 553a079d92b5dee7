"""Whichever of the two broker libraries this environment has; the suites that use it run with both."""

import asyncio
import importlib
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from reconciler.simgateway.serving.server import Running

NAME = next(name for name in ("ib_insync", "ib_async") if importlib.util.find_spec(name))
NEWEST = {"ib_insync": 176, "ib_async": 178}[NAME]


def load() -> Any:
    """The library's module. Imported late, because importing it costs more than most tests."""
    return importlib.import_module(NAME)


@asynccontextmanager
async def connected(running: Running, client_id: int = 1, version: int = NEWEST) -> AsyncIterator[Any]:
    """A library client that offers at most `version`, its own throttle off."""
    ib = load().IB()
    ib.client.MaxRequests = 0
    ib.client.MaxClientVersion = version
    await ib.connectAsync("127.0.0.1", running.port, clientId=client_id, timeout=5)
    try:
        yield ib
    finally:
        ib.disconnect()
        await asyncio.sleep(0)
