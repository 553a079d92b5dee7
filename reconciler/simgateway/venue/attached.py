"""Attached orders: a child waits for its parent to fill, and ends with it.

Sources: the TWS API's page on bracket orders for who waits for whom and who is transmitted with whom; live gateways'
records for the group that children of one parent get by themselves (type 3, told with each). Assumptions: a child
begins to work when its parent filled completely, not before; where a parent ends filled in part, each child is worked
for no more than that part.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from reconciler.simgateway.clock import Clock
from reconciler.simgateway.orders.book import Order, OrderBook, Refusal, Status
from reconciler.simgateway.orders.terms import OcaType, Terms
from reconciler.simgateway.venue.endings import CANCELLED, Endings

MISSING_PARENT = Refusal(10006, "Missing parent order.")


class Attachments:
    """Children by their parents, while both live. `start` begins to work a child that is released."""

    def __init__(self, book: OrderBook, endings: Endings, clock: Clock, start: Callable[[Order], None]) -> None:
        self._book = book
        self._endings = endings
        self._clock = clock
        self._start = start
        self._children: dict[int, list[Order]] = {}

    def objection(self, order: Order) -> Refusal | None:
        """What is wrong with the parent that an order names. One that filled already is as good as none."""
        if not order.terms.parent_id:
            return None
        parent = self._parent(order)
        alive = parent is not None and parent is not order and (parent.works or parent.held)
        return None if alive else MISSING_PARENT

    def attach(self, order: Order) -> None:
        """Let an order wait for the parent that it names, if any. Such an order passed `objection` before."""
        parent = self._parent(order)
        if parent is not None:
            order.attached = True
            order.terms = self.bound(order, order.terms)
            self._children.setdefault(parent.perm_id, []).append(order)

    def bound(self, order: Order, terms: Terms) -> Terms:
        """New terms of an order, with the parent it has and the group that it is in by that, unless it names one."""
        terms = replace(terms, parent_id=order.terms.parent_id)
        parent = self._parent(order)
        if parent is None or terms.oca_group:
            return terms
        return replace(terms, oca_group=str(parent.perm_id), oca_type=OcaType.REDUCE_WITHOUT_BLOCK)

    def chain(self, order: Order) -> list[Order]:
        """What is transmitted with an order: for a child, all that is held with it, parents before their children."""
        root = order
        while (parent := self._parent(root)) is not None and (parent.works or parent.held):
            root = parent
        return [order] if root is order else list(self._held_below(root))

    def closes(self, order: Order) -> bool:
        """Whether an order takes back what its parent will have done, no more, and so needs no credit of its own."""
        parent = self._parent(order) if order.attached else None
        if parent is None or parent.terms.action == order.terms.action:
            return False
        return order.terms.shares <= parent.terms.shares

    def filled(self, parent: Order) -> None:
        """A parent filled completely: its children begin to work."""
        for child in self._children.pop(parent.perm_id, []):
            self._release(child)

    def ended(self, order: Order) -> None:
        """An order ended before it filled: its children end with it, or are worked for the part that filled.

        What follows comes a turn later, however long the chain is.
        """
        children = self._children.pop(order.perm_id, [])
        if children:
            self._clock.call_later(0, lambda: self._orphan(children, order))
        parent = self._parent(order)
        if parent is not None and order.terms.auto_cancel_parent and order.status is Status.CANCELLED:
            self._clock.call_later(0, lambda: self._endings.withdraw(parent, CANCELLED))

    def _parent(self, order: Order) -> Order | None:
        parent_id = order.terms.parent_id
        return self._book.get(order.client_id, parent_id) if parent_id else None

    def _held_below(self, root: Order) -> Iterator[Order]:
        family = [root]
        for order in family:
            family += self._children.get(order.perm_id, [])
            if order.held:
                yield order

    def _orphan(self, children: list[Order], parent: Order) -> None:
        for child in children:
            if not parent.filled:
                self._endings.withdraw(child, CANCELLED)
                continue
            child.resize(min(child.terms.shares, parent.filled))
            self._release(child)

    def _release(self, child: Order) -> None:
        child.release()
        if child.works:
            self._start(child)
