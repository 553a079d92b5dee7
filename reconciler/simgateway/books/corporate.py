"""Corporate actions: what a dividend, a split or a new contract enters in the books. Pure functions.

Shorts owe what longs get. Nothing is entered for an account that holds none of the contract.
"""

from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ONE, ZERO
from reconciler.simgateway.books.interest import payable
from reconciler.simgateway.books.ledger import Ledger, Posting
from reconciler.simgateway.market.instruments import Instrument, Quote


class Dividend(NamedTuple):
    """An amount per share, in the currency in which it is paid."""

    con_id: int
    per_share: Decimal
    currency: str


class Ratio(NamedTuple):
    """So many new shares for so many old ones, as a split is announced. Both are above zero."""

    new: Decimal
    old: Decimal

    def shares(self, quantity: Decimal) -> Decimal:
        """What a quantity of old shares becomes, fractions included."""
        return quantity * self.new / self.old

    def price(self, price: Decimal) -> Decimal:
        """What the price of an old share makes the price of a new one."""
        return price * self.old / self.new


SAME = Ratio(ONE, ONE)


class Exchange(NamedTuple):
    """Shares of one contract become shares of another, or of the same: a split, a new symbol.

    `mark` is the price of a new share, at which fractions are paid in cash.
    """

    old: Instrument
    new: Instrument
    ratio: Ratio
    mark: Decimal


def accrual(ledger: Ledger, dividend: Dividend, reference: str) -> Posting | None:
    """What the ex-date adds to the dividends accrued, in whole cents."""
    quantity = ledger.positions[dividend.con_id].quantity if dividend.con_id in ledger.positions else ZERO
    amount = payable(quantity * dividend.per_share)
    return Posting(reference, dividend.currency, dividends=amount) if amount else None


def payment(accrued: Posting) -> Posting:
    """What the day of payment moves from the accruals to cash."""
    return Posting(f"{accrued.reference} paid", accrued.currency, accrued.dividends, dividends=-accrued.dividends)


def exchange(ledger: Ledger, action: Exchange, reference: str) -> Iterator[Posting]:
    """The old shares leave at their cost, whole new ones come at the same; a fraction is sold at the mark."""
    held = ledger.positions.get(action.old.con_id)
    if held is None or not held.quantity:
        return
    exact = action.ratio.shares(held.quantity)
    whole = exact.to_integral_value(ROUND_DOWN) if action.new.security_type == "STK" else exact
    cost = held.cost if whole == exact else held.cost * whole / exact
    yield Posting(reference, action.old.currency, con_id=action.old.con_id, shares=-held.quantity, cost=-held.cost)
    yield Posting(reference, action.new.currency, con_id=action.new.con_id, shares=whole, cost=cost)
    if whole != exact:
        cash = payable((exact - whole) * action.mark)
        realized = cash - (held.cost - cost)
        yield Posting(f"{reference} fraction", action.new.currency, cash, action.new.con_id, realized=realized)


def adjusted(quote: Quote, instrument: Instrument, ratio: Ratio) -> Quote:
    """A quote after a split, each price on the nearest tick."""
    return Quote(
        bid=_on_tick(quote.bid, instrument, ratio),
        ask=_on_tick(quote.ask, instrument, ratio),
        last=_on_tick(quote.last, instrument, ratio),
        close=_on_tick(quote.close, instrument, ratio),
        age_seconds=quote.age_seconds,
    )


def _on_tick(price: Decimal | None, instrument: Instrument, ratio: Ratio) -> Decimal | None:
    if price is None:
        return None
    exact = ratio.price(price)
    tick = instrument.market_rule.increment(exact)
    return max((exact / tick).quantize(ONE, ROUND_HALF_UP) * tick, tick)
