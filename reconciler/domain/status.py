"""Sync and health of an account, and the conditions that explain them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from reconciler.domain.account import WorkingOrder
from reconciler.domain.desired import Environment
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountName, RunId
from reconciler.domain.money import Money
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown


class SyncStatus(StrEnum):
    """Whether the account matches the manifests. Unknown is its own answer, never a guess."""

    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


class HealthStatus(StrEnum):
    """How the account is, best first."""

    HEALTHY = "Healthy"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"
    SUSPENDED = "Suspended"
    UNKNOWN = "Unknown"


class Truth(StrEnum):
    """A condition's three values."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Condition:
    """One aspect of an account: an adjective, whether it holds, a reason code and a sentence."""

    type: str
    status: Truth
    reason: str
    message: str
    as_of: datetime


@dataclass(frozen=True)
class AccountStatus:
    """One account at one moment. Where the broker could not be reached, what was to be read is Unknown and says why.

    `unfinished_runs` were begun and never closed, the oldest first.
    """

    account: AccountName
    environment: Environment
    as_of: datetime
    is_connected: bool
    sync: SyncStatus
    health: HealthStatus
    conditions: tuple[Condition, ...]
    net_liquidation: Money | Unknown
    standing: Standing | Unknown
    leverage_target: Decimal
    working_orders: tuple[WorkingOrder, ...] | Unknown
    unfinished_runs: tuple[RunId, ...]
    halts: tuple[Halt, ...] = ()
    """What halts it now, the oldest first."""
