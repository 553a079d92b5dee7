"""Turns what the broker raises alarm about into alarms: a margin that runs low, and what it liquidates itself.

Both are told to every client, unasked. A liquidation is an execution with a mark of its own, of no client's order (TWS
API: Execution.liquidation).
"""

import asyncio
from collections.abc import Callable

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.identity import Identity
from reconciler.adapters.ib.messages import Message
from reconciler.ports import Alarm, Liquidation, MarginAlert

MARGIN_ALERT = 2148


class Alarms:
    """Hears every message of the connection."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._listeners: list[Callable[[Alarm], None]] = []

    def subscribe(self, listener: Callable[[Alarm], None]) -> Callable[[], None]:
        """Hand every alarm to `listener`; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def hear(self, message: Message) -> None:
        """Hand on the alarm that a message is."""
        alarm = self._alarm(message)
        if alarm is None:
            return
        # On the loop's next turn: a listener's failure must not reach the decoder, which would swallow it.
        loop = asyncio.get_running_loop()
        for listener in tuple(self._listeners):
            loop.call_soon(listener, alarm)

    def _alarm(self, message: Message) -> Alarm | None:
        match message:
            case messages.ErrorMessage(request_id=messages.NO_REQUEST, code=code, text=text) if code == MARGIN_ALERT:
                return MarginAlert(text)
            case messages.Execution(request_id=messages.NO_REQUEST, is_liquidation=True, account=account):
                ours = self._identity.is_ours(account)
                return Liquidation(message.con_id, message.side, message.fill.shares) if ours else None
            case _:
                return None
