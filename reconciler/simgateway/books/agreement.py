"""What an account agreed with the broker: how it is margined, and what it pays for its trades. Values only."""

from dataclasses import dataclass
from enum import StrEnum


class MarginModel(StrEnum):
    """How margin requirements are computed; `margin.models` has the formulas."""

    REGULATION_T = "regulation-t"
    PORTFOLIO_STRESS = "portfolio-stress"
    CANADA = "canada"
    CASH = "cash"


class Pricing(StrEnum):
    """How commissions are computed; `commissions` has the tariffs."""

    FIXED = "fixed"
    TIERED = "tiered"
    NONE = "none"


@dataclass(frozen=True)
class Agreement:
    """The terms of one account."""

    margin: MarginModel = MarginModel.REGULATION_T
    pricing: Pricing = Pricing.FIXED


STANDARD = Agreement()
"""What holds where nothing else was agreed."""
