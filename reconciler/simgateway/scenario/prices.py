"""Where a quote moves: by a step of the script, by a path, over the control channel."""

from reconciler.simgateway.scenario.vocabulary import Positive, Strict


class PriceSpec(Strict):
    """Where a quote moves. A new `last` alone takes bid and ask along."""

    last: Positive | None = None
    """The last price."""
    spread: Positive | None = None
    """How far bid and ask are apart, around the last price."""
    bid: Positive | None = None
    """The bid."""
    ask: Positive | None = None
    """The ask."""
    close: Positive | None = None
    """The close of the day before."""
