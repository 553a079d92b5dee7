"""Promise 12: what is no longer declared is not traded."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.domain.desired import CurrencyFunding, UnmanagedPositions
from reconciler.domain.ids import ConId
from reconciler.domain.line import LineKind
from reconciler.domain.options import NO_OPTIONS
from tests.builders import a_rebalancing
from tests.properties.plan.promises import after
from tests.properties.plan.variants import MANY, ZERO, with_account, with_portfolio
from tests.strategies import WIDE_LIMITS, World, any_worlds


@MANY
@given(any_worlds(), st.data())
def test_promise_12_a_deleted_line_keeps_its_holding_and_is_reported(world: World, data: st.DataObject) -> None:
    targets = world.account.portfolio.targets
    gone = data.draw(st.sampled_from(targets))
    assume(gone.instrument.name not in {each.to for each in world.account.portfolio.moved})
    rest = tuple(target for target in targets if target is not gone)
    left = with_account(with_portfolio(world, targets=rest), unmanaged_positions=UnmanagedPositions.REPORT)

    plan = replace(left, options=NO_OPTIONS).plan()

    assert gone.instrument.name not in {order.instrument for order in plan.orders}
    assert isinstance(world.snapshot.positions, tuple)
    held = {position.symbol for position in world.snapshot.positions}
    assert (gone.instrument.symbol in {each.symbol for each in plan.undeclared}) == (gone.instrument.symbol in held)


@MANY
@given(any_worlds())
def test_promise_12_removing_all_lines_trades_nothing(world: World) -> None:
    empty = with_portfolio(world, targets=(), moved=(), cash_weight=Decimal(1), allow_empty=True)
    plan = with_account(
        replace(empty, options=NO_OPTIONS),
        unmanaged_positions=UnmanagedPositions.REPORT,
        currency_funding=CurrencyFunding.BORROW,
        limits=WIDE_LIMITS,
    ).plan()

    assert plan.orders == ()


@MANY
@given(any_worlds())
def test_promise_12_a_weight_of_zero_closes(world: World) -> None:
    targets = tuple(replace(target, weight=ZERO) for target in world.account.portfolio.targets)
    closing = with_account(
        with_portfolio(world, targets=targets, moved=()),
        policy=replace(world.account.policy, rebalancing=a_rebalancing()),
        unmanaged_positions=UnmanagedPositions.REPORT,
    )
    plan = replace(closing, options=NO_OPTIONS).plan()
    assume(not plan.blocked and plan.emergency is None)

    for line in (each for each in plan.lines if each.kind is LineKind.TARGET and each.blocked is None):
        assert abs(after(line)) < line.lot


@MANY
@given(any_worlds())
def test_promise_12_a_replaced_contract_counts_as_its_successor(world: World) -> None:
    """Its holding is neither sold nor bought again: the line trades as if it held the successor's shares."""
    moved = world.account.portfolio.moved
    assume(moved)
    (each,) = moved
    snapshot = world.snapshot
    assert isinstance(snapshot.positions, tuple)
    old = next(position for position in snapshot.positions if position.con_id == each.con_id)

    plan = world.plan()

    line = next(line for line in plan.lines if line.instrument == each.to)
    assert line.moved == old.quantity * each.ratio
    assert old.symbol not in {str(order.instrument) for order in plan.orders}
    assert ConId(77) not in {holding.con_id for holding in plan.undeclared}
