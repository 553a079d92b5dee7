"""RiskLimits: the bounds that no plan may cross."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from reconciler.diagnostics import Location


@dataclass(frozen=True)
class RiskLimits:
    """Bounds that no plan may cross. Fractions are of net liquidation unless a field says otherwise.

    `locations` maps a field's name to its place in the manifest, so that a violation can name it; a limit that has
    its default is found at the manifest's own place under the key "".
    """

    name: str
    max_leverage: Decimal
    """Gross exposure / net liquidation."""
    emergency_leverage: Decimal
    """Gross exposure / net liquidation at which nothing that adds risk may run."""
    margin_cushion: Decimal
    """Initial margin × (1 + this) must stay within equity with loan."""
    max_margin_utilisation: Decimal
    """Maintenance margin / net liquidation."""
    max_position_weight: Decimal
    """One position's exposure / net liquidation."""
    max_turnover: Decimal
    """Sum of absolute order notionals / net liquidation, for one run."""
    max_order_notional: Decimal
    """One order's notional, in the account's base currency."""
    max_quote_age: timedelta
    """How old a quote may be when it sizes or prices an order."""
    locations: Mapping[str, Location] = field(default_factory=dict)

    def place(self, limit: str) -> Location | None:
        """Where the limit, named as its field, is declared; the manifest's own place where it has its default."""
        return self.locations.get(limit) or self.locations.get("")
