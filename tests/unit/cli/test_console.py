"""The streams of the command: what a terminal gets, and what a pipe gets."""

import io
import subprocess
import sys
from collections.abc import Mapping

import pytest

from cli.console import Color, Streams


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


XTERM = {"TERM": "xterm-256color"}


def streams(
    output: io.StringIO, environment: Mapping[str, str], *, answer: io.StringIO | None = None, color: Color = Color.AUTO
) -> Streams:
    return Streams(answer or io.StringIO(), output, output, environment, color)


def styled(streams: Streams) -> str:
    streams.stdout.print("word", style="bold red")
    assert isinstance(streams.output, io.StringIO)
    return streams.output.getvalue()


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_a_terminal_gets_colour() -> None:
    assert "\x1b[" in styled(streams(Terminal(), XTERM))


@pytest.mark.parametrize("forbidden", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_nothing_is_styled_where_it_is_forbidden(forbidden: dict[str, str]) -> None:
    assert styled(streams(Terminal(), XTERM | forbidden)) == "word\n"


def test_no_color_on_the_command_line() -> None:
    assert styled(streams(Terminal(), XTERM, color=Color.NEVER)) == "word\n"


def test_a_pipe_gets_colour_only_by_force() -> None:
    assert styled(streams(io.StringIO(), XTERM)) == "word\n"
    assert "\x1b[" in styled(streams(io.StringIO(), XTERM | {"FORCE_COLOR": "1"}))
    assert styled(streams(io.StringIO(), XTERM | {"FORCE_COLOR": "1", "NO_COLOR": "1"})) == "word\n"


def test_force_color_makes_no_terminal() -> None:
    forced = streams(io.StringIO(), XTERM | {"FORCE_COLOR": "1"})

    assert not forced.can_ask
    assert not forced.stderr.is_interactive


@pytest.mark.parametrize(
    ("environment", "width"), [({}, 120), ({"COLUMNS": "77"}, 77), ({"COLUMNS": "0"}, 120), ({"COLUMNS": "x"}, 120)]
)
def test_the_width_off_a_terminal(environment: dict[str, str], width: int) -> None:
    assert streams(io.StringIO(), environment).stdout.width == width


@pytest.mark.parametrize(
    ("answer", "expected"), [("main\n", True), ("main", True), ("yes\n", False), ("MAIN\n", False), ("", False)]
)
def test_only_the_exact_answer_confirms(answer: str, expected: bool) -> None:
    output = Terminal()

    asked = streams(output, XTERM, answer=Terminal(answer))

    assert asked.confirm("Apply 3 orders to main?", "main") is expected
    assert "Apply 3 orders to main?" in output.getvalue()
    assert "Only 'main' is accepted: " in output.getvalue()


def test_nobody_is_asked_off_a_terminal() -> None:
    output = io.StringIO()

    assert streams(output, XTERM, answer=io.StringIO("yes\n")).confirm("Apply?", "yes") is False
    assert output.getvalue() == ""


def test_an_encoding_without_arrows_ends_no_report() -> None:
    program = (
        "import os; from cli.console import standard_streams; standard_streams(os.environ).stdout.print('20 → 43')"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=True
    )

    assert done.stdout == "20 ? 43\n"


def test_the_module_loads_no_rich() -> None:
    program = "import sys, cli.console; print('rich' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


@pytest.mark.parametrize("show", ["s.write('x' * 100)", "s.stdout.print('x' * 100)"])
def test_a_reader_that_went_away_changes_no_exit_code(show: str) -> None:
    program = (
        "import os, sys; from cli.console import standard_streams; s = standard_streams(os.environ)\n"
        f"for _ in range(5000): {show}\n"
        "sys.exit(6)"
    )

    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (6, b"")
