"""What each line should be brought to, by the rules of rebalancing alone, and the reason that a person reads."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import Side
from reconciler.domain.desired import UnmanagedPositions
from reconciler.domain.history import History
from reconciler.domain.ids import InstrumentName
from reconciler.domain.line import Reason
from reconciler.domain.options import RunOptions
from reconciler.domain.policy import Mode, TradeTo
from reconciler.domain.unknown import Unknown
from reconciler.planning.resolve import resolve
from reconciler.planning.size import size
from reconciler.planning.wish import Wish, wishes
from tests.builders import (
    NOW,
    a_contract,
    a_history,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_rebalancing,
    a_snapshot,
    a_trade,
    a_working_order,
    an_account_spec,
)
from tests.strategies import WIDE_LIMITS, World

ZERO = Decimal(0)
DAY = timedelta(days=1)


def a_world(
    held: dict[str, int],
    weights: dict[str, str],
    *,
    minimum: int = 0,
    options: RunOptions | None = None,
    history: History | None = None,
    account: dict[str, Any] | None = None,
    **rebalancing: Any,
) -> World:
    """100,000 of net liquidation at leverage 1; everything is priced at 100, so that 10 shares are 1 % of it."""
    symbols = sorted({*held, *weights})
    snapshot = a_snapshot(
        [a_position(each, quantity, 100) for each, quantity in held.items() if quantity],
        contracts=[a_contract(each) for each in symbols],
        quotes=[a_quote(each, 100, spread=0) for each in symbols],
    )
    policy = a_policy(minimum_notional=Decimal(minimum), rebalancing=a_rebalancing(**rebalancing))
    spec = an_account_spec(portfolio=a_portfolio(weights), limits=WIDE_LIMITS, policy=policy, **(account or {}))
    return World(spec, snapshot, history, options or RunOptions())


def wished(world: World) -> dict[str, Wish]:
    account, snapshot = world.account, world.snapshot
    sized = size(account, snapshot, resolve(account, snapshot, now=NOW))
    assert not isinstance(sized, Unknown)
    history = world.history or a_history()
    return {str(each.line.name): each for each in wishes(sized, account, history, world.options, now=NOW)}


def of(held: int, weight: str = "0.5", **changes: Any) -> tuple[Reason, Decimal | None]:
    """Why a line of which so much is held trades or not, and to what; 500 is its target unless a weight is given."""
    wish = wished(a_world({"MSFT": held}, {"MSFT": weight}, **changes))["MSFT"]
    return wish.reason, wish.goal


def to(goal: int) -> Decimal:
    return Decimal(goal)


# ------------------------------------------------------------------------------------------------------ without a band


def test_without_a_band_every_drift_trades_to_the_target() -> None:
    assert of(490) == (Reason.ABOVE_BAND, to(500))


def test_a_line_that_is_not_held_is_opened() -> None:
    assert of(0) == (Reason.NOT_HELD, to(500))


def test_a_line_at_its_target_and_one_within_a_lot_of_it_rest() -> None:
    assert of(500) == (Reason.AT_TARGET, None)
    assert of(499) == (Reason.WITHIN_ONE_LOT, None)
    assert of(501) == (Reason.WITHIN_ONE_LOT, None)


@pytest.mark.parametrize(
    ("minimum", "expected"), [(1_000, (Reason.ABOVE_BAND, to(500))), (1_001, (Reason.BELOW_MINIMUM_NOTIONAL, None))]
)
def test_a_drift_below_the_minimum_notional_rests(minimum: int, expected: tuple[Reason, Decimal | None]) -> None:
    assert of(490, minimum=minimum) == expected


def test_an_opening_below_the_minimum_notional_rests_too() -> None:
    assert of(0, "0.005", minimum=1_000) == (Reason.BELOW_MINIMUM_NOTIONAL, None)


def test_closing_asks_no_minimum_and_no_band() -> None:
    held = of(3, "0", minimum=10_000, absolute_band=Decimal(1), cool_down=DAY, history=traded(hours=1))

    assert held == (Reason.WEIGHT_ZERO, ZERO)
    assert of(0, "0") == (Reason.AT_TARGET, None)


def test_a_holding_that_no_manifest_names_is_closed_as_such_where_the_account_says_so() -> None:
    world = a_world({"IBKR": 5}, {"MSFT": "0.5"}, account={"unmanaged_positions": UnmanagedPositions.CLOSE})

    assert (wished(world)["IBKR"].reason, wished(world)["IBKR"].goal) == (Reason.UNDECLARED, ZERO)


def test_what_works_for_us_counts_as_held() -> None:
    world = a_world({"MSFT": 450}, {"MSFT": "0.5"})
    ours = a_working_order("MSFT", Side.BUY, 50, ref="folioctl:0123456789ab:001a:1")
    wish = wished(replace(world, snapshot=replace(world.snapshot, working_orders=(ours,))))["MSFT"]

    assert (wish.reason, wish.goal) == (Reason.AT_TARGET, None)


# --------------------------------------------------------------------------------------------------------------- bands


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (470, (Reason.WITHIN_BAND, None)),
        (469, (Reason.ABOVE_BAND, to(500))),
        (530, (Reason.WITHIN_BAND, None)),
        (531, (Reason.ABOVE_BAND, to(500))),
    ],
)
def test_an_absolute_band_is_a_fraction_of_net_liquidation(held: int, expected: object) -> None:
    assert of(held, absolute_band=Decimal("0.03")) == expected


@pytest.mark.parametrize(("held", "expected"), [(450, (Reason.WITHIN_BAND, None)), (449, (Reason.ABOVE_BAND, to(500)))])
def test_a_relative_band_is_a_fraction_of_the_lines_own_target(held: int, expected: object) -> None:
    assert of(held, relative_band=Decimal("0.1")) == expected


@pytest.mark.parametrize(("absolute", "relative"), [("0.02", "0.5"), ("0.5", "0.04")])
def test_of_two_bands_the_narrower_one_counts(absolute: str, relative: str) -> None:
    bands: dict[str, Any] = {"absolute_band": Decimal(absolute), "relative_band": Decimal(relative)}

    assert of(481, **bands) == (Reason.WITHIN_BAND, None)
    assert of(479, **bands) == (Reason.ABOVE_BAND, to(500))


def test_the_band_that_it_has_to_cross_is_told() -> None:
    world = a_world({"MSFT": 400}, {"MSFT": "0.5"}, absolute_band=Decimal("0.3"), relative_band=Decimal("0.1"))

    assert wished(world)["MSFT"].band == Decimal("0.05")


def test_a_line_on_the_wrong_side_of_zero_asks_no_band() -> None:
    assert of(-10, "0.01", absolute_band=Decimal("0.5")) == (Reason.ABOVE_BAND, to(10))


def test_a_line_that_is_not_held_asks_no_band() -> None:
    assert of(0, "0.01", absolute_band=Decimal("0.5")) == (Reason.NOT_HELD, to(10))


@pytest.mark.parametrize(
    ("total", "expected"), [("0.05", (Reason.WITHIN_BAND, None)), ("0.0499", (Reason.ABOVE_TOTAL_BAND, to(500)))]
)
def test_all_drifts_together_may_be_too_much(total: str, expected: object) -> None:
    """2 % and 3 %, each within its own band."""
    bands: dict[str, Any] = {"absolute_band": Decimal("0.1"), "total_band": Decimal(total)}
    found = wished(a_world({"MSFT": 480, "AAPL": 330}, {"MSFT": "0.5", "AAPL": "0.3"}, **bands))

    assert (found["MSFT"].reason, found["MSFT"].goal) == expected
    assert found["AAPL"].trades is found["MSFT"].trades


def test_a_total_band_alone_lets_every_line_rest_until_it_is_crossed() -> None:
    assert of(480, total_band=Decimal("0.02")) == (Reason.WITHIN_BAND, None)
    assert of(479, total_band=Decimal("0.02")) == (Reason.ABOVE_TOTAL_BAND, to(500))


# ------------------------------------------------------------------------------------------------ to target or to edge


@pytest.mark.parametrize(("held", "goal"), [(400, 470), (600, 530)])
def test_to_the_edge_is_the_nearest_quantity_within_the_band(held: int, goal: int) -> None:
    assert of(held, absolute_band=Decimal("0.03"), trade_to=TradeTo.EDGE) == (Reason.ABOVE_BAND, to(goal))


def test_without_a_band_the_edge_is_the_target() -> None:
    assert of(400, trade_to=TradeTo.EDGE) == (Reason.ABOVE_BAND, to(500))


def test_once_all_drifts_together_are_too_much_each_line_goes_to_its_target() -> None:
    bands: dict[str, Any] = {"absolute_band": Decimal("0.03"), "total_band": Decimal("0.05")}

    assert of(400, trade_to=TradeTo.EDGE, **bands) == (Reason.ABOVE_BAND, to(500))


def test_an_opening_goes_to_its_target() -> None:
    assert of(0, absolute_band=Decimal("0.03"), trade_to=TradeTo.EDGE) == (Reason.NOT_HELD, to(500))


# ----------------------------------------------------------------------------------------------------------- cool-down


def traded(*, hours: int, symbol: str = "MSFT", is_ours: bool = True) -> History:
    trade = a_trade(symbol, Side.BUY, price=100, at=NOW - timedelta(hours=hours), is_ours=is_ours)
    return a_history(trade, replace(trade, time=NOW - 30 * DAY))


@pytest.mark.parametrize(("hours", "expected"), [(23, (Reason.COOLING_DOWN, None)), (24, (Reason.ABOVE_BAND, to(500)))])
def test_a_line_rests_after_our_last_trade_in_it(hours: int, expected: object) -> None:
    assert of(400, cool_down=DAY, history=traded(hours=hours)) == expected


def test_neither_a_trade_of_others_nor_one_in_another_line_lets_it_rest() -> None:
    assert of(400, cool_down=DAY, history=traded(hours=1, is_ours=False))[0] is Reason.ABOVE_BAND
    assert of(400, cool_down=DAY, history=traded(hours=1, symbol="AAPL"))[0] is Reason.ABOVE_BAND


@pytest.mark.parametrize(
    ("held", "expected"), [(400, (Reason.COOLING_DOWN, None)), (399, (Reason.ABOVE_HARD_BAND, to(500)))]
)
def test_beyond_the_hard_band_the_cool_down_does_not_count(held: int, expected: object) -> None:
    assert of(held, cool_down=DAY, hard_band=Decimal("0.1"), history=traded(hours=1)) == expected


def test_where_our_trades_are_not_known_a_cool_down_cannot_be_judged() -> None:
    history = replace(traded(hours=1), trades=Unknown("the list never came"))

    wish = wished(a_world({"MSFT": 400}, {"MSFT": "0.5"}, cool_down=DAY, history=history))["MSFT"]

    assert (wish.reason, wish.trades) == (Reason.BLOCKED, False)
    assert "the list never came" in str(wish.blocked)
    assert of(399, cool_down=DAY, hard_band=Decimal("0.1"), history=history) == (Reason.ABOVE_HARD_BAND, to(500))
    assert of(400, history=history) == (Reason.ABOVE_BAND, to(500))


# --------------------------------------------------------------------------------------------------------------- force


def test_forced_it_goes_to_its_target_whatever_band_minimum_or_cool_down_say() -> None:
    found = of(
        495,
        minimum=10_000,
        absolute_band=Decimal("0.5"),
        total_band=Decimal("0.9"),
        trade_to=TradeTo.EDGE,
        cool_down=DAY,
        history=traded(hours=1),
        options=RunOptions(is_forced=True),
    )

    assert found == (Reason.FORCED, to(500))


def test_forced_a_line_within_a_lot_of_its_target_is_in_sync_all_the_same() -> None:
    options = RunOptions(is_forced=True)

    assert of(499, options=options) == (Reason.WITHIN_ONE_LOT, None)
    assert of(0, options=options) == (Reason.NOT_HELD, to(500))


# --------------------------------------------------------------------------------------------------------------- modes


def in_mode(mode: Mode, **changes: Any) -> dict[str, tuple[Reason, Decimal]]:
    """AAPL is too much by 100, MSFT too little by 300: reasons, and what each would trade."""
    world = a_world({"AAPL": 300, "MSFT": 200}, {"AAPL": "0.2", "MSFT": "0.5"}, mode=mode, **changes)
    return {name: (each.reason, each.change) for name, each in wished(world).items()}


@pytest.mark.parametrize(
    ("mode", "apple", "microsoft"),
    [
        (Mode.FULL, (Reason.ABOVE_BAND, to(-100)), (Reason.ABOVE_BAND, to(300))),
        (Mode.BUY_ONLY, (Reason.BUY_ONLY, ZERO), (Reason.ABOVE_BAND, to(300))),
        (Mode.SELL_ONLY, (Reason.ABOVE_BAND, to(-100)), (Reason.SELL_ONLY, ZERO)),
        (Mode.CASH_FLOW, (Reason.NOT_NEEDED, ZERO), (Reason.CASH_FLOW, to(200))),
    ],
)
def test_a_mode_lets_pass_what_it_is_for(mode: Mode, apple: object, microsoft: object) -> None:
    assert in_mode(mode) == {"AAPL": apple, "MSFT": microsoft}


@pytest.mark.parametrize("mode", [Mode.BUY_ONLY, Mode.SELL_ONLY])
def test_forcing_it_does_not_change_the_mode(mode: Mode) -> None:
    resting = [reason for reason, change in in_mode(mode, options=RunOptions(is_forced=True)).values() if not change]

    assert resting == [Reason.BUY_ONLY if mode is Mode.BUY_ONLY else Reason.SELL_ONLY]


def in_flow(held: dict[str, int], **changes: Any) -> dict[str, Decimal]:
    """Three lines of 30 % each."""
    weights = dict.fromkeys(("AAPL", "GLD", "MSFT"), "0.3")
    world = a_world(held, weights, mode=Mode.CASH_FLOW, **changes)
    return {name: each.change for name, each in wished(world).items() if each.change}


def test_a_deposit_goes_to_what_is_furthest_from_its_target_with_the_fewest_trades() -> None:
    """100 shares' worth is free, and MSFT alone takes it up."""
    assert in_flow({"AAPL": 310, "GLD": 310, "MSFT": 180}) == {"MSFT": to(100)}


def test_what_the_first_line_does_not_take_up_goes_to_the_next() -> None:
    assert in_flow({"AAPL": 280, "GLD": 250, "MSFT": 200}) == {"MSFT": to(100), "GLD": to(50), "AAPL": to(20)}


def test_what_is_missing_is_raised_from_what_is_furthest_above_its_target() -> None:
    assert in_flow({"AAPL": 290, "GLD": 310, "MSFT": 400}) == {"MSFT": to(-100)}


def test_a_flow_below_the_minimum_notional_trades_nothing() -> None:
    assert in_flow({"AAPL": 300, "GLD": 300, "MSFT": 290}, minimum=1_001) == {}
    assert in_flow({"AAPL": 300, "GLD": 300, "MSFT": 290}, minimum=1_000) == {"MSFT": to(10)}


def test_a_flow_asks_no_band() -> None:
    assert in_flow({"AAPL": 300, "GLD": 300, "MSFT": 290}, absolute_band=Decimal("0.5")) == {"MSFT": to(10)}


# ----------------------------------------------------------------------------------------------------- what is left out


@pytest.mark.parametrize(
    "options", [RunOptions(excluded=(InstrumentName("MSFT"),)), RunOptions(targets=(InstrumentName("AAPL"),))]
)
def test_a_line_that_is_left_out_rests(options: RunOptions) -> None:
    found = wished(a_world({}, {"MSFT": "0.5", "AAPL": "0.3"}, options=options))

    assert (found["MSFT"].reason, found["MSFT"].goal) == (Reason.NOT_SELECTED, None)
    assert (found["AAPL"].reason, found["AAPL"].goal) == (Reason.NOT_HELD, to(300))


def test_a_line_that_is_left_out_and_in_sync_says_so() -> None:
    options = RunOptions(excluded=(InstrumentName("MSFT"),))

    assert of(500, options=options) == (Reason.AT_TARGET, None)


def test_a_line_that_may_not_trade_is_blocked_and_says_why() -> None:
    world = a_world({"MSFT": 400}, {"MSFT": "0.5"})
    theirs = a_working_order("MSFT", Side.BUY, 5)
    wish = wished(replace(world, snapshot=replace(world.snapshot, working_orders=(theirs,))))["MSFT"]

    assert wish.trades is False
    assert "could overshoot" in str(wish.blocked)
