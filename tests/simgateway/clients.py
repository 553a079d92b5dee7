"""What tests do with a real client library: run a script with one, make its orders, read what it was told."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.serving.server import Running
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, TEXT, running

Script = Callable[[Running, Any], Awaitable[None]]


def with_client(script: Script, text: str = TEXT, version: int = library.NEWEST) -> None:
    """Run a script with one connected client, and see that every field it sent was understood."""

    async def run() -> None:
        async with running(text) as served, library.connected(served, version=version) as ib:
            await script(served, ib)
            assert dict(served.broker.log.leftovers) == {}

    asyncio.run(run())


def stock(symbol: str, exchange: str = "SMART", currency: str = "USD") -> Any:
    return library.load().Stock(symbol, exchange, currency)


def order(kind: str, action: str, quantity: float, price: float | None = None, **terms: Any) -> Any:
    makers = {"MKT": "MarketOrder", "LMT": "LimitOrder", "STP": "StopOrder"}
    arguments = (action, quantity) if price is None else (action, quantity, price)
    return getattr(library.load(), makers[kind])(*arguments, **{"tif": "DAY", "account": ACCOUNT, **terms})


def move(served: Running, con_id: int, **prices: str) -> None:
    served.broker.move_prices({con_id: {name: Decimal(price) for name, price in prices.items()}})


def step(served: Running, seconds: float) -> None:
    """Move the gateway's clock."""
    clock = served.broker.clock
    assert isinstance(clock, SteppedClock)
    clock.step(seconds)


def is_filled(trade: Any) -> bool:
    return bool(trade.orderStatus.status == "Filled")


def codes(ib: Any) -> list[tuple[int, int]]:
    """From now on, request id and code of every error message that tells more than farm status."""
    seen: list[tuple[int, int]] = []

    def note(request_id: int, code: int, *_rest: Any) -> None:
        if not 2100 < code < 2200:
            seen.append((request_id, code))

    ib.errorEvent += note
    return seen


def values_by_key(values: list[Any]) -> dict[tuple[str, str], str]:
    return {(value.tag, value.currency): value.value for value in values}
