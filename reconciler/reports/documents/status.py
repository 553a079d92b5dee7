"""The Status document: how accounts are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.ids import AccountName, RunId
from reconciler.domain.money import Money
from reconciler.domain.standing import Standing, unknown_standing
from reconciler.domain.status import AccountStatus, HealthStatus, SyncStatus, Truth
from reconciler.domain.unknown import Unknown
from reconciler.planfile.document import DistancePart, WorkingOrderPart
from reconciler.planfile.envelope import Envelope, envelope
from reconciler.planfile.fields import Number, NumberOrUnknown, Part, Time, part
from reconciler.planfile.summary import fraction, rounded
from reconciler.reports.documents.halt import HaltPart


class ConditionPart(Part):
    """One aspect of an account: an adjective, whether it holds, a reason code and a sentence."""

    type: str
    status: Truth
    reason: str
    message: str
    as_of: Time


class StatusLeveragePart(Part):
    """Gross exposure / net liquidation."""

    current: NumberOrUnknown
    target: Number


class StatusMarginPart(Part):
    """Margin figures as fractions of net liquidation."""

    initial_margin: NumberOrUnknown
    maintenance_margin: NumberOrUnknown
    available_funds: NumberOrUnknown
    excess_liquidity: NumberOrUnknown


class StatusAccountPart(Part):
    """One account. `working_orders` is null where they could not be read."""

    name: AccountName
    environment: Environment
    as_of: Time
    connected: bool
    sync: SyncStatus
    health: HealthStatus
    conditions: tuple[ConditionPart, ...]
    leverage: StatusLeveragePart
    margin: StatusMarginPart
    distance: DistancePart
    working_orders: tuple[WorkingOrderPart, ...] | None
    unfinished_runs: tuple[RunId, ...]
    halts: tuple[HaltPart, ...]


class StatusSummaryPart(Part):
    """Counts of accounts."""

    accounts: int
    connected: int
    synced: int
    healthy: int


class StatusDocument(Envelope):
    """How accounts are, without amounts of money: it may be kept and sent around."""

    kind: Literal["Status"]
    summary: StatusSummaryPart
    accounts: tuple[StatusAccountPart, ...]


def status_document(
    statuses: Sequence[AccountStatus],
    *,
    tool: str,
    created: datetime,
    revision: Revision | None,
    diagnostics: Sequence[Diagnostic] = (),
) -> StatusDocument:
    """The document of one or more accounts."""
    return StatusDocument(
        **envelope(tool=tool, created=created, revision=revision, diagnostics=diagnostics),
        kind="Status",
        summary=StatusSummaryPart(
            accounts=len(statuses),
            connected=sum(each.is_connected for each in statuses),
            synced=sum(each.sync is SyncStatus.SYNCED for each in statuses),
            healthy=sum(each.health is HealthStatus.HEALTHY for each in statuses),
        ),
        accounts=tuple(_account(each) for each in statuses),
    )


def _account(status: AccountStatus) -> StatusAccountPart:
    orders = status.working_orders
    standing = unknown_standing(status.standing) if isinstance(status.standing, Unknown) else status.standing
    return StatusAccountPart(
        name=status.account,
        environment=status.environment,
        as_of=status.as_of,
        connected=status.is_connected,
        sync=status.sync,
        health=status.health,
        conditions=tuple(part(ConditionPart, each) for each in status.conditions),
        leverage=StatusLeveragePart(current=rounded(standing.leverage), target=status.leverage_target),
        margin=_margin(standing, status.net_liquidation),
        distance=part(DistancePart, standing.distance),
        working_orders=(
            None if isinstance(orders, Unknown) else tuple(part(WorkingOrderPart, each) for each in orders)
        ),
        unfinished_runs=status.unfinished_runs,
        halts=tuple(part(HaltPart, each) for each in status.halts),
    )


def _margin(standing: Standing, whole: Money | Unknown) -> StatusMarginPart:
    return StatusMarginPart(
        initial_margin=rounded(fraction(standing.initial_margin, whole)),
        maintenance_margin=rounded(fraction(standing.maintenance_margin, whole)),
        available_funds=rounded(fraction(standing.available_funds, whole)),
        excess_liquidity=rounded(fraction(standing.excess_liquidity, whole)),
    )
