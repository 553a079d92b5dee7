"""The Drift document: the same diff as a Plan, with nothing proposed."""

from collections.abc import Sequence
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountName
from reconciler.domain.money import Currency
from reconciler.domain.plan import Plan
from reconciler.domain.status import SyncStatus
from reconciler.planfile.document import HoldingPart, LinePart, WorkingOrderPart
from reconciler.planfile.envelope import Envelope, RevisionPart, envelope
from reconciler.planfile.fields import MoneyOrUnknown, Number, NumberOrUnknown, Part, part
from reconciler.planfile.making import line_part
from reconciler.planfile.summary import rounded
from reconciler.planning.assess import is_drifted, is_unknown, sync_status


class DriftLinePart(LinePart):
    """One declared line; `quantity.order` is what a plan made now would trade."""

    drifted: bool


class DriftAccountPart(Part):
    """One account's drift. `blocked` lists what kept the account from being judged."""

    name: AccountName
    environment: Environment
    base_currency: Currency
    net_liquidation: MoneyOrUnknown
    blocked: tuple[str, ...]
    notes: tuple[str, ...]
    lines: tuple[DriftLinePart, ...]
    undeclared: tuple[HoldingPart, ...]
    foreign_orders: tuple[WorkingOrderPart, ...]


class DriftLeveragePart(Part):
    """Gross exposure / net liquidation."""

    current: NumberOrUnknown
    target: Number


class DriftSummaryPart(Part):
    """Counts of lines and holdings."""

    sync: SyncStatus
    drifted: int
    blocked: int
    unknown: int
    undeclared: int
    leverage: DriftLeveragePart


class DriftDocument(Envelope):
    """How an account differs from its manifests."""

    kind: Literal["Drift"]
    revision: RevisionPart
    summary: DriftSummaryPart
    accounts: tuple[DriftAccountPart, ...]


def drift_document(plan: Plan, *, tool: str, diagnostics: Sequence[Diagnostic] = ()) -> DriftDocument:
    """The drift that a plan found."""
    return DriftDocument(
        **envelope(tool=tool, created=plan.created, revision=plan.revision, diagnostics=diagnostics),
        kind="Drift",
        summary=_summary(plan),
        accounts=(_account(plan),),
    )


def _summary(plan: Plan) -> DriftSummaryPart:
    return DriftSummaryPart(
        sync=sync_status(plan),
        drifted=sum(is_drifted(line) for line in plan.lines),
        blocked=len(plan.blocked_lines),
        unknown=sum(is_unknown(line) for line in plan.lines),
        undeclared=len(plan.undeclared),
        leverage=DriftLeveragePart(current=rounded(plan.before.leverage), target=plan.leverage_target),
    )


def _account(plan: Plan) -> DriftAccountPart:
    return DriftAccountPart(
        name=plan.account,
        environment=plan.environment,
        base_currency=plan.base_currency,
        net_liquidation=plan.net_liquidation,
        blocked=plan.blocked,
        notes=plan.notes,
        lines=tuple(DriftLinePart(**dict(line_part(line)), drifted=is_drifted(line)) for line in plan.lines),
        undeclared=tuple(part(HoldingPart, each) for each in plan.undeclared),
        foreign_orders=tuple(part(WorkingOrderPart, each) for each in plan.foreign_orders),
    )
