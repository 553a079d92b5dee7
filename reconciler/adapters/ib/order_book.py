"""Knows our orders by every name that the broker gives them, and turns what it says of orders into reports.

A report is named by the orderRef that came with the message, else by the permId or the (client id, order id) that an
earlier message tied to one. Nothing is concluded here: reports go on as they came, twice if they came twice.
"""

import asyncio
import logging
from collections.abc import Callable

from reconciler.adapters.ib import messages, translate
from reconciler.adapters.ib.identity import Identity
from reconciler.adapters.ib.messages import Message
from reconciler.domain.errors import BrokerRefused
from reconciler.domain.ids import OrderId, OrderRef, PermId
from reconciler.domain.orders import (
    CompletedReport,
    ErrorReport,
    ExecutionReport,
    Report,
    StatusReport,
)

logger = logging.getLogger("folioctl.ib")


class OrderBook:
    """The names of orders, and who listens to their reports. Kept over reconnects."""

    def __init__(self, *, client_id: int, identity: Identity) -> None:
        self._client_id = client_id
        self._identity = identity
        self._ref_by_perm_id: dict[PermId, OrderRef] = {}
        self._ref_by_order_id: dict[tuple[int, OrderId], OrderRef] = {}
        self._order_id_by_ref: dict[OrderRef, OrderId] = {}
        self._listeners: list[Callable[[Report], None]] = []
        self.highest_order_id = OrderId(0)

    def subscribe(self, listener: Callable[[Report], None]) -> Callable[[], None]:
        """Hand every report to `listener`; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def remember(self, ref: OrderRef, order_id: OrderId) -> None:
        """An order of ours is about to be sent under this id."""
        self._ref_by_order_id[(self._client_id, order_id)] = ref
        self._order_id_by_ref[ref] = order_id

    def order_id(self, ref: OrderRef) -> OrderId:
        """The id under which this client can cancel the order. Raises BrokerRefused where it has none."""
        if ref not in self._order_id_by_ref:
            raise BrokerRefused(
                f"order {ref} was not sent under client id {self._client_id}: it cannot be cancelled here"
            )
        return self._order_id_by_ref[ref]

    def hear(self, message: Message) -> None:
        """Learn names from a message, and hand on the report that it is."""
        report = self.report(message)
        if report is None:
            return
        # On the loop's next turn: a listener's failure must not reach the decoder, which would swallow it.
        loop = asyncio.get_running_loop()
        for listener in tuple(self._listeners):
            loop.call_soon(listener, report)

    def report(self, message: Message) -> Report | None:
        """The report that a message is, or None where it is of no order of this account."""
        self._learn(message)
        match message:
            case messages.OpenOrder(is_what_if=False, account=account) if self._identity.is_ours(account):
                return StatusReport(self._ref(message), message.perm_id, message.status, None, None)
            case messages.OrderStatus(status=status, filled=filled, remaining=remaining):
                ref = self._ref(message)
                return StatusReport(ref, message.perm_id, status, filled, remaining, message.why_held)
            case messages.Execution(account=account) if self._identity.is_ours(account):
                return ExecutionReport(self._ref(message), message.perm_id, message.con_id, message.side, message.fill)
            case messages.Commission(report=report):
                return report
            case messages.CompletedOrder(account=account) if self._identity.is_ours(account):
                ref = message.ref or self._ref_by_perm_id.get(message.perm_id)
                return CompletedReport(ref, message.perm_id, message.status, message.filled, message.detail)
            case messages.ErrorMessage(request_id=request_id, code=code, text=text):
                named = self._ref_by_order_id.get((self._client_id, OrderId(request_id)))
                return None if named is None else ErrorReport(named, code, text)
            case _:
                return None

    def _learn(self, message: Message) -> None:
        match message:
            case messages.OpenOrder(is_what_if=False) | messages.Execution():
                self._learn_names(message)
            case messages.OrderStatus():
                self._see(message.order_id)
            case _:
                pass

    def _learn_names(self, message: messages.OpenOrder | messages.Execution) -> None:
        self._see(message.order_id)
        ref = message.ref
        if ref is None:
            return
        self._ref_by_order_id[(message.client_id, message.order_id)] = ref
        if message.perm_id:
            self._ref_by_perm_id[message.perm_id] = ref
        if message.client_id == self._client_id:
            self._order_id_by_ref[ref] = message.order_id

    def _see(self, order_id: OrderId) -> None:
        # An order from elsewhere may carry an unset id, the largest integer there is.
        if order_id < translate.UNSET_INTEGER:
            self.highest_order_id = max(self.highest_order_id, order_id)

    def _ref(self, message: messages.OpenOrder | messages.OrderStatus | messages.Execution) -> OrderRef | None:
        own = None if isinstance(message, messages.OrderStatus) else message.ref
        return (
            own
            or self._ref_by_perm_id.get(message.perm_id)
            or self._ref_by_order_id.get((message.client_id, message.order_id))
        )
