"""What every Journal does, whatever it is kept in."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reconciler.adapters.journal.memory import InMemoryJournal
from reconciler.adapters.journal.open import open_journal
from reconciler.domain.desired import Revision
from reconciler.domain.errors import InvariantBroken, PlanAlreadyBegun
from reconciler.domain.ids import OrderRef, PlanId, RunId
from reconciler.domain.orders import Report
from reconciler.domain.run import Outcome
from reconciler.ports import Journal
from tests.unit.adapters.journal.records import MAIN, NOW, ONE_OF_EACH, SIDE, a_halt, a_run, an_intent

LATER = NOW + timedelta(minutes=1)
RUN = RunId("run-1")


@pytest.fixture(params=["sql", "memory"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    kept: Journal = (
        open_journal(tmp_path / "state" / "journal.sqlite3") if request.param == "sql" else InMemoryJournal()
    )
    yield kept
    kept.close()


def test_a_new_journal_knows_nothing(journal: Journal) -> None:
    assert journal.run(RUN) is None
    assert journal.runs() == ()
    assert journal.unfinished_runs(MAIN) == ()
    assert journal.last_run(MAIN) is None
    assert journal.runs_since(MAIN, NOW) == ()
    assert journal.run_of_plan(PlanId("plan-1")) is None
    assert journal.intents(RUN) == ()
    assert journal.reports(RUN) == ()
    assert journal.result(RUN) is None
    assert journal.last_order_id(MAIN) == 0
    assert journal.halts() == ()


def test_a_run_comes_back_as_it_was_begun(journal: Journal) -> None:
    run = a_run()
    journal.begin_run(run)
    assert journal.run(RUN) == run
    assert journal.runs() == (run,)
    assert journal.unfinished_runs(MAIN) == (run,)
    assert journal.run_of_plan(run.plan) == run
    assert journal.result(RUN) is None


def test_a_revision_without_a_commit_is_kept(journal: Journal) -> None:
    outside = a_run(revision=Revision(commit=None, dirty=True, manifests="sha256:1"))
    journal.begin_run(outside)
    assert journal.run(RUN) == outside


def test_a_plan_is_consumed_once(journal: Journal) -> None:
    journal.begin_run(a_run("run-1", "plan-1"))
    with pytest.raises(PlanAlreadyBegun) as refused:
        journal.begin_run(a_run("run-2", "plan-1"))
    assert (refused.value.plan, refused.value.run) == ("plan-1", "run-1")
    assert journal.run(RunId("run-2")) is None


def test_a_plan_stays_consumed_after_its_run(journal: Journal) -> None:
    journal.begin_run(a_run())
    journal.end_run(RUN, Outcome.FAILED, LATER, "{}")
    with pytest.raises(PlanAlreadyBegun):
        journal.begin_run(a_run("run-2", "plan-1", account=SIDE))


def test_a_plan_that_was_begun_says_so_even_under_the_same_run(journal: Journal) -> None:
    journal.begin_run(a_run())
    with pytest.raises(PlanAlreadyBegun):
        journal.begin_run(a_run())


def test_a_run_has_one_plan(journal: Journal) -> None:
    journal.begin_run(a_run("run-1", "plan-1"))
    with pytest.raises(InvariantBroken, match="run run-1 was begun before"):
        journal.begin_run(a_run("run-1", "plan-2"))
    assert journal.run_of_plan(PlanId("plan-2")) is None


def test_a_run_is_begun_open(journal: Journal) -> None:
    with pytest.raises(InvariantBroken, match="ended before it was begun"):
        journal.begin_run(a_run(ended=LATER, outcome=Outcome.APPLIED))


def test_a_closed_run_has_its_end_and_its_result(journal: Journal) -> None:
    journal.begin_run(a_run())
    journal.end_run(RUN, Outcome.PARTIALLY_APPLIED, LATER, '{"kind": "Run", "note": "≤"}')
    assert journal.run(RUN) == a_run(ended=LATER, outcome=Outcome.PARTIALLY_APPLIED)
    assert journal.unfinished_runs(MAIN) == ()
    assert journal.result(RUN) == '{"kind": "Run", "note": "≤"}'


def test_a_run_is_closed_once(journal: Journal) -> None:
    journal.begin_run(a_run())
    journal.end_run(RUN, Outcome.APPLIED, LATER, "the first")
    with pytest.raises(InvariantBroken, match="is closed"):
        journal.end_run(RUN, Outcome.FAILED, LATER, "the second")
    assert journal.result(RUN) == "the first"


def test_runs_are_listed_newest_first_and_unfinished_ones_oldest_first(journal: Journal) -> None:
    # The second one's clock was behind: the order is that of their beginning, not of their clocks.
    one, two, three = (
        a_run("run-1", "plan-1"),
        a_run("run-2", "plan-2", started=NOW - timedelta(hours=1)),
        a_run("run-3", "plan-3"),
    )
    for run in (one, two, three):
        journal.begin_run(run)
    assert journal.runs() == (three, two, one)
    assert journal.unfinished_runs(MAIN) == (one, two, three)


def test_runs_are_told_apart_by_account(journal: Journal) -> None:
    mine, other = a_run("run-1", "plan-1"), a_run("run-2", "plan-2", account=SIDE)
    journal.begin_run(mine)
    journal.begin_run(other)
    assert journal.runs(MAIN) == (mine,)
    assert journal.runs(SIDE) == (other,)
    assert journal.unfinished_runs(SIDE) == (other,)


def test_the_last_run_is_the_newest_that_intended_an_order(journal: Journal) -> None:
    one, two, three = (a_run(f"run-{number}", f"plan-{number}") for number in (1, 2, 3))
    for run in (one, two, three):
        journal.begin_run(run)
    assert journal.last_run(MAIN) is None
    journal.record_intent(an_intent("run-2", line=1))
    assert journal.last_run(MAIN) == two
    journal.record_intent(an_intent("run-1", line=2))
    assert journal.last_run(MAIN) == two, "the newest run, not the newest intent"
    journal.record_intent(an_intent("run-3", line=3))
    journal.record_intent(an_intent("run-3", line=4))
    assert journal.last_run(MAIN) == three


def test_the_last_run_is_told_open_and_closed_by_the_order_of_beginning(journal: Journal) -> None:
    # The second one's clock was behind: it is the last all the same.
    early = NOW - timedelta(hours=1)
    journal.begin_run(a_run("run-1", "plan-1"))
    journal.begin_run(a_run("run-2", "plan-2", started=early))
    journal.record_intent(an_intent("run-1", line=1))
    journal.record_intent(an_intent("run-2", line=2))
    journal.end_run(RUN, Outcome.APPLIED, LATER, "{}")
    assert journal.last_run(MAIN) == a_run("run-2", "plan-2", started=early)
    journal.end_run(RunId("run-2"), Outcome.FAILED, LATER, "{}")
    closed = a_run("run-2", "plan-2", started=early, ended=LATER, outcome=Outcome.FAILED)
    assert journal.last_run(MAIN) == closed


def test_the_last_run_of_an_account_is_its_own(journal: Journal) -> None:
    mine, other = a_run("run-1", "plan-1"), a_run("run-2", "plan-2", account=SIDE)
    journal.begin_run(mine)
    journal.begin_run(other)
    journal.record_intent(an_intent("run-2"))
    assert journal.last_run(MAIN) is None
    journal.record_intent(an_intent("run-1", line=1))
    assert (journal.last_run(MAIN), journal.last_run(SIDE)) == (mine, other)


def test_runs_since_a_moment_are_those_begun_then_or_later(journal: Journal) -> None:
    instant = timedelta(microseconds=1)
    for number, started in enumerate((NOW - instant, NOW, NOW + instant), 1):
        journal.begin_run(a_run(f"run-{number}", f"plan-{number}", started=started))
    journal.end_run(RunId("run-2"), Outcome.APPLIED, LATER, "{}")

    def since(moment: datetime) -> list[str]:
        return [run.id for run in journal.runs_since(MAIN, moment)]

    assert since(NOW - instant) == ["run-1", "run-2", "run-3"]
    assert since(NOW) == ["run-2", "run-3"]
    assert since(NOW + instant) == ["run-3"]
    assert since(NOW + 2 * instant) == []
    assert journal.runs_since(MAIN, NOW)[0].outcome is Outcome.APPLIED
    # The same moment in another zone, and a whole second, which is written with fewer digits.
    assert since(NOW.astimezone(ZoneInfo("Asia/Tokyo"))) == ["run-2", "run-3"]
    assert since(NOW.replace(microsecond=0)) == ["run-1", "run-2", "run-3"]
    assert since(NOW.replace(microsecond=0) + timedelta(seconds=1)) == []


def test_a_run_of_a_whole_second_is_found_by_it(journal: Journal) -> None:
    whole = NOW.replace(microsecond=0)
    journal.begin_run(a_run(started=whole))
    assert journal.runs_since(MAIN, whole) == (a_run(started=whole),)
    assert journal.runs_since(MAIN, whole - timedelta(microseconds=1)) == (a_run(started=whole),)
    assert journal.runs_since(MAIN, whole + timedelta(microseconds=1)) == ()


def test_runs_since_come_in_the_order_of_beginning_and_by_account(journal: Journal) -> None:
    late, early = NOW + timedelta(hours=2), NOW + timedelta(hours=1)
    first, second = a_run("run-1", "plan-1", started=late), a_run("run-2", "plan-2", started=early)
    other = a_run("run-3", "plan-3", account=SIDE, started=late)
    for run in (first, second, other):
        journal.begin_run(run)
    assert journal.runs_since(MAIN, NOW) == (first, second)
    assert journal.runs_since(SIDE, NOW) == (other,)


def test_intents_come_back_in_the_order_of_their_making(journal: Journal) -> None:
    journal.begin_run(a_run())
    made = tuple(an_intent(line=line, order_id=order_id) for line, order_id in ((9, 4), (2, 7), (5, 5)))
    for intent in made:
        journal.record_intent(intent)
    assert journal.intents(RUN) == made


def test_an_intent_is_marked_as_sent(journal: Journal) -> None:
    journal.begin_run(a_run())
    journal.record_intent(an_intent(line=1))
    journal.record_intent(an_intent(line=2))
    journal.record_sent(an_intent(line=2).ref, LATER)
    assert [each.sent for each in journal.intents(RUN)] == [None, LATER]


def test_an_attempt_is_intended_once(journal: Journal) -> None:
    journal.begin_run(a_run())
    journal.record_intent(an_intent(order_id=1))
    with pytest.raises(InvariantBroken, match="was intended before"):
        journal.record_intent(an_intent(order_id=2))
    assert journal.intents(RUN) == (an_intent(order_id=1),)


def test_an_attempt_is_intended_once_over_all_runs(journal: Journal) -> None:
    journal.begin_run(a_run("run-1", "plan-1"))
    journal.begin_run(a_run("run-2", "plan-2"))
    journal.record_intent(an_intent("run-1"))
    with pytest.raises(InvariantBroken, match="was intended before"):
        journal.record_intent(an_intent("run-2"))


def test_an_intent_is_recorded_before_its_send(journal: Journal) -> None:
    journal.begin_run(a_run())
    with pytest.raises(InvariantBroken, match="sent before its intent"):
        journal.record_intent(an_intent(sent=LATER))


def test_an_intent_needs_an_open_run(journal: Journal) -> None:
    with pytest.raises(InvariantBroken, match="never begun"):
        journal.record_intent(an_intent())
    journal.begin_run(a_run())
    journal.end_run(RUN, Outcome.INTERRUPTED, LATER, "{}")
    with pytest.raises(InvariantBroken, match="is closed"):
        journal.record_intent(an_intent())
    assert journal.intents(RUN) == ()


def test_an_order_is_sent_once(journal: Journal) -> None:
    journal.begin_run(a_run())
    journal.record_intent(an_intent())
    journal.record_sent(an_intent().ref, NOW)
    with pytest.raises(InvariantBroken, match="no unsent intent"):
        journal.record_sent(an_intent().ref, LATER)
    assert journal.intents(RUN) == (an_intent(sent=NOW),)


def test_what_was_never_intended_was_not_sent(journal: Journal) -> None:
    with pytest.raises(InvariantBroken, match="no unsent intent"):
        journal.record_sent(OrderRef("folioctl:nothing:001:1"), NOW)


def test_reports_come_back_as_they_were_and_in_their_order(journal: Journal) -> None:
    journal.begin_run(a_run())
    journal.record_reports(RUN, ONE_OF_EACH, NOW)
    journal.record_reports(RUN, [], LATER)
    journal.record_reports(RUN, ONE_OF_EACH[::-1], LATER)
    assert journal.reports(RUN) == ONE_OF_EACH + ONE_OF_EACH[::-1]


def test_reports_are_told_apart_by_run(journal: Journal) -> None:
    journal.begin_run(a_run("run-1", "plan-1"))
    journal.begin_run(a_run("run-2", "plan-2"))
    journal.record_reports(RUN, ONE_OF_EACH[:1], NOW)
    journal.record_reports(RunId("run-2"), ONE_OF_EACH[1:], NOW)
    assert journal.reports(RUN) == ONE_OF_EACH[:1]


def test_a_report_that_comes_after_the_end_is_kept(journal: Journal) -> None:
    journal.begin_run(a_run())
    journal.end_run(RUN, Outcome.UNRESOLVED, LATER, "{}")
    journal.record_reports(RUN, ONE_OF_EACH, LATER)
    assert journal.reports(RUN) == ONE_OF_EACH


@pytest.mark.parametrize("reports", [(), ONE_OF_EACH])
def test_reports_need_a_run(journal: Journal, reports: tuple[Report, ...]) -> None:
    with pytest.raises(InvariantBroken, match="never begun"):
        journal.record_reports(RUN, reports, NOW)


def test_an_end_needs_a_run(journal: Journal) -> None:
    with pytest.raises(InvariantBroken, match="never begun"):
        journal.end_run(RUN, Outcome.APPLIED, LATER, "{}")


def test_the_last_order_id_is_the_highest_of_the_account(journal: Journal) -> None:
    journal.begin_run(a_run("run-1", "plan-1"))
    journal.begin_run(a_run("run-2", "plan-2"))
    journal.begin_run(a_run("run-3", "plan-3", account=SIDE))
    for run, line, order_id in (("run-1", 1, 12), ("run-1", 2, 40), ("run-2", 3, 39), ("run-3", 4, 99)):
        journal.record_intent(an_intent(run, line=line, order_id=order_id))
    assert journal.last_order_id(MAIN) == 40
    assert journal.last_order_id(SIDE) == 99


def test_a_naive_moment_is_refused_everywhere(journal: Journal) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(InvariantBroken, match="no time zone"):
        journal.begin_run(a_run(started=naive))
    journal.begin_run(a_run())
    with pytest.raises(InvariantBroken, match="no time zone"):
        journal.record_intent(an_intent(intended=naive))
    journal.record_intent(an_intent())
    with pytest.raises(InvariantBroken, match="no time zone"):
        journal.record_sent(an_intent().ref, naive)
    with pytest.raises(InvariantBroken, match="no time zone"):
        journal.record_reports(RUN, ONE_OF_EACH, naive)
    with pytest.raises(InvariantBroken, match="no time zone"):
        journal.end_run(RUN, Outcome.APPLIED, naive, "{}")
    with pytest.raises(InvariantBroken, match="no time zone"):
        journal.runs_since(MAIN, naive)


# -------------------------------------------------------------------------------------------------------------- halts


def test_halts_come_back_as_they_were_set_the_oldest_first(journal: Journal) -> None:
    # The second one's clock was behind: the order is that of their setting.
    halts = (a_halt(cancels=True), a_halt(None, since=NOW - timedelta(days=1)), a_halt(SIDE, reason="Zürich ≤ 1 ×"))
    for halt in halts:
        journal.record_halt(halt)
    assert journal.halts() == halts


def test_a_halt_is_lifted_as_it_was_set(journal: Journal) -> None:
    everything, main, again, side = a_halt(None), a_halt(), a_halt(reason="another"), a_halt(SIDE)
    for halt in (everything, main, again, side):
        journal.record_halt(halt)

    assert journal.lift_halts(MAIN, by="bob", at=LATER) == (main, again)
    assert journal.halts() == (everything, side)
    assert journal.lift_halts(None, by="bob", at=LATER) == (everything,)
    assert journal.halts() == (side,)


def test_a_halt_is_lifted_once_and_can_be_set_again(journal: Journal) -> None:
    journal.record_halt(a_halt())
    journal.lift_halts(MAIN, by="bob", at=LATER)
    assert journal.lift_halts(MAIN, by="carol", at=LATER) == ()
    journal.record_halt(a_halt(since=LATER))
    assert journal.halts() == (a_halt(since=LATER),)


@pytest.mark.parametrize("missing", [{"by": " "}, {"reason": ""}, {"since": None}])
def test_a_halt_says_by_whom_why_and_since_when(journal: Journal, missing: dict[str, Any]) -> None:
    with pytest.raises(InvariantBroken, match="without a person, a reason or a beginning"):
        journal.record_halt(a_halt(**missing))
    assert journal.halts() == ()


def test_a_halt_and_its_end_have_a_time_zone(journal: Journal) -> None:
    with pytest.raises(InvariantBroken, match="no time zone"):
        journal.record_halt(a_halt(since=NOW.replace(tzinfo=None)))
    journal.record_halt(a_halt())
    with pytest.raises(InvariantBroken, match="no time zone"):
        journal.lift_halts(MAIN, by="bob", at=NOW.replace(tzinfo=None))
    assert journal.halts() == (a_halt(),)
