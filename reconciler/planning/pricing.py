"""Pricing: what one share and what a holding is worth, for sizing and exposure. None of this prices an order.

A live trade or market comes first, the portfolio's mark second: a mark has neither age nor type. An option's exposure
is its underlying's, by its delta; without one it is Unknown.
"""

from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, Position, Quote
from reconciler.domain.contract import OPTIONS
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown

NOT_ASKED = "no price was asked for"


def sizing_price(quote: Quote | Unknown | None, mark: Decimal | None) -> Decimal | Unknown:
    """The price that sizes a line, in the contract's currency."""
    if isinstance(quote, Quote) and quote.reference is not None and quote.reference > 0:
        return quote.reference
    if mark is not None and mark > 0:
        return mark
    if quote is None:
        return Unknown(NOT_ASKED)
    return quote if isinstance(quote, Unknown) else Unknown("no last price and no bid and ask")


def exposure_of(position: Position, snapshot: AccountSnapshot) -> Money | Unknown:
    """A holding's signed exposure in base currency."""
    quote = snapshot.quotes.get(position.con_id)
    price = (
        _delta_price(position, quote) if position.sec_type in OPTIONS else sizing_price(quote, position.market_price)
    )
    return _in_base(price, position, snapshot)


def value_of(position: Position, snapshot: AccountSnapshot) -> Money | Unknown:
    """What a holding is worth in base currency: an option its own price, whatever it is exposed to."""
    return _in_base(sizing_price(snapshot.quotes.get(position.con_id), position.market_price), position, snapshot)


def _in_base(price: Decimal | Unknown, position: Position, snapshot: AccountSnapshot) -> Money | Unknown:
    rate = snapshot.rate(position.currency)
    if isinstance(price, Unknown):
        return price
    if isinstance(rate, Unknown):
        return rate
    return rate.convert(Money(position.quantity * position.multiplier * price, position.currency))


def _delta_price(position: Position, quote: Quote | Unknown | None) -> Decimal | Unknown:
    """What one unit of an option is exposed to: its delta times the underlying's price."""
    if isinstance(quote, Quote) and quote.delta is not None and quote.underlying is not None:
        return quote.delta * quote.underlying
    return Unknown(f"the delta of the option {position.symbol} was not served")
