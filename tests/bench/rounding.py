"""Rounding against PyPortfolioOpt's greedy and linear allocations and the exact mixed-integer optimum.

Total distance is the sum over all lines of |value bought − value wanted|, told as a multiple of the exact optimum on
the same inputs. Times are of the same run: of each portfolio the fastest round counts, and each method's inputs are
made in its own form before the clock starts. A line for each goal ends it; distance and budget decide the exit code,
times do not, for machines are noisy. Needs an environment of its own: `make bench-plan`.
"""

import sys
import warnings
from collections.abc import Callable
from decimal import Decimal
from statistics import mean, median
from time import perf_counter
from typing import Any, NamedTuple

import numpy
import pandas
from pypfopt.discrete_allocation import DiscreteAllocation
from scipy.optimize import Bounds, LinearConstraint, milp

from reconciler.planning.rounding import Exact, whole_lots
from tests.bench.telling import goal, tell
from tests.bench.timing import ratio

LINES = (20, 100, 500)
BUDGETS = (10_000, 100_000, 1_000_000, 10_000_000)
SEEDS = range(5)
ROUNDS, ENOUGH_SECONDS = 20, 0.5
MANY, WORTH, SHORT = 5_000, 20_000, Decimal(10)
"""For the growth: lines, what each is worth on average, and by how much room falls short for it, so that all search."""
LONGEST_SEARCH_SECONDS = 60
_CENT = Decimal("0.01")

Run = Callable[[], list[int]]


class Case(NamedTuple):
    """What is wanted: prices and exact values of the lines, in one currency."""

    prices: list[Decimal]
    values: list[Decimal]

    @property
    def budget(self) -> Decimal:
        return sum(self.values, Decimal(0))


def case(lines: int, budget: int, seed: int) -> Case:
    """Prices around 75, most between 10 and 500, and weights as a portfolio of chance has them."""
    chance = numpy.random.default_rng(seed)
    prices = [Decimal(f"{price:.2f}") for price in numpy.exp(chance.normal(4.3, 1.0, lines))]
    weights = chance.dirichlet(numpy.ones(lines))
    return Case(prices, [(Decimal(float(weight)) * budget).quantize(_CENT, "ROUND_DOWN") for weight in weights])


def ours(asked: Case, room: Decimal = Decimal(0)) -> Run:
    pairs = enumerate(zip(asked.values, asked.prices, strict=True))
    lines = [Exact(value, price, f"S{number:05d}", lowest=Decimal(0)) for number, (value, price) in pairs]
    return lambda: whole_lots(lines, room)


def greedy(asked: Case) -> Run:
    allocation, names = _allocation(asked)
    return lambda: _counts(names, allocation.greedy_portfolio()[0])


def linear(asked: Case) -> Run:
    allocation, names = _allocation(asked)
    return lambda: _counts(names, allocation.lp_portfolio()[0])


def _allocation(asked: Case) -> tuple[DiscreteAllocation, list[str]]:
    names = [f"S{number:05d}" for number in range(len(asked.prices))]
    weights = {name: float(value / asked.budget) for name, value in zip(names, asked.values, strict=True)}
    prices = pandas.Series([float(price) for price in asked.prices], index=names)
    return DiscreteAllocation(weights, prices, total_portfolio_value=float(asked.budget)), names


def _counts(names: list[str], allocated: dict[str, Any]) -> list[int]:
    return [int(allocated.get(name, 0)) for name in names]


METHODS: dict[str, Callable[[Case], Run]] = {"ours": ours, "greedy": greedy, "LP": linear}


def exact(asked: Case) -> list[int]:
    """The optimum by branch and bound. Lots are counted from those that fit wholly, so that numbers stay small."""
    count = len(asked.prices)
    whole = [int(value // price) for value, price in zip(asked.values, asked.prices, strict=True)]
    prices = numpy.array([float(price) for price in asked.prices])
    over = numpy.array([float(value % price) for value, price in zip(asked.values, asked.prices, strict=True)])
    lots, distances = numpy.diag(prices), numpy.eye(count)
    found = milp(
        numpy.concatenate([numpy.zeros(count), numpy.ones(count)]),
        constraints=[
            LinearConstraint(numpy.hstack([lots, -distances]), -numpy.inf, over),
            LinearConstraint(numpy.hstack([-lots, -distances]), -numpy.inf, -over),
            LinearConstraint(numpy.concatenate([prices, numpy.zeros(count)])[None, :], -numpy.inf, over.sum() + 1e-9),
        ],
        integrality=numpy.concatenate([numpy.ones(count), numpy.zeros(count)]),
        bounds=Bounds(numpy.concatenate([[-min(each, 100) for each in whole], numpy.zeros(count)]), numpy.inf),
        options={"time_limit": LONGEST_SEARCH_SECONDS, "mip_rel_gap": 1e-7},
    )
    if not found.success:
        raise RuntimeError(f"no optimum: {found.message}")
    return [low + round(more) for low, more in zip(whole, found.x[:count], strict=True)]


def distance(asked: Case, lots: list[int]) -> Decimal:
    pairs = zip(asked.prices, asked.values, lots, strict=True)
    return sum((abs(price * count - value) for price, value, count in pairs), Decimal(0))


def cost(asked: Case, lots: list[int]) -> Decimal:
    return sum((price * count for price, count in zip(asked.prices, lots, strict=True)), Decimal(0))


def fastest(run: Run) -> tuple[list[int], float]:
    """What it finds, and the seconds of its fastest round: of a few, or of fewer where they take long."""
    spent: list[float] = []
    found: list[int] = []
    while len(spent) < ROUNDS and sum(spent) < ENOUGH_SECONDS:
        began = perf_counter()
        found = run()
        spent.append(perf_counter() - began)
    return found, min(spent)


class Row(NamedTuple):
    """Portfolios of one size and budget: each method's distances, as multiples of the optimum, and ours beside LP."""

    lines: int
    budget: int
    ratios: dict[str, list[float]]
    over: int
    faster: float

    def __str__(self) -> str:
        told = "".join(f"{mean(each):.4f} / {max(each):.4f}       " for each in self.ratios.values())
        return f"{self.lines:5d} {self.budget:10,d}   {told}{self.faster:5,.0f} ×{' OVER' * self.over}"


def row(lines: int, budget: int) -> Row:
    cases = [case(lines, budget, seed) for seed in SEEDS]
    optimum = [distance(each, exact(each)) for each in cases]
    found: dict[str, list[list[int]]] = {}
    seconds: dict[str, float] = {}
    for name, method in METHODS.items():
        rounds = [fastest(method(each)) for each in cases]
        found[name] = [lots for lots, _ in rounds]
        seconds[name] = sum(spent for _, spent in rounds)
    ratios = {
        name: [float(distance(each, lots) / best) for each, lots, best in zip(cases, all_lots, optimum, strict=True)]
        for name, all_lots in found.items()
    }
    over = sum(cost(each, lots) > each.budget for each, lots in zip(cases, found["ours"], strict=True))
    return Row(lines, budget, ratios, over, seconds["LP"] / seconds["ours"])


def growth() -> float:
    """How many times as long twice the lines take."""
    pairs = [[ours(case(lines, lines * WORTH, seed), -lines * SHORT) for lines in (2 * MANY, MANY)] for seed in SEEDS]
    return median(ratio(large, small, rounds=ROUNDS)[0] for large, small in pairs)


class Goal(NamedTuple):
    """What is promised, and whether it was met. A goal that binds decides the exit code."""

    met: bool
    told: str
    binds: bool = True

    def __str__(self) -> str:
        return goal(self.met, self.told)


def goals(rows: list[Row], grown: float) -> list[Goal]:
    average = max(mean(each.ratios["ours"]) for each in rows)
    worst = max(max(each.ratios["ours"]) for each in rows)
    over = sum(each.over for each in rows)
    faster = min(each.faster for each in rows if each.lines >= 100)
    return [
        Goal(average <= 1.002, f"distance on average at most 1.002 × the optimum: {average:.4f} × in the worst row"),
        Goal(worst <= 1.02, f"distance never above 1.02 × the optimum: {worst:.4f} × at worst"),
        Goal(over == 0, f"never over budget: {over} times"),
        Goal(faster >= 100, f"from 100 lines on 100 × faster than LP: {faster:,.0f} × in the slowest row", binds=False),
        Goal(grown <= 2.3, f"{2 * MANY:,} lines take at most 2.3 × {MANY:,}: {grown:.2f} ×", binds=False),
    ]


def main() -> int:
    warnings.filterwarnings("ignore")
    tell("lines     budget   ours mean/max          greedy mean/max        LP mean/max            LP time / ours")
    rows = []
    for lines in LINES:
        for budget in BUDGETS:
            rows.append(row(lines, budget))
            tell(rows[-1])
    reached = goals(rows, growth())
    for each in reached:
        tell(each)
    return 0 if all(each.met for each in reached if each.binds) else 1


if __name__ == "__main__":
    sys.exit(main())
