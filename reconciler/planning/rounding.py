"""Rounding: exact values → whole lots, as near to them together as the budget allows.

Every line takes the lots nearest to its exact value. Where that costs more than the exact values do, some lots are
left out again, so that the sum of all distances grows least: a minimum-cost cover of what is overspent (`cover`). A
line that was rounded up just above the middle loses little by it. Lots beyond that cost all that they release, and are
left out only where a line says so: other lines end within a lot of their value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from heapq import nsmallest

from reconciler.planning.cover import EXACT, RATES, Spare, Steps, cheapest_cover

MOST_SPARES = 8
"""Of how many lines several lots may be left out: the smallest lots come nearest to what is missing."""


@dataclass(frozen=True)
class Exact:
    """What a line should be worth and what one of its lots is worth, both in base currency and not negative.

    `key` breaks ties, so that the order of lines does not matter. `lowest` is what it is worth at least, where several
    lots of it may be left out to make room for others; None: it stays within a lot of its value.
    """

    value: Decimal
    lot: Decimal
    key: str
    lowest: Decimal | None = None


_Parts = Sequence[tuple[Decimal, Decimal]]
"""Of each line, the lots that fit wholly, and the rest of its value."""


def whole_lots(lines: Sequence[Exact], room: Decimal) -> list[int]:
    """Lots for each line, in order, that together cost no more than the exact values and `room`.

    `room` is in base currency; below zero it asks to spend less. Where rounding every line down is not enough for
    that, every line is rounded down.
    """
    with localcontext(EXACT):
        parts = [divmod(each.value, each.lot) for each in lines]
        up = [line for line, (each, (_, rest)) in enumerate(zip(lines, parts, strict=True)) if rest + rest > each.lot]
        overspent = sum([lines[line].lot for line in up], -room) - sum([rest for _, rest in parts])
        lots = [int(whole) for whole, _ in parts]
        for line in up:
            lots[line] += 1
        if overspent > 0:
            for line, count in cheapest_cover(_steps(lines, parts, up), _spares(lines, parts), overspent):
                lots[line] -= count
    return lots


def _steps(lines: Sequence[Exact], parts: _Parts, up: list[int]) -> Steps:
    by_key = sorted(up, key=lambda line: lines[line].key)
    lots = [lines[line].lot for line in by_key]
    costs = [parts[line][1] + parts[line][1] - lot for line, lot in zip(by_key, lots, strict=True)]
    rates = list(map(RATES.divide, costs, lots))
    order = sorted(range(len(rates)), key=rates.__getitem__)  # steps of one rate stay sorted by key
    return Steps(
        rates=[rates[each] for each in order],
        releases=[lots[each] for each in order],
        costs=[costs[each] for each in order],
        lines=[by_key[each] for each in order],
    )


def _spares(lines: Sequence[Exact], parts: _Parts) -> list[Spare]:
    """The smallest lots of which more may be left out, the smallest first."""
    wide = ((each.lot, each.key, line) for line, each in enumerate(lines) if each.lowest is not None)
    return [
        Spare(lot, line, most)
        for lot, _, line in nsmallest(MOST_SPARES, wide)
        if (most := _most(lines[line], parts[line][0])) > 0
    ]


def _most(line: Exact, whole: Decimal) -> int:
    """How many lots may be left out of those that fit wholly."""
    least, rest = divmod(line.lowest or Decimal(0), line.lot)
    return int(whole - least) - (1 if rest else 0)
