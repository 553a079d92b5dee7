"""The appraisal of an account: what is held, at the marks; and its figures, as it is or as orders would change it.

An appraisal is made once and answers many questions, for positions cost more to value than to add up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books import regulation_t
from reconciler.simgateway.books.agreement import MarginModel
from reconciler.simgateway.books.ledger import Ledger, Position
from reconciler.simgateway.margin import exposure
from reconciler.simgateway.margin.figures import Figures
from reconciler.simgateway.margin.models import MODELS, UNDER_REGULATION_T, Holding, sum_of_rates
from reconciler.simgateway.market.margin_calendar import MarginPeriod
from reconciler.simgateway.market.market import Listing, Market

_NO_CHANGES: Mapping[int, Decimal] = {}


class _Valued(NamedTuple):
    """A position: its listing and size, and in base currency its notional value and what its margin rates are of.

    Size and value are below zero for a short.
    """

    listing: Listing
    quantity: Decimal
    value: Decimal
    exposed: Decimal


@dataclass(frozen=True)
class Appraisal:
    """An account at one moment. Amounts are in base currency."""

    ledger: Ledger
    market: Market
    cash: Decimal
    accrued: Decimal
    futures_profit: Decimal
    held: Mapping[int, _Valued]

    def figures(
        self,
        changes: Mapping[int, Decimal] = _NO_CHANGES,
        cost: Decimal = ZERO,
        period: MarginPeriod | None = None,
    ) -> Figures:
        """The figures as they are, or as they would be after `changes` in shares traded at the mark for `cost` more.

        Cost is commissions and what the price is worse than the mark. Rates are those of a margin period, of the
        present one where none is named.
        """
        time, agreed = self.market.margin_time, self.ledger.agreement.margin
        now = period or time.period
        held, paid = (self._after(changes) if changes else self.held.values()), self._paid(changes)
        stock = gross = ZERO
        securities: list[Holding] = []
        sold: list[Holding] = []
        commodities: list[Holding] = []
        for listing, quantity, value, exposed in held:
            holding = Holding(exposed, listing.margin.rates(now))
            if listing.instrument.is_paid_in_full:
                stock += value
                gross += abs(value)
                (sold if exposure.is_sold_option(listing, quantity) else securities).append(holding)
            elif listing.instrument.settles_daily:
                commodities.append(holding)
        return Figures(
            cash=self.cash - cost - paid,
            stock_value=stock,
            gross_position_value=gross,
            securities=MODELS[agreed](securities, time).plus(sum_of_rates(sold, time)),
            commodities=sum_of_rates(commodities, time),
            memorandum=self.ledger.memorandum - cost - paid * regulation_t.RATE,
            enforced=time.regulation_t and agreed in UNDER_REGULATION_T,
            futures_profit=self.futures_profit,
            accrued=self.accrued,
            borrows=agreed is not MarginModel.CASH,
        )

    @property
    def rates_change(self) -> bool:
        """Whether anything held has other rates overnight."""
        margins = (each.listing.margin for each in self.held.values())
        return any(margin.day is not margin.overnight for margin in margins)

    def _after(self, changes: Mapping[int, Decimal]) -> Iterator[_Valued]:
        """Each position with its value after the changes."""
        for con_id, valued in self.held.items():
            if con_id not in changes:
                yield valued
        for con_id, shares in changes.items():
            before = self.held[con_id].quantity if con_id in self.held else ZERO
            yield _valued(self.market.listing(con_id), before + shares, self.ledger, self.market)

    def _paid(self, changes: Mapping[int, Decimal]) -> Decimal:
        """The cash that changes take at the mark."""
        listings = ((self.market.listing(con_id), shares) for con_id, shares in changes.items())
        return sum(
            (_notional(each, shares, self.ledger) for each, shares in listings if each.instrument.is_paid_in_full), ZERO
        )


def appraise(ledger: Ledger, market: Market) -> Appraisal:
    """Value what an account holds."""
    profit, held = ZERO, {}
    for con_id, position in ledger.positions.items():
        if position.quantity:
            listing = market.listing(con_id)
            held[con_id] = _valued(listing, position.quantity, ledger, market)
            if listing.instrument.settles_daily:
                profit += _profit(listing, position, ledger)
    return Appraisal(
        ledger=ledger,
        market=market,
        cash=ledger.in_base(ledger.cash),
        accrued=ledger.in_base(ledger.interest) + ledger.in_base(ledger.dividends),
        futures_profit=profit,
        held=held,
    )


def figures(ledger: Ledger, market: Market) -> Figures:
    """The figures of an account as it is."""
    return appraise(ledger, market).figures()


def carry_memorandum(ledger: Ledger, market: Market) -> None:
    """End a day of the special memorandum account: what equity exceeds the requirement by is kept from now on."""
    ledger.memorandum = figures(ledger, market).special_memorandum_account


def _valued(listing: Listing, quantity: Decimal, ledger: Ledger, market: Market) -> _Valued:
    value = _notional(listing, quantity, ledger)
    if not exposure.is_sold_option(listing, quantity):
        return _Valued(listing, quantity, value, abs(value))
    rate = ledger.rate(listing.instrument.currency)
    return _Valued(listing, quantity, value, exposure.exposed(market, listing, quantity) * rate)


def _notional(listing: Listing, quantity: Decimal, ledger: Ledger) -> Decimal:
    """The value of a quantity at the mark."""
    return listing.instrument.notional(quantity, listing.quote.mark) * ledger.rate(listing.instrument.currency)


def _profit(listing: Listing, held: Position, ledger: Ledger) -> Decimal:
    """What a future gained and did not yet pay out."""
    gained = listing.instrument.equity(held.quantity, held.settled_value, listing.quote.mark)
    return gained * ledger.rate(listing.instrument.currency)
