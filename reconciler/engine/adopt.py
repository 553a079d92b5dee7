"""Adopt: read an account, and find the manifests under which it plans to no change; then prove that it does.

Sends nothing. What comes of it is written by whoever asked, and only once `rehearse` found the plan of what would be
written to be empty.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reconciler.diagnostics import Diagnostic, Severity
from reconciler.domain.account import AccountSnapshot
from reconciler.domain.desired import AccountSpec
from reconciler.engine.history import read_history
from reconciler.engine.observe import observe
from reconciler.engine.session import Session
from reconciler.manifests.writing import can_be_symbol
from reconciler.manifests.writing.adoption import Proposed
from reconciler.planning.adopt import Adoption, Obstacles, adopt, left_aside, with_holdings
from reconciler.planning.draft import draft
from reconciler.planning.plan import finish


@dataclass(frozen=True)
class Adopted:
    """What became of it. `proposed` is None where the account could not be adopted; `reasons` say why, or why not yet.

    Only what has no reasons may be written.
    """

    adoption: Adoption | None
    proposed: Proposed | None
    reasons: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class _Taken:
    snapshot: AccountSnapshot
    adoption: Adoption | Obstacles


async def adopt_account(session: Session, propose: Callable[[Adoption], Proposed]) -> Adopted:
    """The session's account in manifests, and the proof that these plan to no change.

    Raises Refused where `propose` does, and BrokerUnavailable.
    """
    taken = await _take(session)
    if isinstance(taken.adoption, Obstacles):
        return Adopted(None, None, taken.adoption.reasons)
    proposed = propose(taken.adoption)
    written = proposed.account()
    if not isinstance(written, AccountSpec):
        faults = tuple(each.summary for each in written if each.severity is Severity.ERROR)
        return Adopted(taken.adoption, proposed, faults, written)
    return Adopted(taken.adoption, proposed, await _why_not_empty(session, taken.snapshot, written))


async def _take(session: Session) -> _Taken:
    """The account is read twice: for what it holds, and then with the contract of each holding."""
    first = await observe(session)
    account = with_holdings(session.account, first, can_be_written=can_be_symbol, now=session.clock.now())
    snapshot = await observe(replace(session, account=account))
    now = session.clock.now()
    aside = left_aside(account, snapshot, can_be_written=can_be_symbol, now=now)
    return _Taken(snapshot, adopt(account, snapshot, aside, now=now))


async def _why_not_empty(session: Session, snapshot: AccountSnapshot, written: AccountSpec) -> tuple[str, ...]:
    """Why the plan of the account, as the manifests would have it, is not empty; nothing where it is."""
    history = await read_history(replace(session, account=written))
    made = draft(written, snapshot, history=history, options=session.options, now=session.clock.now())
    if made.emergency is not None:
        return made.emergency.reasons
    if made.orders:
        return tuple(f"{each.instrument} would be traded" for each in made.orders)
    plan = finish(made, {}, revision=session.revision, account_id=session.account_id)
    return (
        *plan.blocked,
        *(f"{line.instrument}: {line.blocked}" for line in plan.blocked_lines),
        *("; ".join(filter(None, (f"{each.limit}: {each.message}", each.remedy))) for each in plan.blocking_violations),
    )
