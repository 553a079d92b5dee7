"""Computations: what a client is told of the model behind an option's price. Pure.

Types and layout are those of the TWS API documentation (tickOptionComputation) and of the decoders of ib_insync 0.9.86
and ib_async 2.1, which agree. Nothing is computed here: delta is the scenario's, and what the protocol writes for "not
computed" stands in place of the other greeks: -2, and -1 for amounts.
"""

from decimal import Decimal

from reconciler.simgateway.market.market import Listing
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.ticks import NO_DATA, TICK_TYPES
from reconciler.simgateway.wire.replies import Value

IMPLIED_VOLATILITY = Decimal("0.25")
"""A year's, as a fraction: what every model here is said to have found. An assumption that is plausible for a stock."""


def model(request_id: int, listing: Listing, price: Decimal, underlying_price: Decimal) -> list[Reply]:
    """Message 21 of the model: delta, the option's price and its underlying's, each of them -1 where it is zero.

    Nothing where the scenario gives no delta.
    """
    if listing.delta is None:
        return []
    values: dict[str, Value] = {
        "request_id": request_id,
        "tick_type": TICK_TYPES[listing.entitlement].model,
        "implied_volatility": IMPLIED_VOLATILITY,
        "delta": listing.delta,
        "price": price or NO_DATA,
        "underlying_price": underlying_price or NO_DATA,
    }
    return [Reply("tick_option", values)]
