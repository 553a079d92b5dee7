import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters import locks
from reconciler.adapters.locks import FileAccountLock
from reconciler.domain.errors import AccountLocked, Refused
from reconciler.domain.ids import AccountName
from reconciler.ports import Holder, LockFinding
from tests.fakes.clock import SteppedClock

MAIN = AccountName("main")
ROOT = Path(__file__).parents[3]

HOLDER = """
import sys
from pathlib import Path
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.locks import FileAccountLock, process_owner

lock = FileAccountLock(Path(sys.argv[1]), owner=process_owner("folioctl apply"), clock=SystemClock())
with lock.hold("main"):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    sys.stdin.readline()
"""


def a_lock(directory: Path, owner: str = "a test") -> FileAccountLock:
    return FileAccountLock(directory, owner=owner, clock=SteppedClock())


def a_holder(directory: Path) -> "subprocess.Popen[str]":
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_another_process_is_named_and_its_death_frees_the_account(tmp_path: Path) -> None:
    with a_holder(tmp_path) as holder:
        with pytest.raises(AccountLocked) as refused, a_lock(tmp_path).hold(MAIN):
            pytest.fail("two processes hold it")
        assert refused.value.owner == f"`folioctl apply` (process {holder.pid} on {os.uname().nodename})"
        assert refused.value.since is not None
        holder.kill()
        holder.wait()
        with a_lock(tmp_path).hold(MAIN):
            pass


def test_the_directory_and_the_file_are_the_owners_alone(tmp_path: Path) -> None:
    directory = tmp_path / "state" / "locks"
    with a_lock(directory).hold(MAIN):
        (file,) = directory.iterdir()
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nobody_is_named_after_it_was_given_back(tmp_path: Path) -> None:
    with a_lock(tmp_path).hold(MAIN):
        pass
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b""]


@pytest.mark.parametrize("row", ["", "{", "[]", '{"owner": "me"}', '{"owner": "me", "since": "yesterday"}', "\udcff"])
def test_an_unreadable_owner_is_another_process(tmp_path: Path, row: str) -> None:
    with a_lock(tmp_path).hold(MAIN):
        (file,) = tmp_path.iterdir()
        file.write_bytes(row.encode(errors="surrogateescape"))
        with pytest.raises(AccountLocked) as refused, a_lock(tmp_path).hold(MAIN):
            pytest.fail("two hold it")
    assert (refused.value.owner, refused.value.since) == ("another process", None)


@given(st.text(min_size=1, max_size=20) | st.sampled_from([".", "..", "../../main", "/etc/passwd", "a/b", "\0", "~"]))
def test_no_name_leads_out_of_the_directory(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    directory = tmp_path_factory.mktemp("locks")
    with a_lock(directory).hold(AccountName(name)):
        assert len(list(directory.iterdir())) == 1


@pytest.mark.parametrize("name", ["", "x" * 300])
def test_a_name_that_cannot_name_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="empty or too long"), a_lock(tmp_path).hold(AccountName(name)):
        pytest.fail("held")


def test_a_link_in_the_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("keep me")
    (tmp_path / "main.lock").symlink_to(target)
    with pytest.raises(Refused, match="cannot be opened"), a_lock(tmp_path).hold(MAIN):
        pytest.fail("held")
    assert target.read_text() == "keep me"


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(Refused, match="cannot be made"), a_lock(file / "locks").hold(MAIN):
        pytest.fail("held")


def test_this_process_names_itself() -> None:
    assert locks.process_owner("folioctl apply").startswith(f"`folioctl apply` (process {os.getpid()} on ")


# ------------------------------------------------------------------------------------------------------------- unlock


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    with a_holder(tmp_path) as holder:
        alive = a_lock(tmp_path).unlock(MAIN)
        assert (alive.holder, alive.process) == (Holder.ALIVE, holder.pid)
        holder.kill()
        holder.wait()
    found = a_lock(tmp_path).unlock(MAIN)
    assert (found.holder, found.process, found.is_cleared) == (Holder.NOBODY, holder.pid, True)
    assert found.owner is not None
    assert f"process {holder.pid}" in found.owner
    assert found.place is not None
    assert Path(found.place).read_bytes() == b""
    assert not a_lock(tmp_path).unlock(MAIN).is_cleared


def test_an_account_that_was_never_locked_gets_no_file(tmp_path: Path) -> None:
    assert a_lock(tmp_path / "locks").unlock(MAIN) == LockFinding(MAIN, Holder.NOBODY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("named", "holder"),
    [
        ({"process": os.getpid(), "machine": "elsewhere"}, Holder.ELSEWHERE),
        ({"process": 2**22 + 1, "machine": os.uname().nodename}, Holder.UNNAMED),
        ({"process": 1, "machine": os.uname().nodename}, Holder.ALIVE),
        ({"process": "?"}, Holder.UNNAMED),
        ({}, Holder.UNNAMED),
    ],
)
def test_who_holds_it_is_told_as_far_as_it_can_be(tmp_path: Path, named: dict[str, object], holder: Holder) -> None:
    with a_lock(tmp_path).hold(MAIN):
        (file,) = tmp_path.iterdir()
        row = json.dumps({"owner": "me", "since": "2026-03-02T15:00:00+00:00", **named})
        file.write_text(row)
        found = a_lock(tmp_path).unlock(MAIN)
        assert (found.holder, found.owner, found.is_cleared) == (holder, "me", False)
        assert file.read_text() == row


def test_half_a_row_of_nobody_is_nobody(tmp_path: Path) -> None:
    (tmp_path / "main.lock").write_text("{")
    found = a_lock(tmp_path).unlock(MAIN)
    assert (found.holder, found.owner) == (Holder.NOBODY, None)
    assert (tmp_path / "main.lock").read_text() == ""
