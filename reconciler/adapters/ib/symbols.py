"""Searches the broker's symbols, for whoever has to say what somebody may have meant.

The broker takes one search a second (TWS API, "Search for contracts by partial match"): the next one waits its turn.
"""

import asyncio

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.connection import Connection
from reconciler.adapters.ib.messages import Message
from reconciler.domain.contract import Listing
from reconciler.domain.unknown import Unknown

SECONDS_BETWEEN = 1.0


class SymbolSearch:
    """One search after the other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next = 0.0

    async def search(self, text: str) -> tuple[Listing, ...] | Unknown:
        """What the broker finds. Raises BrokerUnavailable when the connection is lost."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(self._next - loop.time(), 0))
        self._next = loop.time() + SECONDS_BETWEEN
        request_id = self._connection.request_id()
        found: list[Listing] = []
        refused: list[str] = []

        def take(message: Message) -> bool:
            match message:
                case messages.SymbolSamples(request_id=answered) if answered == request_id:
                    found.extend(message.listings)
                case messages.ErrorMessage(request_id=answered) if answered == request_id:
                    refused.append(f"{message.code} {message.text}")
                case _:
                    return False
            return True

        request = requests.matching_symbols(request_id, text)
        problem = await self._connection.converse([request], take, ids={request_id})
        if refused:
            return Unknown(f"the broker refused to search for {text}: {refused[0]}")
        return tuple(found) if problem is None else problem
