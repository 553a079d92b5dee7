"""The engine's promises against a fake broker that misbehaves and a process that dies. The venue is the judge."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import planfile
from reconciler.domain.errors import InvariantBroken, Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.history import no_history
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome
from reconciler.engine.authorize import Authorized, authorize
from reconciler.engine.propose import propose, sketch
from reconciler.engine.reconcile import Reconciliation, resume
from reconciler.ports import Journal
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import NOW, a_halt
from tests.examples import examples
from tests.fakes.broker import Reaction
from tests.fakes.dying import Countdown, DyingJournal, Killed
from tests.fakes.house import CON_IDS, House, a_venue, an_account, by_a_person

WEIGHTS = {"MSFT": "0.5", "AAPL": "0.5", "NVDA": "0"}
EXPECTED = {"MSFT": Decimal(120), "AAPL": Decimal(300), "NVDA": Decimal(0)}


def a_house(reactions: dict[str, Reaction] | None = None) -> House:
    """30,000 USD of NVDA to sell, then MSFT and AAPL to buy: two batches."""
    return House(a_venue({"NVDA": 300}, cash=70_000, reactions=dict(reactions or {})), an_account(WEIGHTS))


def bare_apply(house: House) -> Reconciliation:
    return run_virtually(house.apply_fresh())


def killed_apply(house: House, at: int) -> int:
    """An apply that dies at a moment; how many moments it passed."""
    countdown = Countdown(at)

    async def command() -> None:
        session = await house.session()
        dying = cast(Journal, DyingJournal(house.journal, countdown))
        await house.apply_fresh(replace(session, journal=dying))

    with suppress(Killed):
        run_virtually(command())
    return countdown.passed


def assert_at_target(house: House) -> None:
    """Within one share: commissions move the targets of a plan that is made after them."""
    assert all(abs(house.held[symbol] - EXPECTED[symbol]) <= 1 for symbol in EXPECTED), house.held


def assert_nothing_was_sent_twice(house: House) -> None:
    assert [ref for ref, count in Counter(house.venue.received).items() if count > 1] == []


# ---------------------------------------------------------------------------------------------------------- promise 3


def test_promise_3_a_process_may_die_at_any_moment_and_nothing_is_doubled_or_lost() -> None:
    moments = killed_apply(a_house(), at=10**6)
    assert moments == 20

    for at in range(moments):
        house = a_house()
        killed_apply(house, at)

        done = bare_apply(house)

        assert_nothing_was_sent_twice(house)
        assert_at_target(house)
        assert done.exit_code == 0, at
        assert not house.journal.unfinished_runs(house.account.name)


def test_promise_3_a_resumed_run_sends_only_what_was_never_sent() -> None:
    moments = killed_apply(a_house(), at=10**6)

    for at in range(2, moments):
        house = a_house()
        killed_apply(house, at)
        begun = house.journal.unfinished_runs(house.account.name)
        if not begun:
            continue
        sent = set(house.venue.received)

        async def command(house: House = house, run: Any = begun[0].id) -> Reconciliation | None:
            session = await house.session()
            try:
                return await resume(session, run, approve=by_a_person)
            except Refused:
                return None  # everything had been sent: there is nothing left to resume

        run_virtually(command())

        assert_nothing_was_sent_twice(house)
        assert sent <= set(house.venue.received)
        assert bare_apply(house).exit_code == 0
        assert_at_target(house)


def test_promise_3_a_process_may_die_between_the_attempts_at_a_line_too() -> None:
    """Every order fills by half: what the line lacks is never ordered twice over, before the end or after it."""
    halves = dict.fromkeys(CON_IDS, Reaction.FILL_HALF)
    moments = killed_apply(attempting(a_house(halves), 3), at=10**6)
    assert moments > 40

    for at in range(moments):
        house = attempting(a_house(halves), 3)
        killed_apply(house, at)
        house.venue.reactions.clear()

        bare_apply(house)

        assert_nothing_was_sent_twice(house)
        assert all(house.held[symbol] <= EXPECTED[symbol] + 1 for symbol in ("MSFT", "AAPL")), at
        assert house.held["NVDA"] >= 0, at


def attempting(house: House, attempts: int) -> House:
    partial = replace(house.account.policy.partial_fills, attempts=attempts)
    return house.with_policy(partial_fills=partial)


@examples(150)
@given(
    st.fixed_dictionaries({symbol: st.sampled_from(list(Reaction)) for symbol in CON_IDS}),
    st.booleans(),
    st.integers(1, 4),
)
def test_promises_3_and_13_whatever_the_broker_does_the_report_agrees_with_it(
    reactions: dict[str, Reaction], repeats: bool, attempts: int
) -> None:
    house = attempting(a_house(reactions), attempts)
    house.venue.repeats_reports = repeats

    done = bare_apply(house)

    assert_nothing_was_sent_twice(house)
    assert done.result is not None
    assert house.recorder.results == [done.result]
    for line in done.result.lines:
        orders = [order for order in house.venue.orders if order.ticket.ref == line.order_ref]
        if line.state is not OrderState.UNKNOWN:
            assert line.filled == sum((order.filled for order in orders), Decimal(0))
    for symbol, con_id in CON_IDS.items():
        filled = sum((o.filled for o in house.venue.orders if o.ticket.contract.con_id == con_id), Decimal(0))
        assert filled <= sum((o.quantity for o in done.plan.orders if o.con_id == con_id), Decimal(0)), symbol
    over = all(line.state.is_terminal or line.state is OrderState.INTENDED for line in done.result.lines)
    assert over or done.result.outcome is Outcome.UNRESOLVED


@examples(60)
@given(st.fixed_dictionaries({symbol: st.sampled_from(list(Reaction)) for symbol in CON_IDS}))
def test_promise_8_a_long_only_account_is_never_short_whatever_happens(reactions: dict[str, Reaction]) -> None:
    house = a_house(reactions)
    bare_apply(house)
    house.venue.reactions.clear()
    bare_apply(house)

    assert all(quantity >= 0 for quantity in house.venue.holdings.values())
    assert_nothing_was_sent_twice(house)


# ---------------------------------------------------------------------------------------------------------- promise 7


def test_promise_7_only_authorize_makes_what_apply_takes() -> None:
    house = a_house()

    async def forge() -> None:
        plan = await propose(await house.session())
        Authorized(plan, plan.batches, no_history(NOW), object())

    with pytest.raises(InvariantBroken, match="only authorize"):
        run_virtually(forge())


@given(st.sampled_from(["manifests", "account", "holding", "price", "expiry"]))
def test_promise_7_whatever_the_plan_rests_on_may_not_change(what: str) -> None:
    house = a_house()

    async def change() -> str:
        session = await house.session()
        plan = planfile.read(planfile.write(await propose(session), tool="test"))
        if what == "manifests":
            session = replace(session, revision=replace(session.revision, manifests="sha256:other"))
        elif what == "account":
            session = replace(session, account_id=cast(Any, "DU2"))
        elif what == "holding":
            house.venue.holdings[CON_IDS["AAPL"]] = Decimal(1)
        elif what == "price":
            house.venue.prices[CON_IDS["MSFT"]] *= 1 + plan.price_collar * 2
        else:
            house.venue.clock.advance(house.account.policy.plan_ttl * 2)  # type: ignore[attr-defined]
        permission = authorize(session, plan, await sketch(session))
        return getattr(permission, "kind", "Authorized")

    assert run_virtually(change()) == "Stale"


# ---------------------------------------------------------------------------------------------------------- promise 6


@given(st.integers(1, 20))
def test_promise_6_a_batch_that_margin_does_not_carry_is_not_started(rate: int) -> None:
    """Margin rises between the batches, as the broker's risk desk may decide."""
    house = a_house()
    house.venue.margin_rate = Decimal("0.25")

    def raise_margin(event: object) -> None:
        if type(event).__name__ == "BatchEnded":
            house.venue.margin_rate = Decimal("0.80") + Decimal(rate) / 20

    house.sink.hears = raise_margin
    done = bare_apply(house)

    assert done.result is not None
    assert done.result.outcome is Outcome.PARTIALLY_APPLIED
    assert house.held == {"MSFT": Decimal(0), "AAPL": Decimal(0), "NVDA": Decimal(0)}
    assert any("margin" in message.lower() for message in done.result.messages)


# -------------------------------------------------------------------------------------------------------------- halts


@examples(100)
@given(
    at=st.integers(0, 60),
    cancels=st.booleans(),
    parallel=st.sampled_from([0, 1]),
    reactions=st.fixed_dictionaries({symbol: st.sampled_from(list(Reaction)) for symbol in CON_IDS}),
)
def test_nothing_is_sent_once_a_halt_is_in_force(
    at: int, cancels: bool, parallel: int, reactions: dict[str, Reaction]
) -> None:
    """Whatever happens, and whenever it is set: the venue has received by then all that it ever receives."""
    house = a_house(reactions).with_policy(max_parallel_orders=parallel)
    halt = a_halt(cancels=cancels)
    events: list[object] = []
    by_then: list[int] = []

    def hear(event: object) -> None:
        events.append(event)
        if len(events) == at + 1:
            house.journal.record_halt(halt)
            by_then.append(len(house.venue.received))

    house.sink.hears = hear
    done = bare_apply(house)

    if not by_then:
        return
    assert len(house.venue.received) == by_then[0]
    assert_nothing_was_sent_twice(house)
    assert done.exit_code in (ExitCode.OK, ExitCode.ERROR, ExitCode.BLOCKED, ExitCode.PARTIAL)
    if not house.venue.received and done.result is not None and done.result.outcome is not Outcome.UNRESOLVED:
        assert done.exit_code in (ExitCode.BLOCKED, ExitCode.ERROR)
