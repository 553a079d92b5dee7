"""What came of a plan."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from reconciler.domain.ids import (
    PlanId,
    RunId,
)
from reconciler.domain.orders import OrderIntent, OrderState, order_ref
from reconciler.domain.plan import Plan
from reconciler.domain.run import LineResult, Outcome, RunResult
from reconciler.domain.unknown import Unknown
from tests.builders.market import NOW, Number, money
from tests.builders.plan import a_plan


def a_line_result(
    order: OrderIntent,
    state: OrderState = OrderState.FILLED,
    *,
    plan: PlanId,
    filled: Number | None = None,
    **changes: Any,
) -> LineResult:
    """How one order ended: filled whole at its reference price, unless told otherwise."""
    whole = order.quantity if state is OrderState.FILLED else Decimal(0)
    shares = whole if filled is None else Decimal(filled)
    result = LineResult(
        line=order.line,
        instrument=order.instrument,
        side=order.side,
        quantity=order.quantity,
        order_ref=order_ref(plan, order, attempt=1),
        state=state,
        filled=shares,
        average_price=order.reference_price if shares else None,
        commission=money("1.00") if shares else None,
    )
    return replace(result, **changes)


def a_run_result(plan: Plan | None = None, outcome: Outcome = Outcome.APPLIED, **changes: Any) -> RunResult:
    """Every order of the plan filled, unless `lines` says otherwise."""
    applied = a_plan() if plan is None else plan
    result = RunResult(
        id=RunId("run-20260302-150030-0123"),
        plan=applied.id,
        fingerprint=applied.fingerprint,
        account=applied.account,
        started=NOW + timedelta(seconds=30),
        ended=NOW + timedelta(seconds=75),
        outcome=outcome,
        lines=tuple(a_line_result(order, plan=applied.id) for order in applied.orders),
        before=applied.before,
        after=applied.after,
        post_trade=Unknown("the account was not read after the run"),
    )
    return replace(result, **changes)
