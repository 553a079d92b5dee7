"""What a run rests on between its steps: fresh values, holdings that only it moves, and nothing left unresolved."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import AccountSnapshot, Position
from reconciler.domain.exits import ExitCode
from reconciler.domain.orders import ErrorReport, OrderState, Report
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.unknown import Unknown
from reconciler.engine.authorize import RefusalKind
from reconciler.engine.observe import observe, with_quotes
from reconciler.engine.reconcile import resolve
from reconciler.engine.session import Session
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import a_position, a_snapshot
from tests.fakes.broker import FakeBroker, Reaction
from tests.fakes.dying import Countdown, DyingJournal, Killed
from tests.fakes.house import CON_IDS, House, a_venue, an_account

TWO_BATCHES = {"MSFT": "0.5", "AAPL": "0.5", "NVDA": "0"}


def a_house(**changes: Any) -> House:
    return House(a_venue({"NVDA": 300}, cash=70_000, **changes), an_account(TWO_BATCHES))


def states(result: RunResult) -> Mapping[str, OrderState]:
    return {str(line.instrument): line.state for line in result.lines}


def test_a_holding_that_somebody_else_moves_between_the_batches_stops_the_run() -> None:
    house = a_house()

    def interfere(event: object) -> None:
        if type(event).__name__ == "BatchEnded":
            house.venue.holdings[CON_IDS["AAPL"]] = Decimal(7)

    house.sink.hears = interfere
    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert len(house.venue.received) == 1
    assert "AAPL: 7 held, 0 expected" in " ".join(result.messages)


def settled(house: House, positions: tuple[Position, ...] | Unknown) -> str:
    """What the run says where these are all the positions that it reads after its first batch."""

    async def command() -> RunResult:
        session = await house.session()
        read = session.broker.read_positions

        async def read_positions() -> tuple[Position, ...] | Unknown:
            return positions if house.venue.received else await read()

        session.broker.read_positions = read_positions  # type: ignore[method-assign]
        return await house.plan_and_apply(session)

    result = run_virtually(command())
    assert result.outcome is Outcome.PARTIALLY_APPLIED
    return next(each for each in result.messages if each.startswith("after the batch"))


def test_fills_that_the_positions_never_show_are_told_by_the_names_of_what_they_are_of() -> None:
    differs = settled(a_house(), (a_position("NVDA", 120, con_id=CON_IDS["NVDA"]),))

    assert differs == ("after the batch, positions are not what its fills make of them: NVDA: 120 held, 0 expected")
    house = House(a_venue({}), an_account())
    assert "MSFT: 0 held, 144 expected" in settled(house, ()), "its symbol is in no position"


def test_positions_that_cannot_be_read_after_a_batch_are_no_difference() -> None:
    why = settled(a_house(), Unknown("the END did not come"))

    assert why == "after the batch, positions could not be read: the END did not come"


def test_an_account_that_lags_behind_the_fills_as_a_whole_is_waited_for() -> None:
    """Positions and portfolio tell one story, and it is the one from before the fills."""
    house = a_house()

    async def lagging() -> RunResult:
        session = await house.session()
        loop = asyncio.get_running_loop()
        reads = (session.broker.read_positions, session.broker.read_account)
        before: list[Any] = [await read() for read in reads]
        fresh_at = loop.time() + 5

        def lag(place: int) -> Any:
            async def read() -> Any:
                return before[place] if loop.time() < fresh_at else await reads[place]()

            return read

        session.broker.read_positions, session.broker.read_account = lag(0), lag(1)  # type: ignore[method-assign]
        return await house.plan_and_apply(session)

    assert run_virtually(lagging()).outcome is Outcome.APPLIED


def test_account_values_that_disagree_with_the_positions_are_read_again() -> None:
    house = a_house()

    async def second_reading() -> tuple[int, object]:
        session = await house.session()
        read, readings = session.broker.read_account, list[int]()

        async def early() -> Any:
            reading = await read()
            readings.append(1)
            assert not isinstance(reading, Unknown)
            return replace(reading, portfolio=()) if len(readings) == 1 else reading

        session.broker.read_account = early  # type: ignore[method-assign]
        return len(readings), (await observe(session)).positions

    _, positions = run_virtually(second_reading())
    assert isinstance(positions, tuple)
    assert [each.market_price for each in positions] == [Decimal(100)]


def test_values_that_never_agree_leave_the_positions_unknown() -> None:
    house = a_house()

    async def never() -> object:
        session = await house.session()
        read = session.broker.read_account

        async def early() -> Any:
            reading = await read()
            assert not isinstance(reading, Unknown)
            return replace(reading, portfolio=())

        session.broker.read_account = early  # type: ignore[method-assign]
        return (await observe(session)).positions

    positions = run_virtually(never())
    assert isinstance(positions, Unknown)
    assert "disagree about NVDA" in positions.why


def test_an_account_that_is_never_told_leaves_everything_unknown() -> None:
    house = a_house()

    async def silent() -> tuple[object, object]:
        session = await house.session()

        async def never() -> Any:
            await asyncio.get_running_loop().create_future()

        session.broker.read_account = never  # type: ignore[method-assign]
        snapshot = await observe(session)
        return snapshot.values, snapshot.positions

    values, positions = run_virtually(silent())
    assert isinstance(values, Unknown)
    assert isinstance(positions, Unknown)


def test_a_refusal_that_is_an_error_code_and_nothing_else_is_confirmed_by_reading() -> None:
    house = a_house(reactions={"AAPL": Reaction.SILENT_DROP})

    async def refused() -> tuple[RunResult, float]:
        def say_no(event: object) -> None:
            if "AAPL" in str(event) and "Submitted" in str(event):
                house.venue.report(ErrorReport(house.venue.received[-1], 201, "Order rejected"))

        session = await house.session()
        house.sink.hears = say_no
        result = await house.plan_and_apply(session)
        return result, asyncio.get_running_loop().time()

    result, elapsed = run_virtually(refused())
    assert states(result)["AAPL"] is OrderState.REJECTED
    assert elapsed < house.account.policy.timeouts.acknowledgement.total_seconds()


def test_reports_that_never_come_are_read_once_the_acknowledgement_is_overdue() -> None:
    house = a_house()

    async def deaf() -> tuple[RunResult, float]:
        session = await house.session()
        assert isinstance(session.broker, FakeBroker)
        hear = session.broker.hear

        def miss(report: Report) -> None:
            ref = getattr(report, "ref", None)
            if ref is None or house.venue.order(ref).ticket.contract.symbol != "AAPL":
                hear(report)

        session.broker.hear = miss  # type: ignore[method-assign]
        result = await house.plan_and_apply(session)
        return result, asyncio.get_running_loop().time()

    result, elapsed = run_virtually(deaf())
    assert result.outcome is Outcome.APPLIED
    assert elapsed < house.account.policy.timeouts.fill.total_seconds()


def test_an_order_whose_evidence_expired_with_the_day_forbids_the_next_apply() -> None:
    house = a_house(reactions={"NVDA": Reaction.SILENT_DROP})

    async def die() -> None:
        session = await house.session()
        dying: Any = DyingJournal(house.journal, Countdown(at=4))
        await house.apply_fresh(replace(session, journal=dying))

    async def come_back() -> ExitCode:
        return (await house.apply_fresh()).exit_code

    with pytest.raises(Killed):
        run_virtually(die())
    house.venue.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]

    assert run_virtually(come_back()) is ExitCode.PARTIAL
    assert len(house.venue.received) == 1

    async def decide() -> RunResult:
        session = await house.session()
        run = house.journal.unfinished_runs(house.account.name)[0].id
        return await resolve(session, run, reason="TWS shows no such order")

    decided = run_virtually(decide())
    assert "TWS shows no such order" in decided.messages[0]
    assert states(decided)["NVDA"] is not OrderState.FILLED
    house.venue.reactions.clear()
    assert run_virtually(come_back()) is ExitCode.OK
    assert house.venue.holdings[CON_IDS["NVDA"]] == 0


def test_a_suspended_account_is_planned_and_not_applied() -> None:
    house = a_house()
    house.account = replace(house.account, suspend=True)

    refusal = run_virtually(house.refusal())

    assert (refusal.kind, house.venue.received) == (RefusalKind.BLOCKED, [])
    assert "suspended" in refusal.reasons[0]


def test_a_stop_before_the_first_order_consumes_no_plan() -> None:
    house = a_house()

    async def stopped() -> ExitCode:
        session: Session = await house.session()
        session.stop.ask("stopped by SIGTERM")
        return (await house.apply_fresh(session)).exit_code

    assert run_virtually(stopped()) is ExitCode.INTERRUPTED
    assert house.journal.runs() == ()


def test_in_an_emergency_the_account_is_reduced_and_nothing_is_bought() -> None:
    """Leverage 2.5, emergency at 2: NVDA is sold down to 1.2. A plain plan would open MSFT and sell more of NVDA."""
    house = House(a_venue({"NVDA": 2500}, cash=-150_000), an_account({"MSFT": "0.5", "NVDA": "0.5"}))
    house.account = replace(
        house.account, limits=replace(house.account.limits, max_turnover=Decimal(5), max_order_notional=Decimal(10**7))
    )

    async def command() -> tuple[ExitCode, Any]:
        done = await house.apply_fresh()
        return done.exit_code, done.refusal

    code, refusal = run_virtually(command())

    assert (code, refusal) == (ExitCode.OK, None)
    assert [order.ticket.contract.symbol for order in house.venue.orders] == ["NVDA"]
    assert house.venue.holdings[CON_IDS["NVDA"]] == 1200


def test_a_limit_that_the_plan_itself_would_cross_stops_all_of_it() -> None:
    house = a_house()
    house.account = replace(house.account, limits=replace(house.account.limits, max_turnover=Decimal("0.5")))

    refusal = run_virtually(house.refusal())

    assert (refusal.kind, house.venue.received) == (RefusalKind.BLOCKED, [])
    assert "maxTurnover" in refusal.reasons[0]


def test_a_price_that_was_read_is_not_read_again() -> None:
    """A plan prices all of it by one reading."""
    house = a_house()
    msft, aapl = (house.venue.contracts[CON_IDS[each]] for each in ("MSFT", "AAPL"))

    async def command() -> tuple[AccountSnapshot, AccountSnapshot]:
        session = await house.session()
        before = await with_quotes(session, a_snapshot((), quotes=()), [msft])
        house.venue.prices = {each: price + 1 for each, price in house.venue.prices.items()}
        return before, await with_quotes(session, before, [msft, aapl])

    before, after = run_virtually(command())
    assert after.quotes.keys() == {msft.con_id, aapl.con_id}
    assert after.quotes[msft.con_id] == before.quotes[msft.con_id]
