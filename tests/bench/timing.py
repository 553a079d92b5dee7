"""Timing in turn, A B A B …: the median of the pairwise ratios, so that a changing machine cancels out."""

from collections.abc import Callable
from statistics import median
from time import perf_counter


def seconds(run: Callable[[], object]) -> float:
    began = perf_counter()
    run()
    return perf_counter() - began


def ratio(first: Callable[[], object], second: Callable[[], object], *, rounds: int) -> tuple[float, float, float]:
    """The median of first / second, and each one's median in seconds."""
    pairs = [(seconds(first), seconds(second)) for _ in range(rounds)]
    return median(a / b for a, b in pairs), median(a for a, _ in pairs), median(b for _, b in pairs)
