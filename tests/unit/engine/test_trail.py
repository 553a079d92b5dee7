"""The trail of what a run did, from the journal alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from reconciler import planfile
from reconciler.adapters.journal.memory import InMemoryJournal
from reconciler.domain.account import Side
from reconciler.domain.ids import AccountName, ConId, ExecId, PermId, RunId
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import CommissionReport, ExecutionReport, Fill, OrderState, Report, StatusReport
from reconciler.domain.run import Outcome
from reconciler.domain.trail import TrailEntry
from reconciler.engine.apply import apply
from reconciler.engine.authorize import Authorized, authorize
from reconciler.engine.propose import propose, sketch
from reconciler.engine.trail import trail
from reconciler.simgateway.serving.virtual import run_virtually
from tests.fakes.broker import Reaction
from tests.fakes.house import House, a_venue, an_account
from tests.unit.adapters.journal.records import MAIN, NOW, REF, SIDE, a_run, an_intent


def written(reports: Sequence[Report] = (), *, intents: int = 1) -> InMemoryJournal:
    journal = InMemoryJournal()
    journal.begin_run(a_run())
    for number in range(intents):
        journal.record_intent(an_intent(line=7 + number, order_id=1 + number))
    journal.record_reports(RunId("run-1"), reports, NOW)
    return journal


def execution(number: str, shares: int, minutes: int = 0) -> ExecutionReport:
    fill = Fill(ExecId(number), Decimal(shares), Decimal("401.5"), NOW + timedelta(minutes=minutes))
    return ExecutionReport(REF, PermId(9), ConId(272093), Side.SELL, fill)


def paid(number: str, amount: str) -> CommissionReport:
    return CommissionReport(ExecId(number), Money(Decimal(amount), Currency("USD")))


def commissions(entries: Sequence[TrailEntry]) -> list[tuple[str, Money | None]]:
    return [(each.execution.id, each.execution.commission) for each in entries if each.execution is not None]


def test_an_empty_journal_has_no_trail() -> None:
    assert list(trail(InMemoryJournal())) == []


def test_a_run_without_orders_and_an_order_without_executions_are_in_it() -> None:
    (alone,) = trail(written(intents=0))
    assert (alone.run, alone.order, alone.execution) == ("run-1", None, None)

    one, two = trail(written(intents=2))
    assert [each.order.line for each in (one, two) if each.order is not None] == [7, 8]
    assert (one.execution, two.execution) == (None, None)
    assert one.order is not None
    assert (one.order.state, one.order.sent, one.order.perm_id) == (OrderState.INTENDED, None, 0)


def test_each_execution_is_an_entry_with_its_own_commission_in_the_order_of_time() -> None:
    reports = (execution("0002.01", 3, minutes=1), paid("0001.01", "1.00"), execution("0001.01", 20))

    found = list(trail(written(reports)))

    assert commissions(found) == [("0001.01", Money(Decimal("1.00"), Currency("USD"))), ("0002.01", None)]
    assert {each.order.ref for each in found if each.order is not None} == {REF}
    assert {each.order.perm_id for each in found if each.order is not None} == {9}


def test_a_correction_replaces_and_nothing_counts_twice() -> None:
    reports = (
        execution("0001.01", 20),
        execution("0001.01", 20),
        paid("0001.01", "1.00"),
        execution("0001.02", 19),
        paid("0001.02", "0.95"),
        StatusReport(REF, PermId(9), "Filled", Decimal(19), Decimal(0)),
    )

    (entry,) = trail(written(reports))

    assert entry.execution is not None
    assert (entry.execution.id, entry.execution.shares) == ("0001.02", Decimal(19))
    assert entry.execution.commission == Money(Decimal("0.95"), Currency("USD"))


def test_a_plan_that_cannot_be_read_any_more_leaves_batch_and_currency_open() -> None:
    (entry,) = trail(written())
    assert entry.order is not None
    assert (entry.order.batch, entry.order.currency) == (None, None)


def test_accounts_and_days_are_chosen_and_the_oldest_comes_first() -> None:
    journal = InMemoryJournal()
    for number, account in enumerate((MAIN, SIDE, MAIN), start=1):
        started = NOW + timedelta(days=number)
        journal.begin_run(a_run(f"run-{number}", f"plan-{number}", account=account, started=started))

    assert [each.run for each in trail(journal)] == ["run-1", "run-2", "run-3"]
    assert [each.run for each in trail(journal, AccountName("main"))] == ["run-1", "run-3"]
    assert [each.run for each in trail(journal, since=NOW + timedelta(days=2))] == ["run-2", "run-3"]
    assert list(trail(journal, AccountName("none"))) == []


def test_what_a_run_did_is_told_whole() -> None:
    """Every share of the venue's own books, each under the batch that the plan put its order into."""
    house = House(a_venue({"NVDA": 300}, cash=70_000), an_account({"MSFT": "0.5", "AAPL": "0.5", "NVDA": "0"}))
    house.venue.reactions["MSFT"] = Reaction.FILL_HALF

    async def command() -> None:
        session = await house.session()
        plan = await propose(session)
        permission = authorize(session, plan, await sketch(session))
        assert isinstance(permission, Authorized)
        await apply(session, permission, plan_document=planfile.write(plan, tool="test"))

    run_virtually(command())
    found = list(trail(house.journal))

    assert {each.outcome for each in found} == {Outcome.PARTIALLY_APPLIED}
    orders = [each.order for each in found if each.order is not None]
    assert {(order.instrument, order.batch, order.currency) for order in orders} == {
        ("NVDA", 1, "USD"),
        ("AAPL", 2, "USD"),
        ("MSFT", 2, "USD"),
    }
    executed = {order.ref: Decimal(0) for order in orders}
    for entry in found:
        assert entry.order is not None
        if entry.execution is not None:
            executed[entry.order.ref] += entry.execution.shares
            assert entry.execution.commission is not None
    assert executed == {order.ticket.ref: order.filled for order in house.venue.orders}
    assert replace(found[0], order=None, execution=None) == replace(found[-1], order=None, execution=None)
