"""An account in an emergency: when it is in one, what is reduced first, and what is never done."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import AccountValues, Quote, QuoteType, Side, WorkingOrder
from reconciler.domain.contract import TradingSession
from reconciler.domain.desired import UnmanagedPositions
from reconciler.domain.history import Applied
from reconciler.domain.ids import ConId, InstrumentName, PermId
from reconciler.domain.limits import EmergencyAction, Limit
from reconciler.domain.line import Line, LineKind, Reason
from reconciler.domain.money import Currency
from reconciler.domain.options import RunOptions
from reconciler.domain.plan import EmergencyPlan, Plan
from reconciler.domain.policy import Mode
from reconciler.domain.portfolio import Moved, Target
from reconciler.domain.unknown import Unknown
from reconciler.planning.emergency import adding_orders, emergency_of
from tests.builders import (
    NOW,
    a_contract,
    a_history,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_rebalancing,
    a_revision,
    a_snapshot,
    a_standing,
    a_target,
    a_working_order,
    account_values,
    an_account_spec,
    an_emergency,
    money,
    some_limits,
)
from tests.strategies import OURS, WIDE_LIMITS, World

ZERO = Decimal(0)
TIGHT, WIDE = "0.02", "2"
"""Spreads of what is cheap to sell at 100, and of what is dear."""
CLOSED = (TradingSession(NOW + timedelta(hours=3), NOW + timedelta(hours=9)),)
OPEN = (TradingSession(NOW - timedelta(hours=3), NOW + timedelta(hours=3)),)


def an_account(
    held: dict[str, int | str],
    *,
    excess: int = 60_000,
    targets: Sequence[Target] | None = None,
    spreads: dict[str, str] | None = None,
    quotes: Sequence[Quote] | None = None,
    orders: tuple[WorkingOrder, ...] = (),
    snapshot: dict[str, Any] | None = None,
    **account: Any,
) -> World:
    """100,000 of net liquidation at target leverage 1, an emergency from leverage 2 on; everything is priced at 100."""
    symbols = sorted({*held, *(str(each.instrument.symbol) for each in targets or ())})
    gross = sum((abs(Decimal(quantity)) * 100 for quantity in held.values()), ZERO)
    shown = a_snapshot(
        [a_position(each, quantity, 100) for each, quantity in held.items()],
        contracts=[a_contract(each) for each in symbols],
        quotes=quotes or [a_quote(each, 100, spread=(spreads or {}).get(each, TIGHT)) for each in symbols],
        values=account_values(
            excess_liquidity=money(excess),
            look_ahead_excess_liquidity=money(excess),
            gross_position_value=money(gross),
        ),
        working_orders=orders,
    )
    lines = [a_target(each, Decimal(1) / 4) for each in symbols] if targets is None else targets
    spec = an_account_spec(
        **{
            "portfolio": a_portfolio({}, targets=tuple(lines)),
            "limits": limits(),
            "policy": a_policy(minimum_notional=ZERO),
            **account,
        }
    )
    return World(spec, replace(shown, **(snapshot or {})))


def limits(**emergency: Any) -> Any:
    return replace(WIDE_LIMITS, emergency=an_emergency(**emergency))


def sold(plan: Plan) -> dict[str, Decimal]:
    return {str(line.instrument): -line.order for line in plan.lines if line.order}


def line_of(plan: Plan, symbol: str) -> Line:
    return next(line for line in plan.lines if line.instrument == symbol)


# ------------------------------------------------------------------------------------------------- when it is in one


def triggered(leverage: str | Unknown, excess: int | Unknown = 50_000, net: int = 100_000) -> EmergencyPlan | None:
    account = an_account_spec(limits=some_limits(emergency=an_emergency(cushion=Decimal("0.1"))))
    left = excess if isinstance(excess, Unknown) else money(excess)
    values: AccountValues = account_values(net)
    return emergency_of(account, a_standing(leverage, excess_liquidity=left), values)


@pytest.mark.parametrize(("leverage", "is_one"), [("1.9999", False), ("2", True), ("2.1", True)])
def test_it_is_one_at_the_emergencys_leverage(leverage: str, is_one: bool) -> None:
    found = triggered(leverage)

    assert (found is not None) is is_one
    assert found is None or found.reasons == (f"leverage is {Decimal(leverage):.2f}, emergencyLeverage is 2.00",)


@pytest.mark.parametrize(("excess", "is_one"), [(10_000, False), (9_999, True), (-1, True)])
def test_it_is_one_below_the_emergencys_cushion(excess: int, is_one: bool) -> None:
    found = triggered("1.2", excess)

    assert (found is not None) is is_one
    assert found is None or "the broker's cushion is" in found.reasons[0]


def test_both_reasons_are_told() -> None:
    found = triggered("2.5", 1_000)

    assert found is not None
    assert len(found.reasons) == 2


def test_an_account_that_is_worth_nothing_has_no_cushion() -> None:
    assert triggered("1.2", 50_000, net=-1) is not None


def test_what_is_not_known_is_no_emergency() -> None:
    unknown = Unknown("not read")

    assert triggered(unknown, unknown) is None
    assert emergency_of(an_account_spec(), a_standing("1.2"), unknown) is None


def test_an_account_that_cannot_be_read_is_blocked_and_in_no_emergency() -> None:
    made = an_account({"MSFT": 2_500}, snapshot={"working_orders": Unknown("its END never came")}).draft()

    assert (made.orders, made.cancellations, made.emergency) == ((), (), None)
    assert made.blocked


def test_an_account_whose_manifest_blocks_it_is_in_no_emergency_either() -> None:
    made = an_account(
        {"IBKR": 500, "MSFT": 2_500},
        targets=[a_target("MSFT", "0.5")],
        orders=(a_working_order("MSFT", Side.BUY, 10),),
        unmanaged_positions=UnmanagedPositions.BLOCK,
    ).draft()

    assert (made.orders, made.cancellations, made.emergency) == ((), (), None)


def test_the_plan_names_who_authorised_it_and_is_not_sized() -> None:
    plan = an_account({"MSFT": 2_500}, limits=limits(authorised_by="alice, 2026-01-15")).plan()

    assert plan.emergency is not None
    assert (plan.emergency.authorised_by, plan.sizing) == ("alice, 2026-01-15", None)


# ---------------------------------------------------------------------------------------------------------- deleverage


def test_leverage_is_brought_to_its_target() -> None:
    plan = an_account({"MSFT": 2_500}).plan()

    assert sold(plan) == {"MSFT": Decimal(1_500)}
    assert plan.after.leverage == Decimal(1)
    assert (line_of(plan, "MSFT").reason, plan.batches[0].reduces_risk) == (Reason.EMERGENCY, True)


def test_the_target_is_what_the_leverage_makes_of_net_liquidation_less_its_buffer() -> None:
    account = an_account({"MSFT": 2_500}, leverage=Decimal("1.2"), cash_buffer_fraction=Decimal("0.05"))

    assert an_account({"MSFT": 2_500}, leverage=Decimal("1.2")).plan().after.leverage == Decimal("1.2")
    assert account.plan().after.leverage == Decimal("1.14")


def test_a_cushion_that_is_too_thin_is_filled_up_by_the_margin_that_is_released() -> None:
    """6,000 are lacking, and a quarter of what is sold comes free; leverage is below its target."""
    plan = an_account({"MSFT": 900}, excess=4_000, limits=limits(cushion=Decimal("0.1"))).plan()

    assert sold(plan) == {"MSFT": Decimal(240)}


def test_of_exposure_and_margin_the_larger_need_counts() -> None:
    plan = an_account({"MSFT": 2_500}, excess=-30_000, limits=limits(cushion=Decimal("0.1"))).plan()

    assert sold(plan) == {"MSFT": Decimal(1_600)}


def test_parts_of_a_share_are_rounded_up_and_the_next_line_makes_up_for_nothing() -> None:
    """150,001 are too much: the lines at the same cost go by their names."""
    plan = an_account({"AAPL": 1_000, "GLD": 1_000, "MSFT": 500}, cash_buffer_amount=Decimal(1)).plan()

    assert sold(plan) == {"AAPL": Decimal(1_000), "GLD": Decimal(501)}


def test_what_costs_least_to_sell_goes_first() -> None:
    plan = an_account({"AAPL": 1_000, "MSFT": 1_500}, spreads={"AAPL": WIDE, "MSFT": TIGHT}).plan()

    assert sold(plan) == {"MSFT": Decimal(1_500)}


def test_what_releases_most_margin_goes_first_at_the_same_cost() -> None:
    lines = [a_target("AAPL", "0.3"), a_target("MSFT", "0.3", maintenance_margin=Decimal("0.5"))]
    plan = an_account({"AAPL": 1_500, "MSFT": 1_500}, targets=lines).plan()

    assert sold(plan) == {"MSFT": Decimal(1_500), "AAPL": Decimal(500)}


def test_margin_is_weighed_against_cost() -> None:
    """Twice the margin, a hundred times the spread."""
    lines = [a_target("AAPL", "0.3"), a_target("MSFT", "0.3", maintenance_margin=Decimal("0.5"))]
    plan = an_account({"AAPL": 1_500, "MSFT": 1_500}, targets=lines, spreads={"MSFT": WIDE}).plan()

    assert sold(plan) == {"AAPL": Decimal(1_500), "MSFT": Decimal(500)}


def test_what_nobody_bids_for_goes_last() -> None:
    unquoted = a_quote("AAPL", 100, bid=None, ask=None)
    plan = an_account({"AAPL": 1_500, "MSFT": 1_500}, quotes=[unquoted, a_quote("MSFT", 100, spread="8")]).plan()

    assert sold(plan) == {"MSFT": Decimal(1_500), "AAPL": Decimal(500)}


def test_a_short_holding_is_bought_back() -> None:
    lines = [a_target("AAPL", "-0.5"), a_target("MSFT", "0.5")]
    portfolio = a_portfolio({}, targets=tuple(lines), long_only=False)
    plan = an_account({"AAPL": -1_000, "MSFT": 1_500}, targets=lines, portfolio=portfolio).plan()

    assert sold(plan) == {"AAPL": Decimal(-1_000), "MSFT": Decimal(500)}
    assert all(order.reduces_risk for order in plan.orders)


def test_a_holding_that_no_manifest_names_counts_and_is_not_sold() -> None:
    plan = an_account({"IBKR": 1_000, "MSFT": 1_500}, targets=[a_target("MSFT", "0.5")]).plan()

    assert sold(plan) == {"MSFT": Decimal(1_500)}


def test_a_line_without_a_price_is_not_sold_and_others_are() -> None:
    account = an_account({"AAPL": 1_000, "MSFT": 1_500})
    positions = [a_position("AAPL", 1_000, None), a_position("MSFT", 1_500, 100)]
    quotes = {**account.snapshot.quotes, a_contract("AAPL").con_id: Unknown("no price")}
    plan = replace(account, snapshot=replace(account.snapshot, positions=tuple(positions), quotes=quotes)).plan()

    assert sold(plan) == {"MSFT": Decimal(1_500)}
    assert line_of(plan, "AAPL").reason is Reason.BLOCKED


def test_nothing_is_converted() -> None:
    cash = {Currency("USD"): money(-150_000), Currency("CAD"): money(5_000, "CAD")}
    plan = an_account({"MSFT": 2_500}, snapshot={"cash": cash}).plan()

    assert {line.kind for line in plan.lines} == {LineKind.TARGET}


def test_what_works_for_us_already_counts_as_sold_and_is_not_sold_a_second_time() -> None:
    """1,500 are to go, and 1,000 of them are being sold."""
    ours = a_working_order("MSFT", Side.SELL, 1_000, ref=OURS)

    plan = an_account({"MSFT": 2_500}, orders=(ours,)).plan()

    assert sold(plan) == {"MSFT": Decimal(500)}


def test_what_is_as_good_as_cash_is_not_sold_for_leverage_that_it_is_no_part_of() -> None:
    """The bills cost least to sell, and leverage is the same without them."""
    lines = [a_target("MSFT", "0.5"), a_target("SGOV", "0.5", counts_toward_leverage=False)]
    plan = an_account({"MSFT": 2_500, "SGOV": 1_000}, targets=lines, spreads={"MSFT": WIDE}).plan()

    assert plan.after.leverage == Decimal(1)
    assert sold(plan) == {"MSFT": Decimal(1_500)}


def test_an_account_that_is_worth_exactly_nothing_is_planned() -> None:
    values = account_values(0, excess_liquidity=money(-100), gross_position_value=money(250_000))

    assert sold(an_account({"MSFT": 2_500}, snapshot={"values": values}).plan()) == {"MSFT": Decimal(2_500)}


# ----------------------------------------------------------------------------------------------------- flatten, alert


def test_flatten_sells_every_declared_holding_and_nothing_else() -> None:
    account = an_account(
        {"AAPL": 1_000, "IBKR": 500, "MSFT": 1_500},
        targets=[a_target("AAPL", "0.5"), a_target("MSFT", "0.5")],
        limits=limits(action=EmergencyAction.FLATTEN),
    )

    assert sold(account.plan()) == {"AAPL": Decimal(1_000), "MSFT": Decimal(1_500)}


def test_an_alert_trades_and_cancels_nothing_and_holds_the_plan_up() -> None:
    buying = a_working_order("MSFT", Side.BUY, 10)
    plan = an_account({"MSFT": 2_500}, orders=(buying,), limits=limits(action=EmergencyAction.ALERT)).plan()

    assert (plan.orders, plan.cancellations, plan.is_blocked) == ((), (), True)
    assert plan.emergency is not None
    assert plan.emergency.reasons


# ------------------------------------------------------------------------------------------------- what goes first


def test_orders_that_add_exposure_are_cancelled_first_whoever_sent_them() -> None:
    orders = (
        a_working_order("MSFT", Side.BUY, 10, perm_id=PermId(1)),
        a_working_order("MSFT", Side.BUY, 10, ref=OURS, perm_id=PermId(2)),
        a_working_order("MSFT", Side.SELL, 10, perm_id=PermId(3)),
        a_working_order("GLD", Side.BUY, 1, perm_id=PermId(4)),
        a_working_order("GLD", Side.SELL, 1, perm_id=PermId(5)),
    )

    plan = an_account({"MSFT": 2_500}, orders=orders).plan()

    assert {each.perm_id for each in plan.cancellations} == {1, 2, 4, 5}


@pytest.mark.parametrize(
    ("held", "side", "remaining", "adds"),
    [
        (-10, Side.BUY, 10, False),
        (-10, Side.BUY, 20, False),
        (-10, Side.BUY, 21, True),
        (-10, Side.SELL, 1, True),
        (10, Side.SELL, 21, True),
    ],
)
def test_an_order_adds_where_it_ends_further_from_zero(held: int, side: Side, remaining: int, adds: bool) -> None:
    snapshot = a_snapshot([a_position("MSFT", held)], working_orders=(a_working_order("MSFT", side, remaining),))

    assert bool(adding_orders(snapshot)) is adds


def test_what_is_cancelled_first_counts_no_more() -> None:
    buying = a_working_order("MSFT", Side.BUY, 100, ref=OURS)
    line = line_of(an_account({"MSFT": 2_500}, orders=(buying,)).plan(), "MSFT")

    assert (line.working, line.order) == (ZERO, Decimal(-1_500))


# -------------------------------------------------------------------------------------- what it is exempt from, or not

TRIPPING = replace(
    WIDE_LIMITS,
    max_turnover=ZERO,
    max_daily_turnover=ZERO,
    max_orders=0,
    max_order_notional=Decimal(1),
    max_volume_share=Decimal("0.000001"),
    max_net_liquidation_jump=Decimal("0.001"),
    max_leverage_step=Decimal("0.01"),
)
"""The limits that trip in a crash, so that anything crosses them."""


def crashed(**emergency: Any) -> World:
    account = an_account({"MSFT": 2_500}, limits=replace(TRIPPING, emergency=an_emergency(**emergency)))
    before = Applied(NOW - timedelta(days=1), a_revision(), Decimal(1), money(200_000), {})
    return replace(account, history=a_history(applied=before))


def test_the_limits_that_trip_in_a_crash_do_not_hold_it_up() -> None:
    plan = crashed().plan()

    assert sold(plan) == {"MSFT": Decimal(1_500)}
    assert plan.blocking_violations == ()


def test_without_an_emergency_each_of_them_is_told() -> None:
    plan = crashed(leverage=Decimal(100), cushion=Decimal(-1)).plan()

    told = {each.limit for each in plan.violations}
    assert told >= {
        Limit.MAX_TURNOVER,
        Limit.MAX_DAILY_TURNOVER,
        Limit.MAX_ORDERS,
        Limit.MAX_ORDER_NOTIONAL,
        Limit.MAX_VOLUME_SHARE,
        Limit.MAX_NET_LIQUIDATION_JUMP,
    }


@pytest.mark.parametrize(
    "rebalancing",
    [
        a_rebalancing(absolute_band=Decimal(9), hard_band=Decimal(99), total_band=Decimal(99)),
        a_rebalancing(cool_down=timedelta(days=365)),
        a_rebalancing(mode=Mode.BUY_ONLY),
        a_rebalancing(mode=Mode.CASH_FLOW),
    ],
    ids=["bands", "cool-down", "buy-only", "cash-flow"],
)
def test_no_rule_of_rebalancing_holds_it_up(rebalancing: Any) -> None:
    policy = a_policy(minimum_notional=Decimal(10**9), rebalancing=rebalancing)

    assert sold(an_account({"MSFT": 2_500}, policy=policy).plan()) == {"MSFT": Decimal(1_500)}


def test_a_quote_that_is_far_from_the_brokers_own_mark_holds_it_up() -> None:
    """At a wrong price too many are sold."""
    account = an_account(
        {"MSFT": 2_500}, quotes=[a_quote("MSFT", 150)], limits=replace(limits(), max_price_deviation=Decimal("0.1"))
    )
    plan = account.plan()

    assert Limit.MAX_PRICE_DEVIATION in {each.limit for each in plan.blocking_violations}


def test_what_may_not_be_traded_is_not_sold_in_an_emergency_either() -> None:
    plan = an_account({"MSFT": 2_500}, limits=replace(limits(), deny=frozenset({"MSFT"}))).plan()

    assert Limit.DENY in {each.limit for each in plan.blocking_violations}


def test_what_a_run_leaves_out_stays_in_an_emergency_too() -> None:
    options = RunOptions(excluded=(InstrumentName("MSFT"),))
    plan = replace(an_account({"AAPL": 1_000, "MSFT": 1_500}), options=options).plan()

    assert sold(plan) == {"AAPL": Decimal(1_000)}
    assert line_of(plan, "MSFT").reason is Reason.NOT_SELECTED


# ----------------------------------------------------------------------------------------------- never sells too much

FLATTENED = limits(action=EmergencyAction.FLATTEN)


@pytest.mark.parametrize("ref", [None, OURS], ids=["of others", "ours"])
def test_what_works_already_reserves_its_shares(ref: str | None) -> None:
    selling = a_working_order("MSFT", Side.SELL, 400, ref=ref)

    assert sold(an_account({"MSFT": 2_500}, orders=(selling,), limits=FLATTENED).plan()) == {"MSFT": Decimal(2_100)}


def test_where_all_of_it_is_being_sold_nothing_more_is() -> None:
    selling = a_working_order("MSFT", Side.SELL, 2_500, order_type="STP")
    plan = an_account({"MSFT": 2_500}, orders=(selling,), limits=FLATTENED).plan()

    assert plan.orders == ()
    assert line_of(plan, "MSFT").reason is Reason.NOT_NEEDED


def test_a_fraction_that_no_order_can_move_stays() -> None:
    assert sold(an_account({"MSFT": "2500.5"}, limits=FLATTENED).plan()) == {"MSFT": Decimal(2_500)}


@pytest.mark.parametrize(("working", "expected"), [(0, 1_500), (400, 1_100)])
def test_what_is_still_held_under_a_replaced_contract_is_not_sold_under_its_successor(
    working: int, expected: int
) -> None:
    ours = (a_working_order("MSFT", Side.SELL, working, ref=OURS),) if working else ()
    account = an_account({"MSFT": 1_500}, orders=ours, limits=FLATTENED)
    old = replace(a_position("MSFT", 1_000, 100), con_id=ConId(77), symbol="OLD")
    assert isinstance(account.snapshot.positions, tuple)
    moved = (Moved(ConId(77), InstrumentName("MSFT"), Decimal(1)),)
    world = replace(
        account,
        account=replace(account.account, portfolio=replace(account.account.portfolio, moved=moved)),
        snapshot=replace(account.snapshot, positions=(*account.snapshot.positions, old)),
    )

    assert sold(world.plan()) == {"MSFT": Decimal(expected)}


# ----------------------------------------------------------------------------------------------------------- off hours


def at_hours(hours: tuple[TradingSession, ...], quote: Quote) -> Plan:
    account = an_account({"MSFT": 2_500}, quotes=[quote], limits=limits(limit_offset=Decimal("0.03")))
    contract = a_contract("MSFT", liquid_hours=hours)
    return replace(account, snapshot=replace(account.snapshot, contracts={InstrumentName("MSFT"): contract})).plan()


FROZEN = a_quote("MSFT", 100, type=QuoteType.FROZEN)


def test_while_the_market_is_closed_the_last_price_will_do_and_the_line_states_the_rule() -> None:
    line = line_of(at_hours(CLOSED, FROZEN), "MSFT")

    assert (line.order, line.blocked) == (Decimal(-1_500), None)
    assert line.notes == ("the market is closed: a limit 3.0% beyond the last price, good outside trading hours",)


@pytest.mark.parametrize("hours", [OPEN, ()], ids=["open", "nobody knows"])
def test_while_it_is_open_no_order_is_priced_by_a_frozen_quote(hours: tuple[TradingSession, ...]) -> None:
    line = line_of(at_hours(hours, FROZEN), "MSFT")

    assert line.order == ZERO
    assert "acceptDelayedQuotes" in str(line.blocked)


def test_while_it_is_open_the_rule_of_closed_markets_is_not_told() -> None:
    assert line_of(at_hours(OPEN, a_quote("MSFT", 100)), "MSFT").notes == ()
