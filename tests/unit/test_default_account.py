"""Which account a command takes where none is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler import manifests
from reconciler.adapters.journal.memory import InMemoryJournal
from reconciler.adapters.journal.open import open_journal
from reconciler.bootstrap import account_to_halt, choose_account
from reconciler.bootstrap.halts import tell_halts
from reconciler.domain.desired import Environment
from reconciler.domain.errors import Refused
from reconciler.domain.ids import AccountName, PlanId, RunId
from reconciler.manifests.writing import AccountSetup, Setup, written
from reconciler.ports import Journal, RunRecord
from tests.acceptance.here import a_desk, one_line, run_here
from tests.builders import NOW, a_desired_state, a_halt, a_revision, an_account_spec
from tests.fakes.recorder import ListSink

FIRST, SECOND = (an_account_spec(name=AccountName(name)) for name in ("first", "second"))
BOTH = a_desired_state(FIRST, SECOND)


def test_the_default_is_taken_where_none_is_named() -> None:
    assert choose_account(replace(BOTH, default=SECOND.name), None) is SECOND


def test_a_name_wins_over_the_default() -> None:
    assert choose_account(replace(BOTH, default=SECOND.name), "first") is FIRST


def test_without_a_default_several_have_to_be_named() -> None:
    with pytest.raises(Refused, match="choose one with --account"):
        choose_account(BOTH, None)


def loaded(directory: Path, *defaults: bool) -> tuple[str | None, list[str]]:
    """The default account of a set of manifests, and the codes of what is wrong with them."""
    accounts = [
        AccountSetup(f"account-{place}", {("default",): each, ("accountIdFrom", "env"): f"ID_{place}"})
        for place, each in enumerate(defaults, start=1)
    ]
    for name, text in written(Setup(accounts)).items():
        (directory / name).write_text(text)
    desired, found = manifests.load(directory)
    return None if desired is None else desired.default, [each.code for each in found]


def test_a_manifest_says_so(tmp_path: Path) -> None:
    assert loaded(tmp_path, False, True) == ("account-2", [])


def test_two_that_say_so_are_a_mistake(tmp_path: Path) -> None:
    assert loaded(tmp_path, True, True) == (None, ["ACC020"])


def test_it_is_no_part_of_what_the_manifests_ask_for(tmp_path: Path) -> None:
    digests = set()
    for default in (False, True):
        loaded(tmp_path, default, False)
        desired, _ = manifests.load(tmp_path)
        assert desired is not None
        digests.add(desired.digest)
    assert len(digests) == 1


def a_run_of(account: AccountName, journal: Journal) -> RunId:
    """A run that is not closed."""
    name = RunId("0123456789ab")
    journal.begin_run(
        RunRecord(name, PlanId(name), account, Environment.PAPER, a_revision(), "{}", NOW, ended=None, outcome=None)
    )
    return name


def test_what_is_halted_is_known_to_the_manifests_or_to_the_journal(tmp_path: Path) -> None:
    """Orders of an account may work whose manifest is gone."""
    loaded(tmp_path, True)
    journal = InMemoryJournal()
    known, gone = AccountName("account-1"), AccountName("gone")

    assert account_to_halt(known, tmp_path, journal) == (known, None)
    with pytest.raises(Refused, match="there is no account 'gone'; there is account-1"):
        account_to_halt(gone, tmp_path, journal)
    a_run_of(gone, journal)
    assert account_to_halt(gone, tmp_path, journal) == (gone, None)


def test_a_halt_of_another_account_is_not_told() -> None:
    sink = ListSink()
    tell_halts(FIRST.name, [a_halt(SECOND.name), a_halt(FIRST.name), a_halt(None)], sink)

    told = [str(each) for each in sink.events]
    assert len(told) == 2
    assert not any("'second'" in each for each in told)


@pytest.mark.parametrize("words", [["recover", "--resume"], ["recover"], ["resolve", "--reason", "I looked"]])
def test_a_run_is_taken_up_in_its_own_account(tmp_path: Path, words: list[str]) -> None:
    """Whoever reads the default's account for it would find nothing amiss, and say so."""
    desk = a_desk(tmp_path)
    manifests_of_both = desk.directory / "repository" / "desired-state"
    manifests_of_both.mkdir()
    loaded(manifests_of_both, False, True)
    (desk.directory / "state").mkdir()
    journal = open_journal(desk.directory / "state" / "journal.sqlite3")
    name = a_run_of(AccountName("account-1"), journal)
    journal.close()

    taken = one_line(run_here(desk, "runs", words[0], name, *words[1:]).expect(1))
    named = one_line(run_here(desk, "runs", words[0], name, *words[1:], "--account", "account-1").expect(1))
    refused = one_line(run_here(desk, "runs", words[0], name, *words[1:], "--account", "account-2").expect(1))

    assert "the id of account 'account-1' is not set" in taken
    assert "the id of account 'account-1' is not set" in named
    assert "run 0123456789ab is of account 'account-1', not 'account-2'" in refused
