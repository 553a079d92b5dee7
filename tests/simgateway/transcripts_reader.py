"""Reads the line format of the transcripts, and says in which of our words the same message is told.

Decisive is what a program acts upon: kinds, order, states, quantities, codes, texts. Ids that a broker draws, times
and market prices are not.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from reconciler.simgateway.wire.layouts import compiled
from reconciler.simgateway.wire.replies import REPLIES

FOLDER = Path(__file__).parent / "transcripts"
VERSION = 178
FIRST_REQUEST = 9000


class Message(NamedTuple):
    """A reply by our name, and its decisive fields by ours."""

    kind: str
    fields: Mapping[str, str]

    def says(self, recorded: "Message") -> bool:
        """Whether this is what was recorded: the same kind, and each recorded field equal."""
        return self.kind == recorded.kind and all(
            _same(self.fields.get(name, ""), value) for name, value in recorded.fields.items()
        )


def _same(ours: str, theirs: str) -> bool:
    try:
        return Decimal(ours) == Decimal(theirs)
    except InvalidOperation:
        return ours == theirs


class Action(NamedTuple):
    """What a client did, in the transcript's words; request ids are numbers already."""

    name: str
    fields: Mapping[str, Any]


Event = Action | Message


@dataclass(frozen=True)
class Leg:
    """One connection: what happened on it, in order."""

    events: tuple[Event, ...]


_CONTRACT = {"symbol": "symbol", "con_id": "con_id", "sec_type": "security_type", "currency": "currency"}
_HELD = {
    **_CONTRACT,
    "local_symbol": "local_symbol",
    "trading_class": "trading_class",
    "expiry": "expiry",
    "strike": "strike",
    "right": "right",
    "multiplier": "multiplier",
}
_TERMS = {
    "account": "account",
    "action": "action",
    "order_type": "order_type",
    "quantity": "quantity",
    "lmt_price": "limit_price",
    "tif": "tif",
    "status": "status",
}
_REQUEST = {"req_id": "request_id"}
_TICK = {**_REQUEST, "field": "tick_type"}
_ROW = {"account": "account", "key": "key", "value": "value", "currency": "currency"}

WORDS: dict[str, tuple[str, dict[str, str]]] = {
    "managed_accounts": ("managed_accounts", {}),
    "next_valid_id": ("next_id", {}),
    "api_error": ("error", {**_REQUEST, "code": "code"}),
    "open_order": ("open_order", {"order_id": "order_id", **_CONTRACT, **_TERMS}),
    "open_order_end": ("open_orders_end", {}),
    "order_status": (
        "order_status",
        {"order_id": "order_id", "status": "status", "filled": "filled", "remaining": "remaining"},
    ),
    "execution_detail": (
        "execution",
        {**_REQUEST, "order_id": "order_id", "symbol": "symbol", "side": "side", "shares": "shares"},
    ),
    "commission_report": ("commission", {"currency": "currency"}),
    "executions_end": ("executions_end", _REQUEST),
    "position": ("position", {"account": "account", **_HELD, "position": "quantity", "avg_cost": "average_cost"}),
    "position_end": ("positions_end", {}),
    "position_multi": (
        "position_multi",
        {**_REQUEST, "account": "account", **_CONTRACT, "position": "quantity", "avg_cost": "average_cost"},
    ),
    "position_multi_end": ("positions_multi_end", _REQUEST),
    "account_summary": (
        "account_summary",
        {**_REQUEST, "account": "account", "tag": "tag", "currency": "currency"},
    ),
    "account_summary_end": ("account_summary_end", _REQUEST),
    "update_account_value": ("account_value", _ROW),
    "update_portfolio": (
        "portfolio",
        {**_CONTRACT, "primary_exchange": "primary_exchange", "position": "quantity", "account": "account"},
    ),
    "update_account_time": ("account_time", {}),
    "account_download_end": ("account_download_end", {"account": "account"}),
    "account_update_multi": ("account_value_multi", {**_REQUEST, "account": "account", "key": "key"}),
    "account_update_multi_end": ("account_values_multi_end", _REQUEST),
    "contract_details": (
        "contract_details",
        {**_REQUEST, **_CONTRACT, "min_tick": "min_tick", "long_name": "long_name", "time_zone_id": "time_zone"},
    ),
    "contract_details_end": ("contract_details_end", _REQUEST),
    "market_rule": ("market_rule", {"market_rule_id": "rule_id"}),
    "market_data_type": ("market_data_type", {**_REQUEST, "data_type": "data_type"}),
    "tick_price": ("tick_price", _TICK),
    "tick_size": ("tick_size", _TICK),
    "tick_generic": ("tick_generic", {**_TICK, "value": "value"}),
    "tick_string": ("tick_string", _TICK),
    "tick_req_params": ("tick_parameters", {**_REQUEST, "min_tick": "min_tick"}),
    "tick_snapshot_end": ("snapshot_end", _REQUEST),
    "completed_order": ("completed_order", {**_CONTRACT, **_TERMS, "filled": "filled_quantity"}),
    "completed_order_end": ("completed_orders_end", {}),
}
"""Their word for a server's message → ours, and their decisive fields → ours."""

_KINDS = {str(number): kind for kind, (number, _) in REPLIES.items()}


def ours(frame: list[str]) -> Message:
    """A frame of the gateway by the names of its fields; what follows a counted group is left out."""
    kind = _KINDS[frame[0]]
    names = [slot.name for slot in compiled(REPLIES[kind][1], VERSION)]
    return Message(kind, dict(zip(names, frame[1:], strict=False)))


def _theirs(word: str, fields: dict[str, Any]) -> Message:
    kind, names = WORDS[word]
    told = {**fields, **fields.get("contract", {})}
    # An empty field says that the recorder did not look, or that the gateway had nothing: neither is decisive.
    return Message(kind, {mine: str(told[name]) for name, mine in names.items() if told.get(name) not in (None, "")})


def _numbered(text: str) -> dict[str, Any]:
    """The JSON of a line with its request ids as numbers."""
    fields: dict[str, Any] = json.loads(text or "{}")
    request_id = fields.get("req_id")
    if isinstance(request_id, str) and request_id.startswith("$req"):
        fields["req_id"] = FIRST_REQUEST + int(request_id[4:])
    return fields


def read(name: str) -> list[Leg]:
    """The connections of a transcript."""
    legs: list[list[Event]] = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        side, _, rest = line.partition(" ")
        word, _, text = rest.partition(" ")
        match side:
            case "handshake":
                legs.append([])
            case "client":
                legs[-1].append(Action(word, _numbered(text)))
            case "server":
                legs[-1].append(_theirs(word, _numbered(text)))
            case "" | "#" | "sleep" | "disconnect":
                continue
            case _:
                raise ValueError(f"{name}: {line[:60]!r}")
    return [Leg(tuple(_with_orders(events))) for events in legs]


def _with_orders(events: list[Event]) -> Iterator[Event]:
    """The events, with the placing of an order where the record begins with what became of it."""
    placed = {str(each.fields.get("order_id")) for each in events if isinstance(each, Action)}
    asked = any(isinstance(each, Action) and each.name == "req_open_orders" for each in events)
    for each in events:
        if isinstance(each, Message) and each.kind == "open_order" and not asked:
            order_id = each.fields["order_id"]
            if order_id not in placed:
                yield Action("place_order", {"order_id": order_id})
            placed.add(order_id)
        yield each
