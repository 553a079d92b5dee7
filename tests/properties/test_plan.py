"""The plan's promises over random accounts, manifests and prices. Numbered as in the design."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.domain.account import Side
from reconciler.domain.desired import Environment
from reconciler.domain.orders import is_ours
from reconciler.domain.plan import Action, Line
from reconciler.domain.unknown import Unknown
from reconciler.planning.exposure import gross_exposure
from reconciler.planning.size import managed_base
from tests.builders import money
from tests.strategies import World, after_fills, busy_worlds, orders_of, without_contract, without_price, worlds

ONE_CENT = Decimal("0.01")


def traded(world: World) -> set[str]:
    return {str(order.instrument) for order in world.plan().orders}


# ---------------------------------------------------------------------------------------------------------- promise 1


@given(worlds(), st.data())
def test_promise_1_a_line_without_a_price_or_a_contract_is_blocked_and_keeps_its_holding(
    world: World, data: st.DataObject
) -> None:
    symbol = data.draw(st.sampled_from([target.instrument.symbol for target in world.account.portfolio.targets]))
    spoil = data.draw(st.sampled_from([without_price, without_contract]))
    spoilt = spoil(world, symbol)

    line = next(line for line in spoilt.plan().lines if line.instrument == symbol)

    assert line.blocked is not None
    assert line.action is Action.NO_OP
    assert symbol not in traded(spoilt)


@given(worlds(), st.data())
def test_promise_1_a_blocked_line_funds_nothing(world: World, data: st.DataObject) -> None:
    symbol = data.draw(st.sampled_from([target.instrument.symbol for target in world.account.portfolio.targets]))
    spoilt = without_contract(world, symbol)
    made = spoilt.draft()
    assume(not made.blocked)

    base = managed_base(spoilt.account, spoilt.snapshot, made.portfolio)
    gross = gross_exposure(made.portfolio, spoilt.snapshot)
    assert not isinstance(base, Unknown)
    assert not isinstance(gross, Unknown)
    bought = sum((o.notional.amount for b in made.batches for o in b.orders if not o.reduces_risk), Decimal(0))
    sold = sum((o.notional.amount for b in made.batches for o in b.orders if o.reduces_risk), Decimal(0))
    undeclared = sum(
        (abs(each.exposure.amount) for each in made.portfolio.undeclared if not isinstance(each.exposure, Unknown)),
        Decimal(0),
    )
    weight = sum((target.weight for target in spoilt.account.portfolio.targets), Decimal(0))
    one_lot_each = sum(
        (line.unit.amount for line in made.portfolio.lines if not isinstance(line.unit, Unknown)), Decimal(0)
    )
    assert bought == 0 or gross.amount + bought - sold <= base.amount * weight + undeclared + one_lot_each


@given(worlds(), st.sampled_from(["values", "positions", "working_orders"]))
def test_promise_1_an_unread_account_has_no_orders(world: World, part: str) -> None:
    lost: dict[str, Any] = {part: Unknown("its END never came")}
    unread = replace(world, snapshot=replace(world.snapshot, **lost))

    plan = unread.plan()

    assert plan.orders == ()
    assert plan.blocked
    assert all(line.blocked for line in plan.lines)
    if part != "working_orders":
        assert isinstance(plan.before.leverage, Unknown)
        assert isinstance(plan.after.leverage, Unknown)


@given(worlds(base_currency="CAD"))
def test_promise_1_a_missing_exchange_rate_blocks_the_account(world: World) -> None:
    plan = replace(world, snapshot=replace(world.snapshot, rates={})).plan()

    assert plan.orders == ()
    assert "USD" in " ".join(plan.blocked)


# ---------------------------------------------------------------------------------------------------------- promise 2


@given(busy_worlds())
def test_promise_2_own_market_orders_count_as_done_and_others_never(world: World) -> None:
    for line in world.plan().lines:
        netted = [
            each.side.sign * each.remaining
            for each in orders_of(world)
            if each.symbol == line.instrument
            and is_ours(each.order_ref)
            and each.order_type in ("MKT", "LMT")
            and not each.is_attached
        ]
        assert line.working == sum(netted, Decimal(0))
        if line.order and not isinstance(line.current, Unknown):
            assert line.current + line.working + line.order == line.target


@given(busy_worlds())
def test_promise_2_together_with_another_order_the_same_way_the_line_is_blocked(world: World) -> None:
    made = world.draft()

    for order in (order for batch in made.batches for order in batch.orders):
        line = made.portfolio.lines[order.line - 1]
        assert not [each for each in line.reserving if each.side is order.side]


# ---------------------------------------------------------------------------------------------------------- promise 6


@given(worlds())
def test_promise_6_risk_is_reduced_first(world: World) -> None:
    plan = world.plan()

    assert [batch.reduces_risk for batch in plan.batches] in ([], [True], [False], [True, False])
    held = {line.instrument: line.current for line in plan.lines}
    for order in plan.orders:
        before = held[order.instrument]
        assert not isinstance(before, Unknown)
        held[order.instrument] = before + order.side.sign * order.quantity
        closer = abs(before + order.side.sign * order.quantity) < abs(before)
        assert closer is order.reduces_risk


# ---------------------------------------------------------------------------------------------------------- promise 8


@given(busy_worlds())
def test_promise_8_sells_never_exceed_what_is_held(world: World) -> None:
    made = world.draft()

    for line in made.portfolio.lines:
        ours = [order for batch in made.batches for order in batch.orders if order.line == line.number]
        selling = sum((order.quantity for order in ours if order.side is Side.SELL), Decimal(0))
        others = sum((each.remaining for each in line.reserving if each.side is Side.SELL), Decimal(0))
        if selling:
            assert selling + others + max(-line.own_working, Decimal(0)) <= line.current


# ---------------------------------------------------------------------------------------------------------- promise 9


@given(worlds(base_currency="CAD"))
def test_promise_9_a_foreign_line_is_sized_through_its_rate(world: World) -> None:
    made = world.draft()
    assume(not made.blocked)
    base = managed_base(world.account, world.snapshot, made.portfolio)
    assert not isinstance(base, Unknown)

    for change, line in zip(made.changes, made.portfolio.lines, strict=True):
        rate = world.snapshot.rates[line.target.instrument.currency].rate
        assert not isinstance(line.price, Unknown)
        if change.line.blocked is None:
            exact = base.amount * line.target.weight / (line.price * rate)
            assert not isinstance(change.line.exact_target, Unknown)
            assert abs(change.line.exact_target - exact) < ONE_CENT


# --------------------------------------------------------------------------------------------------------- promise 10


@given(worlds())
def test_promise_10_the_environment_is_part_of_the_plans_identity(world: World) -> None:
    live = replace(world, account=replace(world.account, environment=Environment.LIVE))

    assert live.plan().fingerprint != world.plan().fingerprint


# --------------------------------------------------------------------------------------------------------- promise 11


@given(busy_worlds(), st.integers())
def test_promise_11_the_order_of_inputs_changes_nothing(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a shuffle, no secret
    account, snapshot = world.account, world.snapshot
    targets = account.portfolio.targets
    assert isinstance(snapshot.positions, tuple)
    shuffled = World(
        replace(account, portfolio=replace(account.portfolio, targets=tuple(chance.sample(targets, k=len(targets))))),
        replace(
            snapshot,
            positions=tuple(chance.sample(snapshot.positions, k=len(snapshot.positions))),
            working_orders=tuple(chance.sample(orders_of(world), k=len(orders_of(world)))),
            contracts=dict(chance.sample(list(snapshot.contracts.items()), k=len(snapshot.contracts))),
        ),
    )

    assert shuffled.plan() == world.plan()


@given(worlds())
def test_promise_11_the_plan_after_full_fills_is_empty(world: World) -> None:
    assert after_fills(world, world.plan()).plan().orders == ()


@given(worlds())
def test_promise_11_roundings_cost_no_more_than_the_exact_targets(world: World) -> None:
    made = world.draft()
    assume(not made.blocked)
    over = Decimal(0)
    for change, line in zip(made.changes, made.portfolio.lines, strict=True):
        if change.orders and not isinstance(line.unit, Unknown):
            assert not isinstance(change.line.exact_target, Unknown)
            assert not isinstance(change.line.target, Unknown)
            assert abs(change.line.target - change.line.exact_target) <= 1
            over += (change.line.target - change.line.exact_target) * line.unit.amount
    assert over <= 0 or all(_is_at_or_below(change.line) for change in made.changes if change.line.order > 0)


def _is_at_or_below(line: Line) -> bool:
    assert not isinstance(line.target, Unknown)
    assert not isinstance(line.exact_target, Unknown)
    return line.target <= line.exact_target


# --------------------------------------------------------------------------------------------------------- promise 12


@given(worlds(), st.data())
def test_promise_12_a_deleted_line_keeps_its_holding_and_is_reported(world: World, data: st.DataObject) -> None:
    targets = world.account.portfolio.targets
    gone = data.draw(st.sampled_from(targets))
    rest = tuple(target for target in targets if target is not gone)
    assume(rest)
    without = replace(world, account=replace(world.account, portfolio=replace(world.account.portfolio, targets=rest)))

    plan = without.plan()

    assert gone.instrument.name not in {order.instrument for order in plan.orders}
    assert isinstance(world.snapshot.positions, tuple)
    held = {position.symbol for position in world.snapshot.positions}
    assert (gone.instrument.symbol in {each.symbol for each in plan.undeclared}) == (gone.instrument.symbol in held)


@given(worlds())
def test_promise_12_a_weight_of_zero_closes(world: World) -> None:
    targets = tuple(replace(target, weight=Decimal(0)) for target in world.account.portfolio.targets)
    closing = replace(
        world, account=replace(world.account, portfolio=replace(world.account.portfolio, targets=targets))
    )
    plan = closing.plan()
    assume(not plan.blocked)

    for line in plan.lines:
        assert not isinstance(line.current, Unknown)
        assert line.order == -line.current


@given(worlds())
def test_amounts_are_in_base_currency(world: World) -> None:
    plan = world.plan()

    assert {order.notional.currency for order in plan.orders} <= {money(0).currency}
