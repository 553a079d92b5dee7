"""Quirks of what is told about orders: what-ifs, states, fills, commissions.

Each rule takes the replies of one sending and gives back those that go out now; what comes later it schedules.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from reconciler.simgateway import messages
from reconciler.simgateway.books.ledger import Posting
from reconciler.simgateway.house import House
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders.book import Execution, Order
from reconciler.simgateway.quirks.arrivals import shown_as_held
from reconciler.simgateway.quirks.codes import READ_ONLY, TEXTS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.occasions import Outgoing
from reconciler.simgateway.wire.layouts import UNSET_DOUBLE
from reconciler.simgateway.wire.replies import Value

SECOND_CALLBACK_SECONDS = 1.0
LATE_COMMISSION_SECONDS = 3.0
CORRECTION_SECONDS = 1.0
LIVE = -1
"""The request id of a fill that nobody asked for."""

Rule = Callable[[Outgoing, Armed, list[Reply]], list[Reply]]
_MARGINS = [f"{name}_{when}" for name in ("initial", "maintenance", "equity") for when in ("before", "change", "after")]
_REFUSALS = {"read-only": READ_ONLY} | {str(code): (code, text) for code, text in TEXTS.items()}
_ABOUT_ORDERS = ("open_order", "order_status", "execution")


def _what_if(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    answers = [each for each in replies if each.kind == "open_order" and each.values.get("what_if")]
    if len(answers) != 2 or not armed.concerns(str(answers[0].values["symbol"])) or not armed.occurs():
        return replies
    unset, told = answers
    if armed.mode in _REFUSALS:
        code, text = _REFUSALS[armed.mode]
        return [Reply("error", {"request_id": told.values["order_id"], "code": code, "text": text})]
    if armed.mode == "two-step":
        outgoing.house.clock.call_later(SECOND_CALLBACK_SECONDS, partial(outgoing.client.deliver, [told]))
    return {
        "two-step": [unset],
        "one-step": [told],
        "unset": [unset, unset],
        "blank": [_with(unset, _blank()), _with(told, _blank())],
        "no-commission": [unset, _with(told, {"commission": UNSET_DOUBLE, "commission_currency": ""})],
        "silent": [],
    }[armed.mode]


def _blank() -> dict[str, Value]:
    return {**dict.fromkeys(_MARGINS, ""), "commission": "", "commission_currency": ""}


def _with(reply: Reply, values: Mapping[str, Value]) -> Reply:
    return Reply(reply.kind, {**reply.values, **values})


def picked(outgoing: Outgoing, armed: Armed, reply: Reply) -> Order | None:
    """The order of a reply, if the quirk is about it."""
    order = outgoing.order(reply)
    if order is None or order.instrument is None:
        return None
    return order if armed.picks(order.client_id, order.order_id, order.instrument.symbol) else None


def _concerned(outgoing: Outgoing, armed: Armed, replies: list[Reply], kind: str) -> set[int]:
    """The places of the replies of a kind that the quirk is about."""
    return {place for place, each in enumerate(replies) if each.kind == kind and picked(outgoing, armed, each)}


def _fills(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> set[str]:
    """The execution ids of the live fills among the replies that the quirk is about."""
    places = _concerned(outgoing, armed, replies, "execution")
    return {str(replies[place].values["exec_id"]) for place in places if replies[place].values["request_id"] == LIVE}


def _filled_first(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    if not _fills(outgoing, armed, replies):
        return replies
    return sorted(replies, key=lambda each: each.kind != "order_status")


def _no_status(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    dropped = _concerned(outgoing, armed, replies, "order_status")
    return [each for place, each in enumerate(replies) if place not in dropped]


def _double_status(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    twice = _concerned(outgoing, armed, replies, "order_status")
    return [each for place, reply in enumerate(replies) for each in ([reply] * (2 if place in twice else 1))]


def _commission(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    fills = _fills(outgoing, armed, replies)
    kept = [each for each in replies if each.kind != "commission" or each.values["exec_id"] not in fills]
    late = [each for each in replies if each not in kept]
    if late and armed.mode == "late":
        outgoing.house.clock.call_later(LATE_COMMISSION_SECONDS, partial(outgoing.client.deliver, late))
    return kept


def _corrected(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    """Only the owner's copy schedules the correction; others hear of it when they ask."""
    for exec_id in _fills(outgoing, armed, replies):
        order = next(each for each in map(outgoing.order, replies) if each)
        fill = next((each for each in order.executions if each.exec_id == exec_id), None)
        if fill and outgoing.client.number == order.client_id:
            correct = partial(_correct, outgoing.house, order, fill)
            outgoing.house.clock.call_later(CORRECTION_SECONDS, correct)
    return replies


def _correct(house: House, order: Order, fill: Execution) -> None:
    """A tick worse: the difference is posted as cash against cost, and told under the next number of the fill."""
    instrument, ledger = order.contract, house.ledgers[fill.account]
    tick = instrument.market_rule.increment(fill.price) * order.terms.signed
    head, _, number = fill.exec_id.rpartition(".")
    corrected = replace(fill, exec_id=f"{head}.{int(number) + 1:02d}", price=fill.price + tick)
    difference = instrument.notional(fill.shares, tick) * order.terms.signed
    ledger.post(Posting(corrected.exec_id, instrument.currency, -difference, instrument.con_id, cost=difference))
    order.executions.append(corrected)
    client = house.clients.get(order.client_id)
    if client:
        told = [messages.execution(LIVE, order, corrected, client.version), messages.commission(order, corrected)]
        client.deliver(told)


def _held(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    orders = [outgoing.order(each) for each in replies]
    return [shown_as_held(each, order, armed) if order else each for each, order in zip(replies, orders, strict=True)]


def unheard(outgoing: Outgoing, replies: list[Reply]) -> list[Reply]:
    """What is left without the orders of which this connection hears nothing."""
    muted = outgoing.memory.muted.get(outgoing.client)
    if not muted:
        return replies
    number = outgoing.client.number
    about = [each for each in replies if each.values.get("client_id") == number and each.values["order_id"] in muted]
    fills = {each.values["exec_id"] for each in about if each.kind == "execution"}
    return [
        each
        for each in replies
        if not (each.kind in _ABOUT_ORDERS and each in about)
        and not (each.kind == "commission" and each.values["exec_id"] in fills)
    ]


REPORT_RULES: Mapping[str, Rule] = {
    "what-if": _what_if,
    "warning": _held,
    "filled-first": _filled_first,
    "no-status": _no_status,
    "double-status": _double_status,
    "commission": _commission,
    "corrected-execution": _corrected,
}
