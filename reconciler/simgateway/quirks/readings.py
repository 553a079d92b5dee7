"""Quirks of what is read: account values, positions, and the messages that end a read."""

from collections.abc import Mapping
from functools import partial

from reconciler.simgateway.house import House
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.quirks.catalogue import ENDS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.occasions import Memory, Outgoing
from reconciler.simgateway.quirks.reports import Rule
from reconciler.simgateway.statements import balances, statement

LATE_POSITIONS_SECONDS = 1.0
_VALUES = ("account_value", "account_value_multi", "account_summary")


def _not_ready(_outgoing: Outgoing, _armed: Armed, replies: list[Reply]) -> list[Reply]:
    return [changed(each, "value", "false") if each.values.get("key") == "AccountReady" else each for each in replies]


def changed(reply: Reply, name: str, value: str | int) -> Reply:
    """A reply with another value."""
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
    return changed(reply, "value", memory.stale.get(key, str(values["value"])))


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


READING_RULES: Mapping[str, Rule] = {
    "not-ready": _not_ready,
    "stale-cash": _stale_cash,
    "no-end": _no_end,
    "no-position-end": _no_position_end,
    "late-positions": _late_positions,
}
