"""Turns what the broker says of orders into reports, and hands them to who listens.

Nothing is concluded here: reports go on as they came, twice if they came twice.
"""

import asyncio
from collections.abc import Callable

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.identity import Identity
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.order_names import OrderNames
from reconciler.domain.ids import OrderId
from reconciler.domain.orders import CompletedReport, ErrorReport, ExecutionReport, Report, StatusReport


class OrderBook:
    """Hears every message of the connection."""

    def __init__(self, names: OrderNames, identity: Identity) -> None:
        self._names = names
        self._identity = identity
        self._listeners: list[Callable[[Report], None]] = []

    def subscribe(self, listener: Callable[[Report], None]) -> Callable[[], None]:
        """Hand every report to `listener`; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

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
        self._names.learn(message)
        match message:
            case messages.OpenOrder(is_what_if=False, account=account) if self._identity.is_ours(account):
                return StatusReport(self._names.ref_of(message), message.perm_id, message.status, None, None)
            case messages.OrderStatus(status=status, filled=filled, remaining=remaining):
                ref = self._names.ref_of(message)
                return StatusReport(ref, message.perm_id, status, filled, remaining, message.why_held)
            case messages.Execution(account=account) if self._identity.is_ours(account):
                ref = self._names.ref_of(message)
                return ExecutionReport(ref, message.perm_id, message.con_id, message.side, message.fill)
            case messages.Commission(report=report):
                return report
            case messages.CompletedOrder(account=account) if self._identity.is_ours(account):
                ref = message.ref or self._names.ref_of_perm_id(message.perm_id)
                return CompletedReport(ref, message.perm_id, message.status, message.filled, message.detail)
            case messages.ErrorMessage(request_id=request_id, code=code, text=text):
                named = self._names.ref_of_order_id(OrderId(request_id))
                return None if named is None else ErrorReport(named, code, text)
            case _:
                return None
