import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.reportstore import DirectoryReportStore
from reconciler.domain.errors import Refused, StateUnavailable
from tests.unit.adapters.fulldisk import largest_file

TEXT = '{"kind": "Run", "note": "Zürich ≤ 1.4 ×"}\n'


def test_a_document_is_where_it_says(tmp_path: Path) -> None:
    place = DirectoryReportStore(tmp_path / "state" / "reports").write("run-1.json", TEXT)
    assert place == str(tmp_path / "state" / "reports" / "run-1.json")
    assert Path(place).read_text("utf-8") == TEXT


def test_it_is_its_owners_alone(tmp_path: Path) -> None:
    place = Path(DirectoryReportStore(tmp_path / "reports").write("run-1.json", TEXT))
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_a_later_document_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    store = DirectoryReportStore(tmp_path)
    store.write("run-1.json", "the first, which is longer")
    place = store.write("run-1.json", "the second")
    assert Path(place).read_text("utf-8") == "the second"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_fails_leaves_the_older_one_and_nothing_else(tmp_path: Path) -> None:
    store = DirectoryReportStore(tmp_path)
    place = store.write("run-1.json", "the first")
    with largest_file(20), pytest.raises(StateUnavailable, match=r"run-1\.json cannot be written: File too large"):
        store.write("run-1.json", "the second, which is too long for the disk")
    assert Path(place).read_text("utf-8") == "the first"
    assert [str(each) for each in tmp_path.iterdir()] == [place]


@given(st.text(min_size=1, max_size=20) | st.sampled_from([".", "..", "../run", "/etc/passwd", "a/b", "\0", "\ud800"]))
def test_no_name_leads_out_of_the_directory(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    directory = tmp_path_factory.mktemp("reports")
    place = DirectoryReportStore(directory).write(name, TEXT)
    assert Path(place).parent == directory
    assert Path(place).read_text("utf-8") == TEXT


@given(one=st.text(min_size=1, max_size=8), other=st.text(min_size=1, max_size=8))
def test_two_names_are_two_documents(tmp_path_factory: pytest.TempPathFactory, one: str, other: str) -> None:
    store = DirectoryReportStore(tmp_path_factory.mktemp("reports"))
    assert (store.write(one, "") == store.write(other, "")) is (one == other)


@pytest.mark.parametrize("name", ["", "x" * 300])
def test_a_name_that_cannot_name_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="empty or too long"):
        DirectoryReportStore(tmp_path).write(name, TEXT)


def test_a_broken_character_does_not_lose_the_report(tmp_path: Path) -> None:
    place = DirectoryReportStore(tmp_path).write("run-1.json", "a broker said \ud800")
    assert Path(place).read_text("utf-8") == r"a broker said \ud800"


def test_a_directory_that_cannot_be_made_is_state_that_failed_for_orders_may_have_been_sent(tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("")
    with pytest.raises(StateUnavailable, match="cannot be made"):
        DirectoryReportStore(tmp_path / "file" / "reports").write("run-1.json", TEXT)
