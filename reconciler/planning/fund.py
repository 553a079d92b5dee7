"""Fund: from wishes to whole lots that can be paid for.

Where what should pay for the buys falls short, they are scaled to the leverage target, not to what margin would admit:
every line that adds exposure is brought to the same fraction of its target, and what already holds more than that stays
as it is. What is no more than parts of lots, rounding leaves out by itself. In a cash account that fraction is what the
settled cash of the line's currency pays for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.desired import AccountSpec, AccountType
from reconciler.domain.line import Reason
from reconciler.domain.money import Money
from reconciler.domain.sizing import Sizing
from reconciler.domain.unknown import Unknown
from reconciler.planning.balances import awaited
from reconciler.planning.exposure import unpriced_exposure
from reconciler.planning.lots import final_quantities, nearest, part_of_a_lot
from reconciler.planning.purse import fractions, is_paid
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio
from reconciler.planning.scale import filled, scaled
from reconciler.planning.wish import Wish

_ZERO, _ONE = Decimal(0), Decimal(1)

_A_CENT = Decimal("0.01")
"""In base currency: below this a shortage is what dividing left over."""


@dataclass(frozen=True)
class FundedLine:
    """A wish, scaled to what pays for it, and what the line holds afterwards in whole lots; Unknown where that is."""

    wish: Wish
    target: Decimal | Unknown
    unpaid: Decimal = _ZERO
    """What the leverage target would allow beyond that, in shares or contracts, and no settled cash pays for."""

    @property
    def line(self) -> ResolvedLine:
        """The line."""
        return self.wish.line

    @property
    def drift(self) -> Decimal:
        """What an order would be: the target less what is held and works for us; 0 where the line rests or may not."""
        if not self.wish.trades or isinstance(self.target, Unknown):
            return _ZERO
        return self.target - self.line.have


def fund(
    wishes: Sequence[Wish], sizing: Sizing, account: AccountSpec, snapshot: AccountSnapshot, portfolio: TargetPortfolio
) -> tuple[Sizing, tuple[FundedLine, ...]]:
    """Every line with its whole lots, and the sizing with the fraction of their targets that buys are brought to."""
    unpriced = unpriced_exposure(portfolio, snapshot)
    # Where the worth of unpriced holdings is Unknown, so is leverage, and the limits block whatever adds risk.
    without_price = _ZERO if isinstance(unpriced, Unknown) else unpriced.amount
    over = _over_budget(wishes, sizing, without_price)
    adding = [each for each in wishes if each.trades and each.adds]
    is_slight = account.type is AccountType.MARGIN and over <= sum((part_of_a_lot(each) for each in adding), _ZERO)
    fraction = _ONE if is_slight else _funded_fraction(adding, max(over, _ZERO))
    wanted = tuple(scaled(each, fraction, account) for each in wishes)
    found = _within_cash(wanted, account, snapshot, portfolio) if account.type is AccountType.CASH else wanted
    quantities = final_quantities(found, -over if is_slight else max(-over, _ZERO), sizing, account)
    lines = (_funded(each, before, quantities) for each, before in zip(found, wanted, strict=True))
    return replace(sizing, funded=fraction), tuple(lines)


def _over_budget(wishes: Sequence[Wish], sizing: Sizing, without_price: Decimal) -> Decimal:
    """By how much the lines together would come to more than the base asks for; below zero, what is left of that."""
    planned = sum((each.unit * _planned(each) for each in wishes), _ZERO)
    wanted = sum((abs(each.line.target.weight) for each in wishes), _ZERO) * sizing.base.amount
    over = planned + without_price - wanted
    return over if abs(over) > _A_CENT else _ZERO


def _planned(wish: Wish) -> Decimal:
    """What a line comes to, without its sign, where all that it adds is funded."""
    if not wish.trades:
        return abs(wish.line.have)
    return wish.wanted if wish.adds else abs(nearest(wish))


def _funded_fraction(adding: Sequence[Wish], over: Decimal) -> Decimal:
    """The fraction of their targets to which lines that add exposure come, so that they come to so much less."""
    lines = [(each.wanted * each.unit, each.held * each.unit) for each in adding]
    return filled(lines, sum((goal for goal, _ in lines), _ZERO) - over)


def _within_cash(
    wishes: tuple[Wish, ...], account: AccountSpec, snapshot: AccountSnapshot, portfolio: TargetPortfolio
) -> tuple[Wish, ...]:
    """What settled cash pays for, once our own working orders have spent theirs of it."""
    if isinstance(snapshot.settled, Unknown):
        why = f"what is settled is not known, and a cash account buys with nothing else: {snapshot.settled.why}"
        return tuple(_unfunded(each, why) if is_paid(each) else each for each in wishes)
    spent = awaited(portfolio, snapshot)
    left = {
        currency: money + Money(min(spent.get(currency, _ZERO), _ZERO), currency)
        for currency, money in snapshot.settled.items()
    }
    paid = fractions(wishes, left)
    return tuple(scaled(each, paid.get(each.line.number, _ONE), account) for each in wishes)


def _unfunded(wish: Wish, why: str) -> Wish:
    return replace(wish.rests(Reason.BLOCKED), blocked=why)


def _funded(wish: Wish, wanted: Wish, quantities: Mapping[int, Decimal]) -> FundedLine:
    target = _target(wish, quantities)
    if wanted.goal in (None, wish.goal) or isinstance(target, Unknown):
        return FundedLine(wish, target)
    return FundedLine(wish, target, wanted.wanted - abs(target))


def _target(wish: Wish, quantities: Mapping[int, Decimal]) -> Decimal | Unknown:
    if wish.blocked is not None and isinstance(wish.sized.exact, Unknown):
        return wish.sized.exact
    if wish.goal is None:
        return wish.line.have
    return quantities[wish.line.number] if wish.line.number in quantities else nearest(wish)
