"""From what a scenario says about an account to its books."""

from decimal import Decimal

from reconciler.simgateway.amounts import ONE
from reconciler.simgateway.ledger import Ledger, Posting
from reconciler.simgateway.market import Listing, Market
from reconciler.simgateway.rates import LiveRates
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.staging.margin import agreement


def ledger(account: str, scenario: Scenario, listings: dict[str, Listing], market: Market) -> Ledger:
    """The books of an account; all that it starts with is posted."""
    spec = scenario.accounts[account]
    rates = LiveRates(spec.base_currency, spec.exchange_rates, lambda: market.pairs)
    books = Ledger(account, spec.base_currency, rates, agreement=agreement(account, scenario))
    for currency, amount in spec.cash.items():
        books.post(Posting("opening", currency, amount))
    for name, held in spec.positions.items():
        instrument = listings[name].instrument
        each = held.average_cost or instrument.notional(ONE, listings[name].quote.mark)
        cost = held.quantity * each
        books.post(Posting("opening", instrument.currency, Decimal(0), instrument.con_id, held.quantity, cost))
    return books
