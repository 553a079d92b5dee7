"""What may be done with an order: take it, transmit it, change it, cancel it. The venue as the rest sees it."""

from collections.abc import Mapping
from decimal import Decimal

from reconciler.simgateway import admission, algos, credit, pricing
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.instruments import Instrument
from reconciler.simgateway.ledger import Ledger
from reconciler.simgateway.market import Market
from reconciler.simgateway.orders import Order, OrderBook, Refusal, Status
from reconciler.simgateway.terms import Terms
from reconciler.simgateway.venue.endings import CANCELLED, Endings
from reconciler.simgateway.venue.listener import Listener
from reconciler.simgateway.venue.working import Floor


class Venue:
    """Takes orders and works them. Time comes from the clock, prices from the market."""

    def __init__(
        self,
        market: Market,
        ledgers: Mapping[str, Ledger],
        book: OrderBook,
        clock: Clock,
        listener: Listener,
        pace: algos.Pace,
    ) -> None:
        self._market = market
        self._ledgers = ledgers
        self._book = book
        self._clock = clock
        self._listener = listener
        self._endings = Endings(clock, listener)
        self._floor = Floor(market, ledgers, book, clock, listener, self._endings, pace)

    def take(self, order: Order, objection: Refusal | None) -> None:
        """An order arrives: refuse it, hold it until it is transmitted, or start to work it."""
        self._book.add(order)
        if objection:
            self._endings.refuse(order, objection)
        elif order.terms.transmit:
            self.transmit(order)

    def transmit(self, order: Order) -> None:
        """Admit an order that passed the formal checks, and acknowledge it; refuse it where the credit lacks."""
        refusal = self.credit_refusal(order.terms, order.contract)
        if refusal:
            self._endings.refuse(order, refusal)
            return
        order.enter(Status.PRE_SUBMITTED)
        self._listener.acknowledged(order)
        self._clock.call_later(0, lambda: self._floor.start(order))

    def restore(self, order: Order) -> None:
        """Enter an order that worked before the gateway started."""
        self._book.add(order)
        order.enter(Status.PRE_SUBMITTED)
        if not pricing.waits_for_trigger(order.terms, order.progress):
            order.enter(Status.SUBMITTED)
        self._floor.consider(order)

    def amend(self, order: Order, terms: Terms) -> None:
        """Change a working order. The caller has checked that it may be changed so."""
        order.progress = pricing.amended(order.progress, order.terms, terms)
        order.terms = terms
        self._book.recount(order)
        self._listener.acknowledged(order)
        self._clock.call_later(0, lambda: self._floor.start(order))

    def cancel(self, order: Order) -> None:
        """Ask for the cancel of a working order; it is confirmed a turn later, unless a fill comes first."""
        self._endings.ask_to_cancel(order, CANCELLED)

    def drop(self, order: Order) -> None:
        """Cancel an order that was never transmitted."""
        self._endings.drop(order)

    def withdraw_all(self, con_id: int, reason: Refusal) -> None:
        """Cancel every working order of a contract at once, by the broker's own decision."""
        for order in self._book.working():
            if order.contract.con_id == con_id:
                self._endings.withdraw(order, reason)

    def resume(self, order: Order) -> None:
        """Work an order that was withheld."""
        self._floor.start(order)

    def strike(self, order: Order, shares: Decimal | None = None, price: Decimal | None = None) -> None:
        """Fill a working order now: all that remains or so many shares; at a price, its limit, or the market's."""
        self._floor.strike(order, shares, price)

    def withdraw(self, order: Order, reason: Refusal) -> None:
        """Cancel a working order that nobody asked to cancel."""
        self._endings.withdraw(order, reason)

    def reject(self, order: Order, reason: Refusal) -> None:
        """Reject a working order, as an exchange does."""
        self._endings.refuse(order, reason)

    def liquidate(self, order: Order) -> None:
        """Execute an order of the broker's own, which nobody is asked about and nothing can refuse."""
        self._book.add(order)
        order.enter(Status.PRE_SUBMITTED)
        self._floor.strike(order)

    def credit_refusal(self, terms: Terms, instrument: Instrument) -> Refusal | None:
        """Whether each account can carry its part of the order together with what already works in it."""
        parts = terms.by_account(instrument.lots.increment)
        return next((refusal for each in parts if (refusal := self._credit_refusal(each, instrument))), None)

    def _credit_refusal(self, terms: Terms, instrument: Instrument) -> Refusal | None:
        application = admission.Application(terms, instrument, self._ledgers)
        working = self._book.at_work(terms.account)
        result = credit.impact(application, self._market, working)
        return credit.objection(application, result, self._market, working)

    def price_moved(self, con_id: int) -> None:
        """Look at every working order of an instrument again."""
        for order in self._book.working():
            if order.contract.con_id == con_id:
                self._floor.consider(order)
