"""The Plan: what would be traded and why, as a value with a fingerprint. It grants no permission: `Authorized` does."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from reconciler.diagnostics import Location
from reconciler.domain.account import WorkingOrder
from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.ids import AccountName, Fingerprint, PlanId
from reconciler.domain.limits import EmergencyAction
from reconciler.domain.line import Action, Holding, Line
from reconciler.domain.money import Currency, Money
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.domain.orders import OrderIntent
from reconciler.domain.sizing import Sizing
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation


@dataclass(frozen=True)
class Batch:
    """Orders that are sent together; the next batch waits until all are over and the account was read again."""

    number: int
    reduces_risk: bool
    orders: tuple[OrderIntent, ...]


@dataclass(frozen=True)
class EmergencyPlan:
    """That a plan is an emergency's: why it is one, what is done, and who said beforehand that it may be."""

    reasons: tuple[str, ...]
    action: EmergencyAction
    authorised_by: str | None

    @property
    def trades(self) -> bool:
        """Whether anything is sent, or cancelled, for it."""
        return self.action is not EmergencyAction.ALERT


@dataclass(frozen=True)
class Plan:
    """One account's plan.

    `fingerprint` covers intent and bounds: targets, limits, policy, held and working quantities, orders. `id` adds the
    moment of making, and is what an apply consumes. `manifests`, `account_digest`, `environment` and `holdings_digest`
    must match exactly at apply; prices may move within the policy's collar until `expires`.
    `blocked` holds what blocks the whole account; it does not list blocked lines, which say so themselves.
    `cancellations` are working orders that are cancelled before the first of ours is sent. `sizing` is None where
    nothing could be sized, or where an emergency sizes by other rules.
    """

    id: PlanId
    fingerprint: Fingerprint
    account: AccountName
    account_digest: str
    environment: Environment
    base_currency: Currency
    revision: Revision
    created: datetime
    expires: datetime
    leverage_target: Decimal
    net_liquidation: Money | Unknown
    price_collar: Decimal
    holdings_digest: str
    lines: tuple[Line, ...]
    undeclared: tuple[Holding, ...]
    foreign_orders: tuple[WorkingOrder, ...]
    batches: tuple[Batch, ...]
    violations: tuple[Violation, ...]
    before: Standing
    after: Standing
    sizing: Sizing | None
    currencies: tuple[CurrencyBalance, ...]
    cost: Cost
    cancellations: tuple[WorkingOrder, ...] = ()
    emergency: EmergencyPlan | None = None
    options: RunOptions = NO_OPTIONS
    blocked: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    leverage_declared_at: Location | None = None
    """Where the leverage target is declared; None where it is the default, or this run's own."""
    buffer_declared_at: tuple[Location, ...] = ()
    """Where the parts of the cash buffer are declared."""

    @property
    def orders(self) -> tuple[OrderIntent, ...]:
        """All orders, batch by batch."""
        return tuple(order for batch in self.batches for order in batch.orders)

    @property
    def changes(self) -> tuple[Line, ...]:
        """The lines that trade."""
        return tuple(line for line in self.lines if line.action is not Action.NO_OP)

    @property
    def blocked_lines(self) -> tuple[Line, ...]:
        """The lines that would have to trade, or cannot be judged, and may not."""
        return tuple(line for line in self.lines if line.blocked is not None)

    @property
    def blocking_violations(self) -> tuple[Violation, ...]:
        """The violations that hold something up."""
        return tuple(each for each in self.violations if each.blocks)

    @property
    def forbidden_violations(self) -> tuple[Violation, ...]:
        """Those that the plan itself would bring about, or that hold up everything.

        The others were there before, and reducing risk ends them.
        """
        return tuple(
            each for each in self.blocking_violations if not each.existed_before or each.holds is Holds.EVERYTHING
        )

    @property
    def is_blocked(self) -> bool:
        """Whether anything stands in the way of a line or of all."""
        is_only_told = self.emergency is not None and not self.emergency.trades
        return bool(self.blocked or self.blocked_lines or self.blocking_violations or is_only_told)
