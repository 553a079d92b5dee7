"""Profit and loss of the day, as requests 92 and 94 tell it. Pure functions of the books.

Daily profit is what was realized and what the unrealized profit grew since the day's start: a holding of the start
counts from the market's close, a trade of the day from its price; commissions are in both. The day starts with the
gateway. Totals are in the account's base currency at the present rates, rows of one contract in its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books.ledger import Ledger, Position
from reconciler.simgateway.market.market import Market


@dataclass(frozen=True)
class Subscription:
    """What a client asked for: an account, or one of its holdings where the contract id is not zero."""

    account: str
    con_id: int = 0


class Profit(NamedTuple):
    """Daily, unrealized and realized profit; size and value of the holding where it is one."""

    daily: Decimal = ZERO
    unrealized: Decimal = ZERO
    realized: Decimal = ZERO
    quantity: Decimal = ZERO
    value: Decimal = ZERO

    def plus(self, other: "Profit", rate: Decimal) -> "Profit":
        """The sum with another one, converted at a rate; sizes of different contracts do not add up."""
        return Profit(
            self.daily + other.daily * rate,
            self.unrealized + other.unrealized * rate,
            self.realized + other.realized * rate,
            ZERO,
            self.value + other.value * rate,
        )


def of_holding(ledger: Ledger, market: Market, con_id: int, start: Mapping[int, Position]) -> Profit:
    """The profit in one contract, in its currency; `start` are the account's holdings at the start of the day."""
    held, then, quote = ledger.positions.get(con_id, Position()), start.get(con_id, Position()), market.quote(con_id)
    instrument = market.listing(con_id).instrument
    value = instrument.notional(held.quantity, quote.mark)
    unrealized = value - held.cost
    realized = held.realized - then.realized
    before = instrument.notional(then.quantity, quote.close or quote.mark) - then.cost
    return Profit(unrealized - before + realized, unrealized, realized, held.quantity, value)


def of_account(ledger: Ledger, market: Market, start: Mapping[int, Position]) -> Profit:
    """The profit in all contracts together, in base currency."""
    total = Profit()
    for con_id in ledger.positions:
        currency = market.listing(con_id).instrument.currency
        total = total.plus(of_holding(ledger, market, con_id, start), ledger.rate(currency))
    return total
