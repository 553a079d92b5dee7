"""Where quirks take hold: one place each for what goes out, for requests, for orders that arrive, for connections.

Rule: without an armed quirk everything passes unchanged. Which quirk does what is in the tables of rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from reconciler.simgateway.client import NO_REQUEST, Client
from reconciler.simgateway.house import House
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import ContractQuery
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders.book import Order, Refusal
from reconciler.simgateway.quirks import halts, outage
from reconciler.simgateway.quirks.arrivals import ORDER_RULES, released
from reconciler.simgateway.quirks.catalogue import UNKNOWN_CONTRACT
from reconciler.simgateway.quirks.contracts import CONTRACT_RULES, renumbered
from reconciler.simgateway.quirks.events import EVENTS, phase_of_restart
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.inquiries import REQUEST_RULES
from reconciler.simgateway.quirks.occasions import Arrival, Inquiry, Memory, Outgoing
from reconciler.simgateway.quirks.quotes import QUOTE_RULES, contested
from reconciler.simgateway.quirks.readings import READING_RULES, remembered
from reconciler.simgateway.quirks.registry import Quirks
from reconciler.simgateway.quirks.reports import REPORT_RULES, unheard
from reconciler.simgateway.wire.fields import Request

TWIN_OFFSET = 900_000_000
"""How far the id of an ambiguous contract's twin lies from its own."""
TWIN_EXCHANGE = "VENTURE"
_REPLY_RULES = {**REPORT_RULES, **READING_RULES, **QUOTE_RULES, **CONTRACT_RULES}
_OUTAGES = ("outage", "two-factor")


def _as_armed(_house: House, armed: Armed) -> str:
    return armed.mode if armed.occurs() else ""


def _unanswered(_house: House, _armed: Armed) -> str:
    return "half-open"


_WELCOMES: Mapping[str, Callable[[House, Armed], str]] = {
    "connect": _as_armed,
    "nightly-restart": phase_of_restart,
    "two-factor": _unanswered,
}
"""How a quirk meets a new connection."""
RULES = frozenset({*_REPLY_RULES, *ORDER_RULES, *REQUEST_RULES, *EVENTS})
"""The names of the quirks that a table deals with."""


class Interception:
    """The quirks at work in one gateway."""

    def __init__(self, house: House, quirks: Quirks) -> None:
        self._house = house
        self._quirks = quirks
        self._memory = Memory()
        self._serving: tuple[Client, Request] | None = None
        self._awaiting_client: list[Armed] = []
        quirks.watch(self)

    def outgoing(self, client: Client, replies: list[Reply]) -> list[Reply]:
        """What goes out to a client in place of these replies."""
        if not self._quirks and not self._memory.muted:
            return replies
        serving = self._serving[1] if self._serving and self._serving[0] is client else None
        context = Outgoing(self._house, self._memory, client, serving)
        replies = unheard(context, replies)
        for armed in self._quirks.all():
            rule = _REPLY_RULES.get(armed.quirk.name)
            if rule and replies:
                replies = rule(context, armed, replies)
        away = self._away()
        return outage.withheld(context, away, replies) if away else replies

    def answer(self, client: Client, request: Request, handle: Callable[[], None]) -> None:
        """Answer a request with its handler, unless a quirk deals with it."""
        if not self._quirks:
            handle()
            return
        inquiry = Inquiry(self._house, self._memory, client, request)
        for armed in self._quirks.all():
            rule = REQUEST_RULES.get(armed.quirk.name)
            if rule and rule(inquiry, armed):
                return
        self._serving = (client, request)
        try:
            handle()
        finally:
            self._serving = None

    def arrive(self, client: Client, order: Order, objection: Refusal | None) -> None:
        """Give a new order to the venue, unless a quirk deals with it."""
        arrival = Arrival(self._house, self._memory, client, order, objection)
        acting = [each for each in self._quirks.all() if self._chosen(each, arrival)]
        rules = [(ORDER_RULES[each.quirk.name], each) for each in acting if each.quirk.name in ORDER_RULES]
        if not any(rule(arrival, armed) for rule, armed in rules):
            arrival.take()
        # Scheduled behind the order's own first turn: what fills at once has filled when the event comes.
        for armed in acting:
            if armed.quirk.name in EVENTS:
                self._house.clock.call_later(0, partial(EVENTS[armed.quirk.name], self._house, armed))

    @staticmethod
    def _chosen(armed: Armed, arrival: Arrival) -> bool:
        """Whether a quirk acts on an order that arrives. An event counts every order, others those they concern."""
        name, order = armed.quirk.name, arrival.order
        if name in EVENTS:
            return bool(armed.nth) and armed.occurs()
        if not armed.concerns(arrival.symbol):
            return False
        if armed.quirk.counts != "orders":
            return name in ORDER_RULES
        if not armed.occurs():
            return False
        if armed.nth:
            armed.chosen.add((order.client_id, order.order_id))
        return True

    def found(self, query: ContractQuery, instruments: list[Instrument]) -> list[Instrument]:
        """The contracts that a query finds, as far as quirks let it."""
        for armed in self._quirks.all():
            if armed.quirk.name == "new-id":
                instruments = renumbered(self._house, armed, query, instruments)
        known = [each for each in instruments if not self._quirks.armed(UNKNOWN_CONTRACT, each.symbol)]
        doubtful = {each.symbol for each in self._quirks.all() if each.quirk.name == "ambiguous"}
        if query.con_id or query.primary_exchange:
            return known
        return [twin for each in known for twin in ([each, _twin(each)] if each.symbol in doubtful else [each])]

    def welcome(self) -> str:
        """How a new connection is met: empty for as it should be, else in the words of `connect`."""
        for armed in self._quirks.all():
            meets = _WELCOMES.get(armed.quirk.name)
            if meets and (welcome := meets(self._house, armed)):
                return welcome
        return ""

    def started(self, client: Client) -> None:
        """A client started the API."""
        if self._away():
            client.error(NO_REQUEST, 1100, outage.LOST)
        waiting, self._awaiting_client = self._awaiting_client, []
        for armed in waiting:
            self._house.clock.call_later(0, partial(EVENTS[armed.quirk.name], self._house, armed))

    def audience(self, order: Order) -> list[Client]:
        """Who is told what happens to an order: its client, if it knows the order by an id, and the master."""
        clients = self._house.clients
        if any(each.quirk.name == "see-all" for each in self._quirks.all()):
            return list(clients.values())
        told = {None if order.by_hand else order.client_id: None, self._house.login.master_client_id: None}
        return [clients[number] for number in told if number in clients]

    def armed(self, armed: Armed) -> None:
        """A quirk was armed: what begins with it begins."""
        name = armed.quirk.name
        if name == "stale-cash":
            remembered(self._house, self._memory)
        elif name in _OUTAGES:
            outage.begun(self._house)
        elif name == "halted":
            halts.begun(self._house, armed)
        elif name == "competing-session":
            contested(self._house, armed)
        elif name in EVENTS and not armed.nth:
            self._happen(armed)

    def _happen(self, armed: Armed) -> None:
        if self._house.clients:
            EVENTS[armed.quirk.name](self._house, armed)
        else:
            self._awaiting_client.append(armed)

    def cleared(self, armed: Armed) -> None:
        """A quirk was cleared: what it held goes on."""
        if armed.quirk.name == "warning":
            released(self._house, self._memory, armed)
        elif armed.quirk.name == "halted":
            halts.ended(self._house, armed)
        elif armed.quirk.name in _OUTAGES:
            outage.ended(self._house, self._memory, armed)
        elif armed in self._awaiting_client:
            self._awaiting_client.remove(armed)

    def _away(self) -> Armed | None:
        """The outage that is on."""
        return next((each for each in self._quirks.all() if each.quirk.name in _OUTAGES), None)


def _twin(instrument: Instrument) -> Instrument:
    con_id = instrument.con_id + TWIN_OFFSET
    return replace(
        instrument, con_id=con_id, primary_exchange=TWIN_EXCHANGE, long_name=f"{instrument.long_name} (OTHER)"
    )
