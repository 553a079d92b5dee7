"""Day trades: what an account opened today, and how many times more it may close such a thing on the same day.

The rule, kept simple: the first fill of an order that closes what the same day opened in that contract is one day
trade. What the day opened counts as closed first; what was held before is closed without one. Stocks and options
count, futures, currencies and coins do not (FINRA's rule 4210, which the broker's account value follows). The day is
the broker's. Assumption: a day trade that was made does not come back; the broker's do after five business days.
"""

from datetime import date
from decimal import Decimal

from reconciler.simgateway.amounts import ZERO

COUNTED = frozenset({"STK", "OPT"})
"""The security types in which there are day trades."""


class DayTrades:
    """The day trades of one account. `remaining` is how many it may still make, None without a limit."""

    def __init__(self, remaining: int | None = None) -> None:
        self.remaining = remaining
        self._day = date.min
        self._opened: dict[int, Decimal] = {}
        self._closers: set[int] = set()

    @property
    def are_limited(self) -> bool:
        """Whether there is anything to count."""
        return self.remaining is not None

    def enter(self, day: date, order: int, con_id: int, held: Decimal, shares: Decimal) -> None:
        """A fill of an order, named by its permanent id: shares (below zero sold), and what was held before it."""
        opened = self._opened_on(day).get(con_id, ZERO)
        closed = min(abs(held), abs(shares)) if held * shares < 0 else ZERO
        of_today = min(abs(opened), closed)
        if of_today and order not in self._closers:
            self._closers.add(order)
            if self.remaining:
                self.remaining -= 1
        moved = of_today + abs(shares) - closed
        self._opened[con_id] = opened + (moved if shares > 0 else -moved)

    def exhausted_by(self, day: date, con_id: int, side: int) -> bool:
        """Whether none is left, and a trade on a side (1 buys, -1 sells) would close what the day opened."""
        return self.remaining == 0 and self._opened_on(day).get(con_id, ZERO) * side < 0

    def _opened_on(self, day: date) -> dict[int, Decimal]:
        """Shares by contract that a day opened, below zero sold short. Another day begins with none."""
        if day != self._day:
            self._day = day
            self._opened.clear()
            self._closers.clear()
        return self._opened
