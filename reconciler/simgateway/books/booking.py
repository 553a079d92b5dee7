"""How a trade is entered: one function for each way of paying, and the table of security types that pay so.

A stock, a crypto or an option is paid in full. A future costs no cash: its profit is paid as variation, when the day
ends and when it is closed. A currency pair exchanges cash in two currencies and leaves a virtual position.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books.ledger import Book, Ledger, Position, Posting
from reconciler.simgateway.market.instruments import Instrument

_FRACTION_OF_A_CENT = Decimal("0.0001")


class Trade(NamedTuple):
    """An execution as the books see it: shares below zero are sold, the price is per share.

    `settles` is the day on which the cash that comes in is there, None where that is at once.
    """

    reference: str
    instrument: Instrument
    shares: Decimal
    price: Decimal
    commission: Decimal
    commission_currency: str
    settles: date | None = None

    @property
    def value_of_one(self) -> Decimal:
        """What one share or contract trades for."""
        return self.price * self.instrument.multiplier

    def settling(self, cash: Decimal) -> date | None:
        """When an amount is settled: what goes out counts at once."""
        return self.settles if cash > 0 else None


class Fee(NamedTuple):
    """A commission and the currency it is paid in."""

    amount: Decimal
    currency: str


def fee(ledger: Ledger, instrument: Instrument, asked: Decimal) -> Fee:
    """A commission as it is paid, from what is asked in the instrument's currency: for a pair in the base currency."""
    if not instrument.is_currency_pair:
        return Fee(asked, instrument.currency)
    return Fee((asked * ledger.rate(instrument.currency)).quantize(_FRACTION_OF_A_CENT), ledger.base_currency)


class _Closing(NamedTuple):
    """The part of a holding that a trade closes (with the holding's sign), what it releases, and what it opens."""

    closed: Decimal
    cost: Decimal
    settled_value: Decimal
    opened: Decimal


def enter(ledger: Ledger, trade: Trade) -> Decimal | None:
    """Enter an execution. Returns the profit realized, None when it only opened."""
    return _BOOKED.get(trade.instrument.security_type, _paid_in_full)(ledger, trade)


def _paid_in_full(ledger: Ledger, trade: Trade) -> Decimal | None:
    part, posting = _holding(ledger, trade)
    cash = -trade.shares * trade.value_of_one
    return _entered(ledger, trade, part, posting._replace(cash=cash, settles=trade.settling(cash)))


def _by_variation(ledger: Ledger, trade: Trade) -> Decimal | None:
    """What is closed pays what it gained since its variation was paid; the value of the rest is settled from now on."""
    part, posting = _holding(ledger, trade)
    paid = part.closed * trade.value_of_one - part.settled_value
    if paid:
        ledger.post(Posting(f"{trade.reference} variation", trade.instrument.currency, paid))
    settled_value = part.opened * trade.value_of_one - part.settled_value
    return _entered(ledger, trade, part, posting._replace(settled_value=settled_value))


def _holding(ledger: Ledger, trade: Trade) -> tuple[_Closing, Posting]:
    """The commission follows the shares: what closes bears it as a loss, what opens as a part of its cost."""
    instrument = trade.instrument
    part = _closing(ledger.positions.get(instrument.con_id, Position()), trade.shares)
    closing_fee = trade.commission * abs(part.closed) / abs(trade.shares)
    realized = part.closed * trade.value_of_one - part.cost - closing_fee if part.closed else ZERO
    return part, Posting(
        trade.reference,
        instrument.currency,
        con_id=instrument.con_id,
        shares=trade.shares,
        cost=part.opened * trade.value_of_one + (trade.commission - closing_fee) - part.cost,
        realized=realized,
    )


def _entered(ledger: Ledger, trade: Trade, part: _Closing, posting: Posting) -> Decimal | None:
    ledger.post(posting)
    ledger.post(Posting(f"{trade.reference} commission", trade.commission_currency, -trade.commission))
    return posting.realized if part.closed else None


def _exchange(ledger: Ledger, trade: Trade) -> Decimal | None:
    """Two legs of cash, the base currency's and the quote's; the commission is no part of the virtual cost."""
    instrument = trade.instrument
    part = _closing(ledger.virtual.get(instrument.con_id, Position()), trade.shares)
    realized = part.closed * trade.price - part.cost if part.closed else ZERO
    paid = -trade.shares * trade.price
    ledger.post(Posting(trade.reference, instrument.symbol, trade.shares, settles=trade.settling(trade.shares)))
    ledger.post(Posting(trade.reference, instrument.currency, paid, settles=trade.settling(paid)))
    virtual = Posting(
        trade.reference,
        instrument.currency,
        con_id=instrument.con_id,
        shares=trade.shares,
        cost=part.opened * trade.price - part.cost,
        realized=realized,
        book=Book.VIRTUAL,
    )
    return _entered(ledger, trade, part, virtual)


def _closing(held: Position, shares: Decimal) -> _Closing:
    if held.quantity * shares >= 0:
        return _Closing(ZERO, ZERO, ZERO, shares)
    closed = min(held.quantity, -shares) if held.quantity > 0 else max(held.quantity, -shares)
    part = closed / held.quantity
    return _Closing(closed, held.cost * part, held.settled_value * part, shares + closed)


_BOOKED: Mapping[str, Callable[[Ledger, Trade], Decimal | None]] = {"CASH": _exchange, "FUT": _by_variation}
"""By security type; every other is paid in full."""
