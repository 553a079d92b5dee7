"""One connection: handshake, start, pacing, and what becomes of nonsense."""

import asyncio
import random
from decimal import Decimal

import pytest

from reconciler.simgateway.session import Session
from reconciler.simgateway.wire import framing
from tests.simgateway.lab import ACCOUNT, TEXT, Bench, Wire, order, say, turns


def shake_hands_with(bench: Bench) -> tuple[Session, Wire]:
    """A connection on which nothing was said yet."""
    wire = Wire()
    return Session(bench.broker, wire), wire


def shake(bench: Bench, greeting: bytes) -> Wire:
    session, wire = shake_hands_with(bench)
    session.receive(greeting)
    return wire


def offer(text: str) -> bytes:
    return b"API\0" + len(text).to_bytes(4, "big") + text.encode()


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v157..176", "176"),
        ("v157..178", "178"),
        ("v100..222", "178"),
        ("v157..157", "157"),
        ("v170..170 +PACEAPI", "170"),
    ],
)
def test_the_newest_common_version_is_taken(text: str, version: str) -> None:
    wire = shake(Bench(), offer(text))
    assert wire.frames == [[version, "20260304 15:00:00 UTC"]]
    assert not wire.closed


@pytest.mark.parametrize("text", ["v100..156", "v179..200", "156", "", "v..", "vvv", "v1e3..178"])
def test_a_peer_without_a_common_version_is_cut_off(text: str) -> None:
    wire = shake(Bench(), offer(text))
    assert (wire.frames, wire.closed) == ([], True)


@pytest.mark.parametrize("greeting", [b"GET / HTTP/1.1\r\n", b"API", b"\x16\x03\x01", b"API\0\xff\xff\xff\xff"])
def test_another_protocol_gets_no_answer(greeting: bytes) -> None:
    wire = shake(Bench(), greeting)
    assert wire.frames == []
    assert wire.closed == (greeting != b"API")


def test_start_brings_accounts_the_next_id_and_the_farms() -> None:
    bench = Bench()
    session, wire = bench.connect()
    say(session, 71, 2, 77, "")
    assert wire.frames[1:3] == [["15", "1", ACCOUNT], ["9", "1", "5"]]
    assert [frame[3] for frame in wire.frames[3:]] == ["2104", "2106", "2158"]


def test_nothing_is_served_before_the_start() -> None:
    session, wire = Bench().connect()
    say(session, 61, 1)
    assert (wire.errors(), wire.closed) == ([(-1, 320)], True)


def test_a_client_id_in_use_is_told_and_closed_and_the_first_stays() -> None:
    bench = Bench()
    first, first_wire = bench.client(1)
    second, second_wire = bench.connect()
    say(second, 71, 2, 1, "")
    second.lost()
    assert (second_wire.errors(), second_wire.closed) == ([(-1, 326)], True)
    say(first, 49, 1)
    assert first_wire.ids() == ["49"]
    first.lost()
    third, third_wire = bench.client(1)
    say(third, 49, 1)
    assert third_wire.ids() == ["49"]


def test_messages_above_the_rate_are_refused_then_the_session_ends() -> None:
    bench = Bench(TEXT.replace("messages_per_second: 0", "messages_per_second: 50"))
    session, wire = bench.client()
    for _ in range(110):
        say(session, 49, 1)
    assert wire.ids() == ["49"] * 99 + ["4"] * 3
    assert wire.errors() == [(-1, 100)] * 3
    assert wire.closed


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (["9999", "1"], (-1, 320)),
        (["", "1"], (-1, 320)),
        (["abc"], (-1, 320)),
        (["61"], (-1, 320)),
        (["3", "12", "272093"], (12, 320)),
        (["62", "1", "7"], (7, 320)),
        (["4", "1", "1e5", ""], (-1, 320)),
        (["71", "2", "9", ""], (-1, 320)),
        (["91", "99"], (-1, 321)),
        (["59", "1", "9"], (-1, 321)),
        (["76", "1", "8", "DU9", "", "0"], (8, 321)),
        (["7", "3", "5", "0", "", "yesterday", "", "", "", ""], (5, 320)),
    ],
)
def test_nonsense_is_answered_and_the_session_goes_on(fields: list[str], error: tuple[int, int]) -> None:
    session, wire = Bench().client()
    say(session, *fields)
    assert wire.errors() == [error]
    say(session, 49, 1)
    assert wire.ids()[-1] == "49"


def test_account_values_come_again_after_three_minutes() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 6, 2, 1, ACCOUNT)
    say(session, 62, 1, 5, "All", "NetLiquidation,$LEDGER:USD")
    say(session, 76, 1, 6, ACCOUNT, "", 1)
    first = wire.take()
    assert {"6", "7", "8", "54", "63", "64", "73", "74"} == {frame[0] for frame in first}
    assert {frame[5] for frame in first if frame[0] == "73"} >= {"NetLiquidation", "CashBalance"}
    assert "InitMarginReq" not in {frame[5] for frame in first if frame[0] == "73"}
    bench.clock.step(179)
    assert wire.frames == []
    bench.clock.step(1)
    assert {"8", "63", "73"} == set(wire.ids()), "nothing moved: account updates tell their time alone"


def test_account_updates_tell_what_has_changed_and_a_new_subscription_all() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 6, 2, 1, ACCOUNT)
    whole = wire.take()
    bench.broker.move_prices({51529211: {"last": Decimal(299), "bid": Decimal(299), "ask": Decimal(299)}})
    bench.clock.step(180)
    changed = wire.take()
    assert [frame[3] for frame in changed if frame[0] == "7"] == ["GLD"]
    told = {(frame[2], frame[4]) for frame in changed if frame[0] == "6"}
    assert {("NetLiquidation", "USD"), ("GrossPositionValue", "USD")} <= told
    assert ("AccountReady", "") not in told
    say(session, 6, 2, 0, ACCOUNT)
    say(session, 6, 2, 1, ACCOUNT)
    assert len([frame for frame in wire.take() if frame[0] in "67"]) == len([each for each in whole if each[0] in "67"])


def test_account_values_come_once_for_an_event_however_many_fills() -> None:
    async def run() -> None:
        bench = Bench()
        session, wire = bench.client()
        say(session, 6, 2, 1, ACCOUNT)
        say(session, 61, 1)
        for order_id in range(1, 11):
            say(session, 3, order_id, *order(51529211, "BUY", 1, "LMT", limit=300))
        await turns()
        wire.take()
        bench.broker.move_prices({51529211: {"last": Decimal(299)}})
        await turns()
        assert wire.ids().count("8") == 1
        assert wire.ids().count("61") == 10

    asyncio.run(run())


ODD_WORDS = ["", "0", "1", "-1", "7", "MSFT", "GLD", "STK", "SMART", "USD", "EUR", ACCOUNT, "BUY", "SELL", "MKT", "LMT"]
ODD_WORDS += ["STP", "DAY", "IOC", "BAG", "nan", "1e9", "-1e999", "1e-30", "9" * 30, "272093", "51529211", "500.25"]
ODD_WORDS += ["é", "20260304-15:00:00", "$LEDGER:ALL", "NetLiquidation", "Infinity", "PEG BEST", "IBKRATS", "x" * 9000]


def sensible(chance: random.Random, turn: int) -> list[str]:
    """A request that a client could send; its ids rise with the turn, and sometimes fall back."""
    number = max(turn - chance.choice([0, 0, 0, 1, 5, 40]), 1)
    con_id = chance.choice([51529211, 272093, 1001, 1002, 1003, 1006, 1007, 1008])
    contract = [con_id, *[""] * 11]
    kind, prices = chance.choice([("MKT", ("", "")), ("LMT", (350, "")), ("LMT", (1, "")), ("STP", ("", 300))])
    placing = order(
        con_id, chance.choice(["BUY", "SELL"]), 10, kind, limit=prices[0], stop=prices[1], what_if=chance.randint(0, 1)
    )
    requests: list[list[object]] = [
        [3, number, *placing],
        [3, number, *placing],
        [4, 1, number, ""],
        [1, 11, number, *contract, 0, "", chance.randint(0, 1), 0, ""],
        [9, 8, number, *contract, 0, "", "", ""],
        [62, 1, number, "All", "NetLiquidation,$LEDGER:ALL"],
        [63, 1, number],
        [6, 2, 1, ACCOUNT],
        [76, 1, number, ACCOUNT, "", 0],
        [7, 3, number, 0, "", "", "", "", "", ""],
        [str(chance.choice((5, 16, 58, 61, 99))), "1"],
    ]
    return [str(field) for field in chance.choice(requests)]


def absurd(fields: list[str], chance: random.Random) -> list[str]:
    """The same request with a few fields changed, dropped or doubled; not the first, or no order id were free soon."""
    for _ in range(chance.randint(0, 3)):
        at = min(chance.randrange(2, 116), len(fields))
        match chance.randint(0, 4):
            case 0:
                del fields[at:]
            case 1:
                fields[at:at] = [chance.choice(ODD_WORDS)]
            case _:
                fields[min(at, len(fields) - 1)] = chance.choice(ODD_WORDS)
    return fields


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The same bytes with a few of them changed, cut or doubled."""
    changed = bytearray(data)
    for _ in range(chance.randint(0, 3)):
        at = chance.randrange(len(changed) + 1)
        match chance.randint(0, 2):
            case 0:
                changed[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del changed[at : at + chance.randint(1, 4)]
            case _:
                changed[at:at] = changed[at : at + chance.randint(1, 8)]
    return bytes(changed)


@pytest.mark.parametrize("seed", range(6))
def test_no_request_brings_a_session_down_and_others_are_still_served(seed: int) -> None:
    """Absurd fields and mutated payloads: the answer is a reply, an error, or the end of that one connection."""

    async def run() -> None:
        chance = random.Random(seed)  # noqa: S311 - a seed, not a secret
        bench = Bench()
        witness, witness_wire = bench.client(999)
        session, wire = bench.client(1)
        for number in range(1500):
            frame = framing.frame(absurd(sensible(chance, number), chance))
            payload = frame[4:] if number % 2 else mutated(frame[4:], chance)
            session.receive(len(payload).to_bytes(4, "big") + payload)
            if not number % 3:
                bench.clock.step(1)
                await turns(1)
            wire.take()
            if wire.closed:
                session.lost()
                session, wire = bench.client(1)
        witness_wire.take()
        say(witness, 49, 1)
        assert witness_wire.ids() == ["49"]
        served = bench.broker.log.counts("in")
        assert min(served.get(each, 0) for each in ("1", "3", "4", "6", "62", "76", "7")) > 40
        assert bench.broker.tally.counts()["fills"] > 5
        for ledger in bench.broker.ledgers.values():
            for currency, amount in ledger.cash.items():
                assert amount == sum(each.cash for each in ledger.postings if each.currency == currency)

    asyncio.run(run())


@pytest.mark.parametrize("seed", range(3))
def test_no_stream_of_bytes_brings_the_gateway_down(seed: int) -> None:
    """Greetings, lengths and frames mutated alike, cut anywhere; each connection is a new one."""

    async def run() -> None:
        chance = random.Random(seed)  # noqa: S311 - a seed, not a secret
        bench = Bench()
        for number in range(300):
            frames = [framing.frame(["71", "2", str(number), ""])]
            frames += [framing.frame(sensible(chance, number)) for _ in range(5)]
            stream = mutated(offer("v157..178") + b"".join(frames), chance)
            session, _ = shake_hands_with(bench)
            cut = chance.randrange(len(stream) + 1)
            for part in (stream[:cut], stream[cut:]):
                session.receive(part)
                await turns(1)
            session.lost()
        assert bench.broker.clients == {}
        _, wire = bench.client(1)
        assert not wire.closed

    asyncio.run(run())


@pytest.mark.parametrize(("message", "end"), [((74, 1), "72"), ((76, 1), "74")])
def test_subscriptions_of_one_client_have_an_end(message: tuple[int, int], end: str) -> None:
    session, wire = Bench().client()
    for request_id in range(1, 53):
        say(session, *message, request_id, ACCOUNT, "", "1")
    assert wire.ids().count(end) == 50
    assert wire.errors() == [(51, 322), (52, 322)]
    say(session, message[0] + 1, 1, 7)
    say(session, *message, 52, ACCOUNT, "", "1")
    say(session, *message, 52, ACCOUNT, "", "1")
    assert wire.ids().count(end) == 52
