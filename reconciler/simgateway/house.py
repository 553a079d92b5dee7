"""The broker as its own rooms see it that must not import it: the quirks, and the risk desk."""

from collections.abc import Mapping
from typing import Protocol

from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.client import Client
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.login import Login
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.orders.book import OrderBook
from reconciler.simgateway.venue import Venue


class House(Protocol):
    """The broker as its rooms see it."""

    @property
    def clock(self) -> Clock:
        """Its time."""

    @property
    def market(self) -> Market:
        """Instruments and quotes."""

    @property
    def ledgers(self) -> Mapping[str, Ledger]:
        """The books by account."""

    @property
    def login(self) -> Login:
        """Its one login."""

    @property
    def book(self) -> OrderBook:
        """The orders."""

    @property
    def venue(self) -> Venue:
        """Where orders are worked."""

    @property
    def clients(self) -> dict[int, Client]:
        """Those that started the API, by client id."""
