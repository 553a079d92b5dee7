"""Promise 9: every amount carries its currency, and every conversion its rate."""

from decimal import Decimal

import pytest
from hypothesis import assume, given

from reconciler.domain.account import Side
from reconciler.domain.desired import AccountType, CurrencyFunding
from reconciler.domain.money import Currency
from reconciler.domain.unknown import Unknown
from tests.builders import money
from tests.properties.plan.promises import holds_promise_9_of_cash, holds_promise_9_of_sizes, rate_of, spent_by_ours
from tests.properties.plan.variants import MANY, ZERO, with_account
from tests.strategies import World, any_worlds


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
