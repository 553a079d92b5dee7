"""Quirks of what is read: account values, positions, quotes, and the messages that end a read."""

from collections.abc import Mapping
from functools import partial

from reconciler.simgateway import balances, messages, statement
from reconciler.simgateway.instruments import Entitlement
from reconciler.simgateway.messages import TICK_TYPES, Reply
from reconciler.simgateway.quirks.catalogue import ENDS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.house import House, Memory, Outgoing
from reconciler.simgateway.quirks.reports import Rule

LATE_POSITIONS_SECONDS = 1.0
FROZEN = 2
DELAYED = "10167"
HALTED_TICK = 49
_VALUES = ("account_value", "account_value_multi", "account_summary")
_TICKS = ("tick_price", "tick_size", "tick_string")
_DELAYED_TYPES: Mapping[int, int] = dict(
    zip(TICK_TYPES[Entitlement.LIVE], TICK_TYPES[Entitlement.DELAYED], strict=True)
)


def _not_ready(_outgoing: Outgoing, _armed: Armed, replies: list[Reply]) -> list[Reply]:
    return [_changed(each, "value", "false") if each.values.get("key") == "AccountReady" else each for each in replies]


def _changed(reply: Reply, name: str, value: str | int) -> Reply:
    return Reply(reply.kind, {**reply.values, name: value})


def remembered(house: House, memory: Memory) -> None:
    """Note all account values as they stand."""
    for account, ledger in house.ledgers.items():
        totals, by_currency = statement.totals(ledger, house.market), balances.by_currency(ledger, house.market)
        for row in statement.updates(totals, by_currency):
            memory.stale[(account, row.key, row.currency)] = row.value


def _stale_cash(outgoing: Outgoing, _armed: Armed, replies: list[Reply]) -> list[Reply]:
    return [_as_noted(outgoing.memory, each) if each.kind in _VALUES else each for each in replies]


def _as_noted(memory: Memory, reply: Reply) -> Reply:
    values = reply.values
    key = (str(values["account"]), str(values.get("key", values.get("tag"))), str(values["currency"]))
    return _changed(reply, "value", memory.stale.get(key, str(values["value"])))


def _no_end(_outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    ending = ENDS[armed.mode]
    return [each for each in replies if each.kind != ending or not armed.occurs()]


def _no_position_end(_outgoing: Outgoing, _armed: Armed, replies: list[Reply]) -> list[Reply]:
    return [each for each in replies if each.kind != "positions_end"]


def _late_positions(outgoing: Outgoing, _armed: Armed, replies: list[Reply]) -> list[Reply]:
    if outgoing.serving is None or outgoing.serving.kind != "positions":
        return replies
    rows = [each for each in replies if each.kind == "position"]
    if rows:
        outgoing.house.clock.call_later(LATE_POSITIONS_SECONDS, partial(outgoing.client.deliver, rows))
    return [each for each in replies if each.kind != "position"]


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
    if armed.mode != DELAYED:
        return replies
    return [_delayed(each) if armed.concerns(quoted(outgoing, each)) else each for each in replies]


def _delayed(reply: Reply) -> Reply:
    if reply.kind in _TICKS:
        tick_type = reply.values["tick_type"]
        return _changed(
            reply, "tick_type", _DELAYED_TYPES.get(tick_type, tick_type) if isinstance(tick_type, int) else 0
        )
    return _changed(reply, "data_type", 3) if reply.kind == "market_data_type" else reply


def _halted(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    """The halt follows the parameters of a quote."""
    out: list[Reply] = []
    for each in replies:
        out.append(each)
        if each.kind == "market_data_type" and armed.concerns(quoted(outgoing, each)):
            out.append(messages.tick_generic(each.values["request_id"], HALTED_TICK, 1))
    return out


def _frozen(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    out: list[Reply] = []
    for each in replies:
        about = quoted(outgoing, each)
        mine = bool(about) and armed.concerns(about)
        if mine and outgoing.serving is None and each.kind in _TICKS:
            continue
        out.append(_changed(each, "data_type", FROZEN) if mine and each.kind == "market_data_type" else each)
    return out


READING_RULES: Mapping[str, Rule] = {
    "not-ready": _not_ready,
    "stale-cash": _stale_cash,
    "no-end": _no_end,
    "no-position-end": _no_position_end,
    "late-positions": _late_positions,
    "market-data": _market_data,
    "halted": _halted,
    "frozen": _frozen,
}
