"""Who is told what happens to orders: the venue's only way out."""

from typing import Protocol

from reconciler.simgateway.orders.book import Execution, Order, Refusal


class Listener(Protocol):
    """Who is told what happens to orders."""

    def acknowledged(self, order: Order) -> None:
        """The order entered a state, or was changed."""

    def refused(self, order: Order, refusal: Refusal) -> None:
        """The order was not taken, or was cancelled, with the broker's code."""

    def warned(self, order: Order, warning: Refusal) -> None:
        """The order lives, and the broker has something to say about it."""

    def executed(self, order: Order, execution: Execution) -> None:
        """The order filled, in full or in part; the ledger has it."""
