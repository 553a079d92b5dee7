"""Settle: after a batch, wait until the account shows this run's own fills (promise 6), bounded by the policy."""

import asyncio

from reconciler.domain.account import AccountSnapshot, Position
from reconciler.domain.plan import Plan
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.engine.observe import REREAD_SECONDS, observe
from reconciler.engine.session import Session
from reconciler.planning.exposure import standing_of
from reconciler.planning.holdings import held_after, misheld
from reconciler.planning.orderbook import OrderBook
from reconciler.planning.resolve import resolve


async def settle(session: Session, plan: Plan, book: OrderBook) -> str | None:
    """None once positions are what the fills make of them; else, at the end of the timeout, what differs."""
    expected, seconds = held_after(plan, book), session.account.policy.timeouts.settle.total_seconds()
    names = {line.con_id: line.instrument for line in plan.lines if line.con_id is not None}
    positions: tuple[Position, ...] | Unknown = Unknown(f"no answer within {seconds:g} s")
    try:
        async with asyncio.timeout(seconds):
            while True:
                positions = await session.read(session.broker.read_positions)
                if not isinstance(positions, Unknown) and not misheld(positions, expected, names):
                    return None
                await asyncio.sleep(REREAD_SECONDS)
    except TimeoutError:
        if isinstance(positions, Unknown):
            return f"after the batch, positions could not be read: {positions.why}"
        differs = ", ".join(misheld(positions, expected, names))
        return f"after the batch, positions are not what its fills make of them: {differs}"


async def read_account(session: Session) -> tuple[AccountSnapshot, Standing]:
    """The account, and its leverage and margin, as they are now."""
    snapshot = await observe(session)
    return snapshot, standing_of(resolve(session.account, snapshot, now=session.clock.now()), snapshot)
