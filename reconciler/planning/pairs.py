"""Currency pairs: which one the market quotes for two currencies, and which way round an order in it goes.

IDEALPRO names a pair by the currency that comes first in the market's order of precedence; the other way round it does
not exist. One unit of the first currency is what is bought and sold; the price is in the second.
"""

from decimal import Decimal

from reconciler.domain.account import Quote, Side
from reconciler.domain.contract import CURRENCY_PAIR
from reconciler.domain.ids import InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderIntent
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown

IDEALPRO = "IDEALPRO"
_PRECEDENCE = ("EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF", "CNH", "HKD", "SGD", "JPY")
"""What comes first names the pair. A currency that is not in the list comes after all of these, by its letters."""

_MINIMA = {
    "AUD": 25_000,
    "CAD": 25_000,
    "CHF": 25_000,
    "CNH": 150_000,
    "CZK": 500_000,
    "DKK": 150_000,
    "EUR": 20_000,
    "GBP": 20_000,
    "HKD": 200_000,
    "HUF": 7_000_000,
    "ILS": 100_000,
    "JPY": 2_500_000,
    "MXN": 300_000,
    "NOK": 150_000,
    "NZD": 35_000,
    "PLN": 100_000,
    "SEK": 175_000,
    "SGD": 35_000,
    "USD": 25_000,
    "ZAR": 350_000,
}
"""What IDEALPRO takes as a full lot, in units of the pair's first currency, as the broker publishes it."""


def pair(one: Currency, other: Currency) -> InstrumentSpec:
    """The pair of two currencies."""
    first, second = sorted((one, other), key=_rank)
    return InstrumentSpec(
        name=pair_name(one, other), symbol=first, sec_type=CURRENCY_PAIR, exchange=IDEALPRO, currency=Currency(second)
    )


def pair_name(one: Currency, other: Currency) -> InstrumentName:
    """`USD.CAD`, whichever way round they are given."""
    first, second = sorted((one, other), key=_rank)
    return InstrumentName(f"{first}.{second}")


def side_to_get(currency: Currency, spec: InstrumentSpec) -> Side:
    """Which way an order in the pair goes that brings `currency` in."""
    return Side.BUY if spec.symbol == currency else Side.SELL


def bought(order: OrderIntent) -> Currency:
    """The currency that a conversion brings in."""
    first, _, second = order.instrument.partition(".")
    return Currency(first if order.side is Side.BUY else second)


def market_rate(source: Currency, base: Currency, quote: Quote | Unknown | None) -> Decimal | Unknown:
    """What one unit of `source` is worth in `base` by the pair's quote."""
    if quote is None:
        return Unknown(f"{pair_name(source, base)} was not quoted")
    if isinstance(quote, Unknown):
        return quote
    price = quote.fair
    if price is None or price <= 0:
        return Unknown(f"{pair_name(source, base)} has no price")
    return price if pair(source, base).symbol == source else 1 / price


def odd_lot(spec: InstrumentSpec, quantity: Decimal) -> str | None:
    """What to say of an order below the market's full lot, or None."""
    least = _MINIMA.get(spec.symbol)
    if least is None or quantity >= least:
        return None
    return f"an odd lot, below IDEALPRO's minimum of {least:,} {spec.symbol}: it fills at a worse rate"


def _rank(currency: Currency) -> tuple[int, str]:
    place = _PRECEDENCE.index(currency) if currency in _PRECEDENCE else len(_PRECEDENCE)
    return place, currency
