"""The Snapshot document: the account after a run, one file for each, for whoever keeps a history of it."""

from decimal import Decimal
from typing import Literal

from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountName, ConId, PlanId, RunId
from reconciler.domain.money import Currency, Money
from reconciler.domain.plan import Plan
from reconciler.domain.policy import ExecutionPolicy
from reconciler.domain.posttrade import PostTrade
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planfile.envelope import Envelope, envelope
from reconciler.planfile.fields import MoneyOrUnknown, Number, NumberOrUnknown, Part, Time
from reconciler.planfile.summary import fraction, rounded


class SnapshotLeveragePart(Part):
    """Gross exposure / net liquidation after the run, and what the manifests want."""

    current: NumberOrUnknown
    target: Number


class SnapshotPositionPart(Part):
    """One holding: shares or contracts, and the broker's mark in its currency (null where it had none)."""

    con_id: ConId
    symbol: str
    currency: Currency
    quantity: Number
    average_cost: Number
    price: Number | None


class SnapshotCashPart(Part):
    """One currency's balance."""

    currency: Currency
    balance: MoneyOrUnknown


class SnapshotDocument(Envelope):
    """The account after a run.

    `execution_time` is in seconds; `margin_utilization` is maintenance margin / net liquidation.
    """

    kind: Literal["Snapshot"]
    timestamp: Time
    run: RunId
    plan: PlanId
    account: AccountName
    environment: Environment
    outcome: Outcome
    execution_features: tuple[str, ...]
    execution_time: Number
    orders_executed: int
    margin_utilization: NumberOrUnknown
    leverage: SnapshotLeveragePart
    net_liquidation: MoneyOrUnknown
    positions: tuple[SnapshotPositionPart, ...] | None
    cash: tuple[SnapshotCashPart, ...] | None


def snapshot_document(result: RunResult, plan: Plan, policy: ExecutionPolicy, *, tool: str) -> SnapshotDocument:
    """The account as the run left it. Positions and cash are null where they were not read."""
    post = None if isinstance(result.post_trade, Unknown) else result.post_trade
    net = result.post_trade if isinstance(result.post_trade, Unknown) else result.post_trade.net_liquidation
    standing = None if isinstance(result.after, Unknown) else result.after
    return SnapshotDocument(
        **envelope(tool=tool, created=result.ended, revision=plan.revision, diagnostics=()),
        kind="Snapshot",
        timestamp=result.ended,
        run=result.id,
        plan=result.plan,
        account=plan.account,
        environment=plan.environment,
        outcome=result.outcome,
        execution_features=_features(policy, plan),
        execution_time=Decimal(str(round((result.ended - result.started).total_seconds(), 3))),
        orders_executed=sum(1 for line in result.lines if line.filled),
        margin_utilization=_utilisation(standing, net),
        leverage=SnapshotLeveragePart(
            current=rounded(standing.leverage if standing else Unknown("the account was not read after the run")),
            target=plan.leverage_target,
        ),
        net_liquidation=net,
        positions=None if post is None else _positions(post),
        cash=None
        if post is None
        else tuple(SnapshotCashPart(currency=each.currency, balance=each.found) for each in post.cash),
    )


def _features(policy: ExecutionPolicy, plan: Plan) -> tuple[str, ...]:
    """What was in effect, in the words of the command line."""
    side_by_side = "sequential" if policy.max_parallel_orders == 1 else "batch-execution"
    found = [side_by_side, f"{policy.order_style}-orders", "hanging-protection", "atomic-margin"]
    found += ["canary"] if policy.canary else []
    found += ["emergency"] if plan.emergency is not None else []
    return tuple(found)


def _utilisation(standing: Standing | None, net: Money | Unknown) -> Decimal | Unknown:
    if standing is None:
        return Unknown("the account was not read after the run")
    return rounded(fraction(standing.maintenance_margin, net))


def _positions(post: PostTrade) -> tuple[SnapshotPositionPart, ...]:
    return tuple(
        SnapshotPositionPart(
            con_id=each.con_id,
            symbol=each.symbol,
            currency=each.currency,
            quantity=each.quantity,
            average_cost=each.average_cost,
            price=each.market_price,
        )
        for each in post.positions
    )
