"""The figures of an account at one moment, and what changes of its positions would make of them.

Excess liquidity (equity with loan − maintenance) is the distance to liquidation; available funds (equity with loan −
initial) admit new orders.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.simgateway import regulation_t
from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.ledger import Ledger
from reconciler.simgateway.margin.models import MODELS, UNDER_REGULATION_T, Holding, Requirement, sum_of_rates
from reconciler.simgateway.margin_calendar import MarginPeriod
from reconciler.simgateway.market import Market

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
    ledger: Ledger,
    market: Market,
    changes: Mapping[int, Decimal] | None = None,
    cost: Decimal = ZERO,
    period: MarginPeriod | None = None,
) -> Figures:
    """The figures as they are, or as they would be after `changes` in shares traded at the mark for `cost` more.

    Cost is in base currency: commissions and what the price is worse than the mark. Rates are those of a margin
    period, of the present one where none is named.
    """
    time, agreed = market.margin_time, ledger.agreement.margin
    cash = ledger.in_base(ledger.cash) - cost
    memorandum = ledger.memorandum - cost
    for con_id, shares in (changes or {}).items():
        if market.listing(con_id).instrument.is_paid_in_full:
            paid = _notional(con_id, shares, ledger, market)
            cash -= paid
            memorandum -= paid * regulation_t.memorandum_share(con_id)
    stock = gross = ZERO
    securities: list[Holding] = []
    commodities: list[Holding] = []
    for con_id, quantity in _quantities(ledger, changes or {}):
        listing = market.listing(con_id)
        value = _notional(con_id, quantity, ledger, market)
        holding = Holding(abs(value), listing.margin.rates(period or time.period))
        if listing.instrument.is_paid_in_full:
            stock += value
            gross += abs(value)
            securities.append(holding)
        elif listing.instrument.settles_daily:
            commodities.append(holding)
    return Figures(
        cash=cash,
        stock_value=stock,
        gross_position_value=gross,
        securities=MODELS[agreed](securities, time),
        commodities=sum_of_rates(commodities, time),
        memorandum=memorandum,
        enforced=time.regulation_t and agreed in UNDER_REGULATION_T,
        futures_profit=_futures_profit(ledger, market),
        accrued=ledger.in_base(ledger.interest) + ledger.in_base(ledger.dividends),
    )


def carry_memorandum(ledger: Ledger, market: Market) -> None:
    """End a day of the special memorandum account: what equity exceeds the requirement by is kept from now on."""
    ledger.memorandum = figures(ledger, market).special_memorandum_account


def _quantities(ledger: Ledger, changes: Mapping[int, Decimal]) -> Iterator[tuple[int, Decimal]]:
    """What is held after changes, by contract id, without what is flat."""
    for con_id, held in ledger.positions.items():
        if quantity := held.quantity + changes.get(con_id, ZERO):
            yield con_id, quantity
    for con_id, shares in changes.items():
        if con_id not in ledger.positions and shares:
            yield con_id, shares


def _notional(con_id: int, quantity: Decimal, ledger: Ledger, market: Market) -> Decimal:
    """The value of a quantity at the mark in base currency."""
    listing = market.listing(con_id)
    return listing.instrument.notional(quantity, listing.quote.mark) * ledger.rate(listing.instrument.currency)


def _futures_profit(ledger: Ledger, market: Market) -> Decimal:
    profit = ZERO
    for con_id, held in ledger.positions.items():
        listing = market.listing(con_id)
        if listing.instrument.settles_daily:
            gained = listing.instrument.equity(held.quantity, held.settled_value, listing.quote.mark)
            profit += gained * ledger.rate(listing.instrument.currency)
    return profit
