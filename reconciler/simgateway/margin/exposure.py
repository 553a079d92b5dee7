"""What margin rates are taken of: the value of a holding, and of an option that was sold the value of its underlying.

An option that is held can lose its value and no more; one that was sold loses what its underlying moves. The broker
asks for a share of the underlying less what the option is out of the money; this one asks for the rates of the option
on the whole of it. Assumption: an option and its underlying are in one currency.
"""

from decimal import Decimal

from reconciler.simgateway.market.market import Listing, Market


def exposed(market: Market, listing: Listing, quantity: Decimal) -> Decimal:
    """The amount, in the instrument's currency and never below zero, that the rates of so much of it are taken of.

    Where the underlying of an option is not carried, or has no price, it is the option's own value.
    """
    mark = listing.quote.mark
    if is_sold_option(listing, quantity):
        about = market.underlying(listing.instrument.con_id)
        mark = max(mark, about.quote.mark) if about else mark
    return abs(listing.instrument.notional(quantity, mark))


def is_sold_option(listing: Listing, quantity: Decimal) -> bool:
    """Whether so much of an instrument is an option that was sold and is not held."""
    return listing.instrument.option is not None and quantity < 0
