"""What became of a run's orders, counted. Every order is in exactly one of the groups."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from reconciler.domain.orders import OrderState
from reconciler.domain.run import LineResult


class Fate(StrEnum):
    """Where an order ended, as far as a reader has to tell."""

    FILLED = "filled"
    PARTIALLY_FILLED = "partially_filled"
    """Over, and only a part of it was filled."""
    NOT_FILLED = "not_filled"
    """Over, and nothing of it was filled."""
    WORKING = "working"
    """Still at the broker when the run ended."""
    UNKNOWN = "unknown"
    NEVER_SENT = "never_sent"


def fate(result: LineResult) -> Fate:
    """What became of one order."""
    if result.order_ref is None or result.state is OrderState.INTENDED:
        return Fate.NEVER_SENT
    if result.state is OrderState.UNKNOWN:
        return Fate.UNKNOWN
    if result.state is OrderState.FILLED:
        return Fate.FILLED if result.filled >= result.quantity else Fate.PARTIALLY_FILLED
    if not result.state.is_terminal:
        return Fate.WORKING
    return Fate.PARTIALLY_FILLED if result.filled > 0 else Fate.NOT_FILLED


def fates(results: Iterable[LineResult]) -> Counter[Fate]:
    """How many orders ended in which way."""
    return Counter(fate(each) for each in results)
