"""The lock file on disk: what is there, what is not, and what lies where it is not read."""

from pathlib import Path

import pytest

from reconciler.domain.imported import FileAction
from reconciler.manifests.contract_lock import entries_of
from reconciler.manifests.lock import file as lock_file
from reconciler.manifests.lock.writing import LockEdits
from tests.unit.manifests.lock.test_writing import an_entry
from tests.unit.manifests.repository import GOOD, told

ADDED = LockEdits(added=(an_entry(),))


@pytest.mark.parametrize("before", ["", "# Ours.\r\n# Hands off", "---\n"])
def test_a_file_without_a_word_of_its_own_is_filled_and_keeps_its_comments(tmp_path: Path, before: str) -> None:
    (tmp_path / "contracts.lock.yaml").write_bytes(before.encode())

    file, found = lock_file.read(tmp_path)
    text = file.edited(ADDED)

    assert found == ()
    assert isinstance(text, str)
    assert entries_of(text) == (an_entry(),)
    assert all(line in text.splitlines() for line in before.splitlines() if line.startswith("#"))
    change = file.change(text)
    assert (change.action, change.before) == (FileAction.CHANGE, before)


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    empty, _ = lock_file.read(tmp_path)
    text = empty.edited(ADDED)
    assert isinstance(text, str)
    (tmp_path / "contracts.lock.yaml").write_bytes(text.replace("\n", "\r\n").encode())

    file, _ = lock_file.read(tmp_path)
    assert file.edited(LockEdits(replaced={272093: an_entry(lot=5)})) == text.replace("lot: 1", "lot: 5").replace(
        "\n", "\r\n"
    )


def test_where_there_is_none_one_is_made(tmp_path: Path) -> None:
    file, found = lock_file.read(tmp_path)

    assert (found, file.is_there) == ((), False)
    assert (file.change("x").action, file.change("x").before) == (FileAction.CREATE, None)


def test_what_cannot_be_read_is_told_and_is_not_taken_for_none(tmp_path: Path) -> None:
    """Without its pins a plan would ask the broker what the symbols mean."""
    path = tmp_path / "contracts.lock.yaml"
    path.mkdir()
    assert [each.code for each in lock_file.read(tmp_path)[1]] == ["YML007"]
    path.rmdir()
    path.symlink_to("nowhere.yaml")
    assert [each.code for each in lock_file.read(tmp_path)[1]] == ["YML007"]


def test_a_lock_file_elsewhere_is_told(tmp_path: Path) -> None:
    others = {
        "sub/contracts.lock.yaml": "",
        "contracts.lock.yml": "",
        ".old/contracts.lock.yaml": "",
        "x.lock.yaml": "",
    }

    assert told(tmp_path, GOOD | others) == ["contracts.lock.yml LCK013", "sub/contracts.lock.yaml LCK013"]
