"""Pattern day trader protection: who has no day trades left closes today nothing that was opened today.

Whoever has enough may. The amount is FINRA's, the first words of the text and its code are the broker's. The broker
refuses already what opens a position then; this one refuses what would close it.
"""

from datetime import datetime
from decimal import Decimal

from reconciler.simgateway.books.settlement import broker_day
from reconciler.simgateway.margin import figures
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.orders.admission import Application
from reconciler.simgateway.orders.book import Refusal

ENOUGH = Decimal(25_000)
"""Net liquidation from which on an account may day trade without limit, in USD."""

_PROTECTED = Refusal(
    201,
    "Order rejected - reason:Potential Pattern Day Trade. The account has no day trades left, and its net liquidation "
    "value is below USD 25,000.",
)


def objection(application: Application, market: Market, now: datetime) -> Refusal | None:
    """Why the account must not trade this on the day of a moment, or None."""
    terms, ledger = application.terms, application.accounts[application.terms.account]
    trades = ledger.day_trades
    # The broker's day is not worked out for the many who have no limit.
    if trades.remaining != 0 or not trades.exhausted_by(broker_day(now), application.instrument.con_id, terms.signed):
        return None
    enough = figures(ledger, market).net_liquidation >= ENOUGH * ledger.rate("USD")
    return None if enough else _PROTECTED
