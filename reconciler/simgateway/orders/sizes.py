"""How much an order is for: sizes that the broker refuses, sizes in money, and those too small for the full market.

Codes and texts are the broker's, but for 10250, whose text is this gateway's own. Crypto currencies are bought at the
market for an amount of money alone, as clients reported it; that a pair may be ordered either way is documented.
"""

from decimal import ROUND_DOWN, Decimal

from reconciler.simgateway.amounts import ZERO, exact
from reconciler.simgateway.market.instruments import Instrument, Quote, SecurityType
from reconciler.simgateway.orders.book import Refusal
from reconciler.simgateway.orders.terms import BUY, MARKET, Terms

_MINIMA = {
    "AUD": 25_000, "CAD": 25_000, "CHF": 25_000, "DKK": 150_000, "EUR": 20_000, "GBP": 17_000, "HKD": 200_000,
    "JPY": 2_500_000, "NOK": 150_000, "NZD": 35_000, "SEK": 175_000, "USD": 25_000,
}  # fmt: skip
"""What IDEALPRO takes as a full lot, by the currency that is bought; as the broker published it."""
_USUAL_MINIMUM = 25_000
_THOUSAND = 1000
_IN_UNITS_ONLY = (SecurityType.STOCK, SecurityType.FUTURE, SecurityType.OPTION)


def objection(terms: Terms, instrument: Instrument) -> Refusal | None:
    """Why the broker does not take an order of this size, or None."""
    return _money_objection(terms, instrument) or _size_objection(terms, instrument)


def _money_objection(terms: Terms, instrument: Instrument) -> Refusal | None:
    in_money = terms.cash_quantity is not None
    if in_money and instrument.security_type in _IN_UNITS_ONLY:
        return Refusal(10244, "Cash Quantity cannot be used for this order")
    if instrument.security_type is not SecurityType.CRYPTO:
        return None
    if in_money and terms.quantity:
        return Refusal(10293, "Cryptocurrency Cash Quantity order cannot specify size")
    if terms.order_type != MARKET:
        return None
    if terms.action == BUY and not in_money:
        return Refusal(10289, "You must set Cash Quantity for this order")
    return None if terms.tif == "IOC" else Refusal(10052, f"Invalid time in force:{terms.tif}")


def _size_objection(terms: Terms, instrument: Instrument) -> Refusal | None:
    shares, lots = terms.shares, instrument.lots
    if shares == 0:
        return Refusal(434, "The order size cannot be zero.")
    if shares < 0:
        return Refusal(321, "Error validating request.-'bF' : cause - The order size must be positive")
    if instrument.takes_fractions:
        fits = shares >= lots.minimum and shares % lots.increment == 0
        return None if fits else Refusal(10250, f"The order size is not a multiple of {exact(lots.increment)}.")
    if shares % 1 != 0:
        return Refusal(10243, "Fractional-sized order cannot be placed via API. Please refer to our website.")
    if shares < lots.minimum or shares % lots.increment != 0:
        return Refusal(355, "Order size does not conform to market rule.")
    return None


def units_for(terms: Terms, instrument: Instrument, quote: Quote) -> Decimal:
    """What the cash quantity of an order buys or sells, in whole increments, at its limit or at the market's price.

    Zero for an order in units, and where the market has no price.
    """
    touch = quote.ask if terms.action == BUY else quote.bid
    price = terms.limit_price or touch or quote.mark
    if terms.cash_quantity is None or terms.cash_quantity <= 0 or price <= 0:
        return ZERO
    increment = instrument.lots.increment
    return (terms.cash_quantity / instrument.notional(increment, price)).to_integral_value(ROUND_DOWN) * increment


def odd_lot(terms: Terms, instrument: Instrument) -> Refusal | None:
    """The warning (399) that an order in a currency pair is too small for the interbank market."""
    minimum = _MINIMA.get(instrument.symbol, _USUAL_MINIMUM)
    if not instrument.is_currency_pair or terms.shares >= minimum:
        return None
    return Refusal(
        399,
        f"Order Message:\n{terms.action} {_short(terms.shares)} {instrument.local_symbol} Forex\nWarning: Your order "
        f"size is below the {instrument.symbol} {minimum} IdealPro minimum and will be routed as an odd lot order.",
    )


def _short(size: Decimal) -> str:
    """A size as the broker's messages write it: thousands with a K."""
    return f"{exact(size / _THOUSAND)}K" if size % _THOUSAND == 0 else exact(size)
