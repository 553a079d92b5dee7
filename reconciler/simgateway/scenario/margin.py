"""How an account is margined, what happens when it lacks margin, and what trades cost."""

from decimal import Decimal

from reconciler.simgateway.books.agreement import MarginModel
from reconciler.simgateway.scenario.vocabulary import Seconds, Strict


class MarginSpec(Strict):
    """The margin model of an account."""

    model: MarginModel
    """How requirements are computed."""


class LiquidationSpec(Strict):
    """Whether the broker closes positions of an account that lacks margin, and how long it waits before."""

    enabled: bool = True
    """Whether the broker liquidates."""
    grace_seconds: Seconds = Decimal(10)
    """How long an account may lack margin before."""
