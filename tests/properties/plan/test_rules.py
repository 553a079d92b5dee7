"""Modes, steps of leverage, and emergencies."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.domain.limits import EmergencyAction, Limit
from reconciler.domain.line import LineKind
from reconciler.domain.policy import Mode
from reconciler.domain.unknown import Unknown
from reconciler.planning.emergency import available
from tests.builders import a_rebalancing, an_emergency
from tests.properties.plan.promises import holds_in_an_emergency
from tests.properties.plan.variants import MANY, with_account
from tests.strategies import World, any_worlds


@MANY
@given(any_worlds(), st.sampled_from(Mode))
def test_a_mode_plans_only_what_it_is_for(world: World, mode: Mode) -> None:
    policy = replace(world.account.policy, rebalancing=a_rebalancing(mode=mode))
    plan = with_account(world, policy=policy).plan()
    assume(plan.emergency is None)
    orders = [line.order for line in plan.lines if line.kind is not LineKind.CURRENCY and line.order]

    if mode is Mode.BUY_ONLY:
        assert all(order > 0 for order in orders)
    if mode is Mode.SELL_ONLY:
        assert all(order < 0 for order in orders)
    if mode is Mode.CASH_FLOW:
        assert all(order > 0 for order in orders) or all(order < 0 for order in orders)


@MANY
@given(any_worlds(), st.decimals("0.01", "0.5", places=2))
def test_no_run_moves_leverage_by_more_than_a_step(world: World, step: Decimal) -> None:
    """What is closed for other reasons, and a share's rounding, may take it further down; the limit then says so."""
    limits = replace(world.account.limits, max_leverage_step=step)
    plan = with_account(world, limits=limits).plan()
    assume(plan.emergency is None and plan.orders)
    leverage, was = plan.after.leverage, plan.before.leverage
    assert not isinstance(leverage, Unknown)
    assert not isinstance(was, Unknown)

    told = any(each.limit is Limit.MAX_LEVERAGE_STEP for each in plan.violations)
    assert abs(leverage - was) <= step + Decimal("0.005") or told


@MANY
@given(any_worlds(), st.sampled_from(EmergencyAction))
def test_an_emergency_only_reduces(world: World, action: EmergencyAction) -> None:
    emergency = an_emergency(leverage=Decimal("0.1"), cushion=Decimal("0.02"), action=action)
    crashed = with_account(world, limits=replace(world.account.limits, emergency=emergency))
    made = crashed.draft()
    assume(made.emergency is not None)

    holds_in_an_emergency(crashed)

    if action is EmergencyAction.ALERT:
        assert made.orders == ()
        assert made.cancellations == ()
    if action is EmergencyAction.FLATTEN:
        for change, line in zip(made.changes, made.portfolio.lines, strict=True):
            is_held_up = line.blocked or change.line.blocked or line.reserving or line.own_working
            if world.options.selects(line.name) and not is_held_up:
                assert abs(change.line.order) == available(line) // line.lot * line.lot
