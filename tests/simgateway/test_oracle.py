"""Conformance: for the same client's actions the gateway tells what a live paper gateway told, in the same order.

Every recorded message must come, in the recorded order, with the same decisive fields. What this gateway tells beyond
the record, leaves out of it, or tells at another place is a difference on purpose: it stands in DIFFERENCES with its
reason, is allowed only in the transcripts that name it, and must occur there.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.simgateway.session import Session
from reconciler.simgateway.statements.reporting import REFRESH_SECONDS
from reconciler.simgateway.wire import framing
from tests.simgateway.lab import ACCOUNT, Bench, Wire, order, say, turns
from tests.simgateway.oracle_cases import CASES, DIFFERENCES, NOT_PLAYED, Case
from tests.simgateway.transcripts_reader import FOLDER, Action, Event, Leg, Message, ours, read

CONTRACTS = {"AAPL": 265598, "MSFT": 272093, "AMZN": 3691937}
TRAILING_PERCENT = 67
"""Its place behind the order id."""
EXCHANGE_OF_ALL = "NASDAQ"
WHEAT = {
    "con_id": 715358256,
    "security_type": "FUT",
    "name": "Mini Sized Wheat Futures",
    "primary_exchange": "CBOT",
    "local_symbol": "XWZ6",
    "trading_class": "XW",
    "multiplier": "1000",
    "expiry": "2026-12-14",
    "last": "6.40",
}
PUT = {
    "con_id": 728937835,
    "security_type": "OPT",
    "name": "INVESCO QQQ TRUST SERIES 1",
    "underlying": {"symbol": "QQQ", "security_type": "STK"},
    "expiry": "2027-01-15",
    "strike": "500",
    "right": "P",
    "last": "21.00",
}
TICKS_OF_THE_RECORD = [{"low_edge": 0, "increment": "0.01"}, {"low_edge": 1, "increment": "0.05"}]


def world(case: Case, account: str) -> str:
    """The scenario in which the transcript's actions have the transcript's effects."""
    currency = "EUR" if case.name == "grounded_account_summary" else "USD"
    instruments = {
        name: {
            "con_id": con_id,
            "name": "APPLE INC" if name == "AAPL" else name,
            "primary_exchange": EXCHANGE_OF_ALL,
            "trading_class": "NMS",
            "last": case.price,
            "spread": "0.02",
        }
        for name, con_id in CONTRACTS.items()
    }
    instruments |= {"YW": WHEAT, "QQQ.P": PUT}
    held = {name: {"quantity": shares, "average_cost": cost} for name, shares, cost in case.positions}
    document = {
        "accounts": {
            account: {
                "base_currency": currency,
                "cash": {currency: case.cash},
                "exchange_rates": {"USD": "0.9"} if currency == "EUR" else {},
                "positions": held,
            }
        },
        "market_data": case.market_data,
        "quirks": list(case.quirks),
        "pacing": {"messages_per_second": 0},
        "market_rules": {26: TICKS_OF_THE_RECORD} if case.name == "market_rule" else {},
        "instruments": instruments,
    }
    return json.dumps(document)


def stock(fields: dict[str, object]) -> list[object]:
    contract = fields.get("contract", {})
    assert isinstance(contract, dict)
    return [0, contract["symbol"], contract["sec_type"], "", "0", "", "", contract["exchange"], "", "USD", "", ""]


def placing(action: Action, leg: Leg, number: int) -> list[object]:
    """An order; where the record leaves its terms out, they are those of the next open order with its id."""
    told = dict(action.fields)
    if "action" not in told:
        same = [
            each
            for each in leg.events[number:]
            if isinstance(each, Message) and each.kind == "open_order" and each.fields["order_id"] == told["order_id"]
        ]
        terms = same[0].fields
        told |= {"action": terms["action"], "total_quantity": terms["quantity"], "order_type": terms["order_type"]}
        told |= {"lmt_price": terms["limit_price"], "contract": {"con_id": CONTRACTS[terms["symbol"]]}}
    con_id = int(told.get("contract", {"con_id": CONTRACTS["AAPL"]})["con_id"])
    fields = order(
        con_id,
        told["action"],
        told["total_quantity"],
        told["order_type"],
        limit=told.get("lmt_price", ""),
        tif=told.get("tif", "DAY"),
        transmit=int(told.get("transmit", True)),
    )
    fields[fields.index(ACCOUNT)] = told.get("account", "")
    fields[TRAILING_PERCENT] = told.get("trailing_percent", "")
    return [3, told["order_id"], *fields]


def request(action: Action, leg: Leg, number: int) -> list[object]:
    """The request of an action, at version 178."""
    told = dict(action.fields)
    request_id, account = told.get("req_id", ""), told.get("account", "")
    requests: dict[str, Callable[[], list[object]]] = {
        "req_positions": lambda: [61, 1],
        "cancel_positions": lambda: [64, 1],
        "req_positions_multi": lambda: [74, 1, request_id, account, ""],
        "cancel_positions_multi": lambda: [75, 1, request_id],
        "req_account_summary": lambda: [62, 1, request_id, account, ",".join(told["tags"])],
        "cancel_account_summary": lambda: [63, 1, request_id],
        "req_account_updates": lambda: [6, 2, int(told["subscribe"]), account],
        "req_account_updates_multi": lambda: [76, 1, request_id, account, "", "0"],
        "cancel_account_updates_multi": lambda: [77, 1, request_id],
        "req_contract_details": lambda: [9, 8, request_id, *stock(told), "0", "", "", ""],
        "req_market_rule": lambda: [91, told["market_rule_id"]],
        "req_ids": lambda: [8, 1, told["num_ids"]],
        "req_open_orders": lambda: [{"all": 16, "client": 5}[told["scope"]], 1],
        "req_completed_orders": lambda: [99, int(told["api_only"])],
        "req_executions": lambda: [7, 3, request_id, 0, account, "", told["symbol"], "", "", ""],
        "place_order": lambda: placing(action, leg, number),
        "cancel_order": lambda: [4, 1, told["order_id"], ""],
        "global_cancel": lambda: [58, 1],
        "req_quote": lambda: [1, 11, request_id, *stock(told), "0", "", int(told["snapshot"]), "0", ""],
        "cancel_quote": lambda: [2, 1, request_id],
    }
    return requests[action.name]()


async def past(bench: Bench, case: Case, account: str) -> None:
    """What happened before the record: trades of the same client, and the order that rests."""
    session, _ = bench.client(1)
    for number, (symbol, side, shares) in enumerate(case.before, 1):
        fields = order(CONTRACTS[symbol], side, shares, "LMT", limit=200 if side == "BUY" else 100)
        fields[fields.index(ACCOUNT)] = account
        say(session, 3, number, *fields)
    if case.resting:
        fields = order(CONTRACTS["AAPL"], "BUY", 10, "LMT", limit=100)
        fields[fields.index(ACCOUNT)] = account
        say(session, 3, 2001, *fields)
    await turns(20)
    session.lost()


def greeting() -> bytes:
    return b"API\0" + framing.frame(["v157..178"])[:3] + b"\x09v157..178"


def by_itself(bench: Bench, message: Message, past: tuple[Event, ...], rest: tuple[Event, ...]) -> None:
    """Bring about what nobody asked for: the broker goes away and comes back, prices move, values are refreshed."""
    told = [each for each in past if isinstance(each, Message)]
    match message.fields.get("code"):
        case "1100":
            restored = {each.fields.get("code") for each in rest if isinstance(each, Message)}
            bench.broker.quirks.arm("outage:kept" if "1102" in restored else "outage:lost")
        case "1101":
            bench.broker.quirks.clear("outage:lost")
        case "1102":
            bench.broker.quirks.clear("outage:kept")
        case _ if message.kind == "tick_price" and any(each.kind == "tick_price" for each in told):
            bench.broker.move_prices({CONTRACTS["AAPL"]: {"last": Decimal(200)}})
        case _ if message.fields.get("order_type") == "TRAIL" and told[-1].fields.get("status") == "PreSubmitted":
            bench.broker.move_prices({CONTRACTS["AAPL"]: {"last": Decimal(200)}})
        case _ if message.kind == "account_summary" and any(each.kind == "account_summary_end" for each in told):
            bench.clock.step(REFRESH_SECONDS)


async def played(bench: Bench, case: Case, leg: Leg, client_id: int) -> list[Message]:
    """What the gateway tells on one connection, for the client's side of it."""
    wire = Wire()
    session = Session(bench.broker, wire)
    session.receive(greeting())
    wire.take()
    say(session, 71, 2, client_id, "")
    if case.market_data == "delayed":
        say(session, 59, 1, 3)
    for number, event in enumerate(leg.events):
        if isinstance(event, Message):
            by_itself(bench, event, leg.events[:number], leg.events[number:])
            await turns(20)
            continue
        say(session, *request(event, leg, number))
        following = leg.events[number + 1] if number + 1 < len(leg.events) else None
        if not isinstance(following, Action):
            await turns(20)
    await turns(20)
    session.lost()
    return [ours(frame) for frame in wire.frames]


def aligned(told: list[Message], recorded: Iterable[Message]) -> tuple[list[Message], list[Message]]:
    """The longest common story, of equal ones the latest: what was told beyond it, and what was left out of it."""
    record = list(recorded)
    longest = [[0] * (len(record) + 1) for _ in range(len(told) + 1)]
    for i in reversed(range(len(told))):
        for j in reversed(range(len(record))):
            match = longest[i + 1][j + 1] + 1 if told[i].says(record[j]) else 0
            longest[i][j] = max(match, longest[i + 1][j], longest[i][j + 1])
    beyond, left_out, i, j = [], [], 0, 0
    while i < len(told) and j < len(record):
        if longest[i + 1][j] == longest[i][j]:
            beyond.append(told[i])
            i += 1
        elif longest[i][j + 1] == longest[i][j]:
            left_out.append(record[j])
            j += 1
        else:
            i, j = i + 1, j + 1
    return beyond + told[i:], left_out + record[j:]


def unexplained(case: Case, beyond: list[Message], left_out: list[Message]) -> list[str]:
    """What no difference of the case allows, and the differences that do not occur."""
    rules = {name: DIFFERENCES[name] for name in case.differences}
    odd = [f"told beyond the record: {each}" for each in beyond if not any(r.beyond(each) for r in rules.values())]
    odd += [f"never told: {each}" for each in left_out if not any(r.left_out(each) for r in rules.values())]
    idle = [
        f"does not occur: {name}"
        for name, rule in rules.items()
        if not any(map(rule.beyond, beyond)) and not any(map(rule.left_out, left_out))
    ]
    return odd + idle


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_gateway_tells_what_the_record_tells(case: Case) -> None:
    legs = read(case.name)
    account = account_of(legs)

    async def run() -> tuple[list[Message], list[Message]]:
        bench = Bench(world(case, account))
        await past(bench, case, account)
        beyond: list[Message] = []
        left_out: list[Message] = []
        for leg, client_id in zip(legs, case.clients, strict=False):
            told = await played(bench, case, leg, client_id)
            more, less = aligned(told, [each for each in leg.events if isinstance(each, Message)])
            beyond += more
            left_out += less
        return beyond, left_out

    assert unexplained(case, *asyncio.run(run())) == []


def account_of(legs: list[Leg]) -> str:
    """The account that the record's rows and orders name; where none does, any will do."""
    for event in (each for leg in legs for each in leg.events):
        named = str(event.fields.get("account", ""))
        if named.startswith("DU"):
            return named
    return "DU9000001"


def test_every_transcript_here_is_played() -> None:
    assert sorted(each.stem for each in FOLDER.glob("*.txt")) == sorted(case.name for case in CASES)


def test_a_message_too_few_too_many_or_at_the_wrong_place_is_seen() -> None:
    one, two, three = (Message("order_status", {"status": name}) for name in ("A", "B", "C"))
    assert aligned([one, two, three], [one, two, three]) == ([], [])
    assert aligned([one, three], [one, two, three]) == ([], [two])
    assert aligned([one, two, three], [one, three]) == ([two], [])
    assert aligned([two, one], [one, two]) in (([two], [two]), ([one], [one]))


def test_the_documents_give_every_reason() -> None:
    document = " ".join((Path(__file__).parents[2] / "docs" / "gateway.md").read_text("utf-8").split())
    assert [each.reason for each in DIFFERENCES.values() if each.reason not in document] == []


def test_what_is_not_played_is_not_here() -> None:
    assert not {each.stem for each in FOLDER.glob("*.txt")} & set(NOT_PLAYED)
