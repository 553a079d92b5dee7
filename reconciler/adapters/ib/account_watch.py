"""Watches the account while it is open: tells what its figures come to once they rest.

Rows of one change come one by one, holdings before totals or after them, and mean nothing half told: they are taken for
one as soon as none has come for a moment, and the holdings make the gross value. Rows that never rest, or never agree,
are told all the same, from time to time.
"""

import asyncio
from collections.abc import Callable

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.account import REFUSALS, AccountUpdate
from reconciler.adapters.ib.identity import Identity
from reconciler.adapters.ib.messages import Message
from reconciler.domain.unknown import Unknown
from reconciler.planning.agreement import gross_disagreement
from reconciler.ports import AccountNews, AccountReading

REST_SECONDS = 0.2
"""Without a row: the change is told."""
LONGEST_SECONDS = 2.0
"""From the first row of a change on: it is told, whether it rests or not."""


class AccountWatch:
    """One watch. `reading_of` makes the figures of what was heard, or says why they are not known."""

    def __init__(
        self,
        identity: Identity,
        reading_of: Callable[[AccountUpdate], AccountReading | Unknown],
        listener: Callable[[AccountNews], None],
    ) -> None:
        self._reading_of = reading_of
        self._listener = listener
        self._update = AccountUpdate(identity)
        self._rest: asyncio.TimerHandle | None = None
        self._late: asyncio.TimerHandle | None = None
        self._latest = 0.0

    def hear(self, message: Message) -> None:
        """Take one message of the connection."""
        match message:
            case messages.AccountValueRow() | messages.PortfolioRow() | messages.AccountDownloadEnd():
                self._update.note(message)
                self._wait_for_rest()
            case messages.ErrorMessage(request_id=messages.NO_REQUEST, code=code, text=text) if code in REFUSALS:
                self._tell(Unknown(f"the gateway said: {code} {text}"))
            case _:
                pass

    def expect(self, seconds: float) -> None:
        """A first set of figures was asked for: where none is there by then, say so."""
        self._late = asyncio.get_running_loop().call_later(seconds, self._missed)

    def close(self) -> None:
        """Tell nothing more."""
        for timer in (self._rest, self._late):
            if timer is not None:
                timer.cancel()

    def _wait_for_rest(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._rest is None:
            self._latest = now + LONGEST_SECONDS
        else:
            self._rest.cancel()
        self._rest = loop.call_at(min(now + REST_SECONDS, self._latest), self._rested)

    def _missed(self) -> None:
        reading = self._reading_of(self._update)
        if isinstance(reading, Unknown):
            self._listener(reading)

    def _rested(self) -> None:
        loop = asyncio.get_running_loop()
        self._rest = None
        reading = self._reading_of(self._update)
        if isinstance(reading, Unknown):
            return  # the rest of the first set is still to come, or of a reset
        if _is_half_told(reading) and loop.time() < self._latest:
            self._rest = loop.call_at(min(loop.time() + REST_SECONDS, self._latest), self._rested)
            return
        self._listener(reading)

    def _tell(self, news: AccountNews) -> None:
        # On the loop's next turn: a listener's failure must not reach the decoder, which would swallow it.
        asyncio.get_running_loop().call_soon(self._listener, news)


def _is_half_told(reading: AccountReading) -> bool:
    if isinstance(reading.values, Unknown) or isinstance(reading.portfolio, Unknown):
        return True
    return gross_disagreement(reading.portfolio, reading.values, reading.rates) is not None
