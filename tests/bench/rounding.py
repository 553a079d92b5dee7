"""Rounding against PyPortfolioOpt's greedy and linear allocations and the exact mixed-integer optimum.

Total distance is the sum over all lines of |value bought − value wanted|, told as a multiple of the exact optimum on
the same inputs; times are of the same run. Needs an environment of its own: `make bench-plan`.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from statistics import mean
from time import perf_counter
from typing import Any, NamedTuple

import numpy
import pandas
from pypfopt.discrete_allocation import DiscreteAllocation
from scipy.optimize import Bounds, LinearConstraint, milp

from reconciler.planning.rounding import Exact, whole_lots

LINES = (20, 100, 500)
BUDGETS = (10_000, 100_000, 1_000_000, 10_000_000)
SEEDS = range(5)
LONGEST_SEARCH_SECONDS = 60
_CENT = Decimal("0.01")


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


def ours(asked: Case) -> list[int]:
    pairs = enumerate(zip(asked.values, asked.prices, strict=True))
    return whole_lots([Exact(value, price, f"S{number:03d}") for number, (value, price) in pairs], Decimal(0))


def _allocation(asked: Case) -> DiscreteAllocation:
    names = [f"S{number:03d}" for number in range(len(asked.prices))]
    weights = {name: float(value / asked.budget) for name, value in zip(names, asked.values, strict=True)}
    prices = pandas.Series([float(price) for price in asked.prices], index=names)
    return DiscreteAllocation(weights, prices, total_portfolio_value=float(asked.budget))


def _counts(asked: Case, allocated: dict[str, Any]) -> list[int]:
    return [int(allocated.get(f"S{number:03d}", 0)) for number in range(len(asked.prices))]


def greedy(asked: Case) -> list[int]:
    return _counts(asked, _allocation(asked).greedy_portfolio()[0])


def linear(asked: Case) -> list[int]:
    return _counts(asked, _allocation(asked).lp_portfolio()[0])


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
    if found.x is None:
        raise RuntimeError(f"no optimum: {found.message}")
    return [low + round(more) for low, more in zip(whole, found.x[:count], strict=True)]


def distance(asked: Case, lots: list[int]) -> Decimal:
    pairs = zip(asked.prices, asked.values, lots, strict=True)
    return sum((abs(price * count - value) for price, value, count in pairs), Decimal(0))


METHODS: dict[str, Callable[[Case], list[int]]] = {"ours": ours, "greedy": greedy, "LP": linear}


def rows() -> Iterator[str]:
    yield "lines     budget   ours mean/max          greedy mean/max        LP mean/max            LP time / ours"
    for lines in LINES:
        for budget in BUDGETS:
            yield _row(lines, budget, [case(lines, budget, seed) for seed in SEEDS])


def _row(lines: int, budget: int, cases: list[Case]) -> str:
    optimum = [distance(each, exact(each)) for each in cases]
    told = [f"{lines:5d} {budget:10,d}  "]
    seconds = {}
    for name, method in METHODS.items():
        began = perf_counter()
        found = [method(each) for each in cases]
        seconds[name] = perf_counter() - began
        over = [1 for each, lots in zip(cases, found, strict=True) if _cost(each, lots) > each.budget]
        ratios = [float(distance(each, lots) / best) for each, lots, best in zip(cases, found, optimum, strict=True)]
        told.append(f"{mean(ratios):.4f} / {max(ratios):.4f}" + (" OVER" if over and name == "ours" else "     "))
    return "  ".join([*told, f"{seconds['LP'] / seconds['ours']:,.0f} ×"])


def _cost(asked: Case, lots: list[int]) -> Decimal:
    return sum((price * count for price, count in zip(asked.prices, lots, strict=True)), Decimal(0))


def main() -> None:
    warnings.filterwarnings("ignore")
    for row in rows():
        sys.stdout.write(row + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
