"""The balances of an account by currency, and the rates that its figures are converted by."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.unknown import Unknown


@dataclass(frozen=True)
class CurrencyBalance:
    """What is held in one currency, now and after the plan's orders; below zero it is the broker's loan.

    `rate` converts one unit into base currency, and says where it is from and how old it is. `market` is what the
    currency pair is quoted at, the other way to know it; None for the base currency.
    """

    currency: Currency
    rate: FxRate | Unknown
    market: Decimal | Unknown | None
    before: Money | Unknown
    after: Money | Unknown
