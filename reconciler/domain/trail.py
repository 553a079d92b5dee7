"""The trail: from the commit of the manifests to the commission of each execution, as the journal has it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import Side
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.ids import (
    AccountName,
    ConId,
    ExecId,
    InstrumentName,
    OrderId,
    OrderRef,
    PermId,
    PlanId,
    RunId,
)
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome


@dataclass(frozen=True)
class TrailOrder:
    """One order of a run. `quantity` in shares; `sent` is None where it is not known to have left.

    `batch` and `currency`, the contract's, come from the plan: None where that can no longer be read. `perm_id` is 0
    where the broker never told it.
    """

    batch: int | None
    line: int
    instrument: InstrumentName
    con_id: ConId
    currency: Currency | None
    side: Side
    quantity: Decimal
    ref: OrderRef
    attempt: int
    order_id: OrderId
    perm_id: PermId
    intended: datetime
    sent: datetime | None
    state: OrderState


@dataclass(frozen=True)
class TrailExecution:
    """One execution of an order, corrections applied: `shares` (positive) at `price` in the contract's currency.

    `commission` is None where its report never came.
    """

    id: ExecId
    time: datetime
    shares: Decimal
    price: Decimal
    commission: Money | None


@dataclass(frozen=True)
class TrailEntry:
    """One execution, with all that led to it; one order that has none, or one run that has no order."""

    run: RunId
    plan: PlanId
    account: AccountName
    environment: Environment
    revision: Revision
    started: datetime
    ended: datetime | None
    outcome: Outcome | None
    order: TrailOrder | None = None
    execution: TrailExecution | None = None
