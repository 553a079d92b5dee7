"""One-cancels-all groups: what a fill of one order does to the others of its group and account.

Types, after the TWS API's page on one-cancels-all groups: 1 cancels the others, 2 and 3 make them smaller in
proportion. "With block" (1 and 2) means that only one of the group is routed at a time, so that no two fill at once;
here one order fills after another and the group is told between them, so that no type overfills.
"""

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from reconciler.simgateway.orders.book import Order, Refusal
from reconciler.simgateway.orders.terms import OcaType
from reconciler.simgateway.venue.endings import CANCELLED, Endings
from reconciler.simgateway.venue.listener import Listener

OVER = Refusal(201, "Order rejected - reason:OCA group already filled")


def reduced(order: Order, share: Decimal) -> Decimal:
    """The quantity of an order of which `share` (0 to 1) of what remains is taken away, in whole lots."""
    increment = order.contract.lots.increment
    left = order.remaining * (1 - share)
    return order.filled + (left / increment).to_integral_value(ROUND_DOWN) * increment


class OcaGroups:
    """The groups of the working orders, by account and name."""

    def __init__(self, endings: Endings, listener: Listener) -> None:
        self._endings = endings
        self._listener = listener
        self._groups: dict[tuple[str, str], dict[int, Order]] = {}
        self._names: dict[int, tuple[str, str]] = {}
        self._over: set[tuple[str, str]] = set()

    def objection(self, order: Order) -> Refusal | None:
        """What speaks against a new order's group: one that has filled stays over, its name cannot be used again."""
        return OVER if (order.terms.account, order.terms.oca_group) in self._over else None

    def join(self, order: Order) -> None:
        """Count an order that works, or changed, to the group that it names, if any."""
        self.leave(order)
        if order.terms.oca_group:
            name = (order.terms.account, order.terms.oca_group)
            self._groups.setdefault(name, {})[order.perm_id] = order
            self._names[order.perm_id] = name

    def leave(self, order: Order) -> None:
        """Forget an order that is over."""
        name = self._names.pop(order.perm_id, None)
        if name is None:
            return
        group = self._groups[name]
        del group[order.perm_id]
        if not group:
            del self._groups[name]

    def filled(self, order: Order, shares: Decimal) -> None:
        """An order filled by so many shares: cancel the others of its group, or make them smaller."""
        name = self._names.get(order.perm_id)
        if name is None:
            return
        if not order.remaining or order.terms.oca_type is OcaType.CANCEL_WITH_BLOCK:
            self._over.add(name)
        share = shares / (order.remaining + shares)
        effect = _EFFECTS[order.terms.oca_type]
        for other in [each for each in self._groups[name].values() if each is not order]:
            effect(self, other, share)

    def _cancel(self, order: Order, _share: Decimal) -> None:
        self._endings.withdraw(order, CANCELLED)

    def _reduce(self, order: Order, share: Decimal) -> None:
        quantity = reduced(order, share)
        if quantity <= order.filled:
            self._endings.withdraw(order, CANCELLED)
            return
        order.resize(quantity)
        self._listener.acknowledged(order)


_EFFECTS: dict[OcaType, Callable[[OcaGroups, Order, Decimal], None]] = {
    OcaType.CANCEL_WITH_BLOCK: OcaGroups._cancel,
    OcaType.REDUCE_WITH_BLOCK: OcaGroups._reduce,
    OcaType.REDUCE_WITHOUT_BLOCK: OcaGroups._reduce,
}
