"""What a resumed run may still send."""

from contextlib import suppress

import pytest

from reconciler.domain.errors import Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.ids import RunId
from reconciler.domain.run import RunResult
from reconciler.engine.authorize import RefusalKind
from reconciler.engine.reconcile import Reconciliation, resolve, resume
from reconciler.simgateway.serving.virtual import run_virtually
from tests.fakes.broker import Reaction, Read
from tests.fakes.dying import Killed
from tests.fakes.house import House, a_venue, an_account, by_a_person

SELL_THEN_BUY = {"MSFT": "0.5", "AAPL": "0.5", "NVDA": "0"}


def killed_after_the_first_order(house: House) -> None:
    """An apply that dies as soon as its first order has left."""

    def kill(event: object) -> None:
        if type(event).__name__ == "OrderChanged":
            raise Killed

    async def die() -> None:
        house.sink.hears = kill
        await house.apply_fresh()

    with suppress(Killed):
        run_virtually(die())
    house.sink.hears = lambda event: None


def resumed(house: House) -> Reconciliation:
    async def command() -> Reconciliation:
        session = await house.session()
        (run,) = house.journal.unfinished_runs(house.account.name)
        return await resume(session, run.id, approve=by_a_person)

    return run_virtually(command())


def test_promise_6_nothing_is_bought_after_a_batch_of_sells_that_was_not_filled() -> None:
    """The sell was lost or refused while nobody listened; its buys would have taken the account past its leverage."""
    for lost in (Reaction.SILENT_DROP, Reaction.REJECT):
        house = House(a_venue({"NVDA": 300}, cash=70_000, reactions={"NVDA": lost}), an_account(SELL_THEN_BUY))
        killed_after_the_first_order(house)

        done = resumed(house)

        assert done.refusal is not None
        assert (done.refusal.kind, done.exit_code) == (RefusalKind.BLOCKED, ExitCode.BLOCKED)
        assert "(NVDA)" in done.refusal.reasons[0]
        assert [ref.split(":")[2] for ref in house.venue.received] == ["003r"]


def test_what_was_not_sent_of_a_batch_that_filled_is_sent() -> None:
    house = House(a_venue({"NVDA": 300}, cash=70_000), an_account(SELL_THEN_BUY))
    killed_after_the_first_order(house)

    done = resumed(house)

    assert done.exit_code is ExitCode.OK
    assert [ref.split(":")[2] for ref in house.venue.received] == ["003r", "001a", "002a"]


def test_what_the_broker_no_longer_lists_can_be_resolved_whatever_was_last_heard_of_it() -> None:
    """As an order that was refused after half of it had filled: no end of it was ever heard of."""
    house = House(
        a_venue({"NVDA": 300}, cash=70_000, reactions={"NVDA": Reaction.FILL_HALF}), an_account(SELL_THEN_BUY)
    )
    killed_after_the_first_order(house)
    (reference,) = house.venue.received

    async def decide() -> RunResult:
        (run,) = house.journal.unfinished_runs(house.account.name)
        return await resolve(await house.session(), run.id, reason="TWS shows no such order")

    with pytest.raises(Refused, match="orders that still work"):
        run_virtually(decide())
    house.venue.order(reference).visible = False
    house.venue.unknown[Read.WORKING_ORDERS] = "openOrderEnd never came"
    with pytest.raises(Refused, match="the working orders were not read: openOrderEnd never came"):
        run_virtually(decide())
    del house.venue.unknown[Read.WORKING_ORDERS]

    assert "TWS shows no such order" in run_virtually(decide()).messages[0]


def test_a_run_that_is_over_or_was_never_begun_needs_no_decision() -> None:
    house = House(a_venue({"NVDA": 300}, cash=70_000), an_account(SELL_THEN_BUY))
    over = run_virtually(house.plan_and_apply()).id

    async def decide(run: RunId) -> RunResult:
        return await resolve(await house.session(), run, reason="I looked")

    with pytest.raises(Refused, match=f"run {over} needs no decision: it is closed .Applied."):
        run_virtually(decide(over))
    with pytest.raises(Refused, match="needs no decision: there is no such run"):
        run_virtually(decide(RunId("0123456789ab")))
