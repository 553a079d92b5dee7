"""Halt: what comes with one beyond its row in the journal: cancelling our own orders, flattening, and lifting it.

A cancel is believed when the broker confirms it: a reading in which the order does not work any more, and for an order
that is not accounted for nothing at all. Waits are bounded by the policy's time-outs.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

from reconciler.domain.account import WorkingOrder
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import AccountLocked, BrokerError, Refused
from reconciler.domain.exits import ExitCode, first_of
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountName
from reconciler.domain.orders import is_ours
from reconciler.domain.policy import Timeouts
from reconciler.domain.release import Cancellation, Release
from reconciler.domain.unknown import Unknown
from reconciler.engine.brake import LOOK_SECONDS
from reconciler.engine.clear import clear
from reconciler.engine.reconcile import Approve, Reconciliation, apply_fresh
from reconciler.engine.recover import Recovery, recover
from reconciler.engine.session import Session
from reconciler.ports import Journal

Opener = Callable[[AccountSpec], AbstractAsyncContextManager[Session]]
"""Opens a session that may act on an account, its lock held."""


def patience(timeouts: Timeouts) -> timedelta:
    """How long a run needs at most to notice the halt, to cancel, to see that confirmed, and to report."""
    return timedelta(seconds=LOOK_SECONDS) + timeouts.acknowledgement + timeouts.settle + 3 * timeouts.request


async def cancel_all(accounts: Sequence[AccountSpec], opened: Opener) -> tuple[Cancellation, ...]:
    """Cancel our own working orders of each account, one after the other; what fails for one is told, not raised."""
    return tuple([await _cancel_one(account, opened) for account in accounts])


async def _cancel_one(account: AccountSpec, opened: Opener) -> Cancellation:
    try:
        async with opened(account) as session:
            return await cancel_ours(session)
    except AccountLocked as error:
        return Cancellation(account.name, unconfirmed=(str(error),), is_locked=True)
    except (BrokerError, Refused) as error:
        return Cancellation(account.name, unconfirmed=(f"nothing could be read or cancelled: {error}",))


async def cancel_ours(session: Session) -> Cancellation:
    """Cancel every working order of ours, of whichever run. Called under the account's lock.

    Runs that end by it are closed, by the same reading as in any recovery.
    """
    name = session.account.name
    await recover(session)
    working = await session.read(session.broker.read_working_orders)
    if isinstance(working, Unknown):
        return Cancellation(name, unconfirmed=(f"the working orders could not be read: {working.why}",))
    ours = tuple(order for order in working if is_ours(order.order_ref))
    try:
        left = await clear(session, ours)
        left = (*left, *_unaccounted(await recover(session)))
    except BrokerError as error:
        left = (f"the cancel of {_named(ours)} was not confirmed: {error}",)
    return Cancellation(name, ours, left)


def _named(orders: Sequence[WorkingOrder]) -> str:
    return ", ".join(f"{each.symbol} ({each.order_ref})" for each in orders) or "no order"


def _unaccounted(recovery: Recovery) -> tuple[str, ...]:
    """The orders of earlier runs whose fate is not known: whether they work, nobody can tell."""
    unread = () if recovery.unread is None else (recovery.unread,)
    unresolved = (f"{each.instrument} ({each.ref}) is not accounted for" for each in recovery.unresolved)
    return (*unread, *unresolved)


async def flatten(session: Session, *, tool: str, approve: Approve) -> tuple[Cancellation, Reconciliation]:
    """Cancel what is ours, then close everything declared by an emergency's plan: `session` is under that option."""
    cancellation = await cancel_ours(session)
    return cancellation, await apply_fresh(session, tool=tool, approve=approve)


def release(journal: Journal, account: AccountName | None, *, switch: Sequence[Halt], by: str, at: datetime) -> Release:
    """Lift a halt as it was set: of one account, or of all where `account` is None."""
    lifted = journal.lift_halts(account, by=by, at=at)
    left = (*switch, *journal.halts())
    return Release(lifted, tuple(each for each in left if account is None or each.concerns(account)))


def code_of_cancellations(cancellations: Sequence[Cancellation]) -> ExitCode:
    """Locked where another process was still at it, partial where anything is not confirmed."""
    return first_of(
        ExitCode.LOCKED if each.is_locked else ExitCode.PARTIAL if each.unconfirmed else ExitCode.OK
        for each in cancellations
    )


def code_of_release(done: Release) -> ExitCode:
    """Blocked where a halt is left."""
    return ExitCode.BLOCKED if done.left else ExitCode.OK
