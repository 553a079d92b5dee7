"""Inspect: how the account is, now."""

from reconciler.domain.status import AccountStatus
from reconciler.engine.brake import halts_of
from reconciler.engine.propose import sketch
from reconciler.engine.reconcile import recover_if_free
from reconciler.engine.session import Session
from reconciler.planning.assess import assess
from reconciler.planning.plan import finish


async def inspect(session: Session) -> AccountStatus:
    """The account's status, after what can be recovered was."""
    await recover_if_free(session)
    made = await sketch(session)
    plan = finish(made, None, revision=session.revision, account_id=session.account_id)
    unfinished = tuple(run.id for run in session.journal.unfinished_runs(session.account.name))
    halts = halts_of(session)
    return assess(session.account, made.snapshot, plan, unfinished, halts=halts, now=session.clock.now())
