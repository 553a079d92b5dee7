"""What the risk limits are held against: the account before and after some orders."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import RiskLimits
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Standing
from reconciler.domain.unknown import Unknown


@dataclass(frozen=True)
class Subject:
    """Orders, and the account with and without them. Weights are exposure / net liquidation, by instrument.

    `spent` is the notional of this run's orders that were sent before these, in base currency.
    """

    limits: RiskLimits
    net_liquidation: Money
    equity_with_loan: Money
    before: Standing
    after: Standing
    weights_before: dict[InstrumentName, Decimal | Unknown]
    weights_after: dict[InstrumentName, Decimal | Unknown]
    orders: tuple[OrderIntent, ...]
    spent: Money

    @property
    def adds_risk(self) -> bool:
        """Whether any of the orders does; what only reduces risk is never blocked by a limit."""
        return any(not order.reduces_risk for order in self.orders)
