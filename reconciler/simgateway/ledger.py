"""The books of one account: cash by currency and positions, each the sum of its postings.

Rule: `post` is the only way in. At any moment cash and positions equal the sum of all postings, which a property test
holds over random sessions. Negative cash is a loan. Average cost includes commissions, as the broker's does.
"""

from collections import defaultdict
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway import regulation_t
from reconciler.simgateway.agreement import STANDARD, Agreement
from reconciler.simgateway.amounts import ZERO, average


class Posting(NamedTuple):
    """One entry: cash in a currency, shares of a contract and their cost, and the execution or event behind it."""

    reference: str
    currency: str
    cash: Decimal = ZERO
    con_id: int = 0
    shares: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass(frozen=True)
class Position:
    """Shares held (negative: short), what they cost with commissions, and the profit realized on those closed."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO

    @property
    def average_cost(self) -> Decimal:
        """Cost per share, commissions included."""
        return average(self.cost, self.quantity)


@dataclass
class Ledger:
    """Books and journal of one account."""

    account: str
    base_currency: str
    rates: MutableMapping[str, Decimal]
    """What one unit of each currency is worth in the base currency."""
    cash: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    positions: dict[int, Position] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)
    agreement: Agreement = STANDARD
    memorandum: Decimal = ZERO
    """The special memorandum account in base currency, as postings moved it since it was last carried over."""

    def post(self, posting: Posting) -> None:
        """Enter one posting."""
        self.postings.append(posting)
        self.cash[posting.currency] += posting.cash
        share = regulation_t.memorandum_share(posting.con_id)
        self.memorandum += posting.cash * share * self.rate(posting.currency)
        if posting.con_id:
            held = self.positions.get(posting.con_id, Position())
            self.positions[posting.con_id] = Position(
                held.quantity + posting.shares, held.cost + posting.cost, held.realized
            )

    def trade(
        self, reference: str, currency: str, con_id: int, *, shares: Decimal, price: Decimal, commission: Decimal
    ) -> Decimal | None:
        """Enter an execution (shares below zero: sold). Returns the profit realized, None when it only opened."""
        held = self.positions.get(con_id, Position())
        closed = _closed(held.quantity, shares)
        released = held.cost * (closed / held.quantity) if closed else ZERO
        opened = shares + closed
        # The commission follows the shares: what closes bears it as a loss, what opens as a part of its cost.
        closing_fee = commission * abs(closed) / abs(shares)
        cost = opened * price + (commission - closing_fee) - released
        self.post(Posting(reference, currency, -shares * price, con_id, shares, cost))
        self.post(Posting(f"{reference} commission", currency, -commission))
        if not closed:
            return None
        realized = closed * price - released - closing_fee
        after = self.positions[con_id]
        self.positions[con_id] = Position(after.quantity, after.cost, after.realized + realized)
        return realized

    def held(self) -> dict[int, Position]:
        """The positions that are not flat."""
        return {con_id: position for con_id, position in self.positions.items() if position.quantity}

    def rate(self, currency: str) -> Decimal:
        """One unit of a currency in the base currency. Raises KeyError for one the scenario gives no rate."""
        return self.rates[currency]


def _closed(held: Decimal, shares: Decimal) -> Decimal:
    """The part of a holding that a trade closes, with the holding's sign."""
    if held * shares >= 0:
        return ZERO
    return min(held, -shares) if held > 0 else max(held, -shares)
