"""The figures of an account at one moment. Values only; `appraisal` makes them.

Excess liquidity (equity with loan − maintenance) is the distance to liquidation; available funds (equity with loan −
initial) admit new orders.
"""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books import regulation_t
from reconciler.simgateway.margin.models import Requirement

_BUYING_POWER = Decimal(4)


@dataclass(frozen=True)
class Figures:
    """The account in base currency at one moment, at the marks.

    `memorandum` is the special memorandum account as cash and trades moved it since it was last carried over;
    `enforced` says whether Regulation T is enforced on the account now; `accrued` is interest and dividends that net
    liquidation counts and equity with loan does not; `futures_profit` is what futures gained and did not yet pay out.
    """

    cash: Decimal
    stock_value: Decimal
    gross_position_value: Decimal
    securities: Requirement
    commodities: Requirement
    memorandum: Decimal
    enforced: bool
    futures_profit: Decimal
    accrued: Decimal
    borrows: bool
    """Whether the broker lends to it; a cash account buys with what it has."""

    @property
    def net_liquidation(self) -> Decimal:
        """Cash, the value of all positions, and what accrued."""
        return self.cash + self.stock_value + self.futures_profit + self.accrued

    @property
    def equity_with_loan(self) -> Decimal:
        """What margin is tested against: net liquidation without what accrued."""
        return self.net_liquidation - self.accrued

    @property
    def initial_margin(self) -> Decimal:
        """What opening the positions asks for, in both segments."""
        return self.securities.initial + self.commodities.initial

    @property
    def maintenance_margin(self) -> Decimal:
        """What keeping the positions asks for, in both segments."""
        return self.securities.maintenance + self.commodities.maintenance

    @property
    def available_funds(self) -> Decimal:
        """What new positions may still ask of initial margin."""
        return self.equity_with_loan - self.initial_margin

    @property
    def excess_liquidity(self) -> Decimal:
        """What may be lost before liquidation."""
        return self.equity_with_loan - self.maintenance_margin

    @property
    def regulation_t_margin(self) -> Decimal:
        """Half of the gross value, the end-of-day requirement."""
        return self.gross_position_value * regulation_t.RATE

    @property
    def special_memorandum_account(self) -> Decimal:
        """The SMA: as it was moved, or what equity exceeds the end-of-day requirement by, whichever is more."""
        return max(self.memorandum, self.equity_with_loan - self.regulation_t_margin)

    @property
    def deficiency(self) -> Decimal:
        """What the account lacks of the requirements in force; zero where it meets them."""
        lacking = max(-self.excess_liquidity, ZERO)
        return max(lacking, -self.special_memorandum_account) if self.enforced else lacking

    @property
    def buying_power(self) -> Decimal:
        """Four times the available funds, or once where nothing is lent; never below zero."""
        return max(self.available_funds * (_BUYING_POWER if self.borrows else 1), ZERO)

    @property
    def cushion(self) -> Decimal:
        """Excess liquidity as a fraction of net liquidation; zero without any."""
        return self.excess_liquidity / self.net_liquidation if self.net_liquidation > 0 else ZERO

    @property
    def leverage(self) -> Decimal:
        """Gross position value over net liquidation; zero without any."""
        return self.gross_position_value / self.net_liquidation if self.net_liquidation > 0 else ZERO
