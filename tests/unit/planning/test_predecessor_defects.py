"""What the predecessor did wrong, by its number in the list of defects: S5, S8 and S9, as far as a plan can show them.

S1, S2, S3, S6 and S7 are about sizes, and stand with those. S4 was about threads, of which a plan has none. What they
would do to an apply stands in `tests/unit/engine/test_predecessor_defects.py`.
"""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from reconciler.domain.contract import PriceIncrement
from reconciler.domain.ids import OrderRef, PlanId
from reconciler.domain.limits import Limit
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, OrderTicket, WhatIf, order_ref
from reconciler.domain.plan import Plan
from reconciler.domain.policy import OrderStyle
from reconciler.domain.unknown import Unknown
from reconciler.planning.plan import finish
from reconciler.planning.ticket import ticket_of
from tests.builders import (
    ACCOUNT_ID,
    a_contract,
    a_line,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_revision,
    a_snapshot,
    account_values,
    an_account_spec,
    an_emergency,
    an_order,
    money,
)
from tests.strategies import WIDE_LIMITS, World, what_ifs

STOCKS = ("AAPL", "GLD", "MSFT")


def a_world(held: dict[str, int], weights: dict[str, str], **account: object) -> World:
    """100,000 of net liquidation; every stock is at 100."""
    snapshot = a_snapshot(
        [a_position(each, quantity, 100) for each, quantity in held.items()],
        contracts=[a_contract(each) for each in STOCKS],
        quotes=[a_quote(each, 100, spread="0.02") for each in STOCKS],
    )
    defaults = {"limits": WIDE_LIMITS, "policy": a_policy(minimum_notional=Decimal(0))}
    return World(an_account_spec(portfolio=a_portfolio(weights), **(defaults | account)), snapshot)  # type: ignore[arg-type]


def with_commissions(world: World, commission: dict[str, Money | Unknown]) -> Plan:
    """The plan where the broker names these commissions."""
    made = world.draft()
    answers: dict[OrderIntent, WhatIf | Unknown] = {
        order: replace(answer, commission=commission[order.instrument]) if isinstance(answer, WhatIf) else answer
        for order, answer in what_ifs(made).items()
    }
    return finish(made, answers, revision=a_revision(), account_id=ACCOUNT_ID)


def test_s5_an_order_whose_commission_nobody_names_stays_in_the_plan() -> None:
    world = a_world({}, {"MSFT": "0.5", "AAPL": "0.3"})

    plan = with_commissions(world, {"MSFT": Unknown("none came"), "AAPL": money("1.50")})

    assert [str(order.instrument) for order in plan.orders] == ["MSFT", "AAPL"]
    assert isinstance(next(line for line in plan.lines if line.instrument == "MSFT").commission, Unknown)
    assert isinstance(plan.cost.commission, Unknown), "what is not known is not zero"


def test_s8_a_commission_is_the_brokers_and_not_zero() -> None:
    world = a_world({}, {"MSFT": "0.5", "AAPL": "0.3"})

    plan = with_commissions(world, {"MSFT": money("2.50"), "AAPL": money("1.50")})

    assert plan.cost.commission == money(4)
    assert {str(line.instrument): line.commission for line in plan.lines} == {
        "MSFT": money("2.50"),
        "AAPL": money("1.50"),
    }


def test_s8_every_order_of_a_plan_has_a_name_of_its_own_that_its_plan_gives_it() -> None:
    """MSFT crosses zero with two orders on one line."""
    plan = a_world({"MSFT": -10, "AAPL": 10}, {"MSFT": "0.5", "AAPL": "0.3"}).plan()

    refs = [order_ref(plan.id, order, attempt=1) for order in plan.orders]

    assert len(refs) == 3
    assert len(set(refs)) == len(refs)
    assert all(ref.startswith(f"folioctl:{plan.id}:") for ref in refs)
    assert not set(refs) & {order_ref(PlanId("another"), order, attempt=1) for order in plan.orders}


@pytest.mark.parametrize(
    ("price", "step", "expected"),
    [
        ("0.1234", "0.0001", "0.1236"),
        ("31415", "5", "31450"),
        ("99.98", "0.05", "100.10"),
        ("150.255", "0.005", "150.410"),
    ],
)
def test_s8_a_price_lies_on_the_steps_of_its_market_and_not_on_cents(price: str, step: str, expected: str) -> None:
    contract = a_contract(price_increments=(PriceIncrement(Decimal(0), Decimal(step)),))
    policy = a_policy(order_style=OrderStyle.LIMIT, limit_offset=Decimal("0.001"))
    order = an_order(a_line("MSFT", 20, 43))

    ticket = ticket_of(
        order, contract, a_quote(price=price, spread=0), policy=policy, ref=OrderRef("folioctl:x:001a:1")
    )

    assert isinstance(ticket, OrderTicket)
    assert ticket.limit_price == Decimal(expected)


def test_s8_leverage_is_held_against_its_limit_before_anything_is_sent() -> None:
    limits = replace(WIDE_LIMITS, max_leverage=Decimal("1.5"))

    plan = a_world({}, {"MSFT": "1"}, leverage=Decimal("1.6"), limits=limits).plan()

    assert plan.after.leverage == Decimal("1.6")
    assert Limit.MAX_LEVERAGE in {each.limit for each in plan.blocking_violations}


CRASHED = replace(WIDE_LIMITS, emergency=an_emergency(leverage=Decimal(2)))


def in_a_crash() -> Plan:
    """Leverage 2.5, three stocks."""
    held = {"AAPL": 1_000, "GLD": 900, "MSFT": 600}
    world = a_world(held, dict.fromkeys(held, "0.3"), limits=CRASHED, leverage=Decimal("1.5"))
    values = account_values(gross_position_value=money(250_000))
    return replace(world, snapshot=replace(world.snapshot, values=values)).plan()


def test_s9_an_emergency_sells_what_it_needs_and_not_everything() -> None:
    plan = in_a_crash()

    assert plan.after.leverage == Decimal("1.5")
    assert sum(order.quantity for order in plan.orders) == Decimal(1_000)


def test_s9_an_emergency_is_one_batch_that_reduces_and_every_line_of_it_says_why() -> None:
    plan = in_a_crash()

    assert [batch.reduces_risk for batch in plan.batches] == [True]
    assert {line.reason.value for line in plan.lines} == {"Emergency", "NotNeeded"}
    assert all(larger.notional.amount >= smaller.notional.amount for larger, smaller in pairwise(plan.orders))


def test_s9_an_emergencys_orders_go_by_the_policy_and_not_all_to_the_market() -> None:
    (order,) = in_a_crash().orders
    policy = a_policy(order_style=OrderStyle.LIMIT)

    ticket = ticket_of(
        order, a_contract("AAPL"), a_quote("AAPL", 100), policy=policy, ref=OrderRef("folioctl:x:001r:1")
    )

    assert isinstance(ticket, OrderTicket)
    assert (ticket.order_type, ticket.limit_price) == ("LMT", Decimal("99.79"))


def test_s9_what_an_emergency_would_do_is_known_for_every_account_that_can_be_read() -> None:
    """The predecessor's reduction hung on a variable that was bound on one of its paths only."""
    for excess in (-10_000, 0, 5_000, 60_000):
        world = a_world(
            {"AAPL": 1_000}, {"AAPL": "0.3"}, limits=replace(CRASHED, emergency=an_emergency(cushion=Decimal("0.1")))
        )
        values = account_values(excess_liquidity=money(excess), gross_position_value=money(100_000))
        plan = replace(world, snapshot=replace(world.snapshot, values=values)).plan()

        assert (plan.emergency is not None) is (excess < 10_000)
        assert plan.blocked == ()
