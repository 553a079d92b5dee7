"""Sums of weights, and how they are written for a person."""

from decimal import Decimal

TOLERANCE = Decimal("0.000001")
"""How far the sum of weights may be from 1: written percentages are rounded."""


def percent(weight: Decimal) -> str:
    """`13%` for 0.13, with as many digits as it has."""
    text = format(weight * 100, "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"
