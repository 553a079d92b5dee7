"""The connection: opens and closes the socket, paces what is sent, and runs conversations.

A conversation sends its requests and hands every message to a `take` function until that says that the answer is whole.
It is bounded in time, and an answer that did not come to its END is Unknown, whoever asked.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeGuard

from reconciler.adapters.ib import library, messages
from reconciler.adapters.ib.decoding import DecoderWatch
from reconciler.adapters.ib.identity import Identity
from reconciler.adapters.ib.link import Link
from reconciler.adapters.ib.login import Login
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.pacing import Pacer
from reconciler.adapters.ib.requests import Request
from reconciler.adapters.ib.wrapper import Wrapper
from reconciler.domain.desired import GatewaySpec
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable
from reconciler.domain.ids import AccountId, OrderId
from reconciler.domain.policy import Timeouts
from reconciler.domain.unknown import Unknown, Unread
from reconciler.ports import Clock

logger = logging.getLogger("folioctl.ib")

_ALARMS = frozenset({1100, 1101, 1102, 1300, 2110, 2148})
"""Notices about the link to the broker, and about margin."""
_ONE_TOO_MANY = 100
"""The code of a message that the gateway drops because it came too soon after others; mostly without an id."""
FIRST_REQUEST_ID = 1_500_000_000
"""Far above any order id, so that an error's id never means two things. (Ids are 32-bit.)"""

Listener = Callable[[Message], None]


class NotInTime(Unread):
    """The answer did not come to its END within the bound."""


class Connection:
    """One session with one gateway at a time; it may be opened again after it was lost."""

    def __init__(
        self, *, gateway: GatewaySpec, client_id: int, timeouts: Timeouts, identity: Identity, clock: Clock
    ) -> None:
        self.client_id = client_id
        self.identity = identity
        self.next_valid_id = OrderId(0)
        self.opened_at = clock.now()
        self._clock = clock
        self._gateway = gateway
        self._connect_seconds = timeouts.connect.total_seconds()
        self.request_seconds = timeouts.request.total_seconds()
        self._pacer = Pacer(gateway.messages_per_second)
        self._listeners: list[Listener] = [self._notice]
        self._accounts: frozenset[AccountId] = frozenset()
        self._request_id = FIRST_REQUEST_ID
        self._client: Any = None
        self._library: library.Library | None = None
        self._link: Link | None = None
        self._last_notice = ""
        self._returns = 0
        self._opening = asyncio.Lock()
        self.session = 0
        """Counts the openings and closings: what one session of the gateway was told, the next has never heard."""

    # ------------------------------------------------------------------------------------------- open and close

    async def open(self) -> bool:
        """Connect, log in, and check whose account it is; whether what was subscribed before is gone.

        A gateway that waits for the broker is waited for, as long as a connection may take. Whoever asks while somebody
        else does waits for the same connection. Raises BrokerUnavailable or BrokerRefused.
        """
        async with self._opening:
            return await self._open()

    async def _open(self) -> bool:
        if self._link is not None:
            await self._link.returned(self._connect_seconds)
        if self._link is not None and self.is_open:
            returns, self._returns = self._returns, self._link.returns
            return returns != self._returns
        self.identity.require_environment()
        self._library = library.load()
        self._link, self._returns = Link(self._where), 0
        self.session += 1
        tell = partial(self._deliver, self.session)
        self._client = client = self._library.client(Wrapper(tell, self.identity.redact))
        client.MaxRequests = 0  # the library's throttle sends in bursts; pacing is ours
        DecoderWatch(client.decoder, tell)
        await self._pacer.turn()
        login = Login(where=self._where, client_id=self.client_id)
        attempt = client.connectAsync(self._gateway.host, self._gateway.port, self.client_id, 0)
        with self.listening(login.hear):
            await login.complete(attempt, self._connect_seconds)
        self.opened_at = self._clock.now()
        try:
            self.identity.require_served(self._accounts)
        except BrokerRefused:
            await self.close()
            raise
        return True

    async def close(self) -> None:
        """Leave. Safe at any time, twice too."""
        client, self._client, self._link = self._client, None, None
        self.session += 1
        if client is not None:
            client.disconnect()
            await asyncio.sleep(0)  # the transport closes on the loop's next turn

    @property
    def is_sending(self) -> bool:
        """Whether it has the client id that orders are sent under; what only reads takes another."""
        return self.client_id == self._gateway.client_id

    @property
    def is_open(self) -> bool:
        """Whether a message can be sent."""
        if self._client is None or self._link is None or not self._link.is_up or not self._client.isReady():
            return False
        transport = self._client.conn.transport
        return transport is not None and not transport.is_closing()

    @property
    def server_version(self) -> int:
        """What the gateway and the library agreed on. Raises BrokerUnavailable where there is no session."""
        self._require_open()
        return int(self._client.serverVersion())

    @property
    def served(self) -> frozenset[AccountId]:
        """The accounts that the login serves."""
        return self._accounts

    @property
    def lost(self) -> asyncio.Future[str]:
        """Done, with the reason, when the socket closed without `close`, or the gateway lost the broker.

        Another one after each `open`. Raises BrokerUnavailable before the first.
        """
        if self._link is None:
            raise BrokerUnavailable(f"not connected to {self._where}")
        return self._link.lost

    @property
    def library(self) -> library.Library:
        """The library's classes. Raises BrokerUnavailable before `open`."""
        if self._library is None:
            raise BrokerUnavailable(f"not connected to {self._where}")
        return self._library

    @property
    def _where(self) -> str:
        return f"{self._gateway.host}:{self._gateway.port}"

    # ------------------------------------------------------------------------------------------- messages

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """`listener` hears every message while the block runs."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def hear(self, listener: Listener) -> None:
        """`listener` hears every message from now on, over all sessions."""
        self._listeners.append(listener)

    def _deliver(self, session: int, message: Message) -> None:
        if session != self.session:
            return  # the last words of a session that was closed
        if self._link is not None:
            self._link.hear(message)
        for listener in tuple(self._listeners):
            listener(message)

    def _notice(self, message: Message) -> None:
        match message:
            case messages.NextOrderId(order_id=order_id):
                self.next_valid_id = order_id
            case messages.ManagedAccounts(accounts=accounts):
                self._accounts = accounts
            case messages.ErrorMessage(request_id=messages.NO_REQUEST, code=code, text=text):
                self._last_notice = f" (its last word: {code} {text})"
                level = logging.WARNING if code in _ALARMS else logging.INFO
                logger.log(level, "gateway %s: %s %s", self._gateway.name, code, text)
            case messages.Unreadable(message_id=message_id):
                logger.warning(
                    "gateway %s sent a message of kind %s that is not readable", self._gateway.name, message_id
                )
            case messages.Disconnected() if self._link is not None:
                self._link.close(f"{self._where} closed the connection{self._last_notice}")
            case _:
                pass

    def request_id(self) -> int:
        """A new request id."""
        self._request_id += 1
        return self._request_id

    async def send(self, request: Request) -> None:
        """Send one message when its turn comes. Raises BrokerUnavailable where the connection is or gets lost.

        There is no wait between the turn and the return: a cancelled task has either sent or not.
        """
        await self.turn()
        self.write(request)

    async def turn(self) -> None:
        """Wait for the turn to write one message. Raises BrokerUnavailable where the connection is lost by then."""
        await self._pacer.turn()
        self._require_open()

    def write(self, request: Request) -> None:
        """Write one message, whose turn has come. Raises BrokerUnavailable where the connection gets lost by it."""
        request(self._client)
        self._require_open()

    def _require_open(self) -> None:
        if not self.is_open:
            raise BrokerUnavailable(self.lost.result() if self.lost.done() else f"{self._where} is not connected")

    async def converse(
        self,
        requests: Iterable[Request],
        take: Callable[[Message], bool],
        *,
        parts: frozenset[int] = frozenset(),
        ids: Collection[int] = (),
        seconds: float | None = None,
    ) -> Unknown | None:
        """Send `requests` and hand every message to `take` until it says that the answer is whole.

        None when it is. NotInTime when it was not after `seconds` (at most the request timeout, from the last
        request on), another Unknown when a message whose id is in `parts` could not be read. Raises BrokerUnavailable
        when the connection is lost meanwhile, or the gateway refuses a message as one too many: that of an id in
        `ids`, or, as it does not say, any.
        """
        loop = asyncio.get_running_loop()
        whole: asyncio.Future[Unknown | None] = loop.create_future()
        refused: asyncio.Future[str] = loop.create_future()
        has_asked = False

        def listen(message: Message) -> None:
            if whole.done() or refused.done():
                return
            if has_asked and _is_one_too_many(message, ids):
                refused.set_result(f"{self._where} refused a message: {message.code} {message.text}")
            elif isinstance(message, messages.Unreadable) and message.message_id in parts:
                whole.set_result(Unknown(f"a message of kind {message.message_id} was not readable"))
            elif take(message):
                whole.set_result(None)

        bound = min(self.request_seconds, seconds or self.request_seconds)
        notice_before = self._last_notice
        with self.listening(listen):
            for request in requests:
                if refused.done():
                    break
                await self.send(request)
                has_asked = True
            lost = self.lost
            ends: set[asyncio.Future[Any]] = {whole, refused, lost}
            await asyncio.wait(ends, timeout=bound, return_when=asyncio.FIRST_COMPLETED)
        if whole.done():
            return whole.result()
        if refused.done() or lost.done():
            raise BrokerUnavailable(refused.result() if refused.done() else lost.result())
        notice = "" if self._last_notice == notice_before else self._last_notice
        return NotInTime(f"no complete answer within {bound:g} s{notice}")


def _is_one_too_many(message: Message, ids: Collection[int]) -> TypeGuard[messages.ErrorMessage]:
    if not isinstance(message, messages.ErrorMessage) or message.code != _ONE_TOO_MANY:
        return False
    return message.request_id == messages.NO_REQUEST or message.request_id in ids
