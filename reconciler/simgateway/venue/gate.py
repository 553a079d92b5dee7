"""The gate between an order and its market: whether the order may be worked at this moment."""

from reconciler.simgateway.clock import Clock
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.orders.book import Order


class Gate:
    """Says what keeps orders from being worked; changes nothing."""

    def __init__(self, market: Market, clock: Clock) -> None:
        self._market = market
        self._clock = clock

    def shut(self, order: Order) -> bool:
        """Whether the order may not be worked now, whatever the price."""
        return self.barred(order) or order.schedule.auction_only or self._early(order) or not self.market_open(order)

    def barred(self, order: Order) -> bool:
        """Whether something else than the time keeps the order: a halt, its parent, or what withholds it."""
        return order.withheld or order.attached or bool(self._market.listing(order.contract.con_id).halts)

    def market_open(self, order: Order) -> bool:
        """Whether the market of an order is open for it."""
        sessions = order.contract.sessions
        return sessions.is_open(self._clock.now(), outside_rth=order.schedule.outside_rth)

    def _early(self, order: Order) -> bool:
        begins = order.schedule.begins
        return begins is not None and self._clock.now() < begins
