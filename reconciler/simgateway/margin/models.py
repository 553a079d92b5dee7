"""Margin models: from what is held to what it asks for. Rule: each is a pure function in the table MODELS.

The broker computes by stress scenarios over the whole account and takes the greater of several, so what single orders
ask for does not add up. `portfolio_stress` does so with three simple formulas of its own; the broker's are not public.
Futures are margined by their rates on the notional value in every model.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway import regulation_t
from reconciler.simgateway.agreement import MarginModel
from reconciler.simgateway.amounts import ONE, ZERO
from reconciler.simgateway.instruments import MarginRates
from reconciler.simgateway.margin_calendar import MarginTime

_LARGEST_MOVES = Decimal(2)
_OTHERS_MOVE = Decimal("0.25")


class Holding(NamedTuple):
    """The gross value of a position in base currency, never below zero, and the rates in force for it."""

    value: Decimal
    rates: MarginRates


class Requirement(NamedTuple):
    """What opening the holdings asks for, and what keeping them does."""

    initial: Decimal = ZERO
    maintenance: Decimal = ZERO


_Weighed = tuple[Decimal, Decimal]
"""A gross value and one rate for it."""

Model = Callable[[Sequence[Holding], MarginTime], Requirement]
"""From holdings, and how the clock bears on margin, to the requirement."""


def sum_of_rates(holdings: Sequence[Holding], _time: MarginTime) -> Requirement:
    """Each holding asks for its rates, whatever else is held."""
    return Requirement(
        sum((each.value * each.rates.initial for each in holdings), ZERO),
        sum((each.value * each.rates.maintenance for each in holdings), ZERO),
    )


def portfolio_stress(holdings: Sequence[Holding], time: MarginTime) -> Requirement:
    """The greatest of the sum of rates, a concentration stress and, in its window, Regulation T's half (initial)."""
    added = sum_of_rates(holdings, time)
    half = sum((each.value for each in holdings), ZERO) * regulation_t.RATE if time.regulation_t else ZERO
    return Requirement(
        max(added.initial, _concentration((each.value, each.rates.initial) for each in holdings), half),
        max(added.maintenance, _concentration((each.value, each.rates.maintenance) for each in holdings)),
    )


def _concentration(holdings: Iterable[_Weighed]) -> Decimal:
    """One name moves by twice its rate, at most by its whole value, all others by a quarter of theirs.

    The worst name counts. It exceeds the sum of rates once one name asks for more than three sevenths of that sum.
    """
    others, worst = ZERO, ZERO
    for value, rate in holdings:
        alone = value * rate * _OTHERS_MOVE
        others += alone
        worst = max(worst, value * min(rate * _LARGEST_MOVES, ONE) - alone)
    return others + worst


def canada(holdings: Sequence[Holding], time: MarginTime) -> Requirement:
    """Canadian accounts: what opening asks for is asked for as long as it is held."""
    added = sum_of_rates(holdings, time)
    return Requirement(added.initial, added.initial)


def cash(holdings: Sequence[Holding], _time: MarginTime) -> Requirement:
    """Cash accounts borrow nothing: everything is paid in full."""
    value = sum((each.value for each in holdings), ZERO)
    return Requirement(value, value)


MODELS: Mapping[MarginModel, Model] = {
    MarginModel.REGULATION_T: sum_of_rates,
    MarginModel.PORTFOLIO_STRESS: portfolio_stress,
    MarginModel.CANADA: canada,
    MarginModel.CASH: cash,
}

UNDER_REGULATION_T = frozenset({MarginModel.REGULATION_T, MarginModel.PORTFOLIO_STRESS})
"""The models whose accounts must have a special memorandum account of zero or more while the window is open."""
