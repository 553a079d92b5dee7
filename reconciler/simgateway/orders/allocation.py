"""How an advisor's order is divided among accounts. Pure functions of sizes and weights.

Rule: every part is whole lots, the parts add up to the whole, and none is a lot or more away from its exact share.
What whole lots leave over goes to the largest remainders, in the group's order where they are equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.simgateway.amounts import ZERO

Parts = tuple[tuple[str, Decimal], ...]
"""Shares by account, none of them zero."""


@dataclass(frozen=True)
class Allocation:
    """How much of the whole order each account gets; nothing is a mistake."""

    parts: Parts

    def of_fill(self, shares: Decimal, had: Mapping[str, Decimal], increment: Decimal) -> Parts:
        """How a fill is divided, so that in the end each account has its part; `had` is what it has by now."""
        due = {account: max(part - had.get(account, ZERO), ZERO) for account, part in self.parts}
        return divided(shares, due, increment)


def divided(shares: Decimal, weights: Mapping[str, Decimal], increment: Decimal) -> Parts:
    """Divide shares by weights; one below zero counts as none.

    What is left below an increment goes to the largest remainder.
    """
    counting = {account: weight for account, weight in weights.items() if weight > 0}
    if not counting or shares <= 0:
        return ()
    total = sum(counting.values(), ZERO)
    lots, odd = divmod(shares, increment)
    exact = {account: lots * weight / total for account, weight in counting.items()}
    whole = {account: share // 1 for account, share in exact.items()}
    first = sorted(exact, key=lambda account: whole[account] - exact[account])
    for account in first[: int(lots - sum(whole.values()))]:
        whole[account] += 1
    sizes = {account: number * increment for account, number in whole.items()}
    sizes[first[0]] += odd
    return tuple((account, size) for account, size in sizes.items() if size)
