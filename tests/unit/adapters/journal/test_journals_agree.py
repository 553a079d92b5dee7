"""A model test: whatever is done in whatever order, the journal on disk answers as the one in memory does."""

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from reconciler.adapters.journal.memory import InMemoryJournal
from reconciler.adapters.journal.open import open_journal
from reconciler.domain.errors import FolioctlError
from reconciler.domain.ids import AccountName, OrderId, OrderRef, PlanId, RunId
from reconciler.domain.orders import Report
from reconciler.domain.run import Outcome
from reconciler.ports import Journal
from tests.unit.adapters.journal.records import MAIN, SIDE, a_halt, a_run, an_order_intent, moments, reports
from tests.unit.adapters.journal.records import an_intent as intent_of

accounts = st.sampled_from([MAIN, SIDE])
run_ids = st.sampled_from([RunId(f"run-{number}") for number in range(4)])
plan_ids = st.sampled_from([PlanId(f"plan-{number}") for number in range(4)])
refs = st.sampled_from([OrderRef(f"folioctl:plan:{number:03d}:1") for number in range(5)])
order_ids = st.integers(1, 2**31 - 1).map(OrderId)


@cache
def _empty_journal() -> Path:
    """Made once: the schema of a new journal costs more than a whole example."""
    path = Path(tempfile.mkdtemp(prefix="folioctl-test-")) / "journal.sqlite3"
    open_journal(path).close()
    return path


def _answer(question: Callable[[], object]) -> object:
    try:
        return question()
    except FolioctlError as error:
        return type(error), str(error)


class JournalsAgree(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory(prefix="folioctl-test-")
        self.path = Path(self.directory.name) / "journal.sqlite3"
        shutil.copy(_empty_journal(), self.path)
        self.on_disk: Journal = open_journal(self.path)
        self.in_memory: Journal = InMemoryJournal()

    def teardown(self) -> None:
        self.on_disk.close()
        self.directory.cleanup()

    def both(self, method: str, *arguments: Any, **named: Any) -> None:
        on_disk, in_memory = (
            _answer(lambda journal=journal: getattr(journal, method)(*arguments, **named))  # type: ignore[misc]
            for journal in (self.on_disk, self.in_memory)
        )
        assert on_disk == in_memory

    @rule(run=run_ids, plan=plan_ids, account=accounts, started=moments)
    def begin_run(self, run: RunId, plan: PlanId, account: str, started: Any) -> None:
        self.both("begin_run", a_run(run, plan, account=account, started=started))

    @rule(run=run_ids, ref=refs, order_id=order_ids, quantity=st.decimals(1, 9))
    def record_intent(self, run: RunId, ref: OrderRef, order_id: OrderId, quantity: Any) -> None:
        intent = an_order_intent(quantity=quantity)
        self.both("record_intent", intent_of(run, ref=ref, order_id=order_id, intent=intent))

    @rule(ref=refs, at=moments)
    def record_sent(self, ref: OrderRef, at: Any) -> None:
        self.both("record_sent", ref, at)

    @rule(run=run_ids, said=st.lists(reports, max_size=3), at=moments)
    def record_reports(self, run: RunId, said: list[Report], at: Any) -> None:
        self.both("record_reports", run, said, at)

    @rule(run=run_ids, outcome=st.sampled_from(Outcome), at=moments, document=st.text())
    def end_run(self, run: RunId, outcome: Outcome, at: Any, document: str) -> None:
        self.both("end_run", run, outcome, at, document)

    @rule(
        account=st.none() | accounts,
        by=st.text(max_size=3),
        reason=st.text(max_size=9),
        since=moments,
        cancels=st.booleans(),
    )
    def record_halt(self, account: AccountName | None, by: str, reason: str, since: Any, cancels: bool) -> None:
        self.both("record_halt", a_halt(account, by=by, reason=reason, since=since, cancels=cancels))

    @rule(account=st.none() | accounts, at=moments)
    def lift_halts(self, account: AccountName | None, at: Any) -> None:
        self.both("lift_halts", account, by="bob", at=at)

    @rule()
    def reopen(self) -> None:
        self.on_disk.close()
        self.on_disk = open_journal(self.path)

    @rule(run=run_ids, plan=plan_ids)
    def ask_about_one(self, run: RunId, plan: PlanId) -> None:
        self.both("run", run)
        self.both("run_of_plan", plan)
        self.both("intents", run)
        self.both("reports", run)
        self.both("result", run)

    @invariant()
    def same_runs(self) -> None:
        self.both("runs")
        self.both("halts")

    @rule(account=accounts)
    def ask_about_an_account(self, account: str) -> None:
        self.both("runs", account)
        self.both("unfinished_runs", account)
        self.both("last_order_id", account)
        self.both("last_run", account)

    @rule(account=accounts, moment=moments)
    def ask_about_the_runs_since(self, account: str, moment: Any) -> None:
        self.both("runs_since", account, moment)


TestJournalsAgree = JournalsAgree.TestCase
TestJournalsAgree.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
