"""Promise 11, the rounding: whole lots within the budget, at the optimum, whatever the order of the lines."""

from decimal import ROUND_FLOOR, Decimal
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from reconciler.planning.rounding import Exact, whole_lots

LOTS = st.decimals("0.01", "900", places=2)
VALUES = st.decimals("0", "20000", places=2)
SOME = st.lists(st.tuples(VALUES, LOTS), min_size=1, max_size=9)
ROOM = st.decimals("-300", "300", places=2)


def lines_of(drawn: list[tuple[Decimal, Decimal]]) -> list[Exact]:
    return [Exact(value, lot, f"S{number:03d}") for number, (value, lot) in enumerate(drawn)]


def distance(lines: list[Exact], lots: list[int]) -> Decimal:
    return sum((abs(each.lot * count - each.value) for each, count in zip(lines, lots, strict=True)), Decimal(0))


def cost(lines: list[Exact], lots: list[int]) -> Decimal:
    return sum((each.lot * count for each, count in zip(lines, lots, strict=True)), Decimal(0))


def floors(lines: list[Exact]) -> list[int]:
    return [int((each.value / each.lot).to_integral_value(ROUND_FLOOR)) for each in lines]


@given(SOME, ROOM)
def test_no_choice_of_up_and_down_within_the_budget_is_nearer(
    drawn: list[tuple[Decimal, Decimal]], room: Decimal
) -> None:
    lines = lines_of(drawn)
    budget = sum((each.value for each in lines), room)
    choices = [
        [low + up for low, up in zip(floors(lines), ups, strict=True)] for ups in product((0, 1), repeat=len(lines))
    ]
    affordable = [lots for lots in choices if cost(lines, lots) <= budget]

    lots = whole_lots(lines, room)

    if affordable:
        assert cost(lines, lots) <= budget
        assert distance(lines, lots) == min(distance(lines, each) for each in affordable)
    else:
        assert lots == floors(lines)


@given(st.lists(st.tuples(VALUES, LOTS), min_size=1, max_size=120))
def test_many_lines_stay_within_the_budget_and_within_a_lot(drawn: list[tuple[Decimal, Decimal]]) -> None:
    lines = lines_of(drawn)

    lots = whole_lots(lines, Decimal(0))

    assert cost(lines, lots) <= sum((each.value for each in lines), Decimal(0))
    assert all(abs(each.lot * count - each.value) <= each.lot for each, count in zip(lines, lots, strict=True))


@given(SOME, ROOM, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(
    drawn: list[tuple[Decimal, Decimal]], room: Decimal, chance: Random
) -> None:
    lines = lines_of(drawn)
    shuffled = list(lines)
    chance.shuffle(shuffled)

    by_key = dict(zip((each.key for each in shuffled), whole_lots(shuffled, room), strict=True))

    assert [by_key[each.key] for each in lines] == whole_lots(lines, room)
