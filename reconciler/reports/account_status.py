"""AccountStatus: how one account is, at one moment, as `status` shows it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import WorkingOrder
from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountName, RunId
from reconciler.domain.money import Money
from reconciler.domain.plan import Standing
from reconciler.domain.status import Condition, HealthStatus, SyncStatus
from reconciler.domain.unknown import Unknown


@dataclass(frozen=True)
class AccountStatus:
    """One account. Where the broker could not be reached, `standing` and all that was read is Unknown, and says why.

    `unfinished_runs` were begun and never closed, the oldest first: `runs recover` reads what became of them.
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
