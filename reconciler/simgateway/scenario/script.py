"""What happens by itself: when, and what."""

from pydantic import Field

from reconciler.simgateway.scenario.vocabulary import Positive, Seconds, Strict


class AfterSpec(Strict):
    """When a step of the script happens: after so many fills, or so many seconds."""

    fills: int | None = Field(default=None, ge=1)
    seconds: Seconds | None = None


class PriceSpec(Strict):
    """Where a quote moves. A new `last` alone takes bid and ask along."""

    last: Positive | None = None
    spread: Positive | None = None
    bid: Positive | None = None
    ask: Positive | None = None
    close: Positive | None = None


class StepSpec(Strict):
    """A step of the script."""

    after: AfterSpec
    price: dict[str, PriceSpec]
