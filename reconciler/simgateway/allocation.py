"""How an advisor's order is divided among accounts. Pure functions of sizes and weights.

Rule: every part is whole lots, the parts add up to the whole, and none is a lot or more away from its exact share.
What whole lots leave over goes to the largest remainders, in the group's order where they are equal.
"""

from collections.abc import Mapping, Sequence
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
    """Divide shares by weights; a part below the increment that is left goes with the last lot."""
    total = sum(weights.values(), ZERO)
    if total <= 0 or shares <= 0:
        return ()
    lots, odd = divmod(shares, increment)
    exact = {account: lots * weight / total for account, weight in weights.items() if weight > 0}
    whole = {account: share // 1 for account, share in exact.items()}
    first = sorted(exact, key=lambda account: whole[account] - exact[account])
    for account in first[: int(lots - sum(whole.values()))]:
        whole[account] += 1
    sizes = {account: number * increment for account, number in whole.items()}
    sizes[first[0]] += odd
    return tuple((account, size) for account, size in sizes.items() if size)


def weighed(members: Sequence[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Weights by account; what an account owes weighs nothing."""
    return {account: max(weight, ZERO) for account, weight in members}
