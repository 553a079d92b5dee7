"""Money: an amount that cannot lose its currency, and the rates that convert it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NewType

from reconciler.domain.errors import InvariantBroken

Currency = NewType("Currency", str)
"""An ISO 4217 code. The broker's BASE is an aggregate and never a Currency."""


@dataclass(frozen=True)
class Money:
    """`amount` in whole units of `currency` (dollars, not cents)."""

    amount: Decimal
    currency: Currency

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: Decimal) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:,.2f} {self.currency}"

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise InvariantBroken(f"{self} and {other} are in two currencies: convert first")
        return other.amount


@dataclass(frozen=True)
class FxRate:
    """`rate` units of `target` for one unit of `source`, where it came from, and when it was true."""

    source: Currency
    target: Currency
    rate: Decimal
    origin: str
    as_of: datetime

    def convert(self, money: Money) -> Money:
        """`money`, which must be in `source`, in `target`."""
        if money.currency != self.source:
            raise InvariantBroken(f"a rate {self.source}→{self.target} cannot convert {money}")
        return Money(money.amount * self.rate, self.target)
