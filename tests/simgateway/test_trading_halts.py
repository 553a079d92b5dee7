"""Trading of one instrument is halted and resumed."""

from reconciler.simgateway.session import Session
from tests.simgateway.lab import GLD, MSFT, SLOW, TEXT, Bench, Wire, say, turns
from tests.simgateway.life import HOURS, TO_CLOSE, at, kept, move, on_a_bench, place, story

HALTED = TEXT.replace("spread: 0.02, close: 498.00}", "spread: 0.02, close: 498.00, halted: true}")


def test_an_instrument_can_be_halted_from_the_start_and_resumed() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 1, 11, 900, MSFT, *[""] * 11, "0", "", "0", "0", "")
        place(session, 1, MSFT, "BUY", 5)
        place(session, 2, GLD, "BUY", 10)
        await turns()
        assert [frame[2:5] for frame in wire.frames if frame[0] == "45"] == [["900", "49", "1"]]
        assert story(wire) == ["1 PreSubmitted 0", "2 PreSubmitted 0", "2 fill 10@350.01", "2 Filled 10"]
        bench.broker.quirks.clear("halted:MSFT")
        await turns()
        assert [frame[2:5] for frame in wire.frames if frame[0] == "45"] == [["900", "49", "0"]]
        assert story(wire) == ["1 fill 5@500.01", "1 Filled 5"]

    on_a_bench(script, HALTED)


def test_nothing_fills_in_a_halt_but_a_cancel_is_confirmed() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00")
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00")
        place(session, 3, SLOW, "BUY", 10)
        await turns()
        bench.broker.quirks.arm("halted")
        story(wire)
        move(bench, GLD, last="290.00")
        bench.clock.step(60)
        assert story(wire) == []
        say(session, 4, 1, 2, "")
        await turns()
        assert story(wire) == ["2 PendingCancel 0", "2 Cancelled 0", "2 error 202"]
        bench.broker.quirks.clear("halted")
        await turns()
        assert story(wire) == ["1 fill 10@290.01", "1 Filled 10"]
        bench.clock.step(5)
        assert story(wire) == ["3 fill 10@10.01", "3 Filled 10"]

    on_a_bench(script)


def test_a_halt_lasts_until_its_last_reason_is_gone() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        bench.broker.quirks.arm("halted")
        bench.broker.quirks.arm("halted:GLD")
        place(session, 1, GLD, "BUY", 10)
        bench.broker.quirks.clear("halted")
        await turns()
        assert kept(bench, 1).status == "PreSubmitted"
        bench.broker.quirks.clear("halted:GLD")
        await turns()
        assert kept(bench, 1).status == "Filled"

    on_a_bench(script)


def test_an_order_for_the_close_of_a_halted_market_ends_unfilled() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "MOC")
        bench.broker.quirks.arm("halted:GLD")
        at(bench, TO_CLOSE)
        assert story(wire) == ["1 PreSubmitted 0", "1 Cancelled 0", "1 error 202"]

    on_a_bench(script, HOURS)
