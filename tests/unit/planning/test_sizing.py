"""Targets by the design's formula, in whole lots: the cases that cost people money."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.desired import AccountSpec, CurrencyFunding
from reconciler.domain.ids import ConId
from reconciler.domain.line import Action, Reason
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from tests.builders import (
    a_contract,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_rate,
    a_snapshot,
    a_working_order,
    account_values,
    an_account_spec,
    money,
    some_limits,
)
from tests.strategies import World

CALM = a_policy(minimum_notional=Decimal(0))
WIDE = some_limits(max_leverage=Decimal(5), max_order_notional=Decimal(10**8), max_turnover=Decimal(50))


def an_account(weights: dict[str, str], leverage: str = "1", **changes: object) -> AccountSpec:
    defaults = {"policy": CALM, "limits": WIDE, "leverage": leverage} | changes
    return an_account_spec(portfolio=a_portfolio(weights), **defaults)  # type: ignore[arg-type]


def planned(account: AccountSpec, snapshot: AccountSnapshot) -> Plan:
    return World(account, snapshot).plan()


def orders(plan: Plan) -> dict[str, Decimal]:
    return {str(line.instrument): line.order for line in plan.lines if line.order}


def test_the_formula_takes_buffer_leverage_and_undeclared_holdings() -> None:
    account = an_account({"MSFT": "0.5"}, "1.4", cash_buffer_fraction=Decimal("0.02"), cash_buffer_amount=Decimal(500))
    snapshot = a_snapshot([a_position("IBKR", 100, 60)], quotes=[a_quote("MSFT", 400, spread=0)])

    line = planned(account, snapshot).lines[0]

    exact = ((Decimal(100_000) - 2_000 - 500) * Decimal("1.4") - 6_000) * Decimal("0.5") / 400
    assert line.exact_target == exact
    assert line.target == 163


def test_s1_a_missing_price_never_sells() -> None:
    snapshot = a_snapshot([a_position("MSFT", 100, None)], quotes=[])
    values = account_values(gross_position_value=money(40_000))

    plan = planned(an_account({"MSFT": "0.5"}), replace(snapshot, values=values))

    assert plan.orders == ()
    assert plan.lines[0].reason is Reason.BLOCKED
    assert plan.lines[0].current == 100


@pytest.mark.parametrize(
    ("base", "quote", "rate", "expected"), [("CAD", "USD", "1.25", 80), ("USD", "CAD", "0.8", 125)]
)
def test_s2_an_exchange_rate_is_multiplied_the_right_way(base: str, quote: str, rate: str, expected: int) -> None:
    """100,000 of base currency, half of it in a stock at 500 of the other currency."""
    portfolio = replace(a_portfolio({"MSFT": "0.5"}))
    target = replace(
        portfolio.targets[0], instrument=replace(portfolio.targets[0].instrument, currency=a_rate(quote, base).source)
    )
    account = an_account_spec(
        portfolio=replace(portfolio, targets=(target,)),
        base_currency=a_rate(quote, base).target,
        currency_funding=CurrencyFunding.BORROW,
        policy=CALM,
        limits=WIDE,
    )
    snapshot = a_snapshot(
        [],
        contracts=[a_contract("MSFT", currency=quote)],
        quotes=[a_quote("MSFT", 500, currency=quote, spread=0)],
        base_currency=base,
        rates={a_rate(quote, base).source: a_rate(quote, base, rate)},
    )

    assert orders(planned(account, snapshot)) == {"MSFT": Decimal(expected)}


def test_s3_leverage_of_1_4_can_be_built_from_cash() -> None:
    account = an_account({"MSFT": "0.5", "AAPL": "0.5"}, "1.4", limits=some_limits(max_order_notional=Decimal(10**6)))
    snapshot = a_snapshot(
        [],
        contracts=[a_contract("MSFT"), a_contract("AAPL")],
        quotes=[a_quote("MSFT", 400, spread=0), a_quote("AAPL", 100, spread=0)],
        values=account_values(
            initial_margin=money(0),
            maintenance_margin=money(0),
            available_funds=money(100_000),
            excess_liquidity=money(100_000),
            look_ahead_available_funds=money(100_000),
            look_ahead_excess_liquidity=money(100_000),
            gross_position_value=money(0),
        ),
    )

    plan = planned(account, snapshot)

    assert orders(plan) == {"MSFT": Decimal(175), "AAPL": Decimal(700)}
    assert plan.blocking_violations == ()


def test_s6_a_holding_that_no_manifest_names_is_reported_and_not_sold() -> None:
    plan = planned(an_account({"MSFT": "0.5"}), a_snapshot([a_position("IBKR", 100, 60)]))

    assert [(holding.symbol, holding.quantity) for holding in plan.undeclared] == [("IBKR", Decimal(100))]
    assert "IBKR" not in orders(plan)


def test_s7_our_own_working_order_is_not_ordered_again() -> None:
    working = a_working_order("MSFT", remaining=25, ref="folioctl:0123456789ab:001a:1")
    snapshot = a_snapshot([a_position("MSFT", 100, 400)], working_orders=(working,))

    plan = planned(an_account({"MSFT": "0.5"}), snapshot)

    assert orders(plan) == {}
    assert plan.lines[0].working == 25


def test_a_line_within_one_lot_of_its_exact_target_is_in_sync() -> None:
    snapshot = a_snapshot([a_position("MSFT", 124, 400)], quotes=[a_quote("MSFT", 400, spread=0)])

    line = planned(an_account({"MSFT": "0.5"}), snapshot).lines[0]

    assert (line.exact_target, line.action, line.reason) == (Decimal(125), Action.NO_OP, Reason.WITHIN_ONE_LOT)


def test_a_weight_of_zero_closes_a_single_share_too() -> None:
    snapshot = a_snapshot([a_position("MSFT", 1, 400)])

    line = planned(an_account({"MSFT": "0"}), snapshot).lines[0]

    assert (line.order, line.action, line.reason) == (Decimal(-1), Action.CLOSE, Reason.WEIGHT_ZERO)


def test_drift_below_the_minimum_notional_is_not_traded() -> None:
    account = an_account({"MSFT": "0.5"}, policy=a_policy(minimum_notional=Decimal(2_000)))
    snapshot = a_snapshot([a_position("MSFT", 121, 400)], quotes=[a_quote("MSFT", 400, spread=0)])

    assert planned(account, snapshot).lines[0].reason is Reason.BELOW_MINIMUM_NOTIONAL


def test_a_fraction_that_no_order_can_move_stays() -> None:
    snapshot = a_snapshot([a_position("MSFT", "10.5", 400)])

    line = planned(an_account({"MSFT": "0"}), snapshot).lines[0]

    assert line.order == -10
    assert "0.5" in line.notes[0]


def test_a_short_holding_is_covered_before_it_is_bought_beyond_zero() -> None:
    snapshot = a_snapshot([a_position("MSFT", -5, 400)], quotes=[a_quote("MSFT", 400, spread=0)])

    plan = planned(an_account({"MSFT": "0.5"}), snapshot)

    assert [(batch.reduces_risk, [order.quantity for order in batch.orders]) for batch in plan.batches] == [
        (True, [Decimal(5)]),
        (False, [Decimal(125)]),
    ]


def test_undeclared_holdings_that_leave_nothing_block_the_account_instead_of_closing_it() -> None:
    snapshot = a_snapshot([a_position("IBKR", 2_000, 60), a_position("MSFT", 10, 400)])

    plan = planned(an_account({"MSFT": "0.5"}), snapshot)

    assert plan.orders == ()
    assert "no manifest names" in plan.blocked[0]


def test_futures_and_lots_are_counted_by_multiplier_and_step() -> None:
    contract = a_contract("MSFT", lot_size=10, multiplier=Decimal(2))
    snapshot = a_snapshot([], contracts=[contract], quotes=[a_quote("MSFT", 100, spread=0)])

    line = planned(an_account({"MSFT": "0.5"}), snapshot).lines[0]

    assert (line.exact_target, line.order) == (Decimal(250), Decimal(250))
    assert line.notional == money(50_000)


def test_what_a_blocked_line_holds_too_much_is_taken_from_the_buys() -> None:
    account = an_account({"MSFT": "0.5", "AAPL": "0.5"})
    snapshot = a_snapshot(
        [a_position("AAPL", 800, 100)],
        contracts=[a_contract("MSFT"), a_contract("AAPL")],
        quotes=[a_quote("MSFT", 400, spread=0)],
    )
    unpriced = replace(snapshot, quotes={**snapshot.quotes, a_contract("AAPL").con_id: Unknown("no price")})

    plan = planned(account, unpriced)

    assert orders(plan) == {"MSFT": Decimal(50)}, "20,000 are left: AAPL holds 80,000 and cannot be sold"


def test_an_instrument_that_is_held_under_another_contract_is_not_bought_a_second_time() -> None:
    old = a_position("MSFT", 100, 400, con_id=ConId(1))

    plan = planned(an_account({"MSFT": "0.5"}), a_snapshot([old]))

    assert plan.orders == ()
    assert "held under contract 1" in str(plan.lines[0].blocked)


def test_an_order_splits_where_our_own_working_orders_will_have_brought_the_holding() -> None:
    """Five are short and five are being bought: what is ordered on top of that adds risk, all of it."""
    working = a_working_order("MSFT", remaining=5, ref="folioctl:0123456789ab:001r:1")
    snapshot = a_snapshot(
        [a_position("MSFT", -5, 400)], quotes=[a_quote("MSFT", 400, spread=0)], working_orders=(working,)
    )

    plan = planned(an_account({"MSFT": "0.5"}), snapshot)

    assert [(order.quantity, order.reduces_risk) for order in plan.orders] == [(Decimal(125), False)]
