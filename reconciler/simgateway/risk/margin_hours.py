"""The hours of margin: keeps the market at the present margin period and window, and ends Regulation T's days."""

from collections.abc import Callable, Mapping

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.margin import carry_memorandum
from reconciler.simgateway.market.margin_calendar import margin_time, next_boundary
from reconciler.simgateway.market.market import Market


class MarginHours:
    """Enters each margin period and window as the clock reaches it, and says so through `changed`."""

    def __init__(
        self, market: Market, ledgers: Mapping[str, Ledger], clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._market = market
        self._ledgers = ledgers
        self._clock = clock
        self._changed = changed
        self._stopped = False
        self._enter()
        for ledger in ledgers.values():
            ledger.memorandum = ZERO
        self._carry()

    def stop(self) -> None:
        """Follow the clock no more."""
        self._stopped = True

    def _enter(self) -> None:
        now = self._clock.now()
        self._market.enter(margin_time(now))
        self._clock.call_later((next_boundary(now) - now).total_seconds(), self._reached)

    def _reached(self) -> None:
        if self._stopped:
            return
        enforced = self._market.margin_time.regulation_t
        self._enter()
        if enforced and not self._market.margin_time.regulation_t:
            self._carry()
        self._changed()

    def _carry(self) -> None:
        for ledger in self._ledgers.values():
            carry_memorandum(ledger, self._market)
