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
from typing import NamedTuple

_ONE = Decimal(1)
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


class _Step(NamedTuple):
    """One lot less of a line that was rounded up: what that releases, and how much further from its value it is.

    `rate` is the loss for each unit released.
    """

    rate: float
    releases: Decimal
    key: str
    costs: Decimal
    line: int


def whole_lots(lines: Sequence[Exact], room: Decimal) -> list[int]:
    """Lots for each line, in order, that together cost no more than the exact values and `room`.

    `room` is in base currency; below zero it asks to spend less. Where rounding every line down is not enough for
    that, every line is rounded down.
    """
    lots = [int((each.value / each.lot).quantize(_ONE, rounding=ROUND_HALF_DOWN)) for each in lines]
    above = [each.lot * count - each.value for each, count in zip(lines, lots, strict=True)]
    overspent = sum(above, -room)
    if overspent > 0:
        steps = [_step(index, each, above[index]) for index, each in enumerate(lines) if above[index] > 0]
        for step in _cheapest_cover(sorted(steps), overspent):
            lots[step.line] -= 1
    return lots


def _step(index: int, line: Exact, above: Decimal) -> _Step:
    costs = line.lot - 2 * above
    return _Step(float(costs / line.lot), line.lot, line.key, costs, index)


class _State(NamedTuple):
    """A choice among the first `decided` steps: the least that completing it costs, and what it leaves to release."""

    bound: float
    decided: int
    missing: Decimal
    cost: Decimal
    chosen: tuple[int, ...]


def _cheapest_cover(steps: list[_Step], overspent: Decimal) -> list[_Step]:
    """Of the steps, sorted by rate, those that together release what is overspent at the least cost, or all."""
    best = _first(steps, overspent)
    least = sum((steps[index].costs for index in best), Decimal(0))
    rates = [step.rate for step in steps]
    states = [_State(0.0, 0, overspent, Decimal(0), ())] if steps else []
    for _ in range(MOST_STATES):
        if not states or states[0].bound >= least:
            break
        state = heapq.heappop(states)
        step, following = steps[state.decided], state.decided + 1
        taken = (state.missing - step.releases, state.cost + step.costs, (*state.chosen, state.decided))
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
