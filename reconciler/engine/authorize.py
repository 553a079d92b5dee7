"""Authorize: the one place where a Plan becomes something that may be applied.

`Authorized` cannot be built anywhere else, and apply takes nothing else. The permission to trade is never inferred from
a flag or a token: it is this function's result.
"""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.domain.desired import OnBlocked
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Batch, Plan, Violation
from reconciler.engine.session import Session
from reconciler.planning.batch import batches
from reconciler.planning.plan import Draft
from reconciler.planning.stale import why_stale

_SEAL = object()


class RefusalKind(StrEnum):
    """Why a plan may not be applied; each has its exit code."""

    NOTHING_TO_DO = "NothingToDo"
    BLOCKED = "Blocked"
    STALE = "Stale"


@dataclass(frozen=True)
class Refusal:
    """The plan may not be applied: what kind of no it is, and every reason."""

    kind: RefusalKind
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Authorized:
    """A plan that may be applied now, and the batches of it that may be sent. Made by `authorize` alone."""

    plan: Plan
    batches: tuple[Batch, ...]
    seal: object

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise InvariantBroken("only authorize() makes an Authorized")


def authorize(session: Session, plan: Plan, current: Draft) -> Authorized | Refusal:
    """Whether the plan may be applied to the account as `current` shows it. Called under the account's lock."""
    now = session.clock.now()
    stale = why_stale(plan, current, manifests=session.revision.manifests, account_id=session.account_id, now=now)
    if stale:
        return Refusal(RefusalKind.STALE, stale)
    if session.account.suspend:
        return Refusal(RefusalKind.BLOCKED, (f"account '{session.account.name}' is suspended by its manifest",))
    blocked = (*plan.blocked, *current.blocked)
    if blocked:
        return Refusal(RefusalKind.BLOCKED, tuple(dict.fromkeys(blocked)))
    reasons = why_blocked(plan)
    if reasons and session.account.policy.on_blocked is OnBlocked.STOP:
        return Refusal(RefusalKind.BLOCKED, reasons)
    admitted = batches(order for order in plan.orders if _may_run(order, plan.blocking_violations))
    if not admitted:
        return Refusal(RefusalKind.BLOCKED if reasons else RefusalKind.NOTHING_TO_DO, reasons)
    return Authorized(plan, admitted, _SEAL)


def why_blocked(plan: Plan) -> tuple[str, ...]:
    """Blocked lines and blocking violations, for a person."""
    lines = (f"{line.instrument}: {line.blocked}" for line in plan.blocked_lines)
    limits = (f"{each.limit}: {each.message}" for each in plan.blocking_violations)
    return (*lines, *limits)


def _may_run(order: OrderIntent, violations: tuple[Violation, ...]) -> bool:
    """What only reduces risk always may; the rest only where no violation is about it or about the whole account."""
    return order.reduces_risk or not any(
        each.instrument is None or each.instrument == order.instrument for each in violations
    )
