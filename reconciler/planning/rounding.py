"""Rounding: exact values → whole lots, as near to them together as the budget allows.

Every line takes the lots nearest to its exact value. Where that costs more than the exact values do, some of those that
were rounded up are rounded down instead, so that the sum of all distances grows least: a minimum-cost cover of what is
overspent, searched best first on its linear bound. Rounding down costs little where the value lay just above the
middle. No line ends further than a lot from its value, so that the next plan finds it in sync.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, Decimal

MOST_STATES = 2_000
"""How many states the search looks at, which is milliseconds. Almost always it ends sooner, with the exact optimum."""


@dataclass(frozen=True)
class Exact:
    """What a line should be worth and what one of its lots is worth, both in base currency and not negative.

    `key` breaks ties, so that the order of lines does not matter.
    """

    value: Decimal
    lot: Decimal
    key: str

    @property
    def nearest(self) -> int:
        """The lots nearest to the value; half a lot is rounded down."""
        return int((self.value / self.lot).quantize(Decimal(1), rounding=ROUND_HALF_DOWN))

    @property
    def above(self) -> Decimal:
        """What rounding added to the value, negative where it took away."""
        return self.lot * self.nearest - self.value


@dataclass(frozen=True)
class _Step:
    """One lot less of a line that was rounded up: what that releases, and how much further from its value it is."""

    releases: Decimal
    costs: Decimal
    line: int

    @property
    def rate(self) -> float:
        return float(self.costs / self.releases)


def whole_lots(lines: Sequence[Exact], room: Decimal) -> list[int]:
    """Lots for each line, in order, that together cost no more than the exact values and `room`.

    `room` is in base currency; below zero it asks to spend less. Where rounding every line down is not enough for
    that, every line is rounded down.
    """
    lots = [each.nearest for each in lines]
    overspent = sum((each.above for each in lines), -room)
    steps = [_Step(each.lot, each.lot - 2 * each.above, index) for index, each in enumerate(lines) if each.above > 0]
    steps.sort(key=lambda step: (step.rate, step.releases, lines[step.line].key))
    for step in _cheapest_cover(steps, overspent):
        lots[step.line] -= 1
    return lots


@dataclass(frozen=True, order=True)
class _State:
    """A choice among the first `index` steps: the least that completing it can cost, and what it leaves to release."""

    bound: float
    index: int
    missing: Decimal
    cost: Decimal
    chosen: tuple[int, ...]


def _cheapest_cover(steps: list[_Step], overspent: Decimal) -> list[_Step]:
    """Of the steps, sorted by rate, those that together release what is overspent at the least cost, or all."""
    best = _first(steps, overspent)
    least = sum((steps[index].costs for index in best), Decimal(0))
    rates = [step.rate for step in steps]
    states = [_State(0.0, 0, overspent, Decimal(0), ())] if overspent > 0 and steps else []
    for _ in range(MOST_STATES):
        if not states or states[0].bound >= least:
            break
        state = heapq.heappop(states)
        step, following = steps[state.index], state.index + 1
        taken = (state.missing - step.releases, state.cost + step.costs, (*state.chosen, state.index))
        if taken[0] <= 0:
            if taken[1] < least:
                _, least, best = taken
        elif following < len(steps):
            heapq.heappush(states, _State(float(taken[1]) + float(taken[0]) * rates[following], following, *taken))
        if following < len(steps):
            bound = float(state.cost) + float(state.missing) * rates[following]
            heapq.heappush(states, _State(bound, following, state.missing, state.cost, state.chosen))
    return [steps[index] for index in best]


def _first(steps: list[_Step], overspent: Decimal) -> tuple[int, ...]:
    """The first steps that cover it, each at the lowest rate left; all of them where they do not."""
    count, released = 0, Decimal(0)
    while released < overspent and count < len(steps):
        released += steps[count].releases
        count += 1
    return tuple(range(count))
