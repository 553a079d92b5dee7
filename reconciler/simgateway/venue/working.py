"""Working orders: when one that was acknowledged fills, and in which parts."""

from decimal import ROUND_DOWN, Decimal

from reconciler.simgateway.clock import Clock
from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.orders import algos, pricing
from reconciler.simgateway.orders.book import Order, Status
from reconciler.simgateway.orders.situation import Situation
from reconciler.simgateway.venue.endings import Endings
from reconciler.simgateway.venue.executing import Executions
from reconciler.simgateway.venue.gate import Gate
from reconciler.simgateway.venue.listener import Listener

FILL_OR_KILL = "FOK"
_IMMEDIATE = ("IOC", FILL_OR_KILL)


class Floor:
    """Works orders that the gate lets through."""

    def __init__(
        self,
        market: Market,
        clock: Clock,
        listener: Listener,
        endings: Endings,
        executions: Executions,
        gate: Gate,
        pace: algos.Pace,
    ) -> None:
        self._market = market
        self._clock = clock
        self._listener = listener
        self._endings = endings
        self._executions = executions
        self._gate = gate
        self._pace = pace

    def start(self, order: Order) -> None:
        """Work an order that was just acknowledged: what does not fill at once says that it rests."""
        if order.status is Status.PENDING_CANCEL or not order.works or self._gate.shut(order):
            return
        order.progress = pricing.followed(self._situation(order))
        behaviour = self._behaviour(order)
        price = self._price(order)
        if price is None and order.terms.tif == FILL_OR_KILL:
            self._endings.lapse(order)
            return
        at_once = price is not None and not behaviour.delay_seconds
        if not at_once and not self._waits(order):
            order.enter(Status.SUBMITTED)
            self._listener.acknowledged(order)
        if at_once and not order.fill_due:
            self._fill_part(order, behaviour.parts)
        else:
            self.consider(order)
        self._end_immediate(order)

    def consider(self, order: Order) -> None:
        """Schedule the fill of an order that the market can fill now."""
        if self._gate.shut(order):
            return
        self._follow(order)
        behaviour = self._behaviour(order)
        if order.fill_due or self._price(order) is None:
            return
        order.fill_due = True
        self._clock.call_later(float(behaviour.delay_seconds), lambda: self._fill_due(order, behaviour.parts))

    def reopen(self, order: Order) -> None:
        """Look again at an order whose market, or whose time, may have come."""
        if order.status is Status.PRE_SUBMITTED:
            self.start(order)
        elif order.works:
            self.consider(order)

    def auction(self, order: Order) -> None:
        """Fill an order in the auction for which it waited, if it takes part: in full, at the auction's price."""
        if self._gate.barred(order):
            return
        order.progress = pricing.followed(self._situation(order))
        price = self._attainable(order)
        if price is not None:
            self._executions.execute(order, order.remaining, price)

    def strike(self, order: Order, shares: Decimal | None = None, price: Decimal | None = None) -> None:
        """Fill a working order now: all that remains or so many shares; at a price, its limit, or the market's."""
        if order.works and order.remaining and not order.attached:
            wanted = order.remaining if shares is None else min(shares, order.remaining)
            self._executions.execute(order, wanted, price or pricing.forced_price(self._situation(order)))

    def _end_immediate(self, order: Order) -> None:
        """Cancel what an immediate order could not fill. The real one sends no error 202 for it."""
        if order.terms.tif not in _IMMEDIATE or order.fill_due or not order.works:
            return
        self._endings.announce_cancel(order)
        self._clock.call_later(0, lambda: self._endings.kill(order))

    def _fill_due(self, order: Order, parts: int) -> None:
        order.fill_due = False
        self._fill_part(order, parts)

    def _fill_part(self, order: Order, parts: int) -> None:
        """Fill one of the parts that are left, and see to the next."""
        behaviour = self._behaviour(order)
        price = self._price(order) if order.works else None
        if price is None:
            self._end_immediate(order)
            return
        shares = order.remaining if parts <= 1 else _part(order, parts)
        self._executions.execute(order, shares, price)
        if not order.works:
            return
        order.fill_due = True
        self._clock.call_later(float(behaviour.delay_seconds), lambda: self._fill_due(order, max(parts - 1, 1)))

    def _follow(self, order: Order) -> None:
        """Let the order see where the market stands: it may move its own price, or be triggered and say so."""
        waited = self._waits(order)
        order.progress = pricing.followed(self._situation(order))
        if waited and not self._waits(order) and order.status is Status.PRE_SUBMITTED:
            order.enter(Status.SUBMITTED)
            self._listener.acknowledged(order)

    def _situation(self, order: Order) -> Situation:
        quote = self._market.quote(order.contract.con_id)
        return Situation(order.terms, order.progress, quote, order.contract)

    def _behaviour(self, order: Order) -> FillBehaviour:
        return self._pace(order.terms, self._market.listing(order.contract.con_id).fill)

    @staticmethod
    def _waits(order: Order) -> bool:
        return pricing.waits_for_trigger(order.terms, order.progress)

    def _price(self, order: Order) -> Decimal | None:
        """The price at which the order fills now, if it may and can."""
        return None if self._gate.shut(order) else self._attainable(order)

    def _attainable(self, order: Order) -> Decimal | None:
        """The price at which the market would fill the order. Where fills come in parts, none fills whole."""
        behaviour = self._behaviour(order)
        if behaviour.never or (order.terms.tif == FILL_OR_KILL and behaviour.parts > 1):
            return None
        return pricing.fill_price(self._situation(order))


def _part(order: Order, parts: int) -> Decimal:
    """An equal share of what remains, in whole lots; the last part takes the rest."""
    increment = order.contract.lots.increment
    lots = (order.remaining / parts / increment).to_integral_value(ROUND_DOWN)
    return max(lots, Decimal(1)) * increment
