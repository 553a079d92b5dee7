"""What a batch was to make of initial margin, by its what-ifs and by what has filled, and what is a miss."""

from decimal import Decimal

import pytest

from reconciler.domain.ids import ExecId
from reconciler.domain.orders import Fill, OrderIntent, OrderRecord, WhatIf, order_ref
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.orderbook import OrderBook, enter
from reconciler.planning.prediction import margin_after, predict, why_missed
from tests.builders import NOW, a_line, a_plan, account_values, money

PLAN = a_plan([a_line("MSFT"), a_line("GLD")])
MSFT, GLD = PLAN.orders


def a_what_if(before: int, change: int) -> WhatIf:
    return WhatIf(money(before), money(change), money(0), money(0), money(100_000), money(1))


def filled(plan: Plan, order: OrderIntent, *shares: str) -> OrderBook:
    """An attempt at the order for each of these fills."""
    book = OrderBook()
    for number, quantity in enumerate(shares, start=1):
        fills = {"e": Fill(ExecId(f"e.{number}"), Decimal(quantity), Decimal(1), NOW)}
        ref = order_ref(plan.id, order, attempt=number)
        record = OrderRecord(ref, order.line, order.instrument, order.side, order.quantity, NOW, fills=fills)
        book = enter(book, record)
    return book


ESTIMATES = {MSFT: a_what_if(50_000, 2_300), GLD: a_what_if(50_000, 1_000)}


def test_margin_grows_by_what_filled_alone() -> None:
    predicted = predict(ESTIMATES, PLAN, OrderBook())
    assert predicted is not None
    assert margin_after(predicted, PLAN, OrderBook()) == money(50_000)
    half = MSFT.quantity / 2
    assert margin_after(predicted, PLAN, filled(PLAN, MSFT, str(half))) == money(51_150)


def test_what_an_earlier_attempt_filled_was_in_the_margin_already() -> None:
    first = str(MSFT.quantity / 2)
    predicted = predict({MSFT: a_what_if(51_150, 1_150)}, PLAN, filled(PLAN, MSFT, first))
    assert predicted is not None
    assert margin_after(predicted, PLAN, filled(PLAN, MSFT, first)) == money(51_150)
    assert margin_after(predicted, PLAN, filled(PLAN, MSFT, first, first)) == money(51_725)


def test_nothing_is_predicted_where_a_what_if_is_unknown() -> None:
    assert predict({**ESTIMATES, GLD: Unknown("late")}, PLAN, OrderBook()) is None
    assert predict({}, PLAN, OrderBook()) is None


@pytest.mark.parametrize(
    ("starts", "account", "missed"),
    [
        ([50_000], 50_000, None),
        ([55_000, 45_000], 55_000, None),
        ([50_000, 55_001], 50_000, "the broker's what-ifs start from 55,001.00 USD"),
        ([44_999], 50_000, "the broker's what-ifs start from 44,999.00 USD"),
        ([50_000], 55_001, "the account says 55,001.00 USD"),
    ],
)
def test_a_miss_is_more_than_the_tolerance_of_net_liquidation(
    starts: list[int], account: int, missed: str | None
) -> None:
    """A twentieth of 100,000."""
    values = account_values(100_000, initial_margin=money(account))
    estimates: list[WhatIf | Unknown] = [*(a_what_if(start, 1) for start in starts), Unknown("late")]
    why = why_missed(money(50_000), values, estimates, Decimal("0.05"))
    if missed is None:
        assert why is None
    else:
        assert why is not None
        assert f"50,000.00 USD was predicted, {missed}" in why
