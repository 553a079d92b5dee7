"""The link: whether messages reach the broker. It has two hops, the socket to the gateway and the gateway's own line.

The gateway tells of its own line with 1100 (lost), 1101 (back, what was subscribed is gone) and 1102 (back): until then
it answers nothing, and orders that it has handed on go on filling unseen (TWS API message codes). Nothing here is kept
subscribed over an outage, so both ways of coming back mean the same: what was missed has to be read.
"""

import asyncio

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.messages import Message
from reconciler.domain.errors import BrokerUnavailable

_AWAY = frozenset({1100, 2110})
_BACK = frozenset({1101, 1102})


class Link:
    """Both hops of one session. `where` is the gateway's address."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._back: asyncio.Future[None] | None = None
        self._has_socket = True
        self.returns = 0
        """How often the broker came back to this session."""
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done, with the reason, once one of the hops is gone; another one after each return of the broker."""

    @property
    def is_up(self) -> bool:
        """Whether neither hop is known to be gone."""
        return not self.lost.done()

    def hear(self, message: Message) -> None:
        """Take one message."""
        match message:
            case messages.ErrorMessage(request_id=messages.NO_REQUEST, code=code, text=text) if code in _AWAY:
                self._lose(f"{self._where} has lost its line to the broker ({code} {text})")
                self._back = self._back or asyncio.get_running_loop().create_future()
            case messages.ErrorMessage(request_id=messages.NO_REQUEST, code=code) if code in _BACK:
                self._return()
            case _:
                pass

    def close(self, reason: str) -> None:
        """The socket is gone, and does not come back."""
        self._has_socket = False
        self._lose(reason)
        if self._back is not None and not self._back.done():
            self._back.set_result(None)

    async def returned(self, seconds: float) -> None:
        """Wait for the broker where the gateway waits for it too, or for the end of the socket.

        Raises BrokerUnavailable where neither came in time.
        """
        if self._has_socket and self._back is not None:
            back = self._back
            await asyncio.wait({back}, timeout=seconds)
            if not back.done():
                raise BrokerUnavailable(self.lost.result())

    def _lose(self, reason: str) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)

    def _return(self) -> None:
        if self._back is not None and self._has_socket:
            self.lost = asyncio.get_running_loop().create_future()
            self.returns += 1
            self._back.set_result(None)
            self._back = None
