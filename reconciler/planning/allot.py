"""Allot: what each line ends with: wishes, funded in whole lots, until another plan would find nothing to fund.

Where there is not enough for all, whole lots leave a little over, and it goes to those that are still short of their
targets. Lines within one lot of their target rest, unless leverage would stay above its limit by that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.contract import FUTURE
from reconciler.domain.desired import AccountSpec, AccountType
from reconciler.domain.history import History
from reconciler.domain.money import Currency, Money
from reconciler.domain.options import RunOptions
from reconciler.domain.sizing import Sizing
from reconciler.domain.unknown import Unknown
from reconciler.planning.exposure import gross_exposure, leverage_of
from reconciler.planning.fund import FundedLine, fund
from reconciler.planning.resolve import TargetPortfolio
from reconciler.planning.size import SizedPortfolio
from reconciler.planning.wish import wishes

_ZERO = Decimal(0)
MOST_ROUNDS = 20
"""How often what is left over is handed on. Each round leaves a fraction of the one before it."""


@dataclass(frozen=True)
class Terms:
    """What an allotment goes by besides the sizes."""

    account: AccountSpec
    snapshot: AccountSnapshot
    portfolio: TargetPortfolio
    history: History
    options: RunOptions
    now: datetime


def allot(sized: SizedPortfolio, terms: Terms) -> tuple[Sizing, tuple[FundedLine, ...]]:
    """Every line with its whole lots, and the sizing with the fraction of their targets that buys are brought to."""
    sizing, funded = _funded(sized, terms, frozenset())
    final = {each.line.number: each.line.have + each.drift for each in funded}
    gross = gross_exposure(terms.portfolio, terms.snapshot, final)
    leverage = leverage_of(gross, sizing.net_liquidation)
    if isinstance(leverage, Unknown) or leverage <= terms.account.limits.max_leverage:
        return sizing, funded
    above = frozenset(each.line.number for each in funded if _ends_just_above(each))
    return _funded(sized, terms, above) if above else (sizing, funded)


def _ends_just_above(funded: FundedLine) -> bool:
    """Whether a line ends above its exact target, by less than a lot."""
    exact, final = funded.wish.sized.exact, funded.line.have + funded.drift
    return not isinstance(exact, Unknown) and _ZERO < abs(final) - abs(exact) <= funded.line.lot


def _funded(sized: SizedPortfolio, terms: Terms, floored: frozenset[int]) -> tuple[Sizing, tuple[FundedLine, ...]]:
    sizing, funded = _once(sized, terms, floored)
    for _ in range(MOST_ROUNDS if _leaves_some(sizing, terms.account) else 0):
        _, more = _once(_after(sized, funded), replace(terms, snapshot=_paid(terms.snapshot, funded)), floored)
        funded = tuple(_both(first, again) for first, again in zip(funded, more, strict=True))
        if not any(each.drift for each in more):
            break
    return sizing, funded


def _leaves_some(sizing: Sizing, account: AccountSpec) -> bool:
    """Whether whole lots may leave over what another line could use: where not every line gets all that it wants."""
    return sizing.funded < 1 or account.type is AccountType.CASH


def _once(sized: SizedPortfolio, terms: Terms, floored: frozenset[int]) -> tuple[Sizing, tuple[FundedLine, ...]]:
    wanted = wishes(sized, terms.account, terms.history, terms.options, floored=floored, now=terms.now)
    return fund(wanted, sized.sizing, terms.account, terms.snapshot, terms.portfolio)


def _after(sized: SizedPortfolio, funded: Sequence[FundedLine]) -> SizedPortfolio:
    """The lines as they are once these are filled."""
    lines = (
        replace(each, line=replace(each.line, held=each.line.held + one.drift))
        for each, one in zip(sized.lines, funded, strict=True)
    )
    return replace(sized, lines=tuple(lines))


def _paid(snapshot: AccountSnapshot, funded: Sequence[FundedLine]) -> AccountSnapshot:
    """The account with so much less of settled cash as buys cost."""
    if isinstance(snapshot.settled, Unknown):
        return snapshot
    settled: dict[Currency, Money] = dict(snapshot.settled)
    for each in funded:
        price, currency = each.line.price, each.line.target.instrument.currency
        is_paid = each.drift > 0 and each.line.target.instrument.sec_type != FUTURE
        if is_paid and currency in settled and not isinstance(price, Unknown):
            settled[currency] -= Money(each.drift * price * each.line.multiplier, currency)
    return replace(snapshot, settled=settled)


def _both(first: FundedLine, again: FundedLine) -> FundedLine:
    """One line after two rounds, with the reason of the one in which it trades."""
    if not again.drift:
        return replace(first, unpaid=again.unpaid)
    restored = replace(again.wish, sized=replace(again.wish.sized, line=first.line))
    return FundedLine(first.wish if first.drift else restored, again.target, again.unpaid)
