"""What happens to orders, told in frames by a gateway in memory."""

import random
from decimal import Decimal

import pytest

from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.session import Session
from tests.simgateway.lab import ACCOUNT, GLD, LOTS, MSFT, MUTE, NEVER, PARTS, SLOW, Bench, Wire, say, turns
from tests.simgateway.life import move, on_a_bench, place


def story(wire: Wire) -> list[str]:
    """What a client is told of its orders: statuses, errors and fills in their sequence."""
    told = []
    for frame in wire.frames:
        if frame[0] == "3":
            told.append(f"{frame[2]} {frame[3]}")
        elif frame[0] == "4":
            told.append(f"error {frame[3]}")
        elif frame[0] == "11":
            told.append(f"fill {frame[19]}@{frame[20]}")
    return told


def test_nothing_fills_in_the_turn_it_was_acknowledged() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10)
        assert story(wire) == ["PreSubmitted 0"]
        await turns()
        assert story(wire) == ["PreSubmitted 0", "fill 10@350.01", "Filled 10"]

    on_a_bench(script)


def test_immediate_or_cancel_takes_what_there_is() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="349.00", tif="IOC")
        place(session, 2, GLD, "BUY", 10, "LMT", limit="351.00", tif="IOC")
        await turns()
        assert story(wire) == [
            "PreSubmitted 0",
            "Submitted 0",
            "PendingCancel 0",
            "Cancelled 0",
            "PreSubmitted 0",
            "fill 10@350.01",
            "Filled 10",
        ]

    on_a_bench(script)


def test_a_cancel_keeps_what_filled_before_it() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bench.broker.refill(PARTS, FillBehaviour(delay_seconds=Decimal(1), parts=3))
        place(session, 1, PARTS, "BUY", 9)
        await turns()
        bench.clock.step(1)
        say(session, 4, 1, 1, "")
        bench.clock.step(60)
        assert story(wire)[-5:] == ["fill 3@10.01", "Submitted 3", "PendingCancel 3", "Cancelled 3", "error 202"]

    on_a_bench(script)


def test_cancel_of_a_filled_order_is_10148() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10)
        await turns()
        say(session, 4, 1, 1, "")
        assert wire.errors() == [(1, 10148)]
        assert wire.frames[-1][4].endswith("state: Filled.")

    on_a_bench(script)


def test_orders_wait_for_a_price() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, MUTE, "BUY", 10)
        await turns()
        assert story(wire) == ["PreSubmitted 0", "Submitted 0"]
        move(bench, MUTE, last="5.00", spread="0.02")
        await turns()
        assert story(wire)[2:] == ["fill 10@5.01", "Filled 10"]

    on_a_bench(script)


def test_what_never_fills_fills_once_that_changes() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, NEVER, "BUY", 10)
        await turns()
        move(bench, NEVER, last="10.00")
        await turns()
        assert story(wire) == ["PreSubmitted 0", "Submitted 0"]
        bench.broker.refill(NEVER, FillBehaviour())
        await turns()
        assert story(wire)[2:] == ["fill 10@10.01", "Filled 10"]

    on_a_bench(script)


def test_a_delayed_fill_takes_the_price_of_its_moment() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, SLOW, "BUY", 10, "LMT", limit="10.05")
        place(session, 2, SLOW, "BUY", 10, "LMT", limit="10.01")
        await turns()
        move(bench, SLOW, last="10.02")
        bench.clock.step(5)
        assert story(wire)[4:] == ["fill 10@10.03", "Filled 10"]
        move(bench, SLOW, last="10.00")
        bench.clock.step(5)
        assert story(wire)[6:] == ["fill 10@10.01", "Filled 10"]

    on_a_bench(script)


def test_parts_stop_where_the_fills_do() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bench.broker.refill(PARTS, FillBehaviour(delay_seconds=Decimal(1), parts=3))
        place(session, 1, PARTS, "BUY", 9)
        await turns()
        bench.clock.step(1)
        bench.broker.refill(PARTS, FillBehaviour(never=True))
        bench.clock.step(60)
        assert story(wire) == ["PreSubmitted 0", "Submitted 0", "fill 3@10.01", "Submitted 3"]
        bench.broker.refill(PARTS, FillBehaviour())
        await turns()
        assert story(wire)[-2:] == ["fill 6@10.01", "Filled 9"]

    on_a_bench(script)


def test_parts_are_whole_lots_and_add_up() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bench.broker.refill(LOTS, FillBehaviour(parts=4))
        place(session, 1, LOTS, "BUY", 50)
        await turns(10)
        assert [each for each in story(wire) if each.startswith("fill")] == [
            "fill 10@3.01",
            "fill 10@3.01",
            "fill 10@3.01",
            "fill 20@3.01",
        ]

    on_a_bench(script)


def test_a_duplicate_id_is_refused_and_recorded() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 5, GLD, "BUY", 10)
        place(session, 4, GLD, "BUY", 10)
        await turns()
        assert wire.errors() == [(4, 103)]
        assert [(each.order_id, str(each.status)) for each in bench.broker.book][1:] == [
            (5, "Filled"),
            (4, "Inactive"),
        ]

    on_a_bench(script)


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ((GLD, "SELL", 5, "LMT"), 105),
        ((MSFT, "BUY", 5, "LMT"), 105),
        ((GLD, "BUY", 5000, "LMT"), 201),
        ((GLD, "BUY", 5, "NONSENSE"), 321),
    ],
)
def test_changes_that_are_none_leave_the_order_alone(terms: tuple[object, ...], code: int) -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 4, "LMT", limit="300.00")
        await turns()
        place(session, 1, *terms, limit="310.00")
        await turns()
        assert wire.errors() == [(1, code)]
        kept = bench.broker.book.get(1, 1)
        assert kept is not None
        assert (kept.terms.limit_price, kept.terms.shares, str(kept.status)) == (Decimal(300), Decimal(4), "Submitted")

    on_a_bench(script)


def test_a_change_that_crosses_the_market_fills() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 4, "LMT", limit="300.00")
        await turns()
        place(session, 1, GLD, "BUY", 4, "LMT", limit="350.01")
        await turns()
        assert story(wire)[-2:] == ["fill 4@350.01", "Filled 4"]
        place(session, 1, GLD, "BUY", 4, "LMT", limit="350.01")
        assert wire.errors() == [(1, 104)]

    on_a_bench(script)


def test_credit_counts_what_works_already() -> None:
    """Available funds are 85,900: two buys that fit one by one do not fit together, and a sell always fits."""

    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 500, "LMT", limit="340.00")
        place(session, 2, GLD, "BUY", 500, "LMT", limit="340.00")
        place(session, 3, MSFT, "SELL", 60)
        assert wire.errors() == [(2, 201)]
        states = [frame[2] for frame in wire.frames if frame[0] == "3"]
        assert states == ["PreSubmitted", "Submitted", "Inactive", "PreSubmitted"]

    on_a_bench(script)


def test_what_ifs_do_not_add_up() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 500, "LMT", limit="340.00")
        await turns()
        wire.take()
        place(session, 2, GLD, "BUY", 100, what_if=1)
        place(session, 3, GLD, "BUY", 1000, what_if=1)
        place(session, 4, MUTE, "BUY", 0, what_if=1)
        assert wire.errors() == [(4, 434)]
        told = [frame for frame in wire.frames if frame[0] == "5"]
        assert [frame[1] for frame in told] == ["2", "2", "3", "3"]
        assert "11100.00" in told[1]
        assert "21600.00" in told[1]
        assert any("MUST EXCEED THE INITIAL MARGIN" in field for field in told[3])
        assert bench.broker.book.what_if_count == 3

    on_a_bench(script)


def test_a_held_order_can_be_dropped() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, transmit=0)
        await turns()
        assert story(wire) == []
        say(session, 4, 1, 1, "")
        assert wire.errors() == [(1, 202)]
        kept = bench.broker.book.get(1, 1)
        assert kept is not None
        assert str(kept.status) == "Cancelled"

    on_a_bench(script)


@pytest.mark.parametrize("seed", range(5))
def test_what_may_still_be_bought_is_what_the_working_buys_add_up_to(seed: int) -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        chance = random.Random(seed)  # noqa: S311 - a seed, not a secret
        book = bench.broker.book
        seen: set[int] = set()
        for number in range(1, 120):
            con_id, side = chance.choice((GLD, PARTS, SLOW, NEVER)), chance.choice(("BUY", "BUY", "SELL"))
            kind = chance.choice(("MKT", "LMT", "STP"))
            place(
                session,
                chance.choice((number, max(1, number - 2))),
                con_id,
                side,
                chance.randint(1, 9),
                kind,
                limit=chance.choice((5, 9, 20, 400)),
                stop=chance.choice((5, 400)),
                transmit=chance.randint(0, 3) and 1,
            )
            if not number % 3:
                say(session, 4, 1, chance.randint(1, number), "")
            if not number % 4:
                bench.clock.step(2)
            await turns(chance.randint(0, 3))
            expected: dict[str, dict[int, Decimal]] = {"BUY": {}, "SELL": {}}
            for each in book.working():
                if each.terms.order_type != "STP":
                    shares = expected[each.terms.action]
                    shares[each.contract.con_id] = shares.get(each.contract.con_id, Decimal(0)) + each.remaining
            assert book.at_work(ACCOUNT) == (expected["BUY"], expected["SELL"])
            seen |= expected["BUY"].keys()
        assert seen >= {PARTS, SLOW, NEVER}

    on_a_bench(script)
