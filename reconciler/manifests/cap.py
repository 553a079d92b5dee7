"""The cap of a sleeve: no line gets more than its share of the sleeve, and the others take up what is above.

As capped indices do it: lines above the cap get the cap, what that frees goes to the others in proportion to their
weights, and this is repeated until it holds. Sorted by weight, the end of it is found in one pass.
"""

from collections.abc import Sequence
from fractions import Fraction


def capped(shares: Sequence[Fraction], cap: Fraction) -> tuple[Fraction, ...] | None:
    """The shares under the cap, in their order and with their sum; None where the cap cannot be met.

    Shares are zero or more. A share of zero stays zero: it closes a position.
    """
    total = sum(shares, Fraction(0))
    order = sorted(range(len(shares)), key=lambda index: shares[index], reverse=True)
    rest, scale = total, Fraction(1)
    for cut, index in enumerate(order):
        if shares[index] * scale <= cap:
            return _scaled(shares, order[:cut], cap, scale)
        rest -= shares[index]
        if rest == 0:
            return None  # every line that has a weight is cut, and nobody is left to take up the rest
        scale = (total - cap * (cut + 1)) / rest
    return tuple(shares)


def _scaled(shares: Sequence[Fraction], cut: Sequence[int], cap: Fraction, scale: Fraction) -> tuple[Fraction, ...]:
    held = set(cut)
    return tuple(cap if index in held else share * scale for index, share in enumerate(shares))
