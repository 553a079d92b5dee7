"""The books of one account: cash, accruals and positions by currency and contract, each the sum of its postings.

Rule: `post` is the only way in, and `settle` only says which cash has arrived. At any moment every book equals the sum
of its postings, which a property test holds over random sessions. Negative cash is a loan. Average cost includes
commissions, as the broker's does.
"""

from collections import defaultdict
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO, average
from reconciler.simgateway.books import regulation_t
from reconciler.simgateway.books.agreement import STANDARD, Agreement
from reconciler.simgateway.books.day_trades import DayTrades
from reconciler.simgateway.books.interest import NO_INTEREST, InterestRates


class Book(StrEnum):
    """Where shares are entered: among the holdings, or among the virtual positions that currency trades leave."""

    HOLDINGS = "holdings"
    VIRTUAL = "virtual"


class Posting(NamedTuple):
    """One entry, and the execution or event behind it: amounts in a currency, shares of a contract and their cost.

    Cash with a contract id is what securities were bought or sold for.
    `interest` and `dividends` are accruals: earned (below zero: owed) and not yet paid. `settled_value` is what a
    future's variation has settled in cash. Cash with a date in `settles` is unsettled until then.
    """

    reference: str
    currency: str
    cash: Decimal = ZERO
    con_id: int = 0
    shares: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    settled_value: Decimal = ZERO
    interest: Decimal = ZERO
    dividends: Decimal = ZERO
    settles: date | None = None
    book: Book = Book.HOLDINGS


class Position(NamedTuple):
    """Shares held (negative: short), what they cost with commissions, and the profit realized on those closed.

    A future's `settled_value` is the value up to which its profit is in cash already; what is paid in full has none.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO
    settled_value: Decimal = ZERO

    @property
    def average_cost(self) -> Decimal:
        """Cost per share, or per contract of a future or an option, commissions included."""
        return average(self.cost, self.quantity)

    def after(self, posting: Posting) -> "Position":
        """The position with one posting more."""
        return Position(
            self.quantity + posting.shares,
            self.cost + posting.cost,
            self.realized + posting.realized,
            self.settled_value + posting.settled_value,
        )


def _amounts() -> dict[str, Decimal]:
    return defaultdict(lambda: ZERO)


@dataclass
class Ledger:
    """Books and journal of one account. Amounts are by currency, positions by contract id."""

    account: str
    base_currency: str
    rates: MutableMapping[str, Decimal]
    """What one unit of each currency is worth in the base currency."""
    interest_rates: InterestRates = NO_INTEREST
    cash: dict[str, Decimal] = field(default_factory=_amounts)
    interest: dict[str, Decimal] = field(default_factory=_amounts)
    dividends: dict[str, Decimal] = field(default_factory=_amounts)
    positions: dict[int, Position] = field(default_factory=dict)
    virtual: dict[int, Position] = field(default_factory=dict)
    """What currency trades leave: shown among the positions, worth nothing beyond the cash that they moved."""
    postings: list[Posting] = field(default_factory=list)
    agreement: Agreement = STANDARD
    memorandum: Decimal = ZERO
    """The special memorandum account in base currency, as postings moved it since it was last carried over."""
    day_trades: DayTrades = field(default_factory=DayTrades)
    _unsettled: dict[tuple[date, str], Decimal] = field(default_factory=dict)

    def post(self, posting: Posting) -> None:
        """Enter one posting."""
        self.postings.append(posting)
        self.cash[posting.currency] += posting.cash
        share = regulation_t.memorandum_share(posting.con_id)
        self.memorandum += posting.cash * share * self.rate(posting.currency)
        if posting.settles:
            key = (posting.settles, posting.currency)
            self._unsettled[key] = self._unsettled.get(key, ZERO) + posting.cash
        if posting.interest:
            self.interest[posting.currency] += posting.interest
        if posting.dividends:
            self.dividends[posting.currency] += posting.dividends
        if posting.con_id:
            book = self.positions if posting.book is Book.HOLDINGS else self.virtual
            book[posting.con_id] = book.get(posting.con_id, Position()).after(posting)

    def settle(self, today: date) -> None:
        """Take the cash that settles up to a day as settled."""
        self._unsettled = {key: amount for key, amount in self._unsettled.items() if key[0] > today}

    def settled(self, currency: str) -> Decimal:
        """Cash without the proceeds that still settle. What is bought counts when it is traded."""
        waiting = sum((amount for (_, each), amount in self._unsettled.items() if each == currency), ZERO)
        return self.cash.get(currency, ZERO) - waiting

    def accrued(self, currency: str) -> Decimal:
        """Interest and dividends earned and not yet paid; below zero: owed."""
        return self.interest.get(currency, ZERO) + self.dividends.get(currency, ZERO)

    @property
    def currencies(self) -> set[str]:
        """The base currency, and every currency that the account has or had amounts in."""
        return {self.base_currency, *self.cash, *self.interest, *self.dividends}

    def in_base(self, amounts: dict[str, Decimal]) -> Decimal:
        """Amounts by currency as one amount in the base currency."""
        return sum((amount * self.rate(currency) for currency, amount in amounts.items()), ZERO)

    def held(self) -> dict[int, Position]:
        """The positions that are not flat."""
        return {con_id: position for con_id, position in self.positions.items() if position.quantity}

    def shown(self) -> dict[int, Position]:
        """What position rows list: the holdings, and the virtual positions that are not flat."""
        return {**self.held(), **{each: position for each, position in self.virtual.items() if position.quantity}}

    def position(self, con_id: int) -> Position:
        """The holding or the virtual position in a contract; flat where there is none."""
        return self.positions.get(con_id) or self.virtual.get(con_id) or Position()

    def rate(self, currency: str) -> Decimal:
        """One unit of a currency in the base currency. Raises KeyError for one the scenario gives no rate."""
        return self.rates[currency]
