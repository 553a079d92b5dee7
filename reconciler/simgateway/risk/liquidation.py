"""Forced liquidation: what the broker closes of an account that lacks margin, and how it does so.

It closes the position that asks for most maintenance margin first, and of the last one only as much as is lacking. The
executions have Liquidation=1, client id 0 and order id -1, and every client is told them.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple, Protocol

from reconciler.simgateway import messages
from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books.commissions import estimate
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.client import Client
from reconciler.simgateway.margin import Appraisal, appraise
from reconciler.simgateway.margin.exposure import exposed
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import Listing, Market
from reconciler.simgateway.orders.book import LIQUIDATION_ID, Order, OrderBook
from reconciler.simgateway.orders.terms import BUY, MARKET, SELL, Terms
from reconciler.simgateway.venue import Venue

BROKER = 0
"""The client id under which the broker's own orders are told."""


class Executing(Protocol):
    """What a liquidation needs of the broker."""

    @property
    def venue(self) -> Venue:
        """Where it is executed."""

    @property
    def book(self) -> OrderBook:
        """Where it is entered."""

    @property
    def clients(self) -> dict[int, Client]:
        """Those who are told."""


class Closing(NamedTuple):
    """A trade that closes a position or a part of it; shares below zero are sold."""

    instrument: Instrument
    shares: Decimal


class _Plan(NamedTuple):
    """The account with closings done: what changes in shares by contract id, and what that costs in base currency."""

    appraisal: Appraisal
    changes: dict[int, Decimal]
    cost: Decimal

    @property
    def deficiency(self) -> Decimal:
        return self.appraisal.figures(self.changes, self.cost).deficiency

    def after(self, closing: Closing) -> "_Plan":
        (instrument, shares), ledger = closing, self.appraisal.ledger
        quote = self.appraisal.market.quote(instrument.con_id)
        price = (quote.ask if shares > 0 else quote.bid) or quote.mark
        fee = estimate(ledger.agreement.pricing, instrument.security_type, shares, price).most
        cost = (fee + instrument.notional(shares, price - quote.mark)) * ledger.rate(instrument.currency)
        return self._replace(changes={**self.changes, instrument.con_id: shares}, cost=self.cost + cost)


def closings(ledger: Ledger, market: Market, now: datetime) -> list[Closing]:
    """What to close so that the account lacks nothing, or all that can be: where a market is open and has a price."""
    plan, chosen = _Plan(appraise(ledger, market), {}, ZERO), []
    for listing, quantity in _largest_first(ledger, market):
        if not plan.deficiency:
            break
        if listing.quote.mark and listing.instrument.sessions.is_open(now, outside_rth=False):
            closing = _fewest(plan, listing.instrument, quantity)
            plan = plan.after(closing)
            chosen.append(closing)
    return chosen


def _largest_first(ledger: Ledger, market: Market) -> Iterator[tuple[Listing, Decimal]]:
    """What is held, by maintenance margin in base currency."""

    def maintenance(con_id: int) -> Decimal:
        listing = market.listing(con_id)
        asked_of = exposed(market, listing, held[con_id].quantity)
        rates = listing.margin.rates(market.margin_time.period)
        return asked_of * rates.maintenance * ledger.rate(listing.instrument.currency)

    held = ledger.held()
    for con_id in sorted(held, key=lambda each: (-maintenance(each), each)):
        yield market.listing(con_id), held[con_id].quantity


def _fewest(plan: _Plan, instrument: Instrument, quantity: Decimal) -> Closing:
    """The fewest whole lots that leave nothing lacking; the whole position where no part of it does."""
    increment = instrument.lots.increment
    enough = int((abs(quantity) / increment).to_integral_value(ROUND_CEILING))
    too_few = 0
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if plan.after(_part(instrument, quantity, middle * increment)).deficiency:
            too_few = middle
        else:
            enough = middle
    return _part(instrument, quantity, enough * increment)


def _part(instrument: Instrument, quantity: Decimal, size: Decimal) -> Closing:
    shares = min(size, abs(quantity))
    return Closing(instrument, -shares if quantity > 0 else shares)


def liquidate(broker: Executing, account: str, closing: Closing) -> None:
    """Close, and tell every client: the broker asks nobody."""
    instrument, shares = closing
    terms = Terms(account, BUY if shares > 0 else SELL, abs(shares), MARKET)
    order = Order(BROKER, LIQUIDATION_ID, broker.book.new_perm_id(), instrument, terms)
    broker.venue.liquidate(order)
    for client in list(broker.clients.values()):
        if client.number != BROKER:
            for fill in order.executions:
                client.send(messages.execution(-1, order, fill, client.version), messages.commission(order, fill))
