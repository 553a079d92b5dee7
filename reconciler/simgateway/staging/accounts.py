"""From what a scenario says about an account to its books."""

from collections.abc import Mapping
from decimal import Decimal

from reconciler.simgateway.books.day_trades import DayTrades
from reconciler.simgateway.books.interest import HALF_A_MONTH, NO_INTEREST, USUAL_INTEREST, InterestRates, payable
from reconciler.simgateway.books.ledger import Book, Ledger, Posting
from reconciler.simgateway.market.market import Listing, Market
from reconciler.simgateway.market.rates import LiveRates
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.accounts import AccountSpec
from reconciler.simgateway.staging.margin import agreement


def ledger(account: str, scenario: Scenario, listings: dict[str, Listing], market: Market) -> Ledger:
    """The books of an account; all that it starts with is posted."""
    spec = scenario.accounts[account]
    rates = LiveRates(spec.base_currency, spec.exchange_rates, lambda: market.pairs)
    interest = _interest(spec, scenario)
    day_trades = DayTrades(spec.day_trades_remaining)
    agreed = agreement(account, scenario)
    books = Ledger(account, spec.base_currency, rates, interest, agreement=agreed, day_trades=day_trades)
    for currency, amount in spec.cash.items():
        books.post(Posting("opening", currency, amount))
    for name, held in spec.positions.items():
        _open(books, listings[name], held.quantity, held.average_cost)
    for currency, amount in _accruals(spec, interest, smooth=scenario.smooth).items():
        books.post(Posting("opening accrual", currency, interest=amount))
    return books


def _open(books: Ledger, listing: Listing, quantity: Decimal, average_cost: Decimal | None) -> None:
    """Enter a holding. A future was settled at the mark: only what it gains from now on is still to be paid."""
    instrument = listing.instrument
    value = instrument.notional(quantity, listing.quote.mark)
    cost = value if average_cost is None else quantity * average_cost
    settled_value = value if instrument.settles_daily else Decimal(0)
    posting = Posting(
        "opening",
        instrument.currency,
        con_id=instrument.con_id,
        shares=quantity,
        cost=cost,
        settled_value=settled_value,
        book=Book.VIRTUAL if instrument.is_currency_pair else Book.HOLDINGS,
    )
    books.post(posting)


def _interest(spec: AccountSpec, scenario: Scenario) -> InterestRates:
    said = spec.interest or scenario.interest
    if said:
        return InterestRates(said.loan, said.credit)
    return NO_INTEREST if scenario.smooth else USUAL_INTEREST


def _accruals(spec: AccountSpec, interest: InterestRates, *, smooth: bool) -> Mapping[str, Decimal]:
    """What accrued before the start: as it is said, or else half a month's interest on the loans."""
    if spec.accruals is not None or smooth:
        return spec.accruals or {}
    loans = {currency: amount for currency, amount in spec.cash.items() if amount < 0}
    owed = {currency: payable(interest.accrual(currency, loan, HALF_A_MONTH)) for currency, loan in loans.items()}
    return {currency: amount for currency, amount in owed.items() if amount}
