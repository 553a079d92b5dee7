"""Where a quote moves: by a step of the script, by a path, over the control channel."""

from reconciler.simgateway.scenario.vocabulary import Positive, Strict


class PriceSpec(Strict):
    """Where a quote moves. A new `last` alone takes bid and ask along."""

    last: Positive | None = None
    spread: Positive | None = None
    bid: Positive | None = None
    ask: Positive | None = None
    close: Positive | None = None
