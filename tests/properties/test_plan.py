"""The plan's promises over any account, manifest and price. Numbered as in the design."""

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciler import planfile
from reconciler.domain.account import Side
from reconciler.domain.contract import FUTURE
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.desired import (
    AccountType,
    CurrencyFunding,
    Environment,
    ForeignOrders,
    UnmanagedPositions,
)
from reconciler.domain.ids import ConId
from reconciler.domain.limits import EmergencyAction, Limit
from reconciler.domain.line import Action, Line, LineKind
from reconciler.domain.money import Currency
from reconciler.domain.options import NO_OPTIONS
from reconciler.domain.orders import is_ours
from reconciler.domain.plan import Plan
from reconciler.domain.policy import Mode
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds
from reconciler.planning.emergency import adding_orders, available
from reconciler.planning.plan import finish
from tests.builders import ACCOUNT_ID, a_rebalancing, a_revision, an_emergency, con_id_of, money, some_limits
from tests.examples import examples
from tests.properties.found import FOUND
from tests.strategies import (
    WIDE_LIMITS,
    World,
    after_fills,
    any_worlds,
    orders_of,
    what_ifs,
    without_contract,
    without_price,
    worlds,
)

CENT = Decimal("0.01")
ZERO = Decimal(0)
MANY = examples(300)


def traded(world: World) -> set[str]:
    return {str(order.instrument) for order in world.plan().orders}


def some_symbol(world: World, data: st.DataObject) -> str:
    return data.draw(st.sampled_from([target.instrument.symbol for target in world.account.portfolio.targets]))


def with_account(world: World, **changes: Any) -> World:
    return replace(world, account=replace(world.account, **changes))


def with_portfolio(world: World, **changes: Any) -> World:
    return with_account(world, portfolio=replace(world.account.portfolio, **changes))


# ---------------------------------------------------------------------------------------------------------- promise 1


@MANY
@given(any_worlds(), st.data())
def test_promise_1_a_line_without_a_price_or_a_contract_is_blocked_and_keeps_its_holding(
    world: World, data: st.DataObject
) -> None:
    symbol = some_symbol(world, data)
    spoilt = data.draw(st.sampled_from([without_price, without_contract]))(world, symbol)

    line = next(line for line in spoilt.plan().lines if line.instrument == symbol)

    assert line.blocked is not None
    assert line.action is Action.NO_OP
    assert symbol not in traded(spoilt)


def managed(plan: Plan, quantity: Callable[[Line], Decimal]) -> Decimal:
    """The gross exposure of the lines at these quantities, in base currency, where it is known."""
    rates = {each.currency: each.rate for each in plan.currencies}
    total = ZERO
    for line in plan.lines:
        rate = rates.get(line.currency)
        is_known = not (isinstance(line.current, Unknown) or isinstance(line.price, Unknown))
        if line.kind is not LineKind.CURRENCY and is_known and rate is not None and not isinstance(rate, Unknown):
            assert not isinstance(line.price, Unknown)
            total += abs(quantity(line)) * line.price * line.multiplier * rate.rate
    return total


def before(line: Line) -> Decimal:
    assert not isinstance(line.current, Unknown)
    return line.current + line.working


def after(line: Line) -> Decimal:
    return before(line) + line.order


def asked_for(plan: Plan, world: World) -> Decimal:
    """What the base asks for, all lines together."""
    assert plan.sizing is not None
    return plan.sizing.base.amount * sum((abs(each.weight) for each in world.account.portfolio.targets), ZERO)


def holds_promise_1_of_funding(world: World) -> None:
    """What is bought is paid for by the leverage target: never by a line that is blocked, or that is left alone."""
    plan = world.plan()
    if plan.sizing is not None:
        assert managed(plan, after) <= max(asked_for(plan, world), managed(plan, before)) + CENT


@MANY
@given(any_worlds(), st.data())
def test_promise_1_a_blocked_line_funds_nothing(world: World, data: st.DataObject) -> None:
    holds_promise_1_of_funding(without_contract(world, some_symbol(world, data)))


@MANY
@given(any_worlds(), st.sampled_from(["values", "positions", "working_orders"]))
def test_promise_1_an_unread_account_has_no_orders(world: World, part: str) -> None:
    lost: dict[str, Any] = {part: Unknown("its END never came")}
    plan = replace(world, snapshot=replace(world.snapshot, **lost)).plan()

    assert plan.orders == ()
    assert plan.cancellations == ()
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


@MANY
@given(any_worlds())
def test_promise_1_a_rate_that_nothing_confirms_holds_up_whatever_is_traded(world: World) -> None:
    pairs = {each.con_id for each in world.snapshot.contracts.values() if not isinstance(each, Unknown)}
    pairs &= {con_id_of("USD.CAD")}
    quotes = {key: each for key, each in world.snapshot.quotes.items() if key not in pairs}
    plan = replace(world, snapshot=replace(world.snapshot, quotes=quotes)).plan()
    uses_both = {line.currency for line in plan.lines} - {plan.base_currency}
    assume(plan.orders and uses_both)

    assert any(each.limit is Limit.MAX_FX_DEVIATION and each.blocks for each in plan.blocking_violations)


@MANY
@given(any_worlds())
def test_promise_1_a_what_if_without_numbers_holds_up_what_adds_risk(world: World) -> None:
    made = world.draft()
    unanswered = dict.fromkeys(made.orders, Unknown("the what-if was not answered"))
    plan = finish(made, unanswered, revision=a_revision(), account_id=ACCOUNT_ID)
    adds = any(not order.reduces_risk for order in plan.orders)

    blocking = {each.limit for each in plan.blocking_violations if each.value == "unknown"}
    assert (Limit.AVAILABLE_FUNDS in blocking) == adds
    assert not any(each.holds is Holds.EVERYTHING and each.value == "unknown" for each in plan.violations)


# ---------------------------------------------------------------------------------------------------------- promise 2


def holds_promise_2(world: World) -> None:
    """Our own orders at the market count as done, others' never; none of ours goes the same way as one that stays."""
    plan = world.plan()
    cancelled = {each.perm_id for each in plan.cancellations}
    sides = {(order.instrument, order.side) for order in plan.orders}
    for line in (each for each in plan.lines if each.kind is not LineKind.CURRENCY):
        here = [each for each in orders_of(world) if each.symbol == line.instrument]
        netted = [
            each
            for each in here
            if is_ours(each.order_ref)
            and each.order_type in ("MKT", "LMT")
            and not each.is_attached
            and each.perm_id not in cancelled
        ]
        assert line.working == sum((each.side.sign * each.remaining for each in netted), ZERO)
        for other in here:
            # In an emergency, less is sold by as much as other sells take: both together do not overshoot.
            if plan.emergency is None and other not in netted and other.perm_id not in cancelled:
                assert (line.instrument, other.side) not in sides
        if line.order and not isinstance(line.current, Unknown):
            assert line.current + line.working + line.order == line.target


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


# ---------------------------------------------------------------------------------------------------------- promise 6


def holds_promise_6_of_order(world: World) -> None:
    """Batches reduce risk first, then exchange currency, then add risk; every order is in the batch of its kind."""
    plan = world.plan()
    kinds = [
        "reduces" if each.reduces_risk else "converts" if each.orders[0].converts else "adds" for each in plan.batches
    ]
    assert kinds == [each for each in ("reduces", "converts", "adds") if each in kinds]
    held = {line.number: line.current + line.working for line in plan.lines if not isinstance(line.current, Unknown)}
    for order in (each for each in plan.orders if not each.converts):
        then = held[order.line] + order.side.sign * order.quantity
        assert (abs(then) < abs(held[order.line])) is order.reduces_risk
        assert then * held[order.line] >= 0
        held[order.line] = then


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


# ---------------------------------------------------------------------------------------------------------- promise 8


def holds_promise_8(world: World) -> None:
    """Sells never exceed what is held where the portfolio is long only, counting every sell that works."""
    made = world.draft()
    if not world.account.portfolio.long_only:
        return
    cancelled = {each.perm_id for each in made.cancellations}
    for line in made.portfolio.lines:
        ours = [order for order in made.orders if order.line == line.number and not order.converts]
        selling = sum((order.quantity for order in ours if order.side is Side.SELL), ZERO)
        staying = [each for each in line.reserving if each.side is Side.SELL and each.perm_id not in cancelled]
        others = sum((each.remaining for each in staying), ZERO)
        if selling:
            assert selling + others + max(-line.own_working, ZERO) <= line.held
        assert line.have < 0 or line.have + sum((o.side.sign * o.quantity for o in ours), ZERO) >= 0


@MANY
@given(any_worlds())
def test_promise_8_sells_never_exceed_what_is_held(world: World) -> None:
    holds_promise_8(world)


# ---------------------------------------------------------------------------------------------------------- promise 9


def holds_promise_9_of_sizes(world: World) -> None:
    """Each target is the base times its weight, through the line's price and its currency's rate."""
    plan = world.plan()
    if plan.sizing is None:
        return
    rates = {each.currency: each.rate for each in plan.currencies}
    for line in plan.lines:
        if line.kind is LineKind.TARGET and line.weight and not isinstance(line.exact_target, Unknown):
            rate = rates[line.currency]
            assert not isinstance(rate, Unknown)
            assert not isinstance(line.price, Unknown)
            worth = line.exact_target * line.price * line.multiplier * rate.rate
            assert abs(worth - plan.sizing.base.amount * line.weight) < CENT


def holds_promise_9_of_cash(world: World) -> None:
    """The balances after the plan are those that its fills make, each in its own currency; nothing is made of it."""
    plan, filled = world.plan(), after_fills(world, world.plan())
    assert not isinstance(filled.snapshot.cash, Unknown)
    for each in plan.currencies:
        assert not isinstance(each.after, Unknown)
        assert each.after.currency == each.currency
        left = filled.snapshot.cash.get(each.currency, money(0, each.currency)).amount - spent_by_ours(plan, each)
        assert abs(each.after.amount - left) < CENT
    assert abs(worth(filled) - worth(world)) < 1


def spent_by_ours(plan: Plan, balance: CurrencyBalance) -> Decimal:
    """What our own working orders will take from a balance, negative where they add to it."""
    spending = [
        line.working * line.price * line.multiplier
        for line in plan.lines
        if line.currency == balance.currency and line.kind is not LineKind.CURRENCY and line.con_id != con_id_of("MES")
        if not isinstance(line.price, Unknown)
    ]
    return sum(spending, ZERO)


def worth(world: World) -> Decimal:
    """Cash and holdings, in base currency."""
    snapshot, total = world.snapshot, ZERO
    assert not isinstance(snapshot.cash, Unknown)
    assert not isinstance(snapshot.positions, Unknown)
    for money_ in snapshot.cash.values():
        total += rate_of(world, money_.currency) * money_.amount
    for each in snapshot.positions:
        if each.sec_type != FUTURE:
            assert each.market_price is not None
            total += rate_of(world, each.currency) * each.quantity * each.multiplier * each.market_price
    return total


def rate_of(world: World, currency: Currency) -> Decimal:
    rate = world.snapshot.rate(currency)
    assert not isinstance(rate, Unknown)
    return rate.rate


@MANY
@given(any_worlds())
def test_promise_9_a_foreign_line_is_sized_through_its_rate(world: World) -> None:
    holds_promise_9_of_sizes(world)


@MANY
@given(any_worlds())
def test_promise_9_orders_and_conversions_move_each_balance_in_its_own_currency(world: World) -> None:
    holds_promise_9_of_cash(world)


@MANY
@given(any_worlds())
def test_promise_9_what_foreign_buys_need_is_converted_and_nothing_is_lent(world: World) -> None:
    """What is owed already, a plan of some lines alone leaves as it is."""
    plan = with_account(world, type=AccountType.MARGIN, currency_funding=CurrencyFunding.CONVERT).plan()
    assume(plan.sizing is not None)
    least = world.account.policy.minimum_conversion + 1

    for each in plan.currencies:
        if each.currency != plan.base_currency:
            assert not isinstance(each.after, Unknown)
            assert not isinstance(each.before, Unknown)
            owed = min(each.before.amount - spent_by_ours(plan, each), ZERO) if plan.options.is_partial else ZERO
            assert (each.after.amount - owed) * rate_of(world, each.currency) > -least


@MANY
@given(any_worlds())
def test_promise_9_where_the_broker_lends_nothing_is_converted(world: World) -> None:
    plan = with_account(world, type=AccountType.MARGIN, currency_funding=CurrencyFunding.BORROW).plan()

    assert not any(order.converts for order in plan.orders)


@MANY
@given(any_worlds())
def test_promise_9_a_cash_account_spends_what_is_settled_and_no_more(world: World) -> None:
    assume(world.account.type is AccountType.CASH)
    plan = world.plan()
    settled = world.snapshot.settled
    assert not isinstance(settled, Unknown)

    spent: dict[Currency, Decimal] = {}
    for order in (each for each in plan.orders if each.side is Side.BUY and not each.converts):
        line = plan.lines[order.line - 1]
        if line.multiplier == 1:
            spent[line.currency] = spent.get(line.currency, ZERO) + order.quantity * order.reference_price
    for currency, amount in spent.items():
        assert amount <= max(settled[currency].amount, ZERO)


def test_promise_9_base_is_an_aggregate_and_no_currency() -> None:
    """The readers leave BASE out, and no amount here can carry it: two currencies never add up."""
    with pytest.raises(Exception, match="convert first"):
        money(1) + money(1, "BASE")


# --------------------------------------------------------------------------------------------------------- promise 10


@MANY
@given(any_worlds())
def test_promise_10_the_environment_is_part_of_the_plans_identity(world: World) -> None:
    paper, live = world.plan(), with_account(world, environment=Environment.LIVE).plan()

    assert live.fingerprint != paper.fingerprint
    assert live.id != paper.id


# --------------------------------------------------------------------------------------------------------- promise 11


@MANY
@given(any_worlds(), st.integers())
def test_promise_11_the_order_of_inputs_changes_no_byte(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a shuffle, no secret
    snapshot, targets = world.snapshot, world.account.portfolio.targets
    assert isinstance(snapshot.positions, tuple)
    assert not isinstance(snapshot.cash, Unknown)
    shuffled = replace(
        with_portfolio(world, targets=tuple(chance.sample(targets, k=len(targets)))),
        snapshot=replace(
            snapshot,
            positions=tuple(chance.sample(snapshot.positions, k=len(snapshot.positions))),
            working_orders=tuple(chance.sample(orders_of(world), k=len(orders_of(world)))),
            contracts=dict(chance.sample(list(snapshot.contracts.items()), k=len(snapshot.contracts))),
            quotes=dict(chance.sample(list(snapshot.quotes.items()), k=len(snapshot.quotes))),
            cash=dict(chance.sample(list(snapshot.cash.items()), k=len(snapshot.cash))),
        ),
    )

    assert planfile.write(shuffled.plan(), tool="test") == planfile.write(world.plan(), tool="test")


def holds_promise_11(world: World) -> None:
    """After full fills at unchanged prices the next plan is empty. An emergency ends first, by rules of its own."""
    plan = world.plan()
    following = after_fills(world, plan).plan()
    if plan.emergency is None and following.emergency is None:
        assert following.orders == ()


@settings(max_examples=1500)
@given(any_worlds())
def test_promise_11_the_plan_after_full_fills_is_empty(world: World) -> None:
    holds_promise_11(world)


# --------------------------------------------------------------------------------------------------------- promise 12


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


# ------------------------------------------------------------------------------------------------- rules of a plan


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


def holds_in_an_emergency(world: World) -> None:
    """Nothing is added or oversold, whatever adds is cancelled, and leverage falls, as far as it may."""
    made = world.draft()
    plan = finish(made, what_ifs(made), revision=a_revision(), account_id=ACCOUNT_ID)
    assert plan.emergency is not None
    assert all(order.reduces_risk and not order.converts for order in plan.orders)
    lines = {line.number: line for line in made.portfolio.lines}
    for order in plan.orders:
        assert order.quantity <= abs(lines[order.line].held)
        assert order.side is (Side.SELL if lines[order.line].held > 0 else Side.BUY)
    assert set(plan.cancellations) <= set(adding_orders(world.snapshot))
    if plan.orders and not isinstance(plan.before.leverage, Unknown):
        assert not isinstance(plan.after.leverage, Unknown)
        assert plan.after.leverage < plan.before.leverage


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


# -------------------------------------------------------------------------------------------------------- all at once

PROMISES = (
    holds_promise_1_of_funding,
    holds_promise_2,
    holds_promise_6_of_order,
    holds_promise_8,
    holds_promise_9_of_sizes,
    holds_promise_9_of_cash,
    holds_promise_11,
)


@pytest.mark.parametrize("name", FOUND)
def test_all_promises_in_worlds_that_once_broke_one(name: str) -> None:
    for holds in PROMISES:
        holds(FOUND[name])


@pytest.mark.full
@pytest.mark.timeout(3600)
@settings(max_examples=30_000)
@given(any_worlds())
def test_all_promises_over_many_worlds(world: World) -> None:
    for holds in PROMISES:
        holds(world)
