"""Currencies: what may be owed in each, and how far the broker's exchange rate may be from the market's."""

from decimal import ROUND_CEILING, Decimal

from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.limits import Limit
from reconciler.domain.money import Currency
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation
from reconciler.planning.checks.subject import Subject

_PER_MILLE = Decimal("0.001")


def check_currency_loan(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, what is owed in each currency / net liquidation stays within `maxCurrencyLoan`."""
    most = subject.limits.max_currency_loan
    if most is None:
        return ()
    found = (_loan(each, subject, most) for each in subject.balances)
    return tuple(each for each in found if each is not None)


def _loan(balance: CurrencyBalance, subject: Subject, most: Decimal) -> Violation | None:
    field, bound = "max_currency_loan", f"{most:.2f}"
    if isinstance(balance.after, Unknown) or isinstance(balance.rate, Unknown):
        why = balance.after.why if isinstance(balance.after, Unknown) else balance.rate
        message = f"what would be owed in {balance.currency} is not known: {why}"
        return subject.violation(Limit.MAX_CURRENCY_LOAN, field, message, "unknown", bound)
    owed = subject.share(balance.rate.convert(-balance.after))
    if owed <= most:
        return None
    before = None if isinstance(balance.before, Unknown) else subject.share(balance.rate.convert(-balance.before))
    return subject.violation(
        Limit.MAX_CURRENCY_LOAN,
        field,
        f"{-balance.after} would be owed, {owed:.1%} of net liquidation",
        f"{owed:.4f}",
        bound,
        existed_before=before is not None and before > most,
        holds=subject.holds(worse=before is None or owed > before),
        remedy=f"let the account convert (currencyFunding: convert), or raise maxCurrencyLoan to "
        f"{owed.quantize(_PER_MILLE, ROUND_CEILING)}",
    )


def check_fx_deviation(subject: Subject) -> tuple[Violation, ...]:
    """The broker's rate of each currency in use lies within `maxFxDeviation` of the market's.

    Every size in the currency hangs on it, sells included, so that it holds up everything.
    """
    used = {stake.currency for stake in subject.stakes}
    used |= {Currency(each) for order in subject.orders if order.converts for each in order.instrument.split(".")}
    used -= {subject.account.base_currency}
    found = (_deviation(each, subject) for each in subject.balances if each.currency in used)
    return tuple(each for each in found if each is not None)


def _deviation(balance: CurrencyBalance, subject: Subject) -> Violation | None:
    most, field = subject.limits.max_fx_deviation, "max_fx_deviation"
    if isinstance(balance.rate, Unknown) or balance.market is None:
        return None  # a missing rate blocks the account by itself
    if isinstance(balance.market, Unknown):
        message = f"the broker's rate of {balance.currency} cannot be held against the market's: {balance.market.why}"
        return subject.violation(
            Limit.MAX_FX_DEVIATION, field, message, "unknown", f"{most:.3f}", holds=Holds.EVERYTHING
        )
    off = abs(balance.rate.rate / balance.market - 1)
    if off <= most:
        return None
    return subject.violation(
        Limit.MAX_FX_DEVIATION,
        field,
        f"the broker converts {balance.currency} at {balance.rate.rate:f}, the market at {balance.market:.5f}",
        f"{off:.4f}",
        f"{most:.3f}",
        holds=Holds.EVERYTHING,
        remedy="find out which of the two is wrong, or raise maxFxDeviation to "
        f"{off.quantize(_PER_MILLE, ROUND_CEILING)}",
    )
