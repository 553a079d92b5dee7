"""Promise 1: what is not known blocks what depends on it."""

from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.domain.limits import Limit
from reconciler.domain.line import Action
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds
from reconciler.planning.plan import finish
from tests.builders import ACCOUNT_ID, a_revision, con_id_of
from tests.properties.plan.promises import holds_promise_1_of_funding
from tests.properties.plan.variants import MANY, some_symbol
from tests.strategies import World, any_worlds, without_contract, without_price, worlds


def traded(world: World) -> set[str]:
    return {str(order.instrument) for order in world.plan().orders}


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
