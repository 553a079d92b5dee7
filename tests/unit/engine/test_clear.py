"""Clearing: what is cancelled before a plan's own orders is gone once a reading shows it, and never before."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciler.domain.account import WorkingOrder
from reconciler.domain.errors import BrokerUnavailable
from reconciler.domain.ids import OrderId, PermId
from reconciler.domain.unknown import Unknown
from reconciler.engine.clear import clear
from reconciler.engine.session import Session
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import a_working_order, some_timeouts
from tests.contract.broker_worlds import ticket, unwritten
from tests.fakes.broker import Reaction, Read
from tests.fakes.house import CON_IDS, House, a_venue
from tests.fakes.venue import FakeVenue

BOUND = 10
"""Seconds of the acknowledgement timeout."""
THEIRS = a_working_order("MSFT", remaining=5, con_id=CON_IDS["MSFT"])
BY_HAND = a_working_order(
    "AAPL", remaining=3, con_id=CON_IDS["AAPL"], client_id=0, order_id=OrderId(0), perm_id=PermId(1_500_000_072)
)


def a_house(*foreign: WorkingOrder, **changes: Any) -> House:
    venue = a_venue({"MSFT": 10}, foreign_orders=list(foreign), **changes)
    return House(venue).with_policy(timeouts=some_timeouts(acknowledgement=timedelta(seconds=BOUND)))


async def cleared(session: Session, orders: Sequence[WorkingOrder] | None = None) -> tuple[tuple[str, ...], float]:
    """What is left of the orders, all that work unless some are named, and after how many seconds."""
    if orders is None:
        working = await session.broker.read_working_orders()
        assert not isinstance(working, Unknown)
        orders = working
    began = asyncio.get_running_loop().time()
    left = await clear(session, orders)
    return left, asyncio.get_running_loop().time() - began


def run(house: House, orders: Sequence[WorkingOrder] | None = None) -> tuple[tuple[str, ...], float]:
    async def command() -> tuple[tuple[str, ...], float]:
        return await cleared(await house.session(), orders)

    return run_virtually(command())


def later(seconds: float, act: Callable[[], object]) -> None:
    asyncio.get_running_loop().call_later(seconds, act)


async def rests(session: Session, venue: FakeVenue, symbol: str, ref: str) -> None:
    """An order of ours that works."""
    venue.reactions[symbol] = Reaction.REST
    contract = venue.contracts[CON_IDS[symbol]]
    await session.broker.place(
        ticket(contract, ref, 2, limit="1"), session.broker.next_order_id(above=OrderId(0)), unwritten
    )


def test_without_orders_nothing_is_said_and_nothing_is_read() -> None:
    house = a_house(unknown={Read.WORKING_ORDERS: "nobody asks"})
    assert run(house, ()) == ((), 0)
    assert house.sink.events == []


def test_orders_of_ours_and_of_others_are_cancelled_and_gone() -> None:
    house = a_house(THEIRS)

    async def command() -> tuple[tuple[str, ...], float]:
        session = await house.session()
        await rests(session, house.venue, "AAPL", "folioctl:0123456789ab:001r:1")
        return await cleared(session)

    assert run_virtually(command()) == ((), 0)
    assert house.venue.foreign_orders == []
    assert [order.status for order in house.venue.orders] == ["Cancelled"]


def test_what_goes_first_is_told() -> None:
    house = a_house(THEIRS)
    run(house)
    (notice,) = house.sink.events
    assert "cancelling first: BUY 5 MSFT MKT (client 7)" in str(notice)


def test_an_order_that_is_not_asked_for_stays() -> None:
    other = replace(THEIRS, order_id=OrderId(72), perm_id=PermId(1_500_000_073))
    house = a_house(THEIRS, other)
    assert run(house, [THEIRS]) == ((), 0)
    assert house.venue.foreign_orders == [other]


def test_it_is_waited_until_a_reading_shows_that_they_are_gone() -> None:
    house = a_house(THEIRS, keeps_foreign_orders=True)

    async def command() -> tuple[tuple[str, ...], float]:
        session = await house.session()
        later(3.2, house.venue.foreign_orders.clear)
        return await cleared(session)

    left, seconds = run_virtually(command())
    assert left == ()
    assert 3.2 <= seconds < 4


def test_what_stays_is_told_after_the_acknowledgement_timeout() -> None:
    gone = replace(THEIRS, symbol="NVDA", order_id=OrderId(72), perm_id=PermId(1_500_000_073))
    house = a_house(THEIRS, gone, keeps_foreign_orders=True)

    async def command() -> tuple[tuple[str, ...], float]:
        session = await house.session()
        later(2, lambda: house.venue.foreign_orders.remove(gone))
        return await cleared(session)

    assert run_virtually(command()) == (("BUY 5 MSFT MKT (client 7) still works",), BOUND)


def test_what_remains_of_it_by_now_is_told() -> None:
    house = a_house(THEIRS, keeps_foreign_orders=True)

    async def command() -> tuple[tuple[str, ...], float]:
        session = await house.session()
        working = await session.broker.read_working_orders()
        assert not isinstance(working, Unknown)
        house.venue.foreign_orders[0] = replace(THEIRS, remaining=THEIRS.remaining - 3)
        return await cleared(session, working)

    assert run_virtually(command())[0] == ("BUY 2 MSFT MKT (client 7) still works",)


def test_an_order_by_hand_is_refused_and_keeps_no_other_from_being_cancelled() -> None:
    house = a_house(BY_HAND, THEIRS)
    left, seconds = run(house)
    assert left == (
        "the order on AAPL was entered by hand and cannot be cancelled from here",
        "BUY 3 AAPL MKT (client 0) still works",
    )
    assert seconds == BOUND
    assert house.venue.foreign_orders == [BY_HAND]


def test_a_refused_order_that_goes_by_itself_is_gone() -> None:
    house = a_house(BY_HAND)

    async def command() -> tuple[tuple[str, ...], float]:
        session = await house.session()
        later(1, house.venue.foreign_orders.clear)
        return await cleared(session)

    left, seconds = run_virtually(command())
    assert left == ()
    assert seconds < 2


def test_an_order_of_ours_that_another_client_id_sent_is_refused_and_told() -> None:
    ours = a_working_order("AAPL", remaining=3, ref="folioctl:0123456789ab:001r:1", client_id=9)
    left, _ = run(a_house(ours))
    assert len(left) == 2
    assert "folioctl:0123456789ab:001r:1" in left[0]
    assert left[1] == "BUY 3 AAPL MKT (client 9) still works"


def test_working_orders_that_cannot_be_read_are_not_gone() -> None:
    house = a_house(THEIRS)
    house.venue.unknown[Read.WORKING_ORDERS] = "openOrderEnd never came"
    assert run(house, [THEIRS]) == (("the working orders could not be read: openOrderEnd never came",), BOUND)


def test_working_orders_that_can_be_read_again_in_time_prove_it() -> None:
    house = a_house(THEIRS)

    async def command() -> tuple[tuple[str, ...], float]:
        session = await house.session()
        house.venue.unknown[Read.WORKING_ORDERS] = "openOrderEnd never came"
        later(4, house.venue.unknown.clear)
        return await cleared(session, [THEIRS])

    left, seconds = run_virtually(command())
    assert left == ()
    assert 4 <= seconds < 5


def test_a_reading_that_never_comes_proves_nothing() -> None:
    house = a_house(THEIRS)

    async def command() -> tuple[tuple[str, ...], float]:
        session = await house.session()

        async def never() -> Any:
            await asyncio.get_running_loop().create_future()

        session.broker.read_working_orders = never  # type: ignore[method-assign]
        return await cleared(session, [THEIRS])

    assert run_virtually(command()) == (("the working orders were not read since",), BOUND)


def test_an_order_that_gets_its_permanent_id_meanwhile_is_the_same() -> None:
    house = a_house(THEIRS, keeps_foreign_orders=True)
    early = replace(THEIRS, perm_id=PermId(0))
    assert run(house, [early])[0] == ("BUY 5 MSFT MKT (client 7) still works",)


def test_orders_by_hand_that_share_an_id_are_told_apart() -> None:
    twin = replace(BY_HAND, symbol="NVDA", perm_id=PermId(1_500_000_073))
    house = a_house(BY_HAND, twin)
    left, _ = run(house, [BY_HAND])
    assert left[1:] == ("BUY 3 AAPL MKT (client 0) still works",)


def test_an_order_that_fills_while_it_is_cancelled_is_gone_and_shows_in_the_holdings() -> None:
    house = a_house(fills_during_cancel=True)

    async def command() -> tuple[tuple[str, ...], float]:
        session = await house.session()
        await rests(session, house.venue, "MSFT", "folioctl:0123456789ab:001r:1")
        return await cleared(session)

    assert run_virtually(command()) == ((), 0)
    assert house.venue.holdings[CON_IDS["MSFT"]] == 12


def test_a_lost_connection_is_no_answer() -> None:
    house = a_house(THEIRS)

    async def command() -> None:
        session = await house.session()
        house.venue.break_connections()
        await clear(session, [THEIRS])

    with pytest.raises(BrokerUnavailable):
        run_virtually(command())
    assert house.venue.foreign_orders == [THEIRS]


def test_a_connection_that_is_lost_while_it_is_waited_is_made_again() -> None:
    house = a_house(THEIRS, keeps_foreign_orders=True)

    async def command() -> tuple[str, ...]:
        session = await house.session()
        later(2, house.venue.break_connections)
        return await clear(session, [THEIRS])

    (left,) = run_virtually(command())
    assert "still works" in left


def test_one_that_does_not_come_back_is_told() -> None:
    house = a_house(THEIRS, keeps_foreign_orders=True)

    async def command() -> None:
        session = await house.session()
        later(2, lambda: house.venue.lose_broker("the gateway has lost the broker"))
        await clear(session, [THEIRS])

    with pytest.raises(BrokerUnavailable):
        run_virtually(command())
