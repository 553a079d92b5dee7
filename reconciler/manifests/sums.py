"""Sums of weights, and how they are written for a person."""

from decimal import Decimal

TOLERANCE = Decimal("0.000001")
"""How far the sum of weights may be from 1: written percentages are rounded."""
_MOST_DIGITS = 16


def percent(weight: Decimal) -> str:
    """`13%` for 0.13, with as many digits as it has; of a ratio without end, the first few."""
    percentage = weight * 100
    has_no_end = -int(percentage.as_tuple().exponent) > _MOST_DIGITS
    text = format(round(percentage, _MOST_DIGITS // 2) if has_no_end else percentage, "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"
