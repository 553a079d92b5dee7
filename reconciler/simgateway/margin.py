"""The margin model: Reg-T style, a rate for each instrument, added up over the account, in base currency.

Excess liquidity (equity with loan − maintenance) is the distance to liquidation; available funds (equity with loan −
initial) admit new orders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.simgateway.amounts import ONE, ZERO
from reconciler.simgateway.ledger import Ledger
from reconciler.simgateway.market import Market

_REG_T_RATE = Decimal("0.5")
_BUYING_POWER = Decimal(4)


@dataclass(frozen=True)
class Figures:
    """The account in base currency at one moment, at the marks."""

    cash: Decimal
    stock_value: Decimal
    gross_position_value: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    futures_profit: Decimal = ZERO
    """What the futures held have gained and not yet paid out."""

    @property
    def net_liquidation(self) -> Decimal:
        """Cash plus the value of all positions."""
        return self.cash + self.stock_value + self.futures_profit

    @property
    def equity_with_loan(self) -> Decimal:
        """Net liquidation: accruals and options, which make the difference, do not exist here."""
        return self.net_liquidation

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
        return self.gross_position_value * _REG_T_RATE

    @property
    def special_memorandum_account(self) -> Decimal:
        """Equity above the end-of-day requirement, never below zero in this model."""
        return max(self.equity_with_loan - self.regulation_t_margin, ZERO)

    @property
    def buying_power(self) -> Decimal:
        """Four times the available funds, never below zero."""
        return max(self.available_funds * _BUYING_POWER, ZERO)

    @property
    def cushion(self) -> Decimal:
        """Excess liquidity as a fraction of net liquidation; zero without any."""
        return self.excess_liquidity / self.net_liquidation if self.net_liquidation > 0 else ZERO

    @property
    def leverage(self) -> Decimal:
        """Gross position value over net liquidation; zero without any."""
        return self.gross_position_value / self.net_liquidation if self.net_liquidation > 0 else ZERO


def figures(
    ledger: Ledger, market: Market, changes: Mapping[int, Decimal] | None = None, cost: Decimal = ZERO
) -> Figures:
    """The figures as they are, or as they would be after `changes` in shares traded at the mark for `cost` more.

    Cost is in base currency: commissions and what the price is worse than the mark.
    """
    quantities = {con_id: position.quantity for con_id, position in ledger.positions.items()}
    cash = sum((amount * ledger.rate(currency) for currency, amount in ledger.cash.items()), ZERO) - cost
    for con_id, shares in (changes or {}).items():
        quantities[con_id] = quantities.get(con_id, ZERO) + shares
        if market.listing(con_id).instrument.is_paid_in_full:
            cash -= _notional(con_id, shares, ledger, market)
    stock = gross = initial = maintenance = ZERO
    for con_id, quantity in quantities.items():
        value = _notional(con_id, quantity, ledger, market)
        instrument = market.listing(con_id).instrument
        if instrument.is_paid_in_full:
            stock += value
            gross += abs(value)
        if not instrument.is_currency_pair:
            initial += abs(value) * instrument.initial_rate
            maintenance += abs(value) * instrument.maintenance_rate
    return Figures(cash, stock, gross, initial, maintenance, _futures_profit(ledger, market))


def _notional(con_id: int, quantity: Decimal, ledger: Ledger, market: Market) -> Decimal:
    """The value of a quantity at the mark in base currency."""
    listing = market.listing(con_id)
    return listing.instrument.notional(quantity, listing.quote.mark) * ledger.rate(listing.instrument.currency)


def _futures_profit(ledger: Ledger, market: Market) -> Decimal:
    profit = ZERO
    for con_id, held in ledger.positions.items():
        listing = market.listing(con_id)
        if listing.instrument.settles_daily:
            gained = listing.instrument.equity(held.quantity, held.cost, listing.quote.mark)
            profit += gained * ledger.rate(listing.instrument.currency)
    return profit


_PER_SHARE = Decimal("0.005")
_MINIMUM = ONE
_MOST = Decimal("0.01")
_FRACTION_OF_A_CENT = Decimal("0.0001")


def commission(shares: Decimal, price: Decimal) -> Decimal:
    """Fixed pricing in the instrument's currency: 0.005 a share, at least 1.00, at most 1 % of the value."""
    fee = max(abs(shares) * _PER_SHARE, _MINIMUM)
    return min(fee, abs(shares) * price * _MOST).quantize(_FRACTION_OF_A_CENT)
