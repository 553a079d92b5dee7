"""Inspect: how the account is, now."""

from datetime import datetime

from reconciler.domain.desired import AccountSpec
from reconciler.domain.halt import Halt
from reconciler.domain.status import AccountStatus
from reconciler.engine.brake import halts_of, halts_on
from reconciler.engine.propose import sketch
from reconciler.engine.reconcile import recover_if_free
from reconciler.engine.session import Session
from reconciler.planning.assess import assess, assess_unread
from reconciler.planning.plan import finish
from reconciler.ports import Journal


async def inspect(session: Session) -> AccountStatus:
    """The account's status, after what can be recovered was."""
    await recover_if_free(session)
    made = await sketch(session)
    plan = finish(made, None, revision=session.revision, account_id=session.account_id)
    unfinished = tuple(run.id for run in session.journal.unfinished_runs(session.account.name))
    halts = halts_of(session)
    return assess(session.account, made.snapshot, plan, unfinished, halts=halts, now=session.clock.now())


def inspect_unreached(
    account: AccountSpec, journal: Journal, *, switch: tuple[Halt, ...], why: str, now: datetime
) -> AccountStatus:
    """The status of an account whose gateway cannot be reached: what the journal knows, and why there is no more."""
    unfinished = tuple(run.id for run in journal.unfinished_runs(account.name))
    return assess_unread(account, why, unfinished, halts=halts_on(account.name, switch, journal), now=now)
