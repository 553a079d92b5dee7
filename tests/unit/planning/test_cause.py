"""Where a drift came from: one case for each cause, and what tells two of them apart."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import Side
from reconciler.domain.history import Applied, History, Placed, Trade
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.line import Cause, Line, LineKind, Reason
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown
from reconciler.planning.cause import formerly, with_causes
from tests.builders import NOW, a_holding, a_line, a_revision, a_trade, con_id_of, money

YESTERDAY = NOW - timedelta(days=1)
MSFT = InstrumentName("MSFT")
ONE = Decimal(1)


def placed(symbol: str = "MSFT", held: int = 100, price: int = 400, **changes: Any) -> Placed:
    """The last run brought the line to `held`, which was its target, at this price."""
    line = Placed(con_id_of(symbol), Decimal("0.5"), Decimal(held), Decimal(held), Decimal(price))
    return replace(line, **changes)


def left(*, net_liquidation: Money | Unknown | None = None, **lines: Placed) -> Applied:
    """The last run, of yesterday, at leverage 1 and a net liquidation of 100,000 unless another one is given."""
    found = {InstrumentName(name): each for name, each in (lines or {"MSFT": placed()}).items()}
    return Applied(YESTERDAY, a_revision(), ONE, money(100_000) if net_liquidation is None else net_liquidation, found)


def a_history(*trades: Trade, applied: Applied | None = None) -> History:
    return History(trades, NOW - timedelta(hours=15), applied or left())


def drifted(symbol: str = "MSFT", current: int = 100, target: int = 120, **changes: Any) -> Line:
    return a_line(symbol, current, target, **{"weight": Decimal("0.5"), **changes})


def cause_of(
    line: Line, history: History, *others: Line, leverage: Decimal = ONE, net_liquidation: int | Unknown = 100_000
) -> Cause | None:
    net = net_liquidation if isinstance(net_liquidation, Unknown) else money(net_liquidation)
    return with_causes([line, *others], history, leverage=leverage, net_liquidation=net)[0].cause


# ------------------------------------------------------------------------------------------------ market and cash flow


def test_a_price_that_moved_is_the_market() -> None:
    """It gained 10,000, and so did net liquidation."""
    line = drifted(price=500, net_liquidation=110_000)

    assert cause_of(line, a_history(), net_liquidation=110_000) is Cause.MARKET


def test_a_deposit_at_unchanged_prices_is_a_cash_flow() -> None:
    assert cause_of(drifted(net_liquidation=150_000), a_history(), net_liquidation=150_000) is Cause.CASH_FLOW


def test_a_withdrawal_at_unchanged_prices_is_a_cash_flow() -> None:
    assert cause_of(drifted(target=80, net_liquidation=60_000), a_history(), net_liquidation=60_000) is Cause.CASH_FLOW


@pytest.mark.parametrize(("deposit", "expected"), [(13_000, Cause.MARKET), (17_000, Cause.CASH_FLOW)])
def test_of_a_move_and_a_deposit_the_larger_one_is_the_cause(deposit: int, expected: Cause) -> None:
    """Up by 25 % where all together are up by 10 %: 15 % of its own."""
    net = 110_000 + deposit
    line = drifted(price=500, net_liquidation=net)

    assert cause_of(line, a_history(), net_liquidation=net) is expected


def test_a_line_that_rose_with_all_others_is_not_moved_by_a_deposit_less_than_by_them() -> None:
    """Everything doubled: no line moved against the others, and what came besides moved all of them."""
    history = a_history(applied=left(MSFT=placed(held=100, price=400), AAPL=placed("AAPL", 300, 200)))
    apple = drifted("AAPL", 300, 320, price=400, net_liquidation=202_000)

    found = cause_of(drifted(price=800, net_liquidation=202_000), history, apple, net_liquidation=202_000)

    assert found is Cause.CASH_FLOW


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (money(100_000), Unknown("not read")),
        (Unknown("not read"), 100_000),
        (money(0), 100_000),
        (money(100_000, "CAD"), 100_000),
    ],
)
def test_without_both_net_liquidations_neither_of_them_is_told(then: Money | Unknown, now: int | Unknown) -> None:
    history = a_history(applied=left(net_liquidation=then, MSFT=placed()))

    assert cause_of(drifted(price=500), history, net_liquidation=now) is None


def test_without_a_price_of_then_neither_of_them_is_told() -> None:
    history = a_history(applied=left(MSFT=placed(price=0)))

    assert cause_of(drifted(), history) is None


# ------------------------------------------------------------------------------------------------------------- by hand


def test_a_trade_that_was_none_of_ours_is_a_manual_trade() -> None:
    assert cause_of(drifted(current=90), a_history(a_trade())) is Cause.MANUAL_TRADE


def test_two_trades_by_hand_that_undo_each_other_are_manual_trades_too() -> None:
    history = a_history(a_trade(), a_trade(side=Side.BUY))

    assert cause_of(drifted(), history) is Cause.MANUAL_TRADE


def test_another_holding_than_the_last_run_left_is_a_manual_trade_though_no_trade_is_on_record() -> None:
    """The broker's own list reaches back to midnight only."""
    assert cause_of(drifted(current=90), a_history()) is Cause.MANUAL_TRADE


def test_what_was_traded_by_hand_before_the_last_run_is_none() -> None:
    history = a_history(a_trade(at=YESTERDAY - timedelta(minutes=1)))

    assert cause_of(drifted(price=500, net_liquidation=110_000), history, net_liquidation=110_000) is Cause.MARKET


@pytest.mark.parametrize("trade", [a_trade(is_ours=True), a_trade("AAPL")], ids=["ours", "another contract"])
def test_neither_our_own_trades_nor_those_in_other_contracts_are_manual_ones(trade: Trade) -> None:
    found = cause_of(drifted(price=500, net_liquidation=110_000), a_history(trade), net_liquidation=110_000)

    assert found is Cause.MARKET


def test_trades_that_were_not_read_leave_the_holding_to_tell() -> None:
    history = replace(a_history(), trades=Unknown("the list never came"))

    assert cause_of(drifted(current=90), history) is Cause.MANUAL_TRADE


# -------------------------------------------------------------------------------------------------------------- policy


def test_another_weight_is_a_policy_change() -> None:
    assert cause_of(drifted(weight=Decimal("0.6")), a_history()) is Cause.POLICY_CHANGE


def test_another_leverage_is_a_policy_change() -> None:
    assert cause_of(drifted(), a_history(), leverage=Decimal("1.2")) is Cause.POLICY_CHANGE


def test_a_line_that_the_last_run_did_not_know_is_a_policy_change() -> None:
    assert cause_of(drifted("AAPL", 0, 50), a_history()) is Cause.POLICY_CHANGE


def test_a_trade_by_hand_is_surer_than_a_policy_change() -> None:
    assert cause_of(drifted(weight=Decimal("0.6")), a_history(a_trade())) is Cause.MANUAL_TRADE


# ------------------------------------------------------------------------------------------------------------ rounding


def test_a_line_within_one_lot_of_its_target_is_off_by_rounding() -> None:
    line = drifted(target=101, reason=Reason.WITHIN_ONE_LOT, price=500)

    assert cause_of(line, a_history()) is Cause.ROUNDING


def test_another_weight_is_told_before_rounding() -> None:
    line = drifted(target=101, reason=Reason.WITHIN_ONE_LOT, weight=Decimal("0.505"))

    assert cause_of(line, a_history()) is Cause.POLICY_CHANGE


# --------------------------------------------------------------------------------------------------- corporate actions


def test_another_contract_id_is_a_corporate_action() -> None:
    history = a_history(applied=left(MSFT=placed(con_id=ConId(77))))

    assert cause_of(drifted(), history) is Cause.CORPORATE_ACTION


def test_a_contract_id_that_nobody_knew_is_no_other_one() -> None:
    history = a_history(applied=left(MSFT=placed(con_id=None)))

    assert cause_of(drifted(weight=Decimal("0.6")), history) is Cause.POLICY_CHANGE


@pytest.mark.parametrize(("held", "price"), [(200, 200), (300, 133), (150, 267), (10, 4_000), (100_000, "0.4")])
def test_a_quantity_that_jumped_while_its_worth_stayed_is_a_corporate_action(held: int, price: int | str) -> None:
    """Two for one, three for one, three for two, one for ten, a thousand for one."""
    assert cause_of(drifted(current=held, target=1, price=price), a_history()) is Cause.CORPORATE_ACTION


@pytest.mark.parametrize(
    ("held", "price"),
    [(200, 400), (107, 374), (140, 286), (200, 230), (0, 400)],
    ids=["bought", "no ratio of a split", "1.4 for one", "worth 15 % more", "sold"],
)
def test_a_quantity_that_moved_otherwise_is_a_manual_trade(held: int, price: int) -> None:
    assert cause_of(drifted(current=held, target=1, price=price), a_history()) is Cause.MANUAL_TRADE


# --------------------------------------------------------------------------------------------------------- liquidation


def test_what_the_broker_liquidated_is_told_before_anything_else() -> None:
    history = a_history(a_trade(), a_trade(is_liquidation=True), applied=left(MSFT=placed(con_id=ConId(77))))

    assert cause_of(drifted(current=80, weight=Decimal("0.6")), history) is Cause.BROKER_LIQUIDATION


def test_a_liquidation_before_the_last_run_is_over() -> None:
    history = a_history(a_trade(is_liquidation=True, at=YESTERDAY))

    assert cause_of(drifted(weight=Decimal("0.6")), history) is Cause.POLICY_CHANGE


# -------------------------------------------------------------------------------------------------------- nobody knows


def test_where_the_last_run_did_not_get_to_the_target_nothing_happened_since() -> None:
    history = a_history(applied=left(MSFT=placed(held=100, target=Decimal(120))))

    assert cause_of(drifted(), history) is None


def test_without_a_last_run_only_trades_tell() -> None:
    never = History((), NOW - timedelta(hours=15), None)

    assert cause_of(drifted(), never) is None
    assert cause_of(drifted(), replace(never, trades=(a_trade(is_ours=True),))) is None
    assert cause_of(drifted(), replace(never, trades=(a_trade(),))) is Cause.MANUAL_TRADE


@pytest.mark.parametrize(
    "line",
    [
        drifted(target=100),
        drifted(target=120, working=20),
        drifted(kind=LineKind.CLOSING),
        drifted(kind=LineKind.CURRENCY),
        drifted(exact_target=Unknown("no price")),
        a_line("MSFT", Unknown("not read"), 120),
    ],
    ids=["at its target", "ordered already", "closing", "currency", "no target", "no holding"],
)
def test_what_is_not_off_its_target_has_no_cause(line: Line) -> None:
    assert cause_of(line, a_history(a_trade(is_liquidation=True))) is None


# ------------------------------------------------------------------------------------------------ formerly declared


def test_a_holding_is_named_as_the_line_that_declared_it_and_is_gone() -> None:
    history = a_history(applied=left(MSFT=placed(), IBKR=placed("IBKR")))

    assert formerly(a_holding("IBKR"), history, frozenset({MSFT})).formerly == "IBKR"


def test_a_holding_whose_line_is_still_declared_or_never_was_is_none_of_that() -> None:
    history = a_history(applied=left(IBKR=placed("IBKR")))

    assert formerly(a_holding("IBKR"), history, frozenset({InstrumentName("IBKR")})).formerly is None
    assert formerly(a_holding("GLD"), history, frozenset()).formerly is None
    assert formerly(a_holding("IBKR"), replace(history, applied=None), frozenset()).formerly is None
