"""Batch: the order in which orders run. Risk is reduced first, then currency is exchanged, then what adds risk goes."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Batch


def batches(orders: Iterable[OrderIntent]) -> tuple[Batch, ...]:
    """Non-empty batches, numbered from 1."""
    ranked = sorted(orders, key=_rank)
    parts = (
        tuple(each for each in ranked if each.reduces_risk),
        tuple(each for each in ranked if each.converts),
        tuple(each for each in ranked if not each.reduces_risk and not each.converts),
    )
    filled = [part for part in parts if part]
    return tuple(Batch(number, part[0].reduces_risk, part) for number, part in enumerate(filled, start=1))


def canary_first(parts: tuple[Batch, ...]) -> tuple[Batch, ...]:
    """The batches, with the smallest order of the first one alone before the others of it."""
    if not parts or len(parts[0].orders) == 1:
        return parts
    first, *rest = parts
    smallest = min(first.orders, key=lambda each: (abs(each.notional.amount), each.instrument, each.side))
    others = tuple(each for each in first.orders if each is not smallest)
    return (replace(first, orders=(smallest,)), replace(first, orders=others), *rest)


def without_room(orders: Iterable[OrderIntent], dropped: Iterable[OrderIntent]) -> dict[OrderIntent, str]:
    """Those of a plan's orders that add risk, and why they may not be sent, where these that reduce it are not.

    Which of them pays for which nobody can say. The next plan is sized without those that could not be sent.
    """
    names = ", ".join(sorted({each.instrument for each in dropped if each.reduces_risk}))
    if not names:
        return {}
    adding = (each for each in orders if not each.reduces_risk and not each.converts)
    return {each: f"{each.instrument}: {names}, which was to make room for it, was left out" for each in adding}


def _rank(order: OrderIntent) -> tuple[Decimal, str, str]:
    # The largest first: it matters most, and its what-if is the first to fail.
    return (-abs(order.notional.amount), order.instrument, order.side)
