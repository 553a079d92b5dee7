"""What the documents say is true: commands, options, exit codes, links, examples, words."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from reconciler.domain.exits import ExitCode
from reconciler.domain.line import Action
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome
from reconciler.domain.status import HealthStatus, SyncStatus
from reconciler.settings import Settings
from reconciler.simgateway.control import VERBS
from reconciler.simgateway.quirks import QUIRKS
from tests import commandlines, documents, picture

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(
    path for place in (".", ".github", ".github/decisions", "docs") for path in (REPOSITORY / place).glob("*.md")
)
COMMANDS = commandlines.commands()
MACHINE_PATH = re.compile(r"/(?:work|root|Users|home)/|/tmp/[a-z]")


def named(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def text_of(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


def anchors(markdown: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_its_section(words: str) -> None:
    page = text_of("docs/commands.md")
    section = page.partition(f"\n### folioctl {words}\n")[2].partition("\n### ")[0]
    assert f"<!-- options: {words} -->" in section
    assert any(line.startswith(f"folioctl {words}") for line in section.splitlines()), "an example"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_and_every_option_has_help(words: str) -> None:
    command = COMMANDS[words]
    assert command.help
    assert [parameter.name for parameter in command.params if not getattr(parameter, "help", None)] == []


@pytest.mark.parametrize(("page", "refreshed"), documents.MADE.items(), ids=[page.name for page in documents.MADE])
def test_tables_that_are_made_are_fresh(page: Path, refreshed: Callable[[str], str]) -> None:
    text = page.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run `python -m tests.documents`"


def test_no_section_is_about_a_command_that_is_gone() -> None:
    headings = re.findall(r"^### folioctl (.+)$", text_of("docs/commands.md"), re.MULTILINE)
    assert sorted(headings) == sorted(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_line_is_one_that_folioctl_takes(page: Path) -> None:
    for block in commandlines.shell_blocks(page.read_text(encoding="utf-8")):
        for words in commandlines.folioctl_lines(block):
            if words != ["--version"]:
                commandlines.parse(words)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_path_of_some_machine(page: Path) -> None:
    assert MACHINE_PATH.search(page.read_text(encoding="utf-8")) is None


def test_the_exit_codes_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| (\d+) \| \S.* \|$", text_of("README.md"), re.MULTILINE)
    assert [int(row) for row in rows] == [code.value for code in ExitCode]


def test_every_setting_is_in_the_example_and_on_the_page_of_commands() -> None:
    switched_by_others = {"CI", "GITHUB_ACTOR"}
    settings = {field.validation_alias for field in Settings.model_fields.values()}
    example = set(re.findall(r"^#?([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))
    page = set(re.findall(r"^\| `([A-Z_]+)` \| [^|]+ \|$", text_of("docs/commands.md"), re.MULTILINE))
    assert example == (settings - switched_by_others) | {"IB_ACCOUNT_ID"}
    assert page == settings | {"IB_ACCOUNT_ID"}


@pytest.mark.parametrize("words", [OrderState, Action, SyncStatus, HealthStatus, Outcome])
def test_the_glossary_has_every_word_of(words: Any) -> None:
    glossary = text_of(".github/GLOSSARY.md")
    assert [word.value for word in words if not re.search(rf"\b{word.value}\b", glossary)] == []


def test_the_page_of_the_gateway_has_every_verb_and_every_quirk() -> None:
    page = text_of("docs/gateway.md")
    for verb in VERBS:
        assert f"| `{verb}` |" in page
    for quirk in QUIRKS.values():
        assert f"| `{quirk.usage}` | {quirk.explanation}" in page


PROGRAMS = re.findall(r"```python\n(.*?)```", text_of("docs/gateway.md"), re.DOTALL)


def test_the_page_has_programs() -> None:
    assert len(PROGRAMS) == 3


@pytest.mark.broker
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_on_the_page_runs(program: str, tmp_path: Path) -> None:
    library = next(name for name in ("ib_insync", "ib_async") if importlib.util.find_spec(name))
    file = tmp_path / "test_program.py"
    file.write_text(program.replace("ib_insync", library))
    installed = entry_points(group="pytest11", name="folioctl-gateway")
    plugin = [] if installed else ["-p", "reconciler.simgateway.pytest_plugin"]
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin] if "def test_" in program else []
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    ended = subprocess.run(
        [sys.executable, *command, str(file)],
        env=os.environ | {"PATH": path, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=45,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert not command or "1 passed" in ended.stdout


def test_the_picture_shows_what_a_plan_looks_like() -> None:
    assert picture.drawn(picture.made()) == picture.PICTURE.read_text(encoding="utf-8"), "run `python -m tests.picture`"


def test_the_ladder_has_every_suite() -> None:
    suites = {path.relative_to(REPOSITORY / "tests").parts[0] for path in (REPOSITORY / "tests").rglob("test_*.py")}
    ladder = set(re.findall(r"^\| `tests/(\w+)/` \|", text_of(".github/ARCHITECTURE.md"), re.MULTILINE))
    assert suites <= ladder


def test_changes_are_collected_before_anything_else() -> None:
    versions = re.findall(r"^## \[(.+?)\]", text_of("CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == "Unreleased"
