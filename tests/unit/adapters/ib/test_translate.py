import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.ib import translate
from reconciler.domain.account import Side


@pytest.mark.parametrize(
    "nothing",
    ["", " ", "1.7976931348623157E308", "1.7976931348623157e+308", "NaN", "Infinite", "Infinity", "-", "N/A"],
)
def test_no_value_in_text_is_none(nothing: str) -> None:
    assert translate.number(nothing) is None


@pytest.mark.parametrize("nothing", [sys.float_info.max, -sys.float_info.max, float("nan"), float("inf")])
def test_no_value_in_a_float_is_none_and_never_zero(nothing: float) -> None:
    assert translate.number(nothing) is None
    with pytest.raises(translate.NoValueError):
        translate.required(nothing)


@pytest.mark.parametrize(
    ("sent", "text"),
    [(23.0, "23"), (0.1, "0.1"), (500.11, "500.11"), (1e2, "100"), ("100000.00", "100000"), ("-17622.50", "-17622.50")],
)
def test_numbers_are_what_was_sent(sent: float | str, text: str) -> None:
    assert str(translate.number(sent)) == text


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_a_price_survives_the_float_of_the_library(value: Decimal) -> None:
    assert translate.number(float(value)) == value


def test_zero_is_a_number_but_no_price() -> None:
    assert translate.number(0.0) == 0
    assert translate.price(0.0) is None
    assert translate.price(-1.0) is None
    assert translate.price(0.0001) == Decimal("0.0001")


@pytest.mark.parametrize(
    ("word", "side"),
    [("BUY", Side.BUY), ("BOT", Side.BUY), ("SELL", Side.SELL), ("SLD", Side.SELL), ("SSHORT", Side.SELL)],
)
def test_orders_and_executions_name_sides_differently(word: str, side: Side) -> None:
    assert translate.side(word) is side


def test_a_side_that_is_none_is_not_guessed() -> None:
    with pytest.raises(translate.NoValueError):
        translate.side("UNDEFINED")


def test_timestamps_are_epoch_seconds() -> None:
    assert translate.timestamp("1772463600") == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert translate.timestamp("0") is None
    assert translate.timestamp("yesterday") is None


def test_texts_become_one_line() -> None:
    assert translate.plain_text("Order rejected - reason:\n  too  large.") == "Order rejected - reason: too large"


@pytest.mark.parametrize(("sent", "delta"), [(0.42, "0.42"), (-0.58, "-0.58"), (0.0, "0"), (1.0, "1"), (-1.0, "-1")])
def test_the_delta_of_an_option_is_what_was_sent(sent: float, delta: str) -> None:
    told = translate.option_tick(1, 13, sent, 500.25)
    assert (told.delta, told.underlying) == (Decimal(delta), Decimal("500.25"))


@pytest.mark.parametrize("sent", [-2.0, sys.float_info.max, float("nan")])
def test_a_delta_that_is_not_computed_is_none(sent: float) -> None:
    assert translate.option_tick(1, 13, sent, 500.0).delta is None


@pytest.mark.parametrize("sent", [-1.0, 0.0, sys.float_info.max, float("nan")])
def test_a_price_of_the_underlying_that_is_not_known_is_none(sent: float) -> None:
    assert translate.option_tick(1, 13, 0.42, sent).underlying is None
