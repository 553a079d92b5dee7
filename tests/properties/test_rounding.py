"""Promise 11, the rounding: whole lots within the budget, at the optimum, whatever the order of the lines."""

from decimal import ROUND_FLOOR, Decimal, localcontext
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from reconciler.planning.rounding import Exact, whole_lots

LOTS = st.decimals("0.01", "900", places=2)
VALUES = st.decimals("0", "20000", places=2)
SOME = st.lists(st.tuples(VALUES, LOTS), min_size=1, max_size=9)
ROOM = st.decimals("-300", "300", places=2)
LONG = st.lists(
    st.tuples(
        st.builds(Decimal.__truediv__, VALUES, st.integers(1, 997).map(Decimal)),
        st.builds(Decimal.__truediv__, LOTS, st.sampled_from((3, 7, 13)).map(Decimal)),
    ),
    min_size=1,
    max_size=7,
)
"""Of twenty-eight digits, as what is worked out has them, so that sums have more than an ordinary context keeps."""
SMALL = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 40)), min_size=10, max_size=20)


def lines_of(drawn: list[tuple[Decimal, Decimal]]) -> list[Exact]:
    return [Exact(value, lot, f"S{number:03d}") for number, (value, lot) in enumerate(drawn)]


def distance(lines: list[Exact], lots: list[int]) -> Decimal:
    return sum((abs(each.lot * count - each.value) for each, count in zip(lines, lots, strict=True)), Decimal(0))


def cost(lines: list[Exact], lots: list[int]) -> Decimal:
    return sum((each.lot * count for each, count in zip(lines, lots, strict=True)), Decimal(0))


def floors(lines: list[Exact]) -> list[int]:
    return [int((each.value / each.lot).to_integral_value(ROUND_FLOOR)) for each in lines]


def assert_that_no_choice_within_the_budget_is_nearer(lines: list[Exact], room: Decimal) -> None:
    lots = whole_lots(lines, room)

    with localcontext(prec=100):
        budget = sum((each.value for each in lines), room)
        choices = [
            [low + up for low, up in zip(floors(lines), ups, strict=True)] for ups in product((0, 1), repeat=len(lines))
        ]
        affordable = [lots for lots in choices if cost(lines, lots) <= budget]
        if affordable:
            assert cost(lines, lots) <= budget
            assert distance(lines, lots) == min(distance(lines, each) for each in affordable)
        else:
            assert lots == floors(lines)


@given(SOME, ROOM)
def test_no_choice_of_up_and_down_within_the_budget_is_nearer(
    drawn: list[tuple[Decimal, Decimal]], room: Decimal
) -> None:
    assert_that_no_choice_within_the_budget_is_nearer(lines_of(drawn), room)


@given(LONG, ROOM)
def test_values_of_many_digits_are_decided_to_their_last(drawn: list[tuple[Decimal, Decimal]], room: Decimal) -> None:
    assert_that_no_choice_within_the_budget_is_nearer(lines_of(drawn), room)


@given(st.lists(st.tuples(VALUES, LOTS), min_size=1, max_size=120))
def test_many_lines_stay_within_the_budget_and_within_a_lot(drawn: list[tuple[Decimal, Decimal]]) -> None:
    lines = lines_of(drawn)

    lots = whole_lots(lines, Decimal(0))

    assert cost(lines, lots) <= sum((each.value for each in lines), Decimal(0))
    assert all(abs(each.lot * count - each.value) <= each.lot for each, count in zip(lines, lots, strict=True))


@given(SOME | LONG, ROOM, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(
    drawn: list[tuple[Decimal, Decimal]], room: Decimal, chance: Random
) -> None:
    lines = lines_of(drawn)
    shuffled = list(lines)
    chance.shuffle(shuffled)

    by_key = dict(zip((each.key for each in shuffled), whole_lots(shuffled, room), strict=True))

    assert [by_key[each.key] for each in lines] == whole_lots(lines, room)


def test_a_budget_that_is_missed_by_its_last_digit_is_missed() -> None:
    last = Decimal("1E-27")
    some = [("50001", "100000"), ("0.9", "1"), ("0.099999999999999999999999999", "1"), ("149999", "100000")]
    lines = lines_of([(Decimal(value), Decimal(lot)) for value, lot in some])
    assert whole_lots(lines, last) == [1, 1, 0, 1]
    assert whole_lots(lines, Decimal(0)) == [1, 0, 0, 1]

    two = lines_of([(Decimal("0.9"), Decimal(1))] * 2)
    assert whole_lots(two, Decimal("-0.8")) == [0, 1]
    assert whole_lots(two, Decimal("-0.8") - last) == [0, 0]


def test_of_two_lines_the_one_that_loses_less_is_rounded_down_however_little_less() -> None:
    less = Decimal("1E-20")
    lines = lines_of([(Decimal(800), Decimal(1000)), (800 - less, Decimal(1000))])

    assert whole_lots(lines, less - 600) == [1, 0]
    assert whole_lots(lines[::-1], less - 600) == [0, 1]


def test_a_value_at_the_middle_between_two_lots_is_rounded_down_whatever_the_room() -> None:
    assert whole_lots(lines_of([(Decimal("1.5"), Decimal(1)), (Decimal(30), Decimal(20))]), Decimal(1000)) == [1, 1]


def nearest_by_cost(drawn: list[tuple[int, int]]) -> dict[int, int]:
    """By what lots can cost together, the least distance of all choices of up and down that cost so much."""
    reached = {0: 0}
    for value, lot in drawn:
        longer: dict[int, int] = {}
        for count in (value // lot, value // lot + 1):
            for spent, before in reached.items():
                far = before + abs(count * lot - value)
                longer[spent + count * lot] = min(far, longer.get(spent + count * lot, far))
        reached = longer
    return reached


@given(SMALL, st.integers(-250, 40))
def test_no_choice_among_more_lines_is_nearer(drawn: list[tuple[int, int]], room: int) -> None:
    lines = lines_of([(Decimal(value), Decimal(lot)) for value, lot in drawn])
    budget = sum(value for value, _ in drawn) + room
    affordable = [far for spent, far in nearest_by_cost(drawn).items() if spent <= budget]

    lots = whole_lots(lines, Decimal(room))

    assert distance(lines, lots) == min(affordable, default=distance(lines, floors(lines)))


def test_lines_that_are_much_alike_are_decided_at_the_optimum_however_much_is_overspent() -> None:
    lots = [number * 300 % 997 + 30 for number in range(40)]
    drawn = [(lot * 3 + lot * (70 + number * 7 % 10) // 100, lot) for number, lot in enumerate(lots)]
    lines = lines_of([(Decimal(value), Decimal(lot)) for value, lot in drawn])
    by_cost = nearest_by_cost(drawn)

    for room in range(-800, 0, 10):
        budget = sum(value for value, _ in drawn) + room
        found = whole_lots(lines, Decimal(room))

        assert distance(lines, found) == min(far for spent, far in by_cost.items() if spent <= budget)


def lines_at_one_rate() -> tuple[list[Exact], Decimal]:
    """Lines that all lose three fifths of what they release, so that no bound tells them apart; and room for them."""
    lots = [Decimal(number * 7919 % 9973) / 31 for number in range(1, 301)]
    return lines_of([(lot * 3 + lot * Decimal("0.8"), lot) for lot in lots]), Decimal(-4321)


def test_a_search_that_is_cut_short_stays_within_the_budget_and_near_the_bound() -> None:
    lines, room = lines_at_one_rate()
    up = [4] * len(lines)
    budget = sum((each.value for each in lines), room)

    lots = whole_lots(lines, room)

    bound = distance(lines, up) + (cost(lines, up) - budget) * Decimal("0.6")
    assert cost(lines, lots) <= budget
    assert bound * Decimal("0.9999999") < distance(lines, lots) < bound * Decimal("1.0001")


def test_the_order_of_lines_changes_nothing_where_the_search_is_cut_short() -> None:
    lines, room = lines_at_one_rate()
    lots = whole_lots(lines, room)

    assert whole_lots(lines[::-1], room) == lots[::-1]
    assert whole_lots(lines[150:] + lines[:150], room) == lots[150:] + lots[:150]


# ------------------------------------------------------------------------------------------- several lots left out

FEW = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 25), st.none() | st.integers(0, 60)), min_size=1, max_size=4
)


def wide_lines(drawn: list[tuple[int, int, int | None]]) -> list[Exact]:
    return [
        Exact(Decimal(value), Decimal(lot), f"S{number}", None if lowest is None else Decimal(lowest))
        for number, (value, lot, lowest) in enumerate(drawn)
    ]


@given(FEW, st.integers(-20, 20))
def test_where_several_lots_of_a_line_may_be_left_out_it_ends_no_lower_than_it_may(
    drawn: list[tuple[int, int, int | None]], room: int
) -> None:
    lines = wide_lines(drawn)

    lots = whole_lots(lines, Decimal(room))

    for each, count, low in zip(lines, lots, floors(lines), strict=True):
        assert count <= low + 1
        assert count >= low or (each.lowest is not None and count * each.lot >= each.lowest)


@given(FEW)
def test_where_several_lots_may_be_left_out_no_choice_within_the_budget_is_much_nearer(
    drawn: list[tuple[int, int, int | None]],
) -> None:
    """Lots of one line are left out besides, not of two: what that loses is less than the smallest of them."""
    lines = [Exact(each.value, each.lot, each.key, lowest=Decimal(0)) for each in wide_lines(drawn)]
    budget = sum(value for value, _, _ in drawn)

    lots = whole_lots(lines, Decimal(0))

    spent = cost(lines, lots)
    best = min(
        distance(lines, list(each))
        for each in product(*(range(low + 2) for low in floors(lines)))
        if cost(lines, list(each)) <= budget
    )
    assert spent <= budget
    assert distance(lines, lots) - best < min(each.lot for each in lines)


def test_a_line_of_small_lots_makes_room_for_one_of_large_lots() -> None:
    large, small = Exact(Decimal(990), Decimal(1000), "A"), Exact(Decimal(50), Decimal(3), "B", Decimal(10))

    assert whole_lots([large, small], Decimal(0)) == [1, 13]
    assert whole_lots([large, Exact(Decimal(50), Decimal(3), "B")], Decimal(0)) == [0, 17]
