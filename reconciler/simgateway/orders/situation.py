"""An order before its market: what the order asks for, how far it is, and the prices that it meets. Values only."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reconciler.simgateway.market.instruments import Instrument, MarketRule, Quote
from reconciler.simgateway.orders import algos
from reconciler.simgateway.orders.terms import BUY, Terms


@dataclass(frozen=True)
class Progress:
    """How far an order is that waits for a trigger or follows the market."""

    triggered: bool = False
    level: Decimal | None = None
    """The price that follows the market: where a trailing stop stands, or a pegged order rests."""


AT_THE_START = Progress()


@dataclass(frozen=True)
class Situation:
    """An order before its market."""

    terms: Terms
    progress: Progress
    quote: Quote
    instrument: Instrument

    @property
    def rule(self) -> MarketRule:
        """The price increments where the order is sent."""
        return self.instrument.rule_at(self.terms.exchange)

    @property
    def touch(self) -> Decimal | None:
        """The best price of the other side: the ask for a buy, the bid for a sell."""
        return self.quote.ask if self.terms.action == BUY else self.quote.bid

    @property
    def reach(self) -> Decimal | None:
        """The best price at which it can trade: the touch, less what an algo saves of the spread, on a tick."""
        touch, own, share = self.touch, self.own_side, algos.saved(self.terms)
        if touch is None or own is None or not share:
            return touch
        tick = self.rule.increment(touch)
        ticks = (abs(touch - own) * share / tick).to_integral_value(ROUND_FLOOR)
        return touch - ticks * tick * self.terms.signed

    @property
    def own_side(self) -> Decimal | None:
        """The best price of the order's own side."""
        return self.quote.bid if self.terms.action == BUY else self.quote.ask

    @property
    def midpoint(self) -> Decimal | None:
        """Half-way between bid and ask."""
        bid, ask = self.quote.bid, self.quote.ask
        return None if bid is None or ask is None else (bid + ask) / 2

    def passive(self, price: Decimal) -> Decimal:
        """A price on a tick, rounded away from the other side: down for a buy, up for a sell."""
        tick = self.rule.increment(price)
        rounding = ROUND_FLOOR if self.terms.action == BUY else ROUND_CEILING
        return (price / tick).to_integral_value(rounding) * tick

    @property
    def limit(self) -> Decimal | None:
        """The limit, where there is one; zero is none."""
        return self.terms.limit_price or None

    def within(self, price: Decimal | None, limit: Decimal | None) -> Decimal | None:
        """The price, if it is no worse than the limit; no limit admits every price."""
        if price is None or limit is None:
            return price
        return price if (limit - price) * self.terms.signed >= 0 else None

    def capped(self, price: Decimal) -> Decimal:
        """The price, or the limit where that is better for the order."""
        limit = self.limit
        if limit is None:
            return price
        return min(price, limit) if self.terms.action == BUY else max(price, limit)
