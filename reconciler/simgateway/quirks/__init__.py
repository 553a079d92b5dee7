"""Quirks: the real gateway's awkward behaviours, each named, explained and switchable.

Rule: the catalogue says which there are and what happens; the rules live in tables by name, and take hold at the few
places of `interception`. Nothing in here imports the gateway: it is seen through `house.House`.
"""

from reconciler.simgateway.quirks.catalogue import NO_PRICE, QUIRKS, UNKNOWN_CONTRACT
from reconciler.simgateway.quirks.grammar import Armed, Quirk
from reconciler.simgateway.quirks.registry import Quirks, mistake

__all__ = ["NO_PRICE", "QUIRKS", "UNKNOWN_CONTRACT", "Armed", "Quirk", "Quirks", "mistake"]
