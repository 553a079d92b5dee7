"""Reads the holdings. An empty answer counts only with its END: without it the holdings are Unknown, never none."""

import asyncio

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.account import CASH_SEC_TYPE
from reconciler.adapters.ib.connection import Connection
from reconciler.adapters.ib.messages import Message
from reconciler.domain.account import Position
from reconciler.domain.errors import BrokerUnavailable
from reconciler.domain.ids import ConId
from reconciler.domain.unknown import Unknown


class PositionReader:
    """Asks for the positions of all accounts, which carry no request id: one read at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    async def read(self) -> tuple[Position, ...] | Unknown:
        """All holdings of the account. Raises BrokerUnavailable when the connection is lost."""
        held: dict[ConId, Position] = {}

        def take(message: Message) -> bool:
            if isinstance(message, messages.PositionRow) and self._connection.identity.is_ours(message.account):
                held[message.position.con_id] = message.position
            return isinstance(message, messages.PositionEnd)

        async with self._turn:
            try:
                problem = await self._connection.converse(
                    [requests.positions()], take, parts=frozenset({messages.POSITION})
                )
            except BrokerUnavailable:
                await self._connection.send(requests.cancel_positions())  # of a connection that is there all the same
                raise
            await self._connection.send(requests.cancel_positions())
        if problem is not None:
            return Unknown(f"the positions did not come to their END: {problem.why}")
        return tuple(row for row in held.values() if row.quantity and row.sec_type != CASH_SEC_TYPE)
