"""Unlock: an account or a run of it, who holds it, and what of it is not closed."""

import pytest

from reconciler.adapters.journal.memory import InMemoryJournal
from reconciler.domain.errors import Refused
from reconciler.domain.exits import ExitCode
from reconciler.engine.unlock import unlock
from reconciler.ports import Holder
from tests.fakes.clock import SteppedClock
from tests.fakes.locks import InMemoryAccountLock, LockTable
from tests.unit.adapters.journal.records import MAIN, a_run


def a_lock(table: LockTable) -> InMemoryAccountLock:
    return InMemoryAccountLock(table, owner="`folioctl apply` (process 1 on desk)", clock=SteppedClock())


@pytest.mark.parametrize("name", ["main", "run-1"])
def test_a_free_account_is_0_and_names_its_unfinished_runs(name: str) -> None:
    journal = InMemoryJournal()
    journal.begin_run(a_run())

    found = unlock(a_lock({}), journal, name)

    assert (found.finding.account, found.finding.holder) == (MAIN, Holder.NOBODY)
    assert (found.unfinished, found.exit_code) == (("run-1",), ExitCode.OK)


@pytest.mark.parametrize("name", ["main", "run-1"])
def test_a_held_account_is_5(name: str) -> None:
    journal, table = InMemoryJournal(), LockTable()
    journal.begin_run(a_run())
    with a_lock(table).hold(MAIN):
        found = unlock(a_lock(table), journal, name)
    assert (found.finding.holder, found.exit_code) == (Holder.ALIVE, ExitCode.LOCKED)


def test_an_account_that_is_held_needs_no_run() -> None:
    table = LockTable()
    with a_lock(table).hold(MAIN):
        assert unlock(a_lock(table), InMemoryJournal(), "main").exit_code is ExitCode.LOCKED


def test_a_name_of_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="there is no run and no account 'mian'"):
        unlock(a_lock({}), InMemoryJournal(), "mian")
