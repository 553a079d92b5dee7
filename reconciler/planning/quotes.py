"""Quote age and type: which quote may price an order."""

from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import Quote, QuoteType
from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec
from reconciler.domain.unknown import Unknown


def why_untradable(
    quote: Quote | Unknown, account: AccountSpec, contract: Contract | Unknown, *, now: datetime
) -> str | None:
    """Why no order may be priced by this quote, or None where it may."""
    limits, policy = account.limits, account.policy
    if isinstance(quote, Unknown):
        return quote.why
    if quote.halt is not None:
        what = f"contract {quote.con_id}" if isinstance(contract, Unknown) else contract.symbol
        return f"trading in {what} is {quote.halt} at its exchange; it can be ordered once the halt is over"
    if quote.reference is None:
        return "no last price and no bid and ask"
    if quote.type is not QuoteType.LIVE and not policy.accept_delayed_quotes:
        return f"only a {quote.type} price, and the policy '{policy.name}' does not set acceptDelayedQuotes"
    if quote.type is QuoteType.LIVE and quote.age(now) > limits.max_quote_age:
        return (
            f"the price is {quote.age(now).total_seconds():.0f} s old, maxQuoteAge is "
            f"{limits.max_quote_age.total_seconds():.0f} s ({limits.place('max_quote_age')})"
        )
    return _why_too_wide(quote, contract, policy.max_otc_spread)


def _why_too_wide(quote: Quote, contract: Contract | Unknown, most: Decimal) -> str | None:
    """Dealers may quote any spread: a limit beyond their price would be no protection."""
    if isinstance(contract, Unknown) or not contract.is_over_the_counter:
        return None
    if not quote.half_spread or not quote.middle:
        return None if quote.half_spread == 0 else "it is quoted over the counter, and has no bid and ask"
    spread = 2 * quote.half_spread / quote.middle
    return f"its spread is {spread:.1%}, maxOtcSpread is {most:.1%}" if spread > most else None
