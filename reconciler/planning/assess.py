"""Assess: whether an account matches its manifests, how it is, and the conditions that say why."""

from datetime import datetime

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.counting import counted
from reconciler.domain.desired import AccountSpec
from reconciler.domain.halt import Halt, remedy
from reconciler.domain.ids import RunId
from reconciler.domain.line import Action, Line, Reason
from reconciler.domain.orders import is_ours
from reconciler.domain.plan import Plan
from reconciler.domain.status import AccountStatus, Condition, HealthStatus, SyncStatus, Truth
from reconciler.domain.unknown import Unknown
from reconciler.planning.exposure import why_out_of_bounds


def is_unknown(line: Line) -> bool:
    """Whether something is not known that decides what the line should do."""
    return any(isinstance(each, Unknown) for each in (line.current, line.target, line.price))


def is_drifted(line: Line) -> bool:
    """Whether it is off target by more than what is tolerated: it trades, or would if nothing held it up."""
    if line.action is not Action.NO_OP or line.reason is Reason.NOT_SELECTED:
        return True
    if line.blocked is None or isinstance(line.current, Unknown) or isinstance(line.target, Unknown):
        return False
    return line.target != line.current + line.working


def sync_status(plan: Plan) -> SyncStatus:
    """Whether the account is as declared. A blocked account was not read whole: whether it drifted is not known."""
    if plan.blocked:
        return SyncStatus.UNKNOWN
    if plan.emergency is not None or any(is_drifted(line) for line in plan.lines):
        return SyncStatus.OUT_OF_SYNC
    return SyncStatus.UNKNOWN if any(is_unknown(line) for line in plan.lines) else SyncStatus.SYNCED


def assess(
    account: AccountSpec,
    snapshot: AccountSnapshot,
    plan: Plan,
    unfinished: tuple[RunId, ...],
    *,
    halts: tuple[Halt, ...] = (),
    now: datetime,
) -> AccountStatus:
    """The status of an account that was read."""
    conditions = (
        _observed(plan, now),
        _in_sync(plan, now),
        _within_limits(account, plan, now),
        _settled(unfinished, now),
        _released(halts, now),
    )
    return AccountStatus(
        account=account.name,
        environment=account.environment,
        as_of=snapshot.taken_at,
        is_connected=True,
        sync=sync_status(plan),
        health=_health(account, snapshot, conditions),
        conditions=conditions,
        net_liquidation=plan.net_liquidation,
        standing=plan.before,
        leverage_target=account.leverage,
        working_orders=snapshot.working_orders,
        unfinished_runs=unfinished,
        halts=halts,
    )


def assess_unread(
    account: AccountSpec, why: str, unfinished: tuple[RunId, ...], *, halts: tuple[Halt, ...] = (), now: datetime
) -> AccountStatus:
    """The status of an account whose gateway cannot be reached. What was to be read is not known."""
    unread = Unknown("the gateway was not reached")
    conditions = (
        Condition("Observed", Truth.FALSE, "NotConnected", why, now),
        Condition("InSync", Truth.UNKNOWN, "NotObserved", unread.why, now),
        Condition("WithinLimits", Truth.UNKNOWN, "NotObserved", unread.why, now),
        _settled(unfinished, now),
        _released(halts, now),
    )
    return AccountStatus(
        account=account.name,
        environment=account.environment,
        as_of=now,
        is_connected=False,
        sync=SyncStatus.UNKNOWN,
        health=HealthStatus.SUSPENDED if account.suspend or halts else HealthStatus.UNKNOWN,
        conditions=conditions,
        net_liquidation=unread,
        standing=unread,
        leverage_target=account.leverage,
        working_orders=unread,
        unfinished_runs=unfinished,
        halts=halts,
    )


def _observed(plan: Plan, now: datetime) -> Condition:
    if plan.blocked:
        return Condition("Observed", Truth.FALSE, "AccountUnknown", "; ".join(plan.blocked), now)
    blocked = [f"{line.instrument}: {line.blocked}" for line in plan.blocked_lines]
    if blocked:
        return Condition("Observed", Truth.FALSE, "LinesUnknown", "; ".join(blocked), now)
    return Condition("Observed", Truth.TRUE, "Complete", "account, positions, orders and prices were read", now)


def _in_sync(plan: Plan, now: datetime) -> Condition:
    match sync_status(plan):
        case SyncStatus.SYNCED:
            return Condition("InSync", Truth.TRUE, "Synced", f"all {len(plan.lines)} lines are at their targets", now)
        case SyncStatus.OUT_OF_SYNC:
            drifted = sum(1 for line in plan.lines if line.order != 0)
            return Condition(
                "InSync", Truth.FALSE, "Drifted", f"{drifted} of {counted(len(plan.lines), 'line')} drifted", now
            )
        case SyncStatus.UNKNOWN:
            return Condition("InSync", Truth.UNKNOWN, "NotObserved", "not everything could be read", now)


def _within_limits(account: AccountSpec, plan: Plan, now: datetime) -> Condition:
    leverage = plan.before.leverage
    if isinstance(leverage, Unknown) or isinstance(plan.before.excess_liquidity, Unknown):
        return Condition("WithinLimits", Truth.UNKNOWN, "NotObserved", "leverage or margin is not known", now)
    crossed = why_out_of_bounds(plan.before, account.limits)
    if crossed:
        return Condition("WithinLimits", Truth.FALSE, "LimitCrossed", "; ".join(crossed), now)
    message = f"leverage is {leverage:.2f} of at most {account.limits.max_leverage:.2f}"
    return Condition("WithinLimits", Truth.TRUE, "Within", message, now)


def _settled(unfinished: tuple[RunId, ...], now: datetime) -> Condition:
    if unfinished:
        message = f"run {', '.join(unfinished)} was begun and is not closed"
        return Condition("Settled", Truth.FALSE, "RunUnfinished", message, now)
    return Condition("Settled", Truth.TRUE, "NoOpenRun", "every run that was begun is closed", now)


def _released(halts: tuple[Halt, ...], now: datetime) -> Condition:
    if halts:
        message = f"{'; '.join(str(each) for each in halts)}; to go on, {remedy(halts)}"
        return Condition("Released", Truth.FALSE, "Halted", message, now)
    return Condition("Released", Truth.TRUE, "NotHalted", "nothing halts it", now)


def _health(account: AccountSpec, snapshot: AccountSnapshot, conditions: tuple[Condition, ...]) -> HealthStatus:
    truths = {condition.type: condition.status for condition in conditions}
    if account.suspend or truths["Released"] is not Truth.TRUE:
        return HealthStatus.SUSPENDED
    if isinstance(snapshot.values, Unknown) or isinstance(snapshot.positions, Unknown):
        return HealthStatus.UNKNOWN
    if truths["WithinLimits"] is not Truth.TRUE or truths["Observed"] is not Truth.TRUE:
        return HealthStatus.DEGRADED
    working = () if isinstance(snapshot.working_orders, Unknown) else snapshot.working_orders
    under_way = truths["Settled"] is not Truth.TRUE or any(is_ours(order.order_ref) for order in working)
    return HealthStatus.PROGRESSING if under_way else HealthStatus.HEALTHY
