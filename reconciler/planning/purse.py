"""Purse: what a cash account pays its buys with: the settled cash of each line's own currency, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from reconciler.domain.contract import FUTURE
from reconciler.domain.money import Currency, Money
from reconciler.domain.unknown import Unknown
from reconciler.planning.scale import filled
from reconciler.planning.wish import Wish

ROOM = Decimal("0.01")
"""Of what lines are to be worth: left for commissions, and for prices that move until orders fill.

It is reckoned from all targets, not from what is still to be bought, so that the next plan finds it used up.
"""
_ZERO = Decimal(0)


def purses(wishes: Iterable[Wish]) -> dict[Currency, list[Wish]]:
    """Lines by the currency that pays for them."""
    found: dict[Currency, list[Wish]] = {}
    for each in wishes:
        found.setdefault(each.line.target.instrument.currency, []).append(each)
    return dict(sorted(found.items()))


def is_paid(wish: Wish) -> bool:
    """Whether it adds exposure and costs its price: a future asks for margin."""
    return wish.trades and wish.adds and wish.line.target.instrument.sec_type != FUTURE


def fractions(wishes: Iterable[Wish], settled: Mapping[Currency, Money]) -> dict[int, Decimal]:
    """The fraction of its goal that settled cash pays for, of each line that is paid, by its number."""
    every = list(wishes)
    reserved = {currency: ROOM * _worth(group) for currency, group in purses(every).items()}
    return {
        each.line.number: fraction
        for currency, group in purses(each for each in every if is_paid(each)).items()
        for fraction in [_fraction(group, settled.get(currency, Money(_ZERO, currency)), reserved[currency])]
        for each in group
    }


def _fraction(group: Sequence[Wish], settled: Money, reserved: Decimal) -> Decimal:
    lines = [(each.wanted * _price(each), each.held * _price(each)) for each in group]
    spendable = max(settled.amount - reserved, _ZERO)
    return filled(lines, sum((held for _, held in lines), _ZERO) + spendable)


def _worth(group: Iterable[Wish]) -> Decimal:
    """What the targets of one currency are worth in it."""
    exact = ((each.sized.exact, _price(each)) for each in group)
    return sum((abs(quantity) * price for quantity, price in exact if not isinstance(quantity, Unknown)), _ZERO)


def _price(wish: Wish) -> Decimal:
    """What one share costs, in its own currency."""
    return _ZERO if isinstance(wish.line.price, Unknown) else wish.line.price * wish.line.multiplier
