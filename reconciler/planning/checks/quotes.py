"""Quote age and type: which quote may price an order."""

from datetime import datetime

from reconciler.domain.account import Quote, QuoteType
from reconciler.domain.desired import AccountSpec
from reconciler.domain.unknown import Unknown


def why_untradable(quote: Quote | Unknown, account: AccountSpec, *, now: datetime) -> str | None:
    """Why no order may be priced by this quote, or None where it may."""
    limits, policy = account.limits, account.policy
    if isinstance(quote, Unknown):
        return quote.why
    if quote.reference is None:
        return "no last price and no bid and ask"
    if quote.type is not QuoteType.LIVE and not policy.accept_delayed_quotes:
        return f"only a {quote.type} price, and the policy '{policy.name}' does not set acceptDelayedQuotes"
    if quote.type is QuoteType.LIVE and quote.age(now) > limits.max_quote_age:
        return (
            f"the price is {quote.age(now).total_seconds():.0f} s old, maxQuoteAge is "
            f"{limits.max_quote_age.total_seconds():.0f} s ({limits.place('max_quote_age')})"
        )
    return None
