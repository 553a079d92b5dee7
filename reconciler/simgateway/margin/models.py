"""Margin models: from what is held to what it asks for. Rule: each is a pure function in the table MODELS.

The broker computes by stress scenarios over the whole account and takes the greater of several, so what single orders
ask for does not add up. `portfolio_stress` does so with three simple formulas of its own; the broker's are not public.
Futures are margined by their rates on the notional value in every model, and options that were sold by theirs on the
value of the underlying.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books import regulation_t
from reconciler.simgateway.books.agreement import MarginModel
from reconciler.simgateway.market.instruments import MarginRates
from reconciler.simgateway.market.margin_calendar import MarginTime

_LARGEST_MOVES = Decimal(2)
_OTHERS_MOVE = Decimal("0.25")


class Holding(NamedTuple):
    """What is asked for of a position in base currency, never below zero, and the rates in force for it.

    It is the gross value, but for an option that was sold: `exposure` has it.
    """

    value: Decimal
    rates: MarginRates


class Requirement(NamedTuple):
    """What opening the holdings asks for, and what keeping them does."""

    initial: Decimal = ZERO
    maintenance: Decimal = ZERO

    def plus(self, other: "Requirement") -> "Requirement":
        """Both requirements together."""
        return Requirement(self.initial + other.initial, self.maintenance + other.maintenance)


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
    half = sum((each.value for each in holdings), ZERO) * regulation_t.RATE if time.regulation_t else ZERO
    initial = _stressed([(each.value, each.value * each.rates.initial) for each in holdings])
    maintenance = _stressed([(each.value, each.value * each.rates.maintenance) for each in holdings])
    return Requirement(max(initial, half), maintenance)


def _stressed(holdings: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """From the value of each holding and what its rate asks for: the sum of rates, or the stress that exceeds it.

    In the stress one name moves by twice its rate, at most by its whole value, all others by a quarter of theirs. The
    worst name counts. It exceeds the sum of rates once one name asks for more than three sevenths of that sum.
    """
    added = worst = ZERO
    for value, asked in holdings:
        added += asked
        moved = min(asked * _LARGEST_MOVES, value) - asked * _OTHERS_MOVE
        worst = max(worst, moved)
    return max(added, added * _OTHERS_MOVE + worst)


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
