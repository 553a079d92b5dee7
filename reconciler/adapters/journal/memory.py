"""InMemoryJournal: a journal that forgets when its process ends. It serves rehearsals, where nothing real is sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from reconciler.adapters.journal import rules
from reconciler.domain.errors import PlanAlreadyBegun
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountName, OrderId, OrderRef, PlanId, RunId
from reconciler.domain.orders import Report
from reconciler.domain.run import Outcome
from reconciler.ports import IntentRecord, RunRecord


class InMemoryJournal:
    """The Journal port over dictionaries, which keep the order of insertion."""

    def __init__(self) -> None:
        self._runs: dict[RunId, RunRecord] = {}
        self._intents: dict[OrderRef, IntentRecord] = {}
        self._reports: dict[RunId, list[Report]] = {}
        self._results: dict[RunId, str] = {}
        self._halts: list[Halt] = []

    def begin_run(self, run: RunRecord) -> None:
        """Consume the plan and open the run."""
        rules.require_open(run)
        if (earlier := self.run_of_plan(run.plan)) is not None:
            raise PlanAlreadyBegun(run.plan, earlier.id, earlier.outcome)
        if run.id in self._runs:
            raise rules.repeated_run(run.id)
        self._runs[run.id] = run
        self._reports[run.id] = []

    def record_intent(self, intent: IntentRecord) -> None:
        """Before the send."""
        rules.require_unsent(intent)
        if self._begun(intent.run).ended is not None:
            raise rules.closed_run(intent.run)
        if intent.ref in self._intents:
            raise rules.repeated_intent(intent.ref)
        self._intents[intent.ref] = intent

    def record_sent(self, ref: OrderRef, at: datetime) -> None:
        """After the send returned."""
        rules.require_aware(at)
        intent = self._intents.get(ref)
        if intent is None or intent.sent is not None:
            raise rules.unintended_send(ref)
        self._intents[ref] = replace(intent, sent=at)

    def record_reports(self, run: RunId, reports: Sequence[Report], at: datetime) -> None:
        """What the broker said, also what it said after the run was closed."""
        rules.require_aware(at)
        self._begun(run)
        self._reports[run].extend(reports)

    def end_run(self, run: RunId, outcome: Outcome, at: datetime, result_document: str) -> None:
        """Close the run with its result."""
        rules.require_aware(at)
        record = self._begun(run)
        if record.ended is not None:
            raise rules.closed_run(run)
        self._runs[run] = replace(record, ended=at, outcome=outcome)
        self._results[run] = result_document

    def record_halt(self, halt: Halt) -> None:
        """From now on it is in force."""
        rules.require_told(halt)
        self._halts.append(halt)

    def lift_halts(self, account: AccountName | None, *, by: str, at: datetime) -> tuple[Halt, ...]:
        """Lift the halts of exactly this account, or those of all where it is None; those that were lifted."""
        rules.require_aware(at)
        lifted = tuple(halt for halt in self._halts if halt.account == account)
        self._halts = [halt for halt in self._halts if halt.account != account]
        return lifted

    def halts(self) -> tuple[Halt, ...]:
        """The halts that are in force, the oldest first."""
        return tuple(self._halts)

    def run(self, run: RunId) -> RunRecord | None:
        """One run, or None."""
        return self._runs.get(run)

    def runs(self, account: AccountName | None = None) -> tuple[RunRecord, ...]:
        """All runs, the newest first."""
        return tuple(run for run in reversed(self._runs.values()) if account is None or run.account == account)

    def last_run(self, account: AccountName) -> RunRecord | None:
        """The newest run that intended an order, closed or not; None where there was none."""
        intended = {intent.run for intent in self._intents.values()}
        return next((run for run in self.runs(account) if run.id in intended), None)

    def runs_since(self, account: AccountName, moment: datetime) -> tuple[RunRecord, ...]:
        """The runs that were begun at `moment` or later, the oldest first."""
        rules.require_aware(moment)
        return tuple(run for run in self._runs.values() if run.account == account and run.started >= moment)

    def unfinished_runs(self, account: AccountName) -> tuple[RunRecord, ...]:
        """Runs that were begun and never closed, the oldest first."""
        return tuple(run for run in self._runs.values() if run.account == account and run.ended is None)

    def run_of_plan(self, plan: PlanId) -> RunRecord | None:
        """The run that consumed the plan, or None."""
        return next((run for run in self._runs.values() if run.plan == plan), None)

    def intents(self, run: RunId) -> tuple[IntentRecord, ...]:
        """The run's intents in the order of their making."""
        return tuple(intent for intent in self._intents.values() if intent.run == run)

    def reports(self, run: RunId) -> tuple[Report, ...]:
        """The run's reports in the order of their coming."""
        return tuple(self._reports.get(run, ()))

    def result(self, run: RunId) -> str | None:
        """The result document of a closed run."""
        return self._results.get(run)

    def last_order_id(self, account: AccountName) -> OrderId:
        """The highest order id ever used for the account, 0 before the first."""
        used = (each.order_id for each in self._intents.values() if self._runs[each.run].account == account)
        return max(used, default=OrderId(0))

    def close(self) -> None:
        """Nothing is held."""

    def _begun(self, run: RunId) -> RunRecord:
        record = self._runs.get(run)
        if record is None:
            raise rules.unknown_run(run)
        return record
