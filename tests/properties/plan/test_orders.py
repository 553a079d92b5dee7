"""Promises 2, 6 and 8: orders count what works already, reduce risk first, and never sell what is not held."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.domain.desired import ForeignOrders
from reconciler.domain.limits import Limit
from reconciler.domain.orders import is_ours
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds
from tests.builders import some_limits
from tests.properties.plan.promises import holds_promise_2, holds_promise_6_of_order, holds_promise_8
from tests.properties.plan.variants import MANY, with_account
from tests.strategies import World, any_worlds, orders_of


@MANY
@given(any_worlds())
def test_promise_2_working_orders(world: World) -> None:
    holds_promise_2(world)


@MANY
@given(any_worlds(), st.sampled_from(ForeignOrders))
def test_promise_2_what_is_cancelled_first_is_others_and_on_what_is_traded(
    world: World, foreign: ForeignOrders
) -> None:
    plan = with_account(world, foreign_orders=foreign).plan()
    assume(plan.emergency is None)
    symbols = {str(order.instrument) for order in plan.orders}

    assert foreign is ForeignOrders.CANCEL or not plan.cancellations
    assert all(not is_ours(each.order_ref) and each.symbol in symbols for each in plan.cancellations)
    if foreign is ForeignOrders.BLOCK:
        others = {each.symbol for each in orders_of(world) if not is_ours(each.order_ref)}
        assert not others & symbols


@MANY
@given(any_worlds())
def test_promise_6_risk_is_reduced_first_and_no_order_crosses_zero(world: World) -> None:
    holds_promise_6_of_order(world)


OF_LEVERAGE_AND_MARGIN = {
    Limit.MAX_LEVERAGE,
    Limit.MARGIN_CUSHION,
    Limit.MAX_MARGIN_UTILISATION,
    Limit.MIN_CUSHION,
    Limit.AVAILABLE_FUNDS,
    Limit.EXCESS_LIQUIDITY,
    Limit.EMERGENCY_LEVERAGE,
    Limit.MAX_POSITION_WEIGHT,
}
TIGHT = st.builds(
    lambda leverage, cushion, used: some_limits(
        max_leverage=leverage, margin_cushion=cushion, max_margin_utilisation=used, max_position_weight=Decimal("0.3")
    ),
    st.decimals("0.1", "2", places=1),
    st.decimals("0", "2", places=1),
    st.decimals("0.05", "0.6", places=2),
)


@MANY
@given(any_worlds(), TIGHT)
def test_promise_6_what_only_reduces_risk_is_never_held_up_by_leverage_or_margin(world: World, limits: Any) -> None:
    plan = with_account(world, limits=replace(limits, max_turnover=Decimal(500))).plan()
    only_reduces = plan.orders and all(order.reduces_risk for order in plan.orders)

    for violation in (each for each in plan.violations if each.limit in OF_LEVERAGE_AND_MARGIN):
        assert violation.holds is not Holds.EVERYTHING
        assert not (only_reduces and violation.blocks)


@MANY
@given(any_worlds(), TIGHT)
def test_promise_6_a_plan_that_nothing_blocks_ends_within_its_limits_or_nearer_to_them(
    world: World, limits: Any
) -> None:
    calm = replace(world, snapshot=replace(world.snapshot, working_orders=()))
    plan = with_account(calm, limits=replace(limits, max_turnover=Decimal(500))).plan()
    leverage, was = plan.after.leverage, plan.before.leverage
    if plan.blocking_violations or not plan.orders or isinstance(was, Unknown):
        return

    assert not isinstance(leverage, Unknown)
    assert leverage <= max(limits.max_leverage, was)


@MANY
@given(any_worlds())
def test_promise_8_sells_never_exceed_what_is_held(world: World) -> None:
    holds_promise_8(world)
