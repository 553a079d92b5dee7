"""Exchange: which currencies a plan has to convert, and how much of each.

Where the account's manifest says to convert, what a currency lacks after the orders is bought with the base currency,
and what another one has beyond its needs pays back what is owed in the base currency. Where it says to borrow, the
broker lends. A cash account converts what its buys lack that settled cash does not pay for yet: what is bought so
settles later, and the buys wait for it.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.desired import AccountSpec, AccountType, CurrencyFunding
from reconciler.domain.money import Currency
from reconciler.domain.unknown import Unknown
from reconciler.planning.balances import Amounts, balance_now, worth
from reconciler.planning.conversion import conversion
from reconciler.planning.diff import Change
from reconciler.planning.fund import FundedLine
from reconciler.planning.purse import ROOM

_ZERO = Decimal(0)


def conversions(
    account: AccountSpec,
    snapshot: AccountSnapshot,
    moved: Amounts,
    funded: Sequence[FundedLine],
    *,
    first_number: int,
    now: datetime,
) -> tuple[Change, ...]:
    """The conversions beside orders that move these amounts, numbered from `first_number`.

    Where the balances were not read, nothing is converted.
    """
    if isinstance(snapshot.cash, Unknown):
        return ()
    wanted = sorted(_wanted(account, snapshot, moved, funded).items())
    legs = (
        conversion(number, currency, amount, account, snapshot, now=now)
        for number, (currency, amount) in enumerate(wanted, start=first_number)
    )
    return tuple(each for each in legs if each is not None)


def _wanted(
    account: AccountSpec, snapshot: AccountSnapshot, moved: Amounts, funded: Sequence[FundedLine]
) -> dict[Currency, Decimal]:
    """By foreign currency, how much of it is bought with base currency, or sold for it (negative)."""
    if account.type is AccountType.CASH:
        return _for_unpaid(account, snapshot, moved, funded)
    if account.currency_funding is CurrencyFunding.BORROW:
        return {}
    after = {each: balance_now(each, snapshot) + moved.get(each, _ZERO) for each in _foreign(snapshot, moved)}
    lacking = {each: -amount for each, amount in after.items() if _is_worth(each, -amount, account, snapshot)}
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
        each: amount - max(balance_now(each, snapshot) + moved.get(each, _ZERO), _ZERO)
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
