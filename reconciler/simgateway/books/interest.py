"""Interest on cash: what a day adds to the accruals, and what a month's end pays. Pure values and functions.

Rates are annual fractions; a day is a 360th of the year, as money markets count it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from reconciler.simgateway.amounts import ZERO

_DAYS_OF_A_YEAR = Decimal(360)
_DIGITS = Decimal("0.00000001")
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class InterestRates:
    """What loans cost and what credit earns, by currency. A currency that is not named costs `any_loan`."""

    loan: Mapping[str, Decimal] = field(default_factory=dict)
    credit: Mapping[str, Decimal] = field(default_factory=dict)
    any_loan: Decimal = ZERO

    def accrual(self, currency: str, balance: Decimal, days: int = 1) -> Decimal:
        """What a balance earns in some days, below zero for a loan; to eight decimals."""
        rate = self.loan.get(currency, self.any_loan) if balance < 0 else self.credit.get(currency, ZERO)
        return (balance * rate * days / _DAYS_OF_A_YEAR).quantize(_DIGITS, ROUND_HALF_UP)


NO_INTEREST = InterestRates()
USUAL_INTEREST = InterestRates(any_loan=Decimal("0.06"))
"""Where a scenario says nothing: loans cost about what a retail loan in USD does, credit earns nothing."""
HALF_A_MONTH = 15
"""Days of interest on its loans that an account owes from the start, where a scenario says nothing."""


def payable(accrued: Decimal) -> Decimal:
    """The part of an accrual that can be paid: whole cents."""
    return accrued.quantize(_CENT, ROUND_HALF_UP)
