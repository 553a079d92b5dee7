"""Reads every order that the broker holds for the account, ours and anybody's."""

import asyncio

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.connection import Connection
from reconciler.adapters.ib.messages import Message, OpenOrder, OrderStatus
from reconciler.domain.account import WorkingOrder
from reconciler.domain.unknown import Unknown

OVER = frozenset({"Filled", "Cancelled", "ApiCancelled"})
"""Statuses of orders that cannot fill any more. Inactive is not among them: one that waits for a borrow has it."""

_Key = tuple[int, ...]


def _key(message: OpenOrder | OrderStatus) -> _Key:
    # Order ids belong to a client and are reused; permId is the broker's own, but comes late for some orders.
    return (message.perm_id,) if message.perm_id else (message.client_id, message.order_id)


class OpenOrders:
    """What one request for open orders has said so far."""

    def __init__(self) -> None:
        self._orders: dict[_Key, OpenOrder] = {}
        self._statuses: dict[_Key, OrderStatus] = {}

    def take(self, message: Message) -> bool:
        """Take one message; True at the END."""
        match message:
            case OpenOrder(is_what_if=False):
                self._orders[_key(message)] = message
            case OrderStatus():
                self._statuses[_key(message)] = message
            case _:
                pass
        return isinstance(message, messages.OpenOrderEnd)

    def working(self, account: str) -> tuple[WorkingOrder, ...] | Unknown:
        """The orders of the account that can still fill, or the first that does not say how much."""
        found: list[WorkingOrder] = []
        with_perm_id = {(order.client_id, order.order_id) for order in self._orders.values() if order.perm_id}
        for key, order in self._orders.items():
            if order.account not in ("", account) or key in with_perm_id:
                continue
            status = self._statuses.get(key)
            if (status or order).status in OVER:
                continue
            working = _working(order, status)
            if isinstance(working, Unknown):
                return working
            found.append(working)
        return tuple(found)


def _working(order: OpenOrder, status: OrderStatus | None) -> WorkingOrder | Unknown:
    remaining = order.quantity if status is None else status.remaining
    if remaining is None or order.quantity is None:
        return Unknown(f"a working order on {order.symbol} does not say how many shares it is for")
    return WorkingOrder(
        con_id=order.con_id,
        symbol=order.symbol,
        side=order.side,
        remaining=remaining,
        order_type=order.order_type,
        time_in_force=order.time_in_force,
        order_ref=order.ref,
        order_id=order.order_id,
        client_id=order.client_id,
        perm_id=order.perm_id,
        status=order.status if status is None else status.status,
        is_attached=order.is_attached,
    )


class WorkingOrderReader:
    """Asks for the open orders of all clients, which carry no request id: one read at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.turn = asyncio.Lock()

    async def read(self) -> tuple[WorkingOrder, ...] | Unknown:
        """Every working order of the account. Raises BrokerUnavailable when the connection is lost."""
        orders = OpenOrders()
        async with self.turn:
            problem = await self._connection.converse(
                [requests.all_open_orders()],
                orders.take,
                parts=frozenset({messages.OPEN_ORDER, messages.ORDER_STATUS}),
            )
        if problem is not None:
            return Unknown(f"the working orders did not come to their END: {problem.why}")
        return orders.working(self._connection.identity.account_id)
