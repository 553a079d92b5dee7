"""SqlJournal: the Journal port over SQLAlchemy Core. `open.py` makes its engine and answers for durability.

Uniqueness is the database's work, not a look before the leap: the constraint on a run's plan is what makes a plan run
once even where two processes try at the same moment.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from reconciler.adapters.journal import codec, rules
from reconciler.adapters.journal.tables import halts as halts_table
from reconciler.adapters.journal.tables import intents as intents_table
from reconciler.adapters.journal.tables import reports as reports_table
from reconciler.adapters.journal.tables import runs as runs_table
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.errors import PlanAlreadyBegun, StateUnavailable
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountName, OrderId, OrderRef, PlanId, RunId
from reconciler.domain.orders import Report
from reconciler.domain.run import Outcome
from reconciler.ports import IntentRecord, RunRecord

WRITES = "folioctl_writes"
"""The execution option of a transaction that writes; the engine's maker may start such a one in its own way."""


class SqlJournal:
    """The Journal port over the tables of `tables.py`.

    Every method raises StateUnavailable where the database cannot be read or written (a full disk, a damaged file, a
    lock that was not given within the busy timeout); then the transaction was rolled back.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})

    def begin_run(self, run: RunRecord) -> None:
        """Consume the plan and open the run, in one transaction."""
        rules.require_open(run)
        try:
            with self._writing() as connection:
                connection.execute(insert(runs_table).values(_run_values(run)))
        except IntegrityError as error:
            earlier = self.run_of_plan(run.plan)
            if earlier is None:
                raise rules.repeated_run(run.id) from error
            raise PlanAlreadyBegun(run.plan, earlier.id, earlier.outcome) from error

    def record_intent(self, intent: IntentRecord) -> None:
        """Before the send."""
        rules.require_unsent(intent)
        try:
            with self._writing() as connection:
                if _ended(connection, intent.run) is not None:
                    raise rules.closed_run(intent.run)
                connection.execute(insert(intents_table).values(_intent_values(intent)))
        except IntegrityError as error:
            raise rules.repeated_intent(intent.ref) from error

    def record_sent(self, ref: OrderRef, at: datetime) -> None:
        """After the send returned."""
        statement = update(intents_table).where(intents_table.c.ref == ref, intents_table.c.sent.is_(None))
        with self._writing() as connection:
            if connection.execute(statement.values(sent=codec.dump_moment(at))).rowcount != 1:
                raise rules.unintended_send(ref)

    def record_reports(self, run: RunId, reports: Sequence[Report], at: datetime) -> None:
        """What the broker said, also what it said after the run was closed."""
        moment = codec.dump_moment(at)
        rows = [{"run": run, "at": moment, "report": codec.dump_report(report)} for report in reports]
        with self._writing() as connection:
            _ended(connection, run)
            if rows:
                connection.execute(insert(reports_table), rows)

    def end_run(self, run: RunId, outcome: Outcome, at: datetime, result_document: str) -> None:
        """Close the run with its result."""
        values = {"ended": codec.dump_moment(at), "outcome": outcome.value, "result_document": result_document}
        with self._writing() as connection:
            if _ended(connection, run) is not None:
                raise rules.closed_run(run)
            connection.execute(update(runs_table).where(runs_table.c.id == run).values(values))

    def record_halt(self, halt: Halt) -> None:
        """From now on it is in force."""
        rules.require_told(halt)
        with self._writing() as connection:
            connection.execute(insert(halts_table).values(_halt_values(halt)))

    def lift_halts(self, account: AccountName | None, *, by: str, at: datetime) -> tuple[Halt, ...]:
        """Lift the halts of exactly this account, or those of all where it is None; those that were lifted."""
        moment = codec.dump_moment(at)
        chosen = halts_table.c.lifted.is_(None) & halts_table.c.account.is_not_distinct_from(account)
        with self._writing() as connection:
            rows = connection.execute(select(halts_table).where(chosen).order_by(halts_table.c.number)).all()
            connection.execute(update(halts_table).where(chosen).values(lifted=moment, lifted_by=by))
        return tuple(_read_halt(row) for row in rows)

    def halts(self) -> tuple[Halt, ...]:
        """The halts that are in force, the oldest first."""
        rows = self._rows(select(halts_table).where(halts_table.c.lifted.is_(None)).order_by(halts_table.c.number))
        return tuple(_read_halt(row) for row in rows)

    def run(self, run: RunId) -> RunRecord | None:
        """One run, or None."""
        return next(iter(self._runs(select(runs_table).where(runs_table.c.id == run))), None)

    def runs(self, account: AccountName | None = None) -> tuple[RunRecord, ...]:
        """All runs, the newest first."""
        newest_first = select(runs_table).order_by(runs_table.c.number.desc())
        return self._runs(newest_first if account is None else newest_first.where(runs_table.c.account == account))

    def last_run(self, account: AccountName) -> RunRecord | None:
        """The newest run that intended an order, closed or not; None where there was none."""
        intended = select(intents_table.c.run).where(intents_table.c.run == runs_table.c.id).exists()
        newest = (
            select(runs_table).where(runs_table.c.account == account, intended).order_by(runs_table.c.number.desc())
        )
        return next(iter(self._runs(newest.limit(1))), None)

    def runs_since(self, account: AccountName, moment: datetime) -> tuple[RunRecord, ...]:
        """The runs that were begun at `moment` or later, the oldest first."""
        since = runs_table.c.started >= codec.dump_moment(moment)
        return self._runs(
            select(runs_table).where(runs_table.c.account == account, since).order_by(runs_table.c.number)
        )

    def unfinished_runs(self, account: AccountName) -> tuple[RunRecord, ...]:
        """Runs that were begun and never closed, the oldest first."""
        unfinished = select(runs_table).where(runs_table.c.account == account, runs_table.c.ended.is_(None))
        return self._runs(unfinished.order_by(runs_table.c.number))

    def run_of_plan(self, plan: PlanId) -> RunRecord | None:
        """The run that consumed the plan, or None."""
        return next(iter(self._runs(select(runs_table).where(runs_table.c.plan == plan))), None)

    def intents(self, run: RunId) -> tuple[IntentRecord, ...]:
        """The run's intents in the order of their making."""
        rows = self._rows(select(intents_table).where(intents_table.c.run == run).order_by(intents_table.c.number))
        return tuple(_read_intent(row) for row in rows)

    def reports(self, run: RunId) -> tuple[Report, ...]:
        """The run's reports in the order of their coming."""
        rows = self._rows(
            select(reports_table.c.report).where(reports_table.c.run == run).order_by(reports_table.c.number)
        )
        return tuple(codec.load_report(row.report) for row in rows)

    def result(self, run: RunId) -> str | None:
        """The result document of a closed run."""
        rows = self._rows(select(runs_table.c.result_document).where(runs_table.c.id == run))
        return rows[0].result_document if rows else None

    def last_order_id(self, account: AccountName) -> OrderId:
        """The highest order id ever used for the account, 0 before the first."""
        highest = select(func.coalesce(func.max(intents_table.c.order_id), 0).label("highest"))
        (row,) = self._rows(
            highest.join(runs_table, runs_table.c.id == intents_table.c.run).where(runs_table.c.account == account)
        )
        return OrderId(row.highest)

    def close(self) -> None:
        """Give back the connection."""
        self._engine.dispose()

    def _runs(self, query: Select[Any]) -> tuple[RunRecord, ...]:
        return tuple(_read_run(row) for row in self._rows(query))

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with _in_our_words(), self._engine.begin() as connection:
            return connection.execute(query).all()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _in_our_words(), self._writer.begin() as connection:
            yield connection


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # the caller knows which rule it broke
    except DBAPIError as error:
        raise StateUnavailable(f"the journal cannot be read or written: {error.orig}") from error


def _ended(connection: Connection, run: RunId) -> str | None:
    """When the run was closed, None while it is open. Raises InvariantBroken where it was never begun."""
    row = connection.execute(select(runs_table.c.ended).where(runs_table.c.id == run)).one_or_none()
    if row is None:
        raise rules.unknown_run(run)
    ended: str | None = row.ended
    return ended


def _run_values(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "plan": run.plan,
        "account": run.account,
        "environment": run.environment.value,
        "commit": run.revision.commit,
        "dirty": run.revision.dirty,
        "manifests": run.revision.manifests,
        "plan_document": run.plan_document,
        "started": codec.dump_moment(run.started),
    }


def _read_run(row: Row[Any]) -> RunRecord:
    return RunRecord(
        id=RunId(row.id),
        plan=PlanId(row.plan),
        account=AccountName(row.account),
        environment=Environment(row.environment),
        revision=Revision(commit=row.commit, dirty=row.dirty, manifests=row.manifests),
        plan_document=row.plan_document,
        started=codec.load_moment(row.started),
        ended=None if row.ended is None else codec.load_moment(row.ended),
        outcome=None if row.outcome is None else Outcome(row.outcome),
    )


def _intent_values(intent: IntentRecord) -> dict[str, Any]:
    return {
        "run": intent.run,
        "ref": intent.ref,
        "attempt": intent.attempt,
        "order_id": intent.order_id,
        "intent": codec.dump_intent(intent.intent),
        "intended": codec.dump_moment(intent.intended),
    }


def _read_intent(row: Row[Any]) -> IntentRecord:
    return IntentRecord(
        run=RunId(row.run),
        ref=OrderRef(row.ref),
        attempt=row.attempt,
        intent=codec.load_intent(row.intent),
        order_id=OrderId(row.order_id),
        intended=codec.load_moment(row.intended),
        sent=None if row.sent is None else codec.load_moment(row.sent),
    )


def _halt_values(halt: Halt) -> dict[str, Any]:
    return {
        "account": halt.account,
        "by": halt.by,
        "reason": halt.reason,
        "cancels": halt.cancels,
        "since": None if halt.since is None else codec.dump_moment(halt.since),
    }


def _read_halt(row: Row[Any]) -> Halt:
    return Halt(
        account=None if row.account is None else AccountName(row.account),
        by=row.by,
        reason=row.reason,
        since=codec.load_moment(row.since),
        cancels=row.cancels,
    )
