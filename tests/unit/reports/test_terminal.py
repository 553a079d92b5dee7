"""Terminal reports: colour only repeats the words, and the narrow ones keep what nobody can do without."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from reconciler.diagnostics import Location, error
from reconciler.domain.imported import FileAction, FileChange
from reconciler.reports import terminal
from reconciler.reports.terminal import imported
from tests.builders import a_line, a_plan
from tests.golden.cases import PLANS, RUNS

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def console(width: int, **options: object) -> Console:
    return Console(file=io.StringIO(), width=width, highlight=False, markup=False, **options)  # type: ignore[arg-type]


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("case", PLANS)
def test_colour_changes_no_word(case: str) -> None:
    plain, coloured = console(100, color_system=None), console(100, color_system="truecolor", force_terminal=True)

    for each in (plain, coloured):
        terminal.show_plan(each, PLANS[case](), apply_command="folioctl apply")

    assert "\x1b" not in text_of(plain)
    assert ESCAPES.sub("", text_of(coloured)) == text_of(plain)


@pytest.mark.parametrize("width", [50, 80, 120])
def test_every_width_shows_who_what_and_how_much(width: int) -> None:
    narrow = console(width)

    terminal.show_plan(narrow, PLANS["new"](), apply_command="folioctl apply")

    rows = [line.split() for line in text_of(narrow).splitlines()]
    msft = next(row for row in rows if "MSFT" in row)
    assert {"20", "→", "43", "+23"} <= set(msft)


@pytest.mark.parametrize("width", [50, 80])
def test_a_narrow_head_breaks_between_its_facts(width: int) -> None:
    narrow = console(width)

    terminal.show_plan(narrow, PLANS["new"](), apply_command="folioctl apply")

    assert "made 2026-03-02 15:00:00 UTC, good for 15 min" in text_of(narrow).splitlines()


@pytest.mark.parametrize("case", RUNS)
def test_a_run_says_the_fate_of_every_order_at_any_width(case: str) -> None:
    plan, result = RUNS[case]()
    narrow = console(60)

    terminal.show_run(narrow, result, plan)

    assert all(line.instrument in text_of(narrow) for line in result.lines)


def test_unchanged_lines_are_counted_or_listed() -> None:
    plan = a_plan([a_line(), a_line("GLD", 5, 5)])
    brief, full = console(100), console(100)

    terminal.show_plan(brief, plan, apply_command="folioctl apply")
    terminal.show_plan(full, plan, apply_command="folioctl apply", detail=terminal.Detail.ALL)

    assert "1 line unchanged" in text_of(brief)
    assert "GLD" not in text_of(brief)
    assert "GLD" in text_of(full)


def test_names_are_never_read_as_markup() -> None:
    shown = console(100, color_system="truecolor", force_terminal=True)

    terminal.show_plan(shown, a_plan([a_line("[red]X[/red]")]), apply_command="folioctl apply")

    assert "[red]X[/red]" in ESCAPES.sub("", text_of(shown))


@pytest.mark.parametrize("line", [0, 1, 99])
def test_a_diagnostic_is_shown_with_or_without_its_source(line: int) -> None:
    shown = console(80)

    terminal.show_diagnostics(shown, [error("E1", "odd", Location("a.yaml", line, 3))], {"a.yaml": {1: "spec: {}"}})

    assert "error[E1]: odd" in text_of(shown)
    assert ("│ spec: {}" in text_of(shown)) is (line == 1)


LONG = f"{{symbol: MSFT, sector: {'a' * 300}, weight: 3x}}"


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize(
    ("line", "piece"),
    [
        ("  weight: 3x", "3x"),
        ("{name: '日本語 e\u0301 \U0001f680', weight: 3x}", "3x"),
        ("{symbol: MSFT,\tweight: 3x}", "3x"),
        ("{name: 'שלום', weight: 3x}", "3x"),
        (LONG, "3x"),
        (LONG.replace("a", "語"), "3x"),
        (LONG + " # " + "b" * 300, "weight"),
        ("\ta" * 100 + " 3x", "3x"),
    ],
)
def test_the_marks_stand_under_what_they_mark_at_any_width(width: int, line: str, piece: str) -> None:
    shown, begin = console(width), line.index(piece) + 1
    place = Location("a.yaml", 1, begin, 1, begin + len(piece))

    terminal.show_diagnostics(shown, [error("E1", "odd", place)], {"a.yaml": {1: line}})

    _, _, excerpt, marks, *_ = text_of(shown).split("\n")
    before = excerpt[: excerpt.rindex(piece)]
    assert marks.rstrip() == " " * cell_len(before) + "^" * len(piece)
    assert cell_len(excerpt) <= width


@pytest.mark.parametrize(
    ("line", "end", "marked"),
    [("語" * 200, (1, 201), 72), ("a: >- ", (2, 4), 2)],
    ids=["wider than the terminal", "to a later line"],
)
def test_the_marks_end_with_what_is_shown_of_the_line(line: str, end: tuple[int, int], marked: int) -> None:
    shown, begin = console(80), 1 if line[0] == "語" else 4

    terminal.show_diagnostics(shown, [error("E1", "odd", Location("a.yaml", 1, begin, *end))], {"a.yaml": {1: line}})

    _, _, _, marks, *_ = text_of(shown).split("\n")
    assert marks == " " * (8 + begin - 1) + "^" * marked


def test_a_place_in_a_very_long_line_is_shown_at_once() -> None:
    """A file may be one line of ten million characters, and have hundreds of diagnostics."""
    shown, line = console(80), "a" * 10_000_000 + "x"
    place = Location("a.yaml", 1, len(line), 1, len(line) + 1)

    terminal.show_diagnostics(shown, [error("E1", "odd", place)] * 200, {"a.yaml": {1: line}})

    assert text_of(shown).count("ax\n") == 200


def test_promise_14_a_diff_shows_neither_account_numbers_nor_secrets() -> None:
    shown, token = console(80), "ghp_" + "a1B2" * 9
    before, after = f"# of DU1234567\na: 1\n# {token}\n", f"# of DU1234567\na: 2\n# {token}\n"

    imported.show_diff(shown, [FileChange("a.yaml", before, after, FileAction.CHANGE)])

    assert text_of(shown).splitlines()[3:] == [" # of (account id)", "-a: 1", "+a: 2", " # (secret)"]
