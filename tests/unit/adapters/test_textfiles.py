"""Files of the user's: whole or not at all, and never over what somebody else wrote."""

import errno
from pathlib import Path

import pytest

from reconciler.adapters import textfiles
from reconciler.adapters.textfiles import current_text, write_changes
from reconciler.domain.errors import Refused
from reconciler.domain.imported import FileAction, FileChange, waits_for


def new(path: Path, text: str, *, is_private: bool = False) -> FileChange:
    return FileChange(str(path), None, text, FileAction.CREATE, is_private)


def changed(path: Path, before: str, after: str) -> FileChange:
    return FileChange(str(path), before, after, FileAction.CHANGE)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_new_files_are_written_with_what_leads_to_them(tmp_path: Path) -> None:
    write_changes([new(tmp_path / "a" / "b.yaml", "x\n"), new(tmp_path / ".env", "S=1\n", is_private=True)])

    assert (tmp_path / "a" / "b.yaml").read_text() == "x\n"
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a" / "b.yaml").stat().st_mode & 0o777 == 0o644
    assert names(tmp_path / "a") == ["b.yaml"]


def test_a_file_that_came_to_be_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(Refused, match="came to be meanwhile"):
        write_changes([new(tmp_path / "a", "theirs")])
    assert (tmp_path / "a").read_text() == "mine"
    assert names(tmp_path) == ["a"]


def test_a_file_that_was_changed_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(Refused, match="was changed meanwhile"):
        write_changes([changed(tmp_path / "a", "what was read", "theirs")])
    assert (tmp_path / "a").read_text() == "mine"
    assert names(tmp_path) == ["a"]


def test_a_changed_file_keeps_its_mode_its_line_endings_and_the_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"a\r\n")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    before = current_text(tmp_path / "link")
    assert before == "a\r\n"

    write_changes([changed(tmp_path / "link", before, "b\r\n")])

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"b\r\n"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


def test_where_one_cannot_be_prepared_none_is_written(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    with pytest.raises(Refused, match="cannot be written"):
        write_changes([new(tmp_path / "first", "x"), new(tmp_path / "a-file" / "second", "x")])
    assert names(tmp_path) == ["a-file"]


def test_what_was_changed_meanwhile_is_found_before_the_first_is_written(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("x")
    (tmp_path / "second").write_text("theirs")
    with pytest.raises(Refused, match="second was changed meanwhile"):
        write_changes([changed(tmp_path / "first", "x", "y"), changed(tmp_path / "second", "mine", "y")])
    assert (tmp_path / "first").read_text() == "x"
    assert names(tmp_path) == ["first", "second"]


def test_a_change_that_stops_half_way_leaves_what_tells_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def full(directory: Path) -> None:
        written.append(directory)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device", str(directory))

    monkeypatch.setattr(textfiles, "sync_directory", full)
    for name in "abc":
        (tmp_path / name).write_text("old")
    with pytest.raises(Refused, match="No space left"):
        write_changes([changed(tmp_path / name, "old", "new") for name in "abc"])
    assert [waits_for(each) for each in names(tmp_path) if waits_for(each)] == ["c"]


def test_what_comes_to_be_while_others_are_written_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfiles, "sync_directory", lambda _: (tmp_path / "b").write_text("mine"))
    with pytest.raises(Refused, match="b came to be meanwhile"):
        write_changes([new(tmp_path / "a", "x"), new(tmp_path / "b", "theirs")])
    assert (tmp_path / "b").read_text() == "mine"


def test_the_file_that_cannot_be_written_is_named_and_not_the_text_that_waits_for_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").write_text("old")

    def displace(directory: Path) -> None:
        (directory / "b").unlink()
        (directory / "b").mkdir()

    monkeypatch.setattr(textfiles, "sync_directory", displace)
    with pytest.raises(Refused) as refused:
        write_changes([changed(tmp_path / name, "old", "new") for name in "ab"])
    assert str(refused.value) == f"{tmp_path / 'b'} cannot be written: Is a directory"


def test_what_is_kept_is_not_touched(tmp_path: Path) -> None:
    write_changes([FileChange(str(tmp_path / "a"), "x", "x", FileAction.KEEP)])
    assert names(tmp_path) == []


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match="not UTF-8"):
        current_text(tmp_path / "a")
    with pytest.raises(Refused, match="cannot be read"):
        current_text(tmp_path)
    assert current_text(tmp_path / "nowhere") is None
