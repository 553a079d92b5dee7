"""Regulation T: the initial requirement on stocks, and the special memorandum account (SMA) that it keeps.

The SMA is a line of credit: deposits add to it, a buy uses half of its amount up and a sell gives half back, and at the
end of the day it is at least what equity exceeds the requirement by. What prices lose does not lower it. While the
broker enforces Regulation T it may not be below zero. FINRA's and the broker's rules have more cases; these are the
ones that long and short stock positions meet.
"""

from decimal import Decimal

from reconciler.simgateway.amounts import ONE

RATE = Decimal("0.5")
"""The initial requirement on the gross value, long and short alike."""


def memorandum_share(con_id: int) -> Decimal:
    """How much of a cash movement the SMA follows: all of it, half where it pays for the contract `con_id`."""
    return RATE if con_id else ONE
