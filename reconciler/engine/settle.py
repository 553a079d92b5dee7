"""Settle: after a batch, wait until the account shows this run's own fills (promise 6), bounded by the policy."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, Position
from reconciler.domain.ids import ConId
from reconciler.domain.plan import Plan
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.engine.observe import REREAD_SECONDS, observe
from reconciler.engine.session import Session
from reconciler.planning.exposure import standing_of
from reconciler.planning.holdings import held_after
from reconciler.planning.orderbook import OrderBook
from reconciler.planning.resolve import resolve


async def settle(session: Session, plan: Plan, book: OrderBook) -> str | None:
    """None once positions are what the fills make of them; else, at the end of the timeout, what differs."""
    expected = held_after(plan, book)
    differs = "positions were never read"
    try:
        async with asyncio.timeout(session.account.policy.timeouts.settle.total_seconds()):
            while True:
                positions = await session.read(session.broker.read_positions)
                differs = _difference(positions, expected)
                if not differs:
                    return None
                await asyncio.sleep(REREAD_SECONDS)
    except TimeoutError:
        return f"after the batch, positions are not what its fills make of them: {differs}"


async def read_account(session: Session) -> tuple[AccountSnapshot, Standing]:
    """The account, and its leverage and margin, as they are now."""
    snapshot = await observe(session)
    return snapshot, standing_of(resolve(session.account, snapshot, now=session.clock.now()), snapshot)


def _difference(positions: tuple[Position, ...] | Unknown, expected: Mapping[ConId, Decimal]) -> str:
    if isinstance(positions, Unknown):
        return positions.why
    held = {position.con_id: position.quantity for position in positions}
    return ", ".join(
        f"contract {con_id}: {held.get(con_id, Decimal(0)):f} held, {quantity:f} expected"
        for con_id, quantity in sorted(expected.items())
        if held.get(con_id, Decimal(0)) != quantity
    )
