"""The cheapest cover: which steps down together release an amount at the least cost.

Searched as in Pisinger, "A minimal algorithm for the 0-1 knapsack problem" (1997). The steps that are cheapest for what
they release, up to the first that covers, are nearly the best; what differs lies near that edge. So steps are decided
from there outwards, each for all ways to decide those before it, and a way is dropped when another one releases as much
for no more, or when its linear bound does not beat the best cover so far. Mostly a few are left, and soon none, however
many steps there are. What a way still lacks may be released by spare lots of one line.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from itertools import accumulate
from typing import NamedTuple

MOST_STATES = 10_000
"""How many states the search looks at, which is some ten milliseconds.

Up to a thousand lines it almost always ends sooner, with the exact optimum; otherwise with the best cover seen.
"""

EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Rounds nothing: no budget is overspent by a last digit, and a sum is the same in whatever order."""
RATES = Context(prec=28)
"""For quotients that need not come out even: they only sort the steps and bound the states."""
_ZERO, _ONE, _INFINITE = Decimal(0), Decimal(1), Decimal("Infinity")


class Steps(NamedTuple):
    """One lot less of each line that was rounded up, in columns, the cheapest for what it releases first.

    A step costs what its line is further from its value then; the rate is that for each unit released, always below 1.
    """

    rates: Sequence[Decimal]
    releases: Sequence[Decimal]
    costs: Sequence[Decimal]
    lines: Sequence[int]


class Spare(NamedTuple):
    """A line of which more lots may be left out, `most` of them. Each costs all that it releases."""

    lot: Decimal
    line: int
    most: int


class _Cover(NamedTuple):
    """A way to release enough: its cost, the steps that it decides otherwise, and the lots of a line besides."""

    cost: Decimal
    bits: int = 0
    line: int = -1
    lots: int = 0


_State = tuple[Decimal, Decimal, int]
"""A way to decide some steps otherwise: what is missing then, or to spare below zero; what it costs; a bit for each."""


def cheapest_cover(steps: Steps, spares: Sequence[Spare], overspent: Decimal) -> Iterable[tuple[int, int]]:
    """The lines, each with how many lots less, that together release what is overspent at the least cost.

    Where all steps do not release as much, they are taken, and no spare lot. Called in the context `EXACT`.
    """
    released = list(accumulate(steps.releases, initial=_ZERO))
    edge = bisect_left(released, overspent) - 1
    if edge == len(steps.lines):
        return [(line, 1) for line in steps.lines]
    otherwise, best = _search(steps, spares, edge, overspent - released[edge])
    chosen = otherwise.symmetric_difference(range(edge))
    return [*((steps.lines[index], 1) for index in chosen), (best.line, best.lots)]


def _search(steps: Steps, spares: Sequence[Spare], edge: int, missing: Decimal) -> tuple[set[int], _Cover]:
    """Where the cheapest cover differs from all steps before the edge, which leave so much missing; and the cover."""
    # Before the first step nothing is given back; after the last one only spares release anything.
    rates = (_ZERO, *steps.rates, _ONE if spares else _INFINITE)
    states: list[_State] = [(missing, _ZERO, 0)]
    best = _completed(states, spares, _Cover(_INFINITE))
    lower = upper = edge
    decided: list[int] = []
    looked = 0
    for index in _outwards(edge, len(steps.lines)):
        if index < edge:
            lower, releases, costs = index, -steps.releases[index], -steps.costs[index]
        else:
            upper, releases, costs = index + 1, steps.releases[index], steps.costs[index]
        bit = 1 << len(decided)
        decided.append(index)
        other = [(missing - releases, cost + costs, bits | bit) for missing, cost, bits in states]
        best = _completed(other, spares, best)
        looked += len(other)
        states = _promising(states + other, rates[lower], rates[upper + 1], best.cost)
        if not states or looked >= MOST_STATES:
            break
    return {index for number, index in enumerate(decided) if best.bits >> number & 1}, best


def _completed(states: Sequence[_State], spares: Sequence[Spare], best: _Cover) -> _Cover:
    """The best cover so far, or a better one among these states: as it is, or with spare lots for what it lacks."""
    best = min([best, *[_Cover(cost, bits) for missing, cost, bits in states if missing <= 0]])
    if not spares:
        return best
    for missing, cost, bits in states:
        if 0 < missing < best.cost - cost:
            for lot, line, most in spares:
                lots = int(missing // lot)
                lots += lots * lot < missing
                if lots <= most:
                    best = min(best, _Cover(cost + lots * lot, bits, line, lots))
    return best


def _outwards(edge: int, count: int) -> Iterator[int]:
    """All indices, from the edge in turn upwards and downwards."""
    for distance in range(count):
        if edge + distance < count:
            yield edge + distance
        if edge - distance > 0:
            yield edge - distance - 1


def _promising(states: list[_State], low: Decimal, high: Decimal, least: Decimal) -> list[_State]:
    """The states that can still end below the least cost and that no other one beats.

    What is missing costs at least the high rate, what is to spare gives back at most the low one.
    """
    kept: list[_State] = []
    cheapest = _INFINITE
    for state in sorted(states):
        missing, cost, _ = state
        if cost < cheapest and cost + missing * (high if missing > 0 else low) < least:
            kept.append(state)
            cheapest = cost
    return kept
