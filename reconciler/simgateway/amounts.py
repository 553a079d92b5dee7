"""Decimal arithmetic and its spelling on the wire. Rule: no float ever holds money, a price or a quantity."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

ZERO = Decimal(0)
ONE = Decimal(1)
_CENT = Decimal("0.01")


@lru_cache(maxsize=4096)
def cents(amount: Decimal) -> str:
    """An amount with two decimals, half up, as the gateway prints totals: `100000.00`."""
    return format(amount.quantize(_CENT, ROUND_HALF_UP) + ZERO, "f")


def exact(number: Decimal) -> str:
    """A number with all its digits and no trailing zeros: `43`, `501.255`."""
    return format(number.normalize() + ZERO, "f")


def ratio(number: Decimal, digits: int) -> str:
    """A pure number rounded to `digits` decimals."""
    return format(number.quantize(ONE.scaleb(-digits), ROUND_HALF_UP) + ZERO, "f")


def average(total: Decimal, quantity: Decimal) -> Decimal:
    """Total per share, to eight decimals; zero for no shares."""
    return (total / quantity).quantize(ONE.scaleb(-8), ROUND_HALF_UP) if quantity else ZERO
