"""The venue: takes orders, works them against the market, and posts what fills to the ledgers.

Rule: it tells what happens through its Listener, and knows neither clients nor the wire. What follows from an event
happens in a later turn of the loop than the event, as with the real one: an order is acknowledged before it fills.
"""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from reconciler.simgateway import admission, pricing
from reconciler.simgateway.amounts import average
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.instruments import Instrument
from reconciler.simgateway.ledger import Ledger
from reconciler.simgateway.margin import commission
from reconciler.simgateway.market import Market
from reconciler.simgateway.orders import Execution, Order, OrderBook, Refusal, Status
from reconciler.simgateway.terms import Terms

CANCELLED = Refusal(202, "Order Canceled - reason:")


class Listener(Protocol):
    """Who is told what happens to orders."""

    def acknowledged(self, order: Order) -> None:
        """The order entered a state, or was changed."""

    def refused(self, order: Order, refusal: Refusal) -> None:
        """The order was not taken, or was cancelled, with the broker's code."""

    def executed(self, order: Order, execution: Execution) -> None:
        """The order filled, in full or in part; the ledger has it."""


class Venue:
    """Works orders. Time comes from the clock, prices from the market."""

    def __init__(
        self, market: Market, ledgers: Mapping[str, Ledger], book: OrderBook, clock: Clock, listener: Listener
    ) -> None:
        self._market = market
        self._ledgers = ledgers
        self._book = book
        self._clock = clock
        self._listener = listener

    def take(self, order: Order, objection: Refusal | None) -> None:
        """An order arrives: refuse it, hold it until it is transmitted, or start to work it."""
        self._book.add(order)
        if objection:
            self.refuse(order, objection)
        elif order.terms.transmit:
            self.transmit(order)

    def transmit(self, order: Order) -> None:
        """Admit an order that passed the formal checks, and acknowledge it; refuse it where the credit lacks."""
        refusal = self.credit_refusal(order.terms, order.contract)
        if refusal:
            self.refuse(order, refusal)
            return
        order.enter(Status.PRE_SUBMITTED)
        self._listener.acknowledged(order)
        self._clock.call_later(0, lambda: self._start(order))

    def refuse(self, order: Order, refusal: Refusal) -> None:
        """End an order that was not taken."""
        order.enter(Status.INACTIVE)
        order.refusal = refusal
        order.completed_at = self._clock.now()
        self._listener.refused(order, refusal)

    def restore(self, order: Order) -> None:
        """Enter an order that worked before the gateway started."""
        self._book.add(order)
        order.enter(Status.PRE_SUBMITTED)
        if not self._waits(order):
            order.enter(Status.SUBMITTED)
        self._consider(order)

    def amend(self, order: Order, terms: Terms) -> None:
        """Change a working order. The caller has checked that it may be changed so."""
        order.progress = pricing.amended(order.progress, order.terms, terms)
        order.terms = terms
        self._book.recount(order)
        self._listener.acknowledged(order)
        self._clock.call_later(0, lambda: self._start(order))

    def cancel(self, order: Order) -> None:
        """Ask for the cancel of a working order; it is confirmed a turn later, unless a fill comes first."""
        order.enter(Status.PENDING_CANCEL)
        self._listener.acknowledged(order)
        self._clock.call_later(0, lambda: self._confirm_cancel(order, CANCELLED))

    def resume(self, order: Order) -> None:
        """Work an order that was withheld."""
        self._start(order)

    def strike(self, order: Order) -> None:
        """Fill all that remains of a working order now: at its limit, or else where the market stands."""
        if order.works and order.remaining:
            self._execute(order, order.remaining, pricing.forced_price(self._situation(order)))

    def liquidate(self, order: Order) -> None:
        """Execute an order of the broker's own, which nobody is asked about and nothing can refuse."""
        self._book.add(order)
        order.enter(Status.PRE_SUBMITTED)
        self.strike(order)

    def drop(self, order: Order) -> None:
        """Cancel an order that was never transmitted."""
        self._end_cancelled(order)
        self._listener.refused(order, CANCELLED)

    def credit_refusal(self, terms: Terms, instrument: Instrument) -> Refusal | None:
        """Whether the account can carry the order together with what already works in it."""
        application = admission.Application(terms, instrument, self._ledgers)
        result = admission.impact(application, self._market, self._book.buying(terms.account))
        return admission.credit(result, self._ledgers[terms.account].base_currency)

    def price_moved(self, con_id: int) -> None:
        """Look at every working order of an instrument again."""
        for order in self._book.working():
            if order.contract.con_id == con_id:
                self._consider(order)

    def _start(self, order: Order) -> None:
        """Work an order that was just acknowledged: what does not fill at once says that it rests."""
        if order.status is Status.PENDING_CANCEL or not order.works or order.withheld:
            return
        order.progress = pricing.followed(self._situation(order))
        behaviour = self._market.listing(order.contract.con_id).fill
        at_once = self._fill_price(order) is not None and not behaviour.never and not behaviour.delay_seconds
        if not at_once and not self._waits(order):
            order.enter(Status.SUBMITTED)
            self._listener.acknowledged(order)
        if at_once and not order.fill_due:
            self._fill_part(order, behaviour.parts)
        else:
            self._consider(order)
        self._end_immediate(order)

    def _end_immediate(self, order: Order) -> None:
        """Cancel what an immediate-or-cancel order could not fill. The real one sends no error 202 for it."""
        if order.terms.tif != "IOC" or order.fill_due or not order.works:
            return
        order.enter(Status.PENDING_CANCEL)
        self._listener.acknowledged(order)
        self._clock.call_later(0, lambda: self._confirm_cancel(order, None))

    def _consider(self, order: Order) -> None:
        """Schedule the fill of an order that the market can fill now."""
        if order.withheld:
            return
        self._follow(order)
        behaviour = self._market.listing(order.contract.con_id).fill
        if order.fill_due or behaviour.never or self._fill_price(order) is None:
            return
        order.fill_due = True
        self._clock.call_later(float(behaviour.delay_seconds), lambda: self._fill_due(order, behaviour.parts))

    def _fill_due(self, order: Order, parts: int) -> None:
        order.fill_due = False
        self._fill_part(order, parts)

    def _fill_part(self, order: Order, parts: int) -> None:
        """Fill one of the parts that are left, and see to the next."""
        behaviour = self._market.listing(order.contract.con_id).fill
        price = self._fill_price(order)
        if price is None or behaviour.never or not order.works:
            self._end_immediate(order)
            return
        shares = order.remaining if parts <= 1 else _part(order, parts)
        self._execute(order, shares, price)
        if not order.remaining:
            return
        order.fill_due = True
        self._clock.call_later(float(behaviour.delay_seconds), lambda: self._fill_due(order, max(parts - 1, 1)))

    def _follow(self, order: Order) -> None:
        """Let the order see where the market stands: it may be triggered, or move its own price."""
        waited = self._waits(order)
        order.progress = pricing.followed(self._situation(order))
        reached = waited and not self._waits(order) and order.status is Status.PRE_SUBMITTED
        if reached and self._fill_price(order) is None:
            order.enter(Status.SUBMITTED)
            self._listener.acknowledged(order)

    def _situation(self, order: Order) -> pricing.Situation:
        quote = self._market.quote(order.contract.con_id)
        return pricing.Situation(order.terms, order.progress, quote, order.contract)

    @staticmethod
    def _waits(order: Order) -> bool:
        return pricing.waits_for_trigger(order.terms, order.progress)

    def _fill_price(self, order: Order) -> Decimal | None:
        return pricing.fill_price(self._situation(order))

    def _execute(self, order: Order, shares: Decimal, price: Decimal) -> None:
        terms, instrument = order.terms, order.contract
        exec_id = self._book.new_exec_id()
        fee = commission(shares, price)
        realized = self._ledgers[terms.account].trade(
            exec_id, instrument.currency, instrument.con_id, shares=shares * terms.signed, price=price, commission=fee
        )
        filled = order.filled + shares
        execution = Execution(
            exec_id=exec_id,
            time=self._clock.now(),
            shares=shares,
            price=price,
            cumulative_quantity=filled,
            average_price=average(order.value + shares * price, filled),
            commission=fee,
            realized=realized,
        )
        order.record(execution)
        if not order.remaining:
            order.enter(Status.FILLED)
            order.completed_at = execution.time
            order.completed_status = f"Filled Size: {filled.normalize():f}"
        elif order.status is not Status.PENDING_CANCEL:
            order.enter(Status.SUBMITTED)
        self._listener.executed(order, execution)

    def _confirm_cancel(self, order: Order, reason: Refusal | None) -> None:
        if not order.works:
            return
        self._end_cancelled(order)
        self._listener.acknowledged(order)
        if reason:
            self._listener.refused(order, reason)

    def _end_cancelled(self, order: Order) -> None:
        order.enter(Status.CANCELLED)
        order.completed_at = self._clock.now()
        order.completed_status = "Cancelled by Trader"


def _part(order: Order, parts: int) -> Decimal:
    """An equal share of what remains, in whole lots; the last part takes the rest."""
    increment = order.contract.lots.increment
    lots = (order.remaining / parts / increment).to_integral_value(ROUND_DOWN)
    return max(lots, Decimal(1)) * increment
