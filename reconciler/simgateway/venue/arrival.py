"""What may be done with an order: take it, transmit it, change it, cancel it. The venue as the rest sees it."""

from collections.abc import Mapping
from decimal import Decimal

from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.orders import admission, algos, credit, day_trading, pricing, sizes
from reconciler.simgateway.orders.book import Order, OrderBook, Refusal, Status
from reconciler.simgateway.orders.schedule import next_event, scheduled
from reconciler.simgateway.orders.terms import Terms
from reconciler.simgateway.venue import timing
from reconciler.simgateway.venue.attached import Attachments
from reconciler.simgateway.venue.endings import CANCELLED, Endings
from reconciler.simgateway.venue.executing import Executions
from reconciler.simgateway.venue.gate import Gate
from reconciler.simgateway.venue.groups import OcaGroups
from reconciler.simgateway.venue.listener import Listener
from reconciler.simgateway.venue.timetable import Timetable
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
        self._gate = Gate(market, clock)
        self._endings = Endings(clock, listener, self._ended)
        executions = Executions(ledgers, book, clock, listener, self._filled)
        self._floor = Floor(market, clock, listener, self._endings, executions, self._gate, pace)
        self._groups = OcaGroups(self._endings, listener)
        self._attachments = Attachments(book, self._endings, clock, self._begin)
        self._timetable = Timetable(clock, self._due)

    def take(self, order: Order, objection: Refusal | None) -> None:
        """An order arrives: refuse it, hold it until it is transmitted, or start to work it."""
        self._book.add(order)
        objection = (
            objection
            or self.timing_refusal(order.terms, order.contract)
            or self._attachments.objection(order)
            or self._groups.objection(order)
        )
        if objection:
            self._endings.refuse(order, objection)
            return
        self._attachments.attach(order)
        if order.terms.transmit:
            self._transmit_chain(order)

    def redraft(self, order: Order, terms: Terms) -> None:
        """Change an order that was never transmitted, and transmit it if it says so now."""
        order.terms = self._attachments.bound(order, terms)
        if terms.transmit:
            self._transmit_chain(order)

    def restore(self, order: Order) -> None:
        """Enter an order that worked before the gateway started."""
        self._book.add(order)
        order.schedule = scheduled(order.terms, order.contract, self._clock.now())
        order.enter(Status.PRE_SUBMITTED)
        if not pricing.waits_for_trigger(order.terms, order.progress):
            order.enter(Status.SUBMITTED)
        self._groups.join(order)
        self._plan(order)
        self._floor.consider(order)

    def amend(self, order: Order, terms: Terms) -> None:
        """Change a working order. The caller has checked that it may be changed so."""
        terms = self._attachments.bound(order, terms)
        order.progress = pricing.amended(order.progress, order.terms, terms)
        order.terms = terms
        order.schedule = scheduled(terms, order.contract, self._clock.now())
        self._book.recount(order)
        self._groups.join(order)
        self._plan(order)
        self._begin(order)

    def cancel(self, order: Order) -> None:
        """Ask for the cancel of a working order; it is confirmed a turn later, unless a fill comes first.

        While its market is closed nobody is there to confirm it before the open.
        """
        self._endings.announce_cancel(order)
        if self._gate.market_open(order):
            self._clock.call_later(0, lambda: self._endings.confirm_cancel(order))

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
        self._floor.reopen(order)

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
        """Whether each account can carry its part of the order beside what works in it, and may trade it today."""
        parts = terms.by_account(instrument.lots.increment)
        return next((refusal for each in parts if (refusal := self._credit_refusal(each, instrument))), None)

    def _credit_refusal(self, terms: Terms, instrument: Instrument) -> Refusal | None:
        application = admission.Application(terms, instrument, self._ledgers)
        working = self._book.at_work(terms.account)
        result = credit.impact(application, self._market, working)
        lacking = credit.objection(application, result, self._market, working)
        return lacking or day_trading.objection(application, self._market, self._clock.now())

    def timing_refusal(self, terms: Terms, instrument: Instrument) -> Refusal | None:
        """What is wrong with the times of an order that comes now."""
        return timing.objection(terms, instrument, self._clock.now())

    def price_moved(self, con_id: int) -> None:
        """Look at every working order of an instrument again."""
        for order in self._book.working():
            if order.contract.con_id == con_id:
                self._floor.consider(order)

    def trading_resumed(self, con_id: int) -> None:
        """Look at every order again that waited for the end of a halt."""
        for order in self._book.working():
            if order.contract.con_id == con_id:
                self._floor.reopen(order)

    def _transmit_chain(self, order: Order) -> None:
        for each in self._attachments.chain(order):
            # The parent may have been refused just now; its children end in the next turn.
            if not each.attached or self._attachments.objection(each) is None:
                self._transmit(each)

    def _transmit(self, order: Order) -> None:
        """Admit an order that passed the formal checks, and acknowledge it; refuse it where the credit lacks."""
        refusal = None if self._attachments.closes(order) else self.credit_refusal(order.terms, order.contract)
        if refusal:
            self._endings.refuse(order, refusal)
            return
        now = self._clock.now()
        order.schedule = scheduled(order.terms, order.contract, now)
        order.enter(Status.PRE_SUBMITTED)
        self._groups.join(order)
        self._plan(order)
        self._begin(order)
        for warning in (*timing.warnings(order, now), sizes.odd_lot(order.terms, order.contract)):
            if warning:
                self._listener.warned(order, warning)

    def _begin(self, order: Order) -> None:
        """Tell an order's state, and work it a turn later, or when its parent has filled."""
        self._listener.acknowledged(order)
        if not order.attached:
            self._clock.call_later(0, lambda: self._floor.start(order))

    def _filled(self, order: Order, shares: Decimal) -> None:
        self._groups.filled(order, shares)
        if not order.remaining:
            self._groups.leave(order)
            self._attachments.filled(order)

    def _ended(self, order: Order) -> None:
        self._groups.leave(order)
        self._attachments.ended(order)

    def _plan(self, order: Order) -> None:
        self._timetable.enter(order, next_event(order.schedule, order.contract, self._clock.now()))

    def _due(self, order: Order) -> None:
        """Something that an order waited for by the clock has come: its open, its auction, its time, its end."""
        now, schedule = self._clock.now(), order.schedule
        if order.status is Status.PENDING_CANCEL and self._gate.market_open(order):
            self._endings.confirm_cancel(order)
        elif order.works and schedule.auction and schedule.auction <= now:
            self._floor.auction(order)
        if schedule.expires and schedule.expires <= now:
            self._endings.withdraw(order, CANCELLED)
        if order.works:
            self._floor.reopen(order)
            self._plan(order)
