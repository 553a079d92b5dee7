"""Every slip of the corpus is told with its code, at its place, with what is wrong marked and nothing else."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.diagnostics import Diagnostic
from reconciler.manifests.codes import CODES
from tests.unit.manifests.corpus import BROKEN, Broken
from tests.unit.manifests.repository import changed, load_files
from tests.unit.manifests.test_diagnostics import CASES

LINE_END = re.compile("\r\n|\r|\n")


def marked(found: Diagnostic, files: Mapping[str, str]) -> str:
    """`file:line:column CODE marked text`, its place being one that is inside the file."""
    place = found.location
    assert place is not None
    name = Path(place.file).name
    lines = LINE_END.split(files[name])
    assert 1 <= place.line <= place.end_line <= len(lines)
    line = lines[place.line - 1]
    assert 1 <= place.column <= len(line) + 1
    assert 1 <= place.end_column <= len(lines[place.end_line - 1]) + 1
    assert (place.end_line, place.end_column) >= (place.line, place.column)
    text = (
        line[place.column - 1 :] + "…" if place.end_line > place.line else line[place.column - 1 : place.end_column - 1]
    )
    return f"{name}:{place.line}:{place.column} {found.code} {text}".rstrip()


def test_it_is_large_enough() -> None:
    names = [each.name for each in BROKEN] + list(CASES)
    assert len(names) == len(set(names)) >= 150


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_slip_is_told_where_it_stands(tmp_path: Path, case: Broken) -> None:
    files = changed(case.file, case.old, case.new)
    _, found = load_files(tmp_path, files)
    assert tuple(marked(each, files) for each in found) == case.told
    for each in found:
        assert each.why == CODES[each.code].why
        assert str(each).isprintable()


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES.keys())
def test_what_breaks_a_rule_is_marked_inside_its_file(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    _, found = load_files(tmp_path, files)
    assert [marked(each, files).startswith(expected) for each in found] == [True]
