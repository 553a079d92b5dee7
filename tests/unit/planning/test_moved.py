"""A contract that was replaced by another one: its holding is its successor's, and is not sold and bought anew."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import Position, Side
from reconciler.domain.desired import UndeclaredHoldings, UnmanagedPositions
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.line import Action, Line, Reason
from reconciler.domain.plan import Plan
from reconciler.domain.portfolio import Moved
from tests.builders import (
    a_contract,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    a_working_order,
    an_account_spec,
)
from tests.strategies import WIDE_LIMITS, World

ZERO = Decimal(0)
OLD = ConId(77)
META = InstrumentName("META")


def an_old_position(quantity: int = 500, **changes: Any) -> Position:
    """What is still held of the old contract, under its old symbol."""
    return a_position("FB", quantity, **{"price": 100, "con_id": OLD, **changes})


def a_world(
    *positions: Position,
    weight: str = "0.5",
    ratio: Decimal | None = Decimal(1),
    price: int = 100,
    account: dict[str, Any] | None = None,
    **snapshot: Any,
) -> World:
    """100,000 of net liquidation at leverage 1. `ratio` None: the manifest does not name the old contract."""
    moved = () if ratio is None else (Moved(OLD, META, ratio),)
    spec = an_account_spec(
        portfolio=a_portfolio({"META": weight}, moved=moved),
        limits=WIDE_LIMITS,
        policy=a_policy(minimum_notional=ZERO),
        **(account or {}),
    )
    shown = a_snapshot(positions, contracts=[a_contract("META")], quotes=[a_quote("META", price, spread=0)], **snapshot)
    return World(spec, shown)


def line_of(plan: Plan) -> Line:
    (line,) = plan.lines
    return line


def test_what_is_held_of_the_old_contract_is_held_by_the_line() -> None:
    plan = a_world(an_old_position()).plan()
    line = line_of(plan)

    assert (line.current, line.moved, line.reason) == (Decimal(500), Decimal(500), Reason.AT_TARGET)
    assert plan.orders == ()
    assert plan.undeclared == ()
    assert plan.before.leverage == Decimal("0.5")


def test_without_a_word_of_it_the_old_one_is_undeclared_and_the_new_one_is_bought_beside_it() -> None:
    """The reason why `moved` exists: what it keeps from happening."""
    plan = a_world(an_old_position(), ratio=None, account={"undeclared_holdings": UndeclaredHoldings.COUNTED}).plan()

    assert [holding.con_id for holding in plan.undeclared] == [OLD]
    assert line_of(plan).action is Action.OPEN


@pytest.mark.parametrize(("ratio", "price", "counted"), [("2", 50, 1_000), ("0.1", 1_000, 50), ("1.5", 100, 750)])
def test_its_shares_are_counted_in_those_of_the_successor(ratio: str, price: int, counted: int) -> None:
    line = line_of(a_world(an_old_position(), ratio=Decimal(ratio), price=price).plan())

    assert (line.current, line.moved) == (Decimal(counted), Decimal(counted))


def test_only_what_is_lacking_of_both_together_is_bought() -> None:
    plan = a_world(an_old_position(300), a_position("META", 100, 100)).plan()

    assert [(order.con_id, order.side, order.quantity) for order in plan.orders] == [
        (a_contract("META").con_id, Side.BUY, Decimal(100))
    ]


def test_only_what_is_held_under_the_new_contract_is_sold() -> None:
    plan = a_world(an_old_position(300), a_position("META", 400, 100)).plan()

    assert [(order.side, order.quantity) for order in plan.orders] == [(Side.SELL, Decimal(200))]


def test_a_sell_that_would_need_what_is_not_converted_yet_waits() -> None:
    plan = a_world(an_old_position(500), a_position("META", 100, 100), weight="0.2").plan()

    assert plan.orders == ()
    assert "the rest is not converted yet" in str(line_of(plan).blocked)


def test_a_weight_of_zero_does_not_sell_the_old_contract() -> None:
    plan = a_world(an_old_position(500), weight="0").plan()

    assert plan.orders == ()
    assert "only 0 of 500 are held under its contract" in str(line_of(plan).blocked)


@pytest.mark.parametrize("policy", [UnmanagedPositions.CLOSE, UnmanagedPositions.BLOCK])
def test_no_policy_for_undeclared_holdings_is_about_it(policy: UnmanagedPositions) -> None:
    plan = a_world(an_old_position(), account={"unmanaged_positions": policy}).plan()

    assert (plan.orders, plan.blocked) == ((), ())


def test_once_nothing_is_left_of_the_old_contract_it_changes_nothing() -> None:
    line = line_of(a_world(a_position("META", 500, 100)).plan())

    assert (line.current, line.moved, line.notes) == (Decimal(500), ZERO, ())


def test_the_line_says_what_is_still_under_the_old_contract() -> None:
    line = line_of(a_world(an_old_position(300), a_position("META", 100, 100)).plan())

    assert line.notes == ("300 of what is held are still under the contract that it replaced",)


def test_two_old_contracts_may_become_one() -> None:
    world = a_world(an_old_position(200), an_old_position(100, con_id=ConId(78)))
    both = (Moved(OLD, META, Decimal(1)), Moved(ConId(78), META, Decimal(2)))
    portfolio = replace(world.account.portfolio, moved=both)

    line = line_of(replace(world, account=replace(world.account, portfolio=portfolio)).plan())

    assert line.moved == Decimal(400)


def test_under_the_same_symbol_the_old_contract_holds_nothing_up() -> None:
    """Without `moved` it would: the line would be held elsewhere."""
    kept = a_position("META", 500, 100, con_id=OLD)

    assert "held under contract 77" in str(line_of(a_world(kept, ratio=None).plan()).blocked)
    assert line_of(a_world(kept).plan()).reason is Reason.AT_TARGET


def test_working_orders_on_the_old_contract_are_not_the_lines() -> None:
    ours = a_working_order("FB", Side.SELL, 100, ref="folioctl:0123456789ab:001r:1", con_id=OLD)

    line = line_of(a_world(an_old_position(), working_orders=(ours,)).plan())

    assert (line.working, line.order) == (ZERO, ZERO)
