"""A Run: one apply of one plan, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from reconciler.domain.account import Side
from reconciler.domain.ids import AccountName, Fingerprint, InstrumentName, OrderRef, PlanId, RunId
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderState
from reconciler.domain.posttrade import PostTrade
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown


class Outcome(StrEnum):
    """How a run ended."""

    APPLIED = "Applied"
    """Every order that was not left out as blocked is filled."""
    NOTHING_TO_DO = "NothingToDo"
    BLOCKED = "Blocked"
    """A limit, a precondition or an Unknown stopped it before anything was sent."""
    PARTIALLY_APPLIED = "PartiallyApplied"
    """Some orders are filled, others are known not to be."""
    UNRESOLVED = "Unresolved"
    """At least one order's fate is not known: read, never sent again."""
    INTERRUPTED = "Interrupted"
    """Stopped by a signal; every order that was sent is accounted for."""
    CLOSED = "Closed"
    """A market was closed, and nothing was sent."""
    STALE = "Stale"
    """The plan no longer fits the account, the manifests or the clock."""
    FAILED = "Failed"


@dataclass(frozen=True)
class LineResult:
    """One order's end: quantities in shares, the average price in the contract's currency."""

    line: int
    instrument: InstrumentName
    side: Side
    quantity: Decimal
    order_ref: OrderRef | None
    state: OrderState
    filled: Decimal
    average_price: Decimal | None
    commission: Money | None
    detail: str = ""


@dataclass(frozen=True)
class Failure:
    """One reason to try again, and how often it was one."""

    why: str
    times: int


@dataclass(frozen=True)
class Retried:
    """How often one named policy tried again, and what for, in the order of the failures' first coming."""

    policy: str
    failures: tuple[Failure, ...]

    @property
    def times(self) -> int:
        """All of them together."""
        return sum(each.times for each in self.failures)


@dataclass(frozen=True)
class RunResult:
    """What was done, what was not, what is unknown (promise 13).

    `retries` are those of the process that made the result, its connecting included; policies that never tried again
    are left out.
    """

    id: RunId
    plan: PlanId
    fingerprint: Fingerprint
    account: AccountName
    started: datetime
    ended: datetime
    outcome: Outcome
    lines: tuple[LineResult, ...]
    before: Standing
    after: Standing | Unknown
    post_trade: PostTrade | Unknown
    messages: tuple[str, ...] = ()
    retries: tuple[Retried, ...] = ()
