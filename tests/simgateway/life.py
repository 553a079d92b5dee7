"""Orders on a bench, placed with any field, and what their client is told of them as a short story."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

from reconciler.simgateway.orders.book import Order
from reconciler.simgateway.session import Session
from tests.simgateway.lab import TEXT, Bench, Wire, order, say, turns

FIELDS = {
    "oca_group": 20,
    "parent": 26,
    "outside_rth": 31,
    "good_after": 35,
    "good_till": 36,
    "oca_type": 44,
    "auto_cancel_parent": 109,
}
"""Places of fields, counted from the contract id."""

HOURS = TEXT + "hours: us-stocks\n"
HOUR = 3600.0
TO_CLOSE = 6 * HOUR
TO_EVENING = 7 * HOUR
TO_NIGHT = 11 * HOUR
TO_OPEN = 23.5 * HOUR
"""Seconds from the start to 16:00, 17:00, 21:00 and to 9:30 of the next day."""


def place(session: Session, order_id: int, *terms: object, **more: object) -> None:
    """Place an order; fields of the table by their names, others as `lab.order` takes them."""
    named = {name: more.pop(name) for name in FIELDS if name in more}
    fields = order(*terms, **more)  # type: ignore[arg-type]
    for name, value in named.items():
        fields[FIELDS[name]] = value
    say(session, 3, order_id, *fields)


async def ordered(session: Session, order_id: int, *terms: object, **more: object) -> None:
    """Place an order, and let what follows from it happen."""
    place(session, order_id, *terms, **more)
    await turns()


def story(wire: Wire) -> list[str]:
    """What a client was told: statuses with order ids and fills, errors, executions; in sequence, then forgotten."""
    told = []
    for frame in wire.take():
        if frame[0] == "3":
            told.append(f"{frame[1]} {frame[2]} {frame[3]}")
        elif frame[0] == "4":
            told.append(f"{frame[2]} error {frame[3]}")
        elif frame[0] == "11":
            told.append(f"{frame[2]} fill {frame[19]}@{frame[20]}")
    return told


def on_a_bench(script: Callable[[Bench, Session, Wire], Awaitable[None]], text: str = TEXT) -> None:
    """Run a script with one client of a gateway in memory."""

    async def run() -> None:
        bench = Bench(text)
        session, wire = bench.client()
        await script(bench, session, wire)

    asyncio.run(run())


def move(bench: Bench, con_id: int, **prices: str) -> None:
    """Move a quote."""
    bench.broker.move_prices({con_id: {name: Decimal(price) for name, price in prices.items()}})


def kept(bench: Bench, order_id: int, client_id: int = 1) -> Order:
    """An order as the gateway has it."""
    found = bench.broker.book.get(client_id, order_id)
    assert found is not None
    return found


def at(bench: Bench, seconds: float) -> None:
    """Move the clock to so many seconds after the start."""
    bench.clock.step(seconds - bench.clock.seconds())


def texts(wire: Wire, code: int) -> list[str]:
    return [frame[4] for frame in wire.frames if frame[0] == "4" and frame[3] == str(code)]
