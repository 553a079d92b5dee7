"""Exchange: which currencies a plan has to convert, and how much of each.

Where the account's manifest says to convert, what a currency lacks after the orders is bought with the base currency,
and what another one has beyond its needs pays back what is owed in the base currency. Where it says to borrow, the
broker lends. A cash account converts what its buys lack that settled cash does not pay for yet: what is bought so
settles later, and the buys wait for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, Side
from reconciler.domain.desired import AccountSpec, AccountType, CurrencyFunding
from reconciler.domain.line import Line
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderIntent
from reconciler.domain.sizing import Sizing
from reconciler.domain.unknown import Unknown
from reconciler.planning.allot import Terms
from reconciler.planning.balances import Amounts, awaited, balance_now, moved_by, together, worth
from reconciler.planning.conversion import conversion
from reconciler.planning.diff import Change, diff
from reconciler.planning.fund import FundedLine
from reconciler.planning.pairs import bought
from reconciler.planning.purse import ROOM

_ZERO = Decimal(0)


@dataclass(frozen=True)
class _Leg:
    """The exchange of one foreign currency: bought for the base currency, or sold for it."""

    currency: Currency
    is_bought: bool
    change: Change

    @property
    def blocked(self) -> str | None:
        """Why it cannot be ordered."""
        return self.change.line.blocked


def exchange(
    funded: tuple[FundedLine, ...], sizing: Sizing, terms: Terms
) -> tuple[tuple[FundedLine, ...], tuple[Change, ...]]:
    """The lines, and the conversions that they need. A line is left alone whose currency cannot be had.

    Where the balances were not read, nothing is converted.
    """
    legs = _legs(funded, sizing, terms)
    failed = [leg for leg in legs if leg.blocked is not None]
    # What is owed in the base currency is the leverage, which the broker lends in any case.
    blocked = {leg.currency: leg.blocked or "" for leg in failed if leg.is_bought}
    if any(_needs(each, blocked) for each in funded):
        funded = tuple(_unpaid_for(each, blocked) if _needs(each, blocked) else each for each in funded)
        told = {leg.currency for leg in failed}
        legs = [*failed, *(leg for leg in _legs(funded, sizing, terms) if leg.currency not in told)]
    first = len(terms.portfolio.lines) + 1
    in_order = sorted(legs, key=lambda leg: leg.currency)
    return funded, tuple(_numbered(leg.change, number) for number, leg in enumerate(in_order, start=first))


def unpaid(
    orders: Iterable[OrderIntent], dropped: Iterable[OrderIntent], lines: Iterable[Line], base: Currency
) -> dict[OrderIntent, str]:
    """Those of a plan's orders that may not be sent, and why, where these are not: conversions that pay for them."""
    missing = {bought(each) for each in dropped if each.converts} - {base}
    currencies = {line.number: line.currency for line in lines}
    adding = (each for each in orders if each.side is Side.BUY and not each.reduces_risk and not each.converts)
    return {
        each: f"{each.instrument}: the {currencies[each.line]} that pays for it was not exchanged"
        for each in adding
        if currencies[each.line] in missing
    }


def _numbered(change: Change, number: int) -> Change:
    orders = tuple(replace(order, line=number) for order in change.orders)
    return Change(replace(change.line, number=number), orders)


def _needs(funded: FundedLine, blocked: Mapping[Currency, str]) -> bool:
    """Whether it buys more with a currency that cannot be had."""
    return funded.drift > 0 and funded.wish.adds and funded.line.target.instrument.currency in blocked


def _unpaid_for(funded: FundedLine, blocked: Mapping[Currency, str]) -> FundedLine:
    currency = funded.line.target.instrument.currency
    why = f"the {currency} that pays for it cannot be exchanged: {blocked[currency]}"
    return replace(funded, wish=replace(funded.wish, blocked=why))


def _legs(funded: Sequence[FundedLine], sizing: Sizing, terms: Terms) -> list[_Leg]:
    account, snapshot = terms.account, terms.snapshot
    if isinstance(snapshot.cash, Unknown):
        return []
    return [
        _Leg(currency, amount > 0, change)
        for currency, amount in _wanted(funded, sizing, terms).items()
        if (change := conversion(currency, amount, account, snapshot, now=terms.now)) is not None
    ]


def _wanted(funded: Sequence[FundedLine], sizing: Sizing, terms: Terms) -> dict[Currency, Decimal]:
    """By foreign currency, how much of it is bought with base currency, or sold for it (negative)."""
    account, snapshot, portfolio = terms.account, terms.snapshot, terms.portfolio
    changes = (diff(each, account, sizing.net_liquidation) for each in funded)
    own = moved_by(portfolio, [order for change in changes for order in change.orders])
    moved = together(own, awaited(portfolio, snapshot))
    if account.type is AccountType.CASH:
        return _for_unpaid(account, snapshot, moved, funded)
    if account.currency_funding is CurrencyFunding.BORROW:
        return {}
    after = {each: balance_now(each, snapshot) + moved.get(each, _ZERO) for each in _foreign(snapshot, moved)}
    lacking = {each: -amount for each, amount in after.items() if _is_worth(each, -amount, account, snapshot)}
    if terms.options.is_partial:
        # What the chosen lines spend is exchanged, and nothing else of the account.
        return {each: min(amount, -own[each]) for each, amount in lacking.items() if own.get(each, _ZERO) < 0}
    owed = -balance_now(snapshot.base_currency, snapshot) - moved.get(snapshot.base_currency, _ZERO)
    owed += sum((worth(each, amount, snapshot) for each, amount in lacking.items()), _ZERO)
    return lacking | _to_pay_back(owed, after, account, snapshot)


def _foreign(snapshot: AccountSnapshot, moved: Amounts) -> list[Currency]:
    cash = {} if isinstance(snapshot.cash, Unknown) else snapshot.cash
    return sorted((cash.keys() | moved.keys()) - {snapshot.base_currency})


def _to_pay_back(
    owed: Decimal, after: Amounts, account: AccountSpec, snapshot: AccountSnapshot
) -> dict[Currency, Decimal]:
    """What is sold of currencies that have more than they need, as long as so much of the base currency is owed."""
    sold: dict[Currency, Decimal] = {}
    for currency in sorted(after, key=lambda each: (-worth(each, after[each], snapshot), each)):
        whole = worth(currency, after[currency], snapshot)
        part = min(whole, owed)
        if part > 0 and part >= account.policy.minimum_conversion:
            sold[currency] = -after[currency] * part / whole
            owed -= part
    return sold


def _for_unpaid(
    account: AccountSpec, snapshot: AccountSnapshot, moved: Amounts, funded: Sequence[FundedLine]
) -> dict[Currency, Decimal]:
    """What the buys of each foreign currency lack, as far as the settled base currency goes.

    What is there and not settled yet, and what this plan's own sales bring, pays for them later: it is not lacking.
    """
    base = snapshot.base_currency
    unpaid = _unpaid(funded)
    lacking = {
        each: amount - balance_now(each, snapshot) - moved.get(each, _ZERO)
        for each, amount in unpaid.items()
        if each != base
    }
    lacking = {each: amount for each, amount in lacking.items() if amount > 0}
    settled = {} if isinstance(snapshot.settled, Unknown) else snapshot.settled
    own = min(settled[base].amount if base in settled else _ZERO, balance_now(base, snapshot))
    free = max(own + min(moved.get(base, _ZERO), _ZERO) - _reserved(funded), _ZERO)
    total = sum((worth(currency, amount, snapshot) for currency, amount in lacking.items()), _ZERO)
    share = min(free / total, Decimal(1)) if total > 0 else _ZERO
    return {
        currency: amount * share
        for currency, amount in lacking.items()
        if _is_worth(currency, amount * share, account, snapshot)
    }


def _reserved(funded: Sequence[FundedLine]) -> Decimal:
    """What is left in base currency, of all targets, for commissions and for prices that move."""
    exact = ((each.wish.sized.exact, each.wish.unit) for each in funded)
    worth = (abs(quantity) * unit for quantity, unit in exact if not isinstance(quantity, Unknown))
    return ROOM * sum(worth, _ZERO)


def _unpaid(funded: Sequence[FundedLine]) -> dict[Currency, Decimal]:
    """What buys would cost that nothing settled pays for, in their currencies."""
    lacking: dict[Currency, Decimal] = {}
    for each in funded:
        line = each.line
        if each.unpaid > 0 and not isinstance(line.price, Unknown):
            currency = line.target.instrument.currency
            lacking[currency] = lacking.get(currency, _ZERO) + each.unpaid * line.price * line.multiplier
    return lacking


def _is_worth(currency: Currency, amount: Decimal, account: AccountSpec, snapshot: AccountSnapshot) -> bool:
    value = worth(currency, amount, snapshot)
    return value > 0 and value >= account.policy.minimum_conversion
