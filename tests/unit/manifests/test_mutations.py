"""Twenty thousand mutations of good manifests end in diagnostics with a place in the file, or in success."""

import re
from pathlib import Path

import pytest

from reconciler import diagnostics
from reconciler.manifests import load
from reconciler.manifests.codes import CODES
from tests.unit.manifests.mutations import mutation, text_of

ALL = 20_000
SAMPLE = 500
PARTS = 10

LINE_END = re.compile("\r\n|\r|\n")


def check(number: int, directory: Path) -> None:
    files = mutation(number)
    for name, raw in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw)
    state, found = load(directory)
    assert (state is None) == diagnostics.has_errors(found)
    for each in found:
        assert each.code in CODES
        assert str(each).isprintable()
        assert each.location is not None
        assert "1234567" not in each.message
        if each.location.line:
            name = Path(each.location.file).relative_to(directory).as_posix()
            assert_inside(each.location, LINE_END.split(text_of(files, name)))


def assert_inside(place: diagnostics.Location, lines: list[str]) -> None:
    assert 1 <= place.line <= place.end_line <= len(lines)
    assert 1 <= place.column <= len(lines[place.line - 1]) + 1
    assert 1 <= place.end_column <= len(lines[place.end_line - 1]) + 1
    assert (place.line, place.column) <= (place.end_line, place.end_column)


def run(numbers: range, tmp_path: Path) -> None:
    for number in numbers:
        directory = tmp_path / str(number)
        directory.mkdir()
        try:
            check(number, directory)
        except Exception as fault:
            fault.add_note(f"mutation {number}")
            raise


def test_a_sample_of_mutations(tmp_path: Path) -> None:
    run(range(0, ALL, ALL // SAMPLE), tmp_path)


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_all_mutations(tmp_path: Path, part: int) -> None:
    run(range(part, ALL, PARTS), tmp_path)
