"""Algos: in which parts and how late the broker works an order for its client, and how much of the spread it saves.

The paces are this gateway's own, for the broker tells none: an Adaptive order waits by its priority, the others trade
in PARTS equal parts, one every PART_SECONDS. Start and end times, volumes and other parameters are told again only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.orders.terms import LIMIT, MARKET, Terms

ADAPTIVE = "Adaptive"
IN_PARTS = frozenset({"Twap", "Vwap", "ArrivalPx", "PctVol", "DarkIce"})
ORDER_TYPES = frozenset({MARKET, LIMIT})
"""What an algo works; that these two are all is an assumption."""
PARTS = 10
PART_SECONDS = Decimal(6)


@dataclass(frozen=True)
class Patience:
    """What an Adaptive order of some priority gives up for what: seconds for a share of the spread."""

    seconds: Decimal
    saved: Decimal


_PRIORITY = "adaptivePriority"
_PATIENCE: Mapping[str, Patience] = {
    "Urgent": Patience(ZERO, ZERO),
    "Normal": Patience(Decimal(2), Decimal("0.25")),
    "Patient": Patience(Decimal(5), Decimal("0.5")),
}

Pace = Callable[[Terms, FillBehaviour], FillBehaviour]
"""How an order fills, given how others in its instrument do."""


def known(terms: Terms) -> bool:
    """Whether the broker has an algo of that name."""
    return terms.algo is not None and terms.algo.strategy in {ADAPTIVE, *IN_PARTS}


def well_formed(terms: Terms) -> bool:
    """Whether the parameters that matter here make sense."""
    return terms.algo is None or terms.algo.strategy != ADAPTIVE or _patience(terms) is not None


def _patience(terms: Terms) -> Patience | None:
    """How patient an Adaptive order is; Normal where it does not say. None for other orders and words."""
    if terms.algo is None or terms.algo.strategy != ADAPTIVE:
        return None
    return _PATIENCE.get(dict(terms.algo.parameters).get(_PRIORITY, "Normal"))


def saved(terms: Terms) -> Decimal:
    """The share of the spread by which the order does better than the touch."""
    patience = _patience(terms)
    return patience.saved if patience else ZERO


def at_once(_terms: Terms, behaviour: FillBehaviour) -> FillBehaviour:
    """The pace of a smooth broker: an algo takes no time."""
    return behaviour


def paced(terms: Terms, behaviour: FillBehaviour) -> FillBehaviour:
    """The pace of the others: what the instrument takes, and what the algo does."""
    if terms.algo is None:
        return behaviour
    patience = _patience(terms)
    if patience:
        return replace(behaviour, delay_seconds=behaviour.delay_seconds + patience.seconds)
    seconds = behaviour.delay_seconds + PART_SECONDS
    return replace(behaviour, delay_seconds=seconds, parts=max(behaviour.parts, PARTS))
