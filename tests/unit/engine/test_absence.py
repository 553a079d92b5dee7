"""What proves that an order never arrived: the next session under the client id that sent it, and nothing else."""

import pytest

from reconciler.domain.events import Notice, OrderChanged
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome
from reconciler.engine.reconcile import recover_if_free
from reconciler.engine.recover import recover
from reconciler.planning.fold import state_of
from reconciler.simgateway.serving.virtual import run_virtually
from tests.fakes.broker import Reaction
from tests.fakes.house import House, a_venue

READER = 2


class Killed(BaseException):
    """A process dies."""


def killed_behind_its_last_send(reaction: Reaction) -> House:
    """A house whose process died when the order in AAPL had left and was not heard of yet."""
    house = House(a_venue(reactions={"AAPL": reaction}))

    def kill(event: object) -> None:
        if isinstance(event, OrderChanged) and event.instrument == "AAPL":
            raise Killed

    house.sink.hears = kill
    with pytest.raises(Killed):
        run_virtually(house.plan_and_apply())
    house.sink.hears = lambda _: None
    return house


def test_who_only_reads_does_not_close_a_run_whose_last_order_is_still_on_its_way() -> None:
    house = killed_behind_its_last_send(Reaction.LATE_ACK)

    async def read() -> tuple[int, OrderState]:
        recovery = await recover_if_free(await house.session(READER))
        (order,) = recovery.unresolved
        return len(recovery.closed), state_of(order)

    assert run_virtually(read()) == (0, OrderState.SUBMITTED)
    (notice,) = [each.text for each in house.sink.events if isinstance(each, Notice)]
    assert "may still be on its way" in notice
    assert "AAPL" in notice


def test_what_arrives_after_such_a_reading_is_counted_once() -> None:
    house = killed_behind_its_last_send(Reaction.LATE_ACK)

    async def read_then_apply() -> tuple[Outcome, ...]:
        await recover_if_free(await house.session(READER))
        (late,) = [order.ticket.ref for order in house.venue.orders if not order.visible]
        house.venue.release(late)
        return tuple(each.outcome for each in (await recover(await house.session())).closed)

    assert run_virtually(read_then_apply()) == (Outcome.APPLIED,)


def test_the_next_session_of_the_sender_proves_that_it_never_came() -> None:
    house = killed_behind_its_last_send(Reaction.SILENT_DROP)

    async def come_back() -> tuple[Outcome, ...]:
        return tuple(each.outcome for each in (await recover(await house.session())).closed)

    assert run_virtually(come_back()) == (Outcome.PARTIALLY_APPLIED,)
