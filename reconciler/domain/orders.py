"""An order: what we intend, what the broker reports of it, and the states that it can be in.

State comes only from broker reports (`planning/fold.py` holds the one state machine). An error code is a report like
any other and ends nothing by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from reconciler.domain.account import Side
from reconciler.domain.contract import Contract
from reconciler.domain.ids import ConId, ExecId, InstrumentName, OrderRef, PermId, PlanId
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown

REF_PREFIX = "folioctl"


class OrderState(StrEnum):
    """Where an order stands. Nothing leaves a terminal state, but a correction may change its fills."""

    INTENDED = "Intended"
    SUBMITTED = "Submitted"
    WORKING = "Working"
    PARTIALLY_FILLED = "PartiallyFilled"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"
    EXPIRED = "Expired"
    UNKNOWN = "Unknown"

    @property
    def is_terminal(self) -> bool:
        """Over, by a report. Unknown is not: it is resolved by reading."""
        return self in _TERMINAL


_TERMINAL = frozenset({OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED})


def order_ref(plan: PlanId, intent: "OrderIntent", *, attempt: int) -> OrderRef:
    """The one name of an attempt at a line of a plan (promise 3): the same inputs always give the same name.

    A line that crosses zero has two orders, the one that reduces risk (`r`) and the one that adds it (`a`). The order
    of a conversion of currency is a third kind (`c`).
    """
    leg = "c" if intent.converts else "r" if intent.reduces_risk else "a"
    return OrderRef(f"{REF_PREFIX}:{plan}:{intent.line:03d}{leg}:{attempt}")


def is_ours(ref: str | None) -> bool:
    """Whether the order was sent by folioctl, by this run or any other."""
    return ref is not None and ref.startswith(f"{REF_PREFIX}:")


def correction_key(exec_id: ExecId) -> str:
    """What an execution and its corrections share: the id up to its last dot (the broker's numbering)."""
    return exec_id.rpartition(".")[0] or exec_id


@dataclass(frozen=True)
class OrderTicket:
    """Everything that goes to the broker for one order. `quantity` is positive; the time in force is explicit."""

    ref: OrderRef
    contract: Contract
    side: Side
    quantity: Decimal
    order_type: str
    limit_price: Decimal | None
    time_in_force: str
    outside_hours: bool = False
    """Whether it may fill outside the liquid hours of its contract."""
    algo: str = ""
    """The broker's algorithm that works it, if any."""


@dataclass(frozen=True)
class WhatIf:
    """The broker's answer to "what if": changes of margin in base currency, and the commission."""

    initial_margin_before: Money
    initial_margin_change: Money
    maintenance_margin_before: Money
    maintenance_margin_change: Money
    equity_with_loan_after: Money
    commission: Money | Unknown
    warning: str = ""


class RefusalCause(StrEnum):
    """Why the broker would not take an order, as far as its code and its words tell."""

    READ_ONLY = "read-only"
    """The gateway takes no orders from any program."""
    PERMISSION = "permission"
    """The account may not trade this."""
    REJECTED = "rejected"
    """The broker judged the order and said no: for want of funds, or for a rule of its own."""
    NOT_VALID = "not valid"
    """The gateway found the order itself wanting."""


@dataclass(frozen=True)
class WhatIfRefused(Unknown):
    """The broker would not take the order that it was asked about. What it would do to margin stays unknown."""

    code: int
    """The broker's own."""
    words: str
    """The broker's, without account numbers."""
    cause: RefusalCause


@dataclass(frozen=True)
class Fill:
    """One execution: shares (positive) at a price in the contract's currency."""

    exec_id: ExecId
    shares: Decimal
    price: Decimal
    time: datetime


# --------------------------------------------------------------------------------------------------- broker reports
# A report names its order by our reference where the broker sent it or the adapter knows it, else by permId. Reports
# may come in any order, twice, or not at all.


@dataclass(frozen=True)
class StatusReport:
    """orderStatus or openOrder: the broker's word for the state, and its own counts in shares (None where not sent)."""

    ref: OrderRef | None
    perm_id: PermId
    status: str
    filled: Decimal | None
    remaining: Decimal | None
    why_held: str = ""


@dataclass(frozen=True)
class ExecutionReport:
    """execDetails: the only source of fills (promise 5)."""

    ref: OrderRef | None
    perm_id: PermId
    con_id: ConId
    side: Side
    fill: Fill


@dataclass(frozen=True)
class CommissionReport:
    """commissionReport: follows its execution, sometimes late, sometimes never."""

    exec_id: ExecId
    commission: Money


@dataclass(frozen=True)
class CompletedReport:
    """completedOrder: an order that is over at the broker today. `filled` counts shares."""

    ref: OrderRef | None
    perm_id: PermId
    status: str
    filled: Decimal
    detail: str = ""


@dataclass(frozen=True)
class ErrorReport:
    """An error message that named an order. It ends nothing by itself (promise 4)."""

    ref: OrderRef | None
    code: int
    text: str


@dataclass(frozen=True)
class EvidenceReport:
    """Open orders, completed orders and executions were all read to their END markers.

    `traces` are the references that appeared in any of the three. For an order that is not among them this is the
    only proof of absence there is, and a weak one in the session that sent it: the broker may show an order only after
    the next connect. `session_since` is when the connection that read was made, where it is one under the client id
    that sends. None under another, which proves no absence: what a broken session had sent may still be on its way into
    the gateway, and only the client id's next session comes after it.
    """

    traces: frozenset[OrderRef]
    read_at: datetime
    session_since: datetime | None


Report = StatusReport | ExecutionReport | CommissionReport | CompletedReport | ErrorReport | EvidenceReport


@dataclass(frozen=True)
class OrderIntent:
    """What a plan wants done, before the broker has heard of it: one order of one line.

    `quantity` is positive and never grows; `reference_price` is the price at planning, around which the collar lies.
    """

    line: int
    instrument: InstrumentName
    con_id: ConId
    side: Side
    quantity: Decimal
    reduces_risk: bool
    reference_price: Decimal
    notional: Money
    converts: bool = False
    """It exchanges one currency for another: no exposure is taken or given up."""


@dataclass(frozen=True)
class OrderRecord:
    """One order's facts, accumulated; its state is derived from them alone, so the order of reports cannot matter.

    `fills` and `commissions` are keyed by `correction_key`, so that an execution counts once and its correction
    replaces it. `sent` says that the send returned; an order that was only intended may have left all the same.
    """

    ref: OrderRef
    line: int
    instrument: InstrumentName
    side: Side
    quantity: Decimal
    intended: datetime
    sent: bool = False
    perm_id: PermId = PermId(0)
    statuses: frozenset[str] = frozenset()
    completed: frozenset[str] = frozenset()
    reported_filled: Decimal = Decimal(0)
    final_count: Decimal = Decimal(0)
    """The shares that the broker counts in a report which says Filled or completed; 0 where none gave a count.

    It is below `quantity` where the broker changed the order's size (481).
    """
    fills: Mapping[str, Fill] = field(default_factory=dict)
    commissions: Mapping[str, Money] = field(default_factory=dict)
    errors: frozenset[ErrorReport] = frozenset()
    missing: bool = False
    """Complete reads after its intent showed no trace of it."""
    absent: bool = False
    """Complete reads of a later session under its client id, on the same day, showed no trace: it never arrived."""

    @property
    def filled(self) -> Decimal:
        """Shares that executions prove."""
        return sum((fill.shares for fill in self.fills.values()), Decimal(0))

    @property
    def average_price(self) -> Decimal | None:
        """In the contract's currency; None before the first fill."""
        if not self.filled:
            return None
        return sum((fill.shares * fill.price for fill in self.fills.values()), Decimal(0)) / self.filled

    @property
    def commission(self) -> Money | None:
        """What the reports that came so far add up to; None while none came."""
        amounts = list(self.commissions.values())
        return sum(amounts[1:], amounts[0]) if amounts else None
