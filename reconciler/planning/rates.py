"""Rates: what a currency is worth that the account has nothing of. The broker tells no rate then, and the market does.

Without one, a first line in a currency would wait for somebody who converts into it by hand. Where the account holds or
owes something in the currency, the broker's own rate has to come: without it the reading is not whole (promise 1).
"""

from dataclasses import replace
from datetime import datetime

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.desired import AccountSpec
from reconciler.domain.money import Currency, FxRate
from reconciler.domain.unknown import Unknown
from reconciler.planning.pairs import market_rate, pair_name
from reconciler.planning.quotes import why_untradable


def with_market_rates(account: AccountSpec, snapshot: AccountSnapshot, *, now: datetime) -> AccountSnapshot:
    """The snapshot with the market's rate of each currency that nothing but lines are in, or why there is none.

    `now` is what the age of the pair's quote counts from.
    """
    used = {target.instrument.currency for target in account.portfolio.targets}
    lacking = {each for each in used if isinstance(snapshot.rate(each), Unknown) and _has_nothing_of(each, snapshot)}
    rates = {each: _market_rate(each, account, snapshot, now) for each in sorted(lacking)}
    return replace(snapshot, rates={**snapshot.rates, **rates}) if rates else snapshot


def _has_nothing_of(currency: Currency, snapshot: AccountSnapshot) -> bool:
    """Whether nothing is held or owed in it. What was not read may be anything."""
    if isinstance(snapshot.cash, Unknown) or isinstance(snapshot.positions, Unknown):
        return False
    balance = snapshot.cash.get(currency)
    return (balance is None or balance.amount == 0) and all(each.currency != currency for each in snapshot.positions)


def _market_rate(
    currency: Currency, account: AccountSpec, snapshot: AccountSnapshot, now: datetime
) -> FxRate | Unknown:
    name = pair_name(currency, snapshot.base_currency)
    contract = snapshot.contracts.get(name, Unknown("it was not asked for"))
    quote = contract if isinstance(contract, Unknown) else snapshot.quotes.get(contract.con_id, Unknown("no quote"))
    rate = market_rate(currency, snapshot.base_currency, quote)
    why = rate.why if isinstance(rate, Unknown) else why_untradable(quote, account, contract, now=now)
    if why is not None or isinstance(rate, Unknown) or isinstance(quote, Unknown):
        return Unknown(
            f"no exchange rate from {currency} to {snapshot.base_currency}: the broker tells none of a currency that "
            f"the account has nothing of, and the market's {name} cannot be used: {why}"
        )
    return FxRate(currency, snapshot.base_currency, rate, f"the market's {name}", quote.as_of)
