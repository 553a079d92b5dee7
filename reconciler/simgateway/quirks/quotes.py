"""Quirks of quotes: refused, delayed, frozen, told in part, or not at all."""

from collections.abc import Mapping
from functools import partial

from reconciler.simgateway.house import House
from reconciler.simgateway.market.instruments import Entitlement
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.quirks.codes import TEXTS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.occasions import Outgoing
from reconciler.simgateway.quirks.readings import changed
from reconciler.simgateway.quirks.reports import Rule
from reconciler.simgateway.ticks import TICK_TYPES

SNAPSHOT_SECONDS = 11.0
"""How long a live gateway waits for the fields that a snapshot lacks."""
FROZEN = 2
DELAYED = "10167"
IN_PART = "10090"
COMPETING = 10197
_TICKS = ("tick_price", "tick_size", "tick_string", "tick_option")
_TOP_TYPES = frozenset(
    kind for types in TICK_TYPES.values() for kind in (types.bid, types.ask, types.bid_size, types.ask_size)
)
_DELAYED_TYPES: Mapping[int, int] = dict(
    zip(TICK_TYPES[Entitlement.LIVE], TICK_TYPES[Entitlement.DELAYED], strict=True)
)


def quoted(outgoing: Outgoing, reply: Reply) -> str:
    """The symbol of the quote that a reply is about; empty where it is about none."""
    request_id, serving = reply.values.get("request_id"), outgoing.serving
    if isinstance(request_id, int) and request_id in outgoing.client.subscriptions.quotes:
        return outgoing.client.subscriptions.quotes[request_id].symbol
    if serving is None or serving.kind != "market_data" or serving.integer("request_id") != request_id:
        return ""
    return asked_symbol(outgoing.house, serving.integer("con_id"), serving.text("symbol"))


def asked_symbol(house: House, con_id: int, symbol: str) -> str:
    """The symbol that a request names, by its id or itself."""
    known = {each.con_id: each.symbol for each in house.market.instruments} if con_id else {}
    return known.get(con_id, symbol)


def _market_data(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    if armed.mode == IN_PART:
        return [each for each in replies if not (_is_top(each) and armed.concerns(quoted(outgoing, each)))]
    if armed.mode != DELAYED:
        return replies
    return [_delayed(each) if armed.concerns(quoted(outgoing, each)) else each for each in replies]


def _delayed(reply: Reply) -> Reply:
    if reply.kind in _TICKS:
        tick_type = reply.values["tick_type"]
        return changed(
            reply, "tick_type", _DELAYED_TYPES.get(tick_type, tick_type) if isinstance(tick_type, int) else 0
        )
    return changed(reply, "data_type", 3) if reply.kind == "market_data_type" else reply


def _is_top(reply: Reply) -> bool:
    """Whether a reply is bid or ask, or the size of one."""
    return reply.kind in _TICKS and reply.values["tick_type"] in _TOP_TYPES


def contested(house: House, armed: Armed) -> None:
    """Tell everyone who watches a quote that another session has it."""
    for client in list(house.clients.values()):
        for request_id, instrument in client.subscriptions.quotes.items():
            if armed.concerns(instrument.symbol):
                client.error(request_id, COMPETING, TEXTS[COMPETING])


def _competing_session(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    return [each for each in replies if each.kind not in _TICKS or not _is_about(outgoing, armed, each)]


def _is_about(outgoing: Outgoing, armed: Armed, reply: Reply) -> bool:
    about = quoted(outgoing, reply)
    return bool(about) and armed.concerns(about)


def _nan_close(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    closes = {types.close for types in TICK_TYPES.values()}
    return [
        changed(each, "price", "NaN")
        if each.kind == "tick_price" and each.values["tick_type"] in closes and _is_about(outgoing, armed, each)
        else each
        for each in replies
    ]


def _slow_snapshot(outgoing: Outgoing, _armed: Armed, replies: list[Reply]) -> list[Reply]:
    ends = [each for each in replies if each.kind == "snapshot_end"]
    if ends:
        outgoing.house.clock.call_later(SNAPSHOT_SECONDS, partial(outgoing.client.deliver, ends))
    return [each for each in replies if each.kind != "snapshot_end"]


def _frozen(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    out: list[Reply] = []
    for each in replies:
        about = quoted(outgoing, each)
        mine = bool(about) and armed.concerns(about)
        if mine and outgoing.serving is None and each.kind in _TICKS:
            continue
        out.append(changed(each, "data_type", FROZEN) if mine and each.kind == "market_data_type" else each)
    return out


QUOTE_RULES: Mapping[str, Rule] = {
    "market-data": _market_data,
    "competing-session": _competing_session,
    "nan-close": _nan_close,
    "slow-snapshot": _slow_snapshot,
    "frozen": _frozen,
}
