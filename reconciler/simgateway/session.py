"""The session: one connection's protocol, from the first byte to the last. Sans-I/O: bytes in, bytes to a transport.

Handshake, start of the API, pacing, decoding and dispatch. Rule: whatever the peer sends, the answer is a reply, an
error message or the end of this connection, never an exception.
"""

import re
from functools import partial

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import NO_REQUEST, Client, Transport
from reconciler.simgateway.desks import accounts, advisors, data, profit, reference, refusals, trading
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.pacing import Pacing, Verdict
from reconciler.simgateway.tally import Event
from reconciler.simgateway.wire import framing, requests
from reconciler.simgateway.wire.fields import MalformedRequestError, Request
from reconciler.simgateway.wire.layouts import OLDEST_VERSION

GREETING = b"API\0"
_VERSIONS = re.compile(r"^v(\d{1,4})(?:\.\.(\d{1,4}))?(?: .*)?$", re.DOTALL)
_DESKS = (accounts, advisors, data, profit, reference, refusals, trading)
HANDLERS: dict[str, Handler] = {kind: handler for desk in _DESKS for kind, handler in desk.HANDLERS.items()}
_FARMS_CONNECTED = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefnj"),
)


class Session:
    """The protocol state of one connection."""

    def __init__(self, broker: Broker, transport: Transport) -> None:
        self._broker = broker
        broker.clock.settle()
        outgoing = broker.interception.outgoing
        self._client = Client(transport, broker.clock, broker.log, broker.new_connection(), outgoing=outgoing)
        self._frames = framing.FrameReader()
        self._greeting = bytearray()
        self._pacing = Pacing(broker.messages_per_second)
        self._welcome = broker.interception.welcome()
        if self._welcome == "refused":
            self._client.close()

    def receive(self, data: bytes) -> None:
        """Bytes arrived."""
        if self._welcome == "half-open":
            return
        try:
            for payload in self._frames.feed(self._greeted(data)):
                # What the frame before brought about comes first, whether both came in one packet or in two.
                self._broker.clock.settle()
                if self._client.closed:
                    return
                self._handle(payload)
        except framing.FrameError:
            self._break()

    def lost(self) -> None:
        """The connection is gone."""
        self._broker.clock.settle()
        self._client.mark("close")
        self._client.closed = True
        if self._broker.clients.get(self._client.number) is self._client:
            del self._broker.clients[self._client.number]

    def _break(self) -> None:
        """Hang up on a peer whose bytes are no frames; what comes behind an end is nobody's."""
        self._broker.clock.settle()
        if not self._client.closed:
            self._client.mark("broken")
            self._client.close()

    def _greeted(self, data: bytes) -> bytes:
        """What follows the greeting, which stands unframed before the first frame."""
        missing = len(GREETING) - len(self._greeting)
        self._greeting += data[:missing]
        if not GREETING.startswith(bytes(self._greeting)):
            raise framing.FrameError("the peer does not speak this protocol")
        return data[missing:]

    def _handle(self, payload: bytes) -> None:
        if not self._client.version:
            self._negotiate(payload)
            return
        fields = framing.split(payload)
        self._client.note("in", fields)
        if not self._within_pace():
            return
        try:
            self._dispatch(requests.decode(fields, self._client.version), fields)
        except MalformedRequestError as problem:
            self._client.error(_request_id(fields), 320, f"Error reading request. Unable to parse data. {problem}")

    def _negotiate(self, payload: bytes) -> None:
        """Answer `v157..178` with the newest version both sides know, and the time; too old a client is cut off."""
        offer = payload.decode(errors="replace").rstrip("\0")
        self._client.mark("open", offer)
        match = _VERSIONS.match(offer)
        if match is None:
            self._client.close()
            return
        oldest, newest = int(match[1]), int(match[2] or match[1])
        version = min(newest, self._broker.max_version)
        if version < max(oldest, OLDEST_VERSION):
            self._client.close()
            return
        self._client.version = version
        self._client.transport.write(framing.frame([str(version), f"{self._broker.clock.now():%Y%m%d %H:%M:%S} UTC"]))

    def _within_pace(self) -> bool:
        verdict = self._pacing.judge(self._broker.clock.seconds())
        if verdict is Verdict.ADMIT:
            return True
        limit = self._broker.messages_per_second
        text = f"Max rate of messages per second has been exceeded:max={limit} rec={limit + 1} "
        self._client.error(NO_REQUEST, 100, f"{text}({self._pacing.violations})")
        if verdict is Verdict.CLOSE:
            self._client.close()
        return False

    def _dispatch(self, request: Request | None, fields: list[str]) -> None:
        if request is None:
            self._client.error(NO_REQUEST, 320, f"Error reading request. Message id {fields[0]} is not supported.")
        elif request.kind == "start_api":
            self._start(request)
        elif self._client.client_id is None:
            self._client.error(NO_REQUEST, 320, "Error reading request. The API has not been started.")
            self._client.close()
        else:
            if request.leftover:
                self._broker.log.leftovers[request.kind] += 1
            handle = partial(HANDLERS[request.kind], self._broker, self._client, request)
            self._broker.interception.answer(self._client, request, handle)

    def _start(self, request: Request) -> None:
        """71: take the client id, and say who is there: messages 15 and 9, then the state of the farms."""
        client_id = request.integer("client_id")
        if self._client.client_id is not None:
            self._client.error(NO_REQUEST, 320, "Error reading request. The API has been started already.")
            return
        if self._welcome == "hang-up":
            self._client.close()
            return
        if client_id in self._broker.clients or self._welcome == "326":
            text = "Unable to connect as the client id is already in use. Retry with a unique client id."
            self._client.error(NO_REQUEST, 326, text)
            self._client.close()
            return
        self._client.client_id = client_id
        self._broker.clients[client_id] = self._client
        complete = {
            "no-accounts": Reply("managed_accounts", {"accounts": ",".join(self._broker.ledgers)}),
            "no-id": Reply("next_id", {"order_id": self._broker.book.next_order_id(client_id)}),
        }
        self._client.send(*(reply for without, reply in complete.items() if without != self._welcome))
        for code, text in _FARMS_CONNECTED:
            self._client.error(NO_REQUEST, code, text)
        self._broker.interception.started(self._client)
        self._broker.script.happened(Event.CONNECTIONS)


def _request_id(fields: list[str]) -> int:
    """The request or order id of a message that could not be read, where it stands in its place; -1 else."""
    known = fields[:1] and fields[0].isdecimal() and len(fields[0]) <= 6
    words = requests.REQUESTS.get(int(fields[0]), ("", ""))[1].split() if known else []
    place = next((place for place, word in enumerate(words, 1) if word in ("request_id", "order_id")), 0)
    text = fields[place] if place and len(fields) > place else ""
    return int(text) if text.isdecimal() and len(text) <= 10 else NO_REQUEST
