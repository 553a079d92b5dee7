"""How the tests of quirks run: a client library joined to a gateway with quirks armed, and what it hears."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.simgateway import library
from tests.simgateway.clients import Script, order, stock
from tests.simgateway.lab import running, until

FARMS = (2104, 2106, 2158)


def meeting(script: Script, *quirks: str) -> None:
    """Run a script with a client that connected, then met the quirks."""

    async def run() -> None:
        async with running() as served, library.connected(served) as ib:
            for quirk in quirks:
                served.broker.quirks.arm(quirk)
            await script(served, ib)

    asyncio.run(run())


def heard(ib: Any) -> list[tuple[int, int]]:
    """From now on, request id and code of every error message but the state of the farms."""
    seen: list[tuple[int, int]] = []

    def note(request_id: int, code: int, *_rest: Any) -> None:
        if code not in FARMS:
            seen.append((request_id, code))

    ib.errorEvent += note
    return seen


def noted(ib: Any, *names: str) -> list[tuple[str, tuple[Any, ...]]]:
    """From now on, every call of the library's decoder of these names, with its arguments, in order."""
    calls: list[tuple[str, tuple[Any, ...]]] = []
    for name in names:
        setattr(ib.wrapper, name, _noting(calls, name, getattr(ib.wrapper, name)))
    decoder = ib.client.decoder
    # A decoder looks its wrapper's methods up when it is made.
    ib.client.decoder = type(decoder)(ib.wrapper, decoder.serverVersion)
    return calls


def _noting(calls: list[tuple[str, tuple[Any, ...]]], name: str, pass_on: Callable[..., None]) -> Callable[..., None]:
    def called(*arguments: Any) -> None:
        calls.append((name, arguments))
        pass_on(*arguments)

    return called


def bought(ib: Any, symbol: str = "GLD", quantity: float = 5, **terms: Any) -> Any:
    """A market order just sent, for the contract's id is known without asking."""
    return ib.placeOrder(stock(symbol), order("MKT", "BUY", quantity, **terms))


def resting(ib: Any, symbol: str = "GLD", **terms: Any) -> Any:
    """A limit order far below the market."""
    return ib.placeOrder(stock(symbol), order("LMT", "BUY", 5, 300.0, **terms))


async def sync(ib: Any) -> None:
    """Wait until everything that was sent has been answered, and what follows from it told: the time is asked last."""
    calls = noted(ib, "currentTime")
    for number in range(1, 4):
        ib.client.reqCurrentTime()
        await until(partial(_reached, calls, number))


def _reached(calls: list[tuple[str, tuple[Any, ...]]], number: int) -> bool:
    return len(calls) >= number
