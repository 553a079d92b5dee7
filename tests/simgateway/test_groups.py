"""Orders that are tied to others: one cancels all, parents and children, chains that are transmitted together."""

from decimal import Decimal

import pytest

from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.session import Session
from tests.simgateway.lab import GLD, LOTS, MSFT, NEVER, PARTS, SLOW, TEXT, Bench, Wire, say, turns
from tests.simgateway.life import kept, move, on_a_bench, place, story

IN_PARTS = FillBehaviour(delay_seconds=Decimal(1), parts=3)


def resting(session: Session, order_id: int, con_id: int = GLD, quantity: int = 100, **more: object) -> None:
    place(session, order_id, con_id, "BUY", quantity, "LMT", limit="2.00", **more)


def test_one_of_a_group_fills_and_the_others_are_cancelled() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", oca_group="one", oca_type=1)
        place(session, 2, MSFT, "BUY", 7, "LMT", limit="400.00", oca_group="one", oca_type=1)
        place(session, 3, MSFT, "BUY", 8, "LMT", limit="400.00", oca_group="other", oca_type=1)
        await turns()
        story(wire)
        move(bench, GLD, last="299.00")
        await turns()
        assert story(wire) == ["1 fill 10@299.01", "1 Filled 10", "2 Cancelled 0", "2 error 202"]
        assert kept(bench, 2).completed_status == "Cancelled by System:\n"
        assert kept(bench, 3).works

    on_a_bench(script)


def test_the_first_part_of_a_fill_cancels_the_rest_of_its_group() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bench.broker.refill(PARTS, IN_PARTS)
        resting(session, 1, NEVER, 9, oca_group="one", oca_type=1)
        place(session, 2, PARTS, "BUY", 9, oca_group="one", oca_type=1)
        await turns()
        bench.clock.step(1)
        assert story(wire)[-4:] == ["2 fill 3@10.01", "2 Submitted 3", "1 Cancelled 0", "1 error 202"]
        bench.clock.step(5)
        assert story(wire)[-1] == "2 Filled 9"

    on_a_bench(script)


@pytest.mark.parametrize("number", [0, 2, 3])
def test_a_fill_makes_the_others_smaller_in_proportion_and_says_so(number: int) -> None:
    """A third of nine leaves two thirds of what the others had; in lots of ten, rounded down."""

    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        resting(session, 1, NEVER, 30, oca_group="one", oca_type=number)
        resting(session, 2, LOTS, 100, oca_group="one", oca_type=number)
        await turns()
        bench.broker.refill(PARTS, IN_PARTS)
        place(session, 3, PARTS, "BUY", 9, oca_group="one", oca_type=number)
        await turns()
        bench.clock.step(1)
        frames = wire.take()
        shown = [(frame[1], frame[14]) for frame in frames if frame[0] == "5"][-2:]
        assert shown == [("1", "20"), ("2", "60")]
        assert [kept(bench, each).terms.shares for each in (1, 2)] == [20, 60]
        bench.clock.step(5)
        assert story(wire)[-4:] == ["1 Cancelled 0", "1 error 202", "2 Cancelled 0", "2 error 202"]
        assert kept(bench, 3).filled == 9

    on_a_bench(script)


def test_a_group_is_one_of_an_account_and_a_name() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        other, _ = bench.client(2)
        resting(session, 1, oca_group="one", oca_type=1)
        resting(other, 1, oca_group="one", oca_type=1)
        resting(session, 2, oca_group="two", oca_type=1)
        await turns()
        place(session, 3, MSFT, "SELL", 1, oca_group="one", oca_type=1)
        await turns()
        assert [kept(bench, 1).works, kept(bench, 1, 2).works, kept(bench, 2).works] == [False, False, True]

    on_a_bench(script)


def test_an_order_can_change_its_group() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        resting(session, 1, oca_group="one", oca_type=1)
        resting(session, 2, oca_group="one", oca_type=1)
        await turns()
        resting(session, 1, oca_group="two", oca_type=1)
        await turns()
        place(session, 3, MSFT, "SELL", 1, oca_group="one", oca_type=1)
        await turns()
        assert [kept(bench, 1).works, kept(bench, 2).works] == [True, False]

    on_a_bench(script)


def test_cancelling_one_of_a_group_leaves_the_others() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        resting(session, 1, oca_group="one", oca_type=1)
        resting(session, 2, oca_group="one", oca_type=1)
        await turns()
        say(session, 4, 1, 1, "")
        await turns()
        assert [kept(bench, 1).works, kept(bench, 2).works] == [False, True]

    on_a_bench(script)


def test_one_being_cancelled_does_not_fill_after_another_of_its_group() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, SLOW, "BUY", 9, oca_group="one", oca_type=1)
        await turns()
        say(session, 4, 1, 1, "")
        place(session, 2, GLD, "BUY", 9, oca_group="one", oca_type=1)
        await turns()
        bench.clock.step(10)
        assert [kept(bench, each).filled for each in (1, 2)] == [0, 9]
        assert [each for each in story(wire) if each.startswith("1 ")][-2:] == ["1 Cancelled 0", "1 error 202"]

    on_a_bench(script)


def bracket(session: Session, *, limit: str = "349.00", quantity: int = 10) -> None:
    """A buy of GLD, which stands at 350, with a profit taken at 360 and a loss stopped at 340, as libraries send it."""
    place(session, 1, GLD, "BUY", quantity, "LMT", limit=limit, transmit=0)
    place(session, 2, GLD, "SELL", quantity, "LMT", limit="360.00", parent=1, transmit=0)
    place(session, 3, GLD, "SELL", quantity, "STP", stop="340.00", parent=1)


def test_the_last_child_transmits_its_parent_and_its_siblings() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="349.00", transmit=0)
        place(session, 2, GLD, "SELL", 10, "LMT", limit="360.00", parent=1, transmit=0)
        await turns()
        assert story(wire) == []
        place(session, 3, GLD, "SELL", 10, "STP", stop="340.00", parent=1)
        await turns()
        assert story(wire) == ["1 PreSubmitted 0", "2 PreSubmitted 0", "3 PreSubmitted 0", "1 Submitted 0"]
        group = str(kept(bench, 1).perm_id)
        assert [kept(bench, each).terms.oca_group for each in (1, 2, 3)] == ["", group, group]

    on_a_bench(script)


def test_children_wait_for_their_parent_and_the_first_to_fill_ends_the_other() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bracket(session)
        await turns()
        move(bench, GLD, last="365.00")
        await turns()
        assert story(wire)[-1] == "1 Submitted 0"
        move(bench, GLD, last="348.00")
        await turns()
        assert story(wire) == [
            "1 fill 10@348.01",
            "1 Filled 10",
            "2 PreSubmitted 0",
            "3 PreSubmitted 0",
            "2 Submitted 0",
        ]
        move(bench, GLD, last="361.00")
        await turns()
        assert story(wire) == ["2 fill 10@360.99", "2 Filled 10", "3 Cancelled 0", "3 error 202"]
        assert bench.broker.ledgers["DU1000001"].positions[GLD].quantity == 20

    on_a_bench(script)


def test_a_stop_that_was_passed_while_its_parent_waited_sells_as_soon_as_it_is_released() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bracket(session)
        move(bench, GLD, last="339.00")
        await turns(10)
        assert [each for each in story(wire) if "fill" in each] == ["1 fill 10@339.01", "3 fill 10@338.99"]
        assert kept(bench, 2).status == "Cancelled"

    on_a_bench(script)


def test_why_a_child_is_held() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        bracket(session, limit="350.01")
        held = [(frame[1], frame[10]) for frame in wire.take() if frame[0] == "3"]
        assert held == [("1", ""), ("2", "child"), ("3", "child,trigger")]
        await turns()
        held = [(frame[1], frame[10]) for frame in wire.take() if frame[0] == "3"]
        assert held == [("1", ""), ("2", ""), ("3", "trigger"), ("2", "")]

    on_a_bench(script)


@pytest.mark.parametrize("parent", [7, 2, 1])
def test_a_parent_that_is_none_is_missed(parent: int) -> None:
    """One that is unknown, the order itself, one that is over."""

    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10)
        await turns()
        place(session, 2, GLD, "SELL", 10, parent=parent)
        await turns()
        assert wire.errors() == [(2, 10006)]
        assert kept(bench, 2).status == "Inactive"

    on_a_bench(script)


def test_a_parent_takes_its_children_along_when_it_is_cancelled() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        bracket(session)
        await turns()
        story(wire)
        say(session, 4, 1, 1, "")
        await turns()
        assert story(wire) == [
            "1 PendingCancel 0",
            "1 Cancelled 0",
            "1 error 202",
            "2 Cancelled 0",
            "2 error 202",
            "3 Cancelled 0",
            "3 error 202",
        ]

    on_a_bench(script)


def test_a_parent_that_is_refused_takes_its_children_along() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bracket(session, quantity=5000)
        await turns()
        assert story(wire) == [
            "1 Inactive 0",
            "1 error 201",
            "2 Cancelled 0",
            "2 error 202",
            "3 Cancelled 0",
            "3 error 202",
        ]
        assert [each.client_id for each in bench.broker.book.working()] == [77]

    on_a_bench(script)


def test_children_are_worked_for_the_part_that_their_parent_filled_before_it_ended() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bench.broker.refill(PARTS, IN_PARTS)
        place(session, 1, PARTS, "BUY", 9, transmit=0)
        place(session, 2, PARTS, "SELL", 9, "LMT", limit="20.00", parent=1, transmit=0)
        place(session, 3, PARTS, "SELL", 2, "LMT", limit="21.00", parent=1)
        await turns()
        bench.clock.step(1)
        bench.broker.refill(PARTS, FillBehaviour(never=True))
        say(session, 4, 1, 1, "")
        await turns()
        assert story(wire)[-4:] == ["2 PreSubmitted 0", "3 PreSubmitted 0", "2 Submitted 0", "3 Submitted 0"]
        assert [kept(bench, each).terms.shares for each in (1, 2, 3)] == [9, 3, 2]
        assert [kept(bench, each).filled for each in (1, 2, 3)] == [3, 0, 0]

    on_a_bench(script)


@pytest.mark.parametrize(("asks", "ends"), [(0, "Submitted"), (1, "Cancelled")])
def test_a_child_can_take_its_parent_along(asks: int, ends: str) -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="349.00")
        place(session, 2, GLD, "SELL", 10, "LMT", limit="360.00", parent=1, auto_cancel_parent=asks)
        await turns()
        say(session, 4, 1, 2, "")
        await turns()
        assert (kept(bench, 2).status, kept(bench, 1).status) == ("Cancelled", ends)

    on_a_bench(script)


def test_a_child_that_was_held_when_its_parent_filled_is_on_its_own() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="349.00")
        place(session, 2, GLD, "SELL", 10, "LMT", limit="345.00", parent=1, transmit=0)
        await turns()
        move(bench, GLD, last="348.00")
        await turns()
        assert (kept(bench, 1).status, kept(bench, 2).status) == ("Filled", "PendingSubmit")
        place(session, 2, GLD, "SELL", 10, "LMT", limit="345.00", parent=1)
        await turns()
        assert kept(bench, 2).status == "Filled"

    on_a_bench(script)


def test_a_child_stays_where_it_belongs_when_it_is_changed() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        bracket(session)
        await turns()
        place(session, 2, GLD, "SELL", 10, "LMT", limit="355.00")
        await turns()
        changed = kept(bench, 2)
        assert (str(changed.status), changed.terms.parent_id, str(changed.terms.limit_price)) == (
            "PreSubmitted",
            1,
            "355",
        )
        assert changed.terms.oca_group == str(kept(bench, 1).perm_id)
        move(bench, GLD, last="348.00")
        await turns()
        move(bench, GLD, last="356.00")
        await turns()
        assert [kept(bench, each).status for each in (1, 2, 3)] == ["Filled", "Filled", "Cancelled"]

    on_a_bench(script)


def test_a_child_that_closes_needs_no_credit_and_counts_for_none() -> None:
    """Available funds are 85,900: the short sale fits, and what buys it back may not stand in the way of others."""

    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "SELL", 700, "LMT", limit="355.00", transmit=0)
        place(session, 2, GLD, "BUY", 700, "LMT", limit="300.00", parent=1, transmit=0)
        place(session, 3, GLD, "BUY", 700, "LMT", limit="301.00", parent=1)
        assert wire.errors() == []
        assert bench.broker.book.at_work("DU1000001").buys == {}
        move(bench, GLD, last="356.00")
        await turns()
        assert kept(bench, 1).status == "Filled"
        assert bench.broker.book.at_work("DU1000001").buys == {GLD: 1400}

    on_a_bench(script)


def test_a_family_of_a_thousand_generations_ends_in_turn() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 1, "LMT", limit="300.00", transmit=0)
        for number in range(2, 1002):
            place(session, number, GLD, "SELL", 1, "LMT", limit="300.00", parent=number - 1, transmit=number // 1001)
        await turns()
        assert len([each for each in bench.broker.book.working() if each.client_id == 1]) == 1001
        say(session, 4, 1, 1, "")
        await turns(1100)
        assert not [each for each in bench.broker.book.working() if each.client_id == 1]

    on_a_bench(script)


def test_the_name_of_a_group_that_filled_cannot_be_used_again() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, oca_group="one", oca_type=2)
        place(session, 2, GLD, "BUY", 10, oca_group="one", oca_type=2)
        place(session, 3, GLD, "BUY", 10, oca_group="two", oca_type=2)
        assert wire.errors() == [(2, 201)]
        assert "OCA group already filled" in str(kept(bench, 2).refusal)

    on_a_bench(script)


CASH = TEXT.replace("    cash: {USD: 60000.00}", "    margin: {model: cash}\n    cash: {USD: 60000.00}")


@pytest.mark.parametrize(("quantity", "refused"), [(10, []), (11, [(2, 426)])])
def test_a_cash_account_can_attach_the_sale_of_what_it_is_about_to_buy(
    quantity: int, refused: list[tuple[int, int]]
) -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, LOTS, "BUY", 10, "LMT", limit="2.00", transmit=0)
        place(session, 2, LOTS, "SELL", quantity, "LMT", limit="4.00", parent=1)
        assert wire.errors() == refused

    on_a_bench(script, CASH.replace("lots: {minimum: 10, increment: 10}", "lots: {minimum: 1, increment: 1}"))


def test_a_child_cannot_be_filled_by_force_before_its_parent() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        bracket(session)
        bench.broker.venue.strike(kept(bench, 2))
        assert kept(bench, 2).filled == 0

    on_a_bench(script)
