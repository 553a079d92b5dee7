"""The accounts of the login, as they stand at the start."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from reconciler.simgateway.books.agreement import MarginModel, Pricing
from reconciler.simgateway.market.rates import Pairs, exchange_rate
from reconciler.simgateway.scenario.margin import MarginSpec
from reconciler.simgateway.scenario.vocabulary import MOST, Amount, Currency, Finding, Positive, Share, Strict

_OF_DAY_TRADERS = "USD"
"""The currency of the amount from which on day trades are not limited."""


class PositionSpec(Strict):
    """A holding at the start. Without an average cost, which includes a multiplier, the mark is it."""

    quantity: Annotated[Decimal, Field(ge=-MOST, le=MOST, decimal_places=8)]
    """Shares or contracts; below zero it is short."""
    average_cost: Positive | None = None
    """Cost of one; without it, the mark at the start."""


class InterestSpec(Strict):
    """What loans cost and credit earns, as annual fractions by currency; nothing in a currency that is not named."""

    loan: dict[Currency, Share] = Field(default_factory=dict)
    """What loans cost, an annual fraction by currency."""
    credit: dict[Currency, Share] = Field(default_factory=dict)
    """What credit earns, an annual fraction by currency."""


class AccountSpec(Strict):
    """An account at the start.

    `exchange_rates`: what one unit of a currency is worth in the base currency, where it does not follow the currency
    pairs among the instruments. `accruals` is interest earned (below zero: owed) and not yet paid. Where nothing is
    said of accruals and interest, loans cost the usual interest and half a month of it is owed; nothing of that in a
    smooth scenario.
    """

    base_currency: Currency = "USD"
    """The currency in which the account is told."""
    cash: dict[Currency, Amount] = Field(default_factory=dict)
    """Cash by currency; below zero it is a loan."""
    exchange_rates: dict[Currency, Positive] = Field(default_factory=dict)
    """What one unit of a currency is worth in the base currency."""
    positions: dict[str, PositionSpec] = Field(default_factory=dict)
    """Holdings by the name of the instrument."""
    margin: MarginSpec | None = None
    """The margin model."""
    commissions: Pricing | None = None
    """The tariff, if it is not that of the scenario."""
    accruals: dict[Currency, Amount] | None = None
    """Interest earned, or owed below zero, and not yet paid, by currency."""
    interest: InterestSpec | None = None
    """Interest, if it is not that of the scenario."""
    day_trades_remaining: Annotated[int, Field(ge=0, le=10**9)] | None = None
    """How many day trades it may still make; without it, as many as it likes."""


def findings(accounts: Mapping[str, AccountSpec], traded: set[str], pairs: Pairs) -> Iterator[Finding]:
    """What is wrong with accounts that meet instruments in the currencies `traded`, and currency pairs."""
    for name, account in accounts.items():
        met = traded | set(account.cash) | set(account.accruals or {})
        if account.day_trades_remaining is not None:
            met |= {_OF_DAY_TRADERS}
        for currency in sorted(met - set(account.exchange_rates)):
            if exchange_rate(currency, account.base_currency, pairs) is not None:
                continue
            yield "103", ("accounts", name), f"the account has no exchange rate for {currency}"
        if account.exchange_rates.get(account.base_currency, 1) != 1:
            path = ("accounts", name, "exchange_rates", account.base_currency)
            yield "103", path, "the base currency's rate is 1"
        yield from _cash_account(name, account)


def _cash_account(name: str, account: AccountSpec) -> Iterator[Finding]:
    """What a cash account cannot start with: a loan, or a short position."""
    if account.margin is None or account.margin.model is not MarginModel.CASH:
        return
    for currency, amount in account.cash.items():
        if amount < 0:
            yield "106", ("accounts", name, "cash", currency), "a cash account has no loan"
    for symbol, position in account.positions.items():
        if position.quantity < 0:
            yield "106", ("accounts", name, "positions", symbol), "a cash account holds nothing short"
