"""The names of orders: our reference, the broker's permId, and the order id, which belongs to one client id.

Only the reference and the permId are identity. An order id is reused after the gateway's numbering rolled back, so it
names an order only as long as no permId speaks against it.
"""

from reconciler.adapters.ib import messages, translate
from reconciler.adapters.ib.messages import Message
from reconciler.domain.errors import BrokerRefused
from reconciler.domain.ids import OrderId, OrderRef, PermId

Named = messages.OpenOrder | messages.OrderStatus | messages.Execution


class OrderNames:
    """What this process has heard of who is who. Kept over reconnects."""

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self._ref_by_perm_id: dict[PermId, OrderRef] = {}
        self._perm_id_by_ref: dict[OrderRef, PermId] = {}
        self._ref_by_order_id: dict[tuple[int, OrderId], OrderRef] = {}
        self._order_id_by_ref: dict[OrderRef, OrderId] = {}
        self.highest_order_id = OrderId(0)

    def remember(self, ref: OrderRef, order_id: OrderId) -> None:
        """An order of ours is about to be sent under this id."""
        self._tie_order_id(ref, self._client_id, order_id)

    def learn(self, message: Message) -> None:
        """Take the names that a message ties together."""
        if not isinstance(message, Named) or (isinstance(message, messages.OpenOrder) and message.is_what_if):
            return
        # An order from elsewhere may carry an unset id, the largest integer there is.
        if message.order_id < translate.UNSET_INTEGER:
            self.highest_order_id = max(self.highest_order_id, message.order_id)
        ref = self.ref_of(message)
        if ref is None:
            return
        if not isinstance(message, messages.OrderStatus):
            self._tie_order_id(ref, message.client_id, message.order_id)
        if message.perm_id:
            self._ref_by_perm_id[message.perm_id] = ref
            self._perm_id_by_ref[ref] = message.perm_id

    def _tie_order_id(self, ref: OrderRef, client_id: int, order_id: OrderId) -> None:
        self._ref_by_order_id[(client_id, order_id)] = ref
        if client_id == self._client_id:
            self._order_id_by_ref[ref] = order_id

    def ref_of(self, message: Named) -> OrderRef | None:
        """Our name for the order that a message is about."""
        own = None if isinstance(message, messages.OrderStatus) else message.ref
        return own or self.ref_of_perm_id(message.perm_id) or self._ref_by_unopposed_order_id(message)

    def _ref_by_unopposed_order_id(self, message: Named) -> OrderRef | None:
        ref = self._ref_by_order_id.get((message.client_id, message.order_id))
        known = PermId(0) if ref is None else self._perm_id_by_ref.get(ref, PermId(0))
        opposed = message.perm_id and known and message.perm_id != known
        return None if opposed else ref

    def ref_of_perm_id(self, perm_id: PermId) -> OrderRef | None:
        """Our name for the order that the broker knows by this id."""
        return self._ref_by_perm_id.get(perm_id)

    def ref_of_order_id(self, order_id: OrderId) -> OrderRef | None:
        """Our name for the order that this client sent under this id."""
        return self._ref_by_order_id.get((self._client_id, order_id))

    def order_id(self, ref: OrderRef) -> OrderId:
        """The id under which this client can cancel the order. Raises BrokerRefused where it has none."""
        if ref not in self._order_id_by_ref:
            raise BrokerRefused(
                f"order {ref} was not sent under client id {self._client_id}: it cannot be cancelled here"
            )
        return self._order_id_by_ref[ref]
