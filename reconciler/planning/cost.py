"""Cost: what a plan's orders are estimated to cost, and what the loan after them costs in a year."""

from collections.abc import Iterable
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.desired import AccountSpec
from reconciler.domain.line import Line, LineKind
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown


def cost_of(
    account: AccountSpec, snapshot: AccountSnapshot, lines: Iterable[Line], balances: Iterable[CurrencyBalance]
) -> Cost:
    """All of it in base currency. What one line does not know, the sum does not know either."""
    trading = [line for line in lines if line.order]
    orders = [line for line in trading if line.kind is not LineKind.CURRENCY]
    conversions = [line for line in trading if line.kind is LineKind.CURRENCY]
    loan = _loan(balances, snapshot)
    return Cost(
        commission=_sum((line.commission for line in orders), snapshot),
        half_spread=_sum((line.half_spread for line in orders), snapshot),
        conversion=_sum((part for line in conversions for part in (line.commission, line.half_spread)), snapshot),
        loan=loan,
        financing=_financing(loan, account.financing_rate),
    )


def _sum(parts: Iterable[Money | Unknown | None], snapshot: AccountSnapshot) -> Money | Unknown:
    total = Money(Decimal(0), snapshot.base_currency)
    for part in parts:
        if part is None:
            return Unknown("the broker was not asked what it would cost")
        if isinstance(part, Unknown):
            return part
        rate = snapshot.rate(part.currency)
        if isinstance(rate, Unknown):
            return rate
        total += rate.convert(part)
    return total


def _loan(balances: Iterable[CurrencyBalance], snapshot: AccountSnapshot) -> Money | Unknown:
    """What is owed in all currencies together. A balance in one does not make up for a loan in another."""
    total = Money(Decimal(0), snapshot.base_currency)
    for each in balances:
        if isinstance(each.after, Unknown):
            return each.after
        if each.after.amount < 0:
            if isinstance(each.rate, Unknown):
                return each.rate
            total += each.rate.convert(-each.after)
    return total


def _financing(loan: Money | Unknown, rate: Decimal | None) -> Money | Unknown:
    if isinstance(loan, Unknown):
        return loan
    if loan.amount == 0:
        return loan
    return Unknown("the account's manifest names no financingRate") if rate is None else loan * rate
