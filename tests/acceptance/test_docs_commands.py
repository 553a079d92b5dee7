"""Every command of folioctl that the documents show runs, page by page, against a simulated account.

A page's commands run in their order, in one prepared repository. What stands in the way, such as the id of a run
that only an example has, is put right by the tables here; what cannot run at all is parsed, and `PARSED` says why.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import commandlines
from tests.acceptance.stage import REPOSITORY, SMALL, Ended, Stage, stage
from tests.docblocks import PAGES, blocks

pytestmark = pytest.mark.broker

Words = Sequence[str]

PARSED: dict[tuple[str, ...], str] = {
    ("gateway", "--port"): "serves until it is stopped, at a port that may be taken: tests/simgateway/test_command.py",
    ("gateway", "--scenario"): "the same",
    ("gateway", "--replay"): "needs a session that was recorded: tests/simgateway/test_recording.py",
    ("demo",): "`make demo` runs it in CI, right after the tests",
}
"""The beginnings of commands that are parsed only, and why."""

ADDED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("apply",): ("--auto-approve",),
    ("halt",): ("--auto-approve",),
    ("import",): ("--yes",),
    ("runs", "recover"): ("--auto-approve",),
}
"""What a command is given beside its words, where it takes that: nobody sits there to be asked."""

CODES: dict[tuple[str, ...], set[int]] = {
    ("drift",): {0, 2},
    ("runs", "recover"): {0, 1},
    ("runs", "resolve"): {0, 1},
    ("unlock",): {0, 1},
}
"""How a command may end besides with 0: there is drift, or nothing of the run is open any more."""

RUN_OF_AN_EXAMPLE = "1bf99770080a"
IN_THIS_ACCOUNT = {"META": "MSFT"}
"""What examples name that the account here has not, and what stands for it."""
WEIGHTS = {"MSFT": "30%", "NVDA": "15%", "TSLA": "15%", "GLD": "20%", "AVGO": "10%", "ORCL": "10%"}
GIVEN = {
    "portfolio.csv": "symbol,weight\n" + "".join(f"{symbol},{weight}\n" for symbol, weight in WEIGHTS.items()),
    "portfolio.yaml": "portfolio:\n"
    + "".join(f"  {symbol}: {{weight: {weight}}}\n" for symbol, weight in WEIGHTS.items()),
}


EARLIER = "IB_GATEWAY_PORT=7497\nIB_ACCOUNTS=DU0000001:CAD,DU0000002:USD\nTARGET_LEVERAGE=1.4\nMARGIN_CUSHION=0.2\n"
"""Settings of the earlier program."""


def commands_of(page: Path) -> list[list[str]]:
    scripts = (block.text for block in blocks(page) if block.language == "sh")
    return [words for script in scripts for words in commandlines.folioctl_lines(script)]


def beginning(words: Words, table: Mapping[tuple[str, ...], object]) -> tuple[str, ...] | None:
    """The key of a table that a command begins with."""
    return next((key for key in table if tuple(words[: len(key)]) == key), None)


def takes(words: Words, option: str) -> bool:
    name = " ".join(each for each in words if not each.startswith("-"))
    known = commandlines.commands()
    found = next(command for key, command in known.items() if f"{name} ".startswith(f"{key} "))
    return any(option in parameter.opts for parameter in found.params)


class Reader:
    """A person who tries a page's commands one after the other."""

    def __init__(self, on: Stage) -> None:
        self.on = on
        self._run = ""

    def tries(self, words: list[str]) -> None:
        """Run a command, and see it end as it may."""
        self._prepare(words)
        made = [self._run_id() if each == RUN_OF_AN_EXAMPLE else self._at_home(each) for each in words]
        key = beginning(words, ADDED)
        more = [each for each in ADDED.get(key or (), ()) if each not in words and takes(words, each)]
        with self._where_it_belongs(words):
            ended = self.on.run(*made, *more)
        allowed = CODES.get(beginning(words, CODES) or (), {0})
        assert ended.code in allowed, said(words, ended)
        if words[0] == "halt":
            account = ("--account", "main") if "--account" in words else ()
            self.on.run("resume", *account).expect(0)

    def _prepare(self, words: Words) -> None:
        """What a command reads is made right before, as its reader would have done: a plan, the lock file."""
        if words[0] == "lock" and words[1:]:
            self.on.run("lock").expect(0)
        if words[0] in ("apply", "show") and words[1:] and words[1].endswith(".plan"):
            overrides = ("--override", "maxTurnover=first build of this account") if words[1] == "build.plan" else ()
            self.on.run("plan", "-o", words[1], *overrides).expect(0)

    @contextmanager
    def _where_it_belongs(self, words: Words) -> Iterator[None]:
        """What comes from elsewhere begins a repository, and the one that is here comes back afterwards."""
        aside = self.on.directory / "aside"
        if words[0] != "import":
            yield
            return
        shutil.copytree(self.on.manifests, aside)
        if words[1] != "account" and "--into" not in words:
            shutil.rmtree(self.on.manifests)
        yield
        shutil.rmtree(self.on.manifests, ignore_errors=True)
        aside.rename(self.on.manifests)

    def _run_id(self) -> str:
        if not self._run:
            self._run = str(self.on.run("apply", "--auto-approve", "--json").expect(0).document["id"])
        return self._run

    def _at_home(self, word: str) -> str:
        return IN_THIS_ACCOUNT.get(word, word.replace("~", str(self.on.directory)))


def said(words: Words, ended: Ended) -> str:
    return f"folioctl {' '.join(words)} ended with {ended.code}\n{ended.stdout}\n{ended.stderr}"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with stage(tmp_path, SMALL) as made:
        for name, text in GIVEN.items():
            (made.manifests.parent / name).write_text(text)
        # A flattening that nobody watches needs somebody who allowed it beforehand.
        made.edit("risk-limits.yaml", "spec:\n", "spec:\n  emergencyAuthorisedBy: Ada\n")
        (made.manifests.parents[1] / "rebalancer").mkdir()
        (made.manifests.parents[1] / "rebalancer" / ".env").write_text(EARLIER)
        (tmp_path / "my-portfolio").symlink_to(made.manifests.parent)
        yield Reader(made)


WITH_COMMANDS = [page for page in PAGES if commands_of(page)]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page: Path, reader: Reader) -> None:
    for words in commands_of(page):
        if beginning(words, PARSED) is None:
            reader.tries(words)
        else:
            commandlines.parse(words)


def test_every_row_of_the_table_of_what_is_only_parsed_is_needed() -> None:
    every = [words for page in PAGES for words in commands_of(page)]
    needed = {beginning(words, PARSED) for words in every}
    assert [key for key in PARSED if key not in needed] == []


def test_the_first_repository_of_the_readme_is_made_as_it_says(tmp_path: Path) -> None:
    """The lines of the README that make a repository run as they stand, with nobody there to be asked."""
    (script,) = (block.text for block in blocks(REPOSITORY / "README.md") if "git init" in block.text)
    (tmp_path / "clone").mkdir()
    ended = subprocess.run(
        ["bash", "-e", "-c", f"{script}\nfolioctl validate"],
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path / "clone",
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
        check=False,
        capture_output=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert "The manifests are in order: 0 targets for main." in ended.stdout
    assert (tmp_path / "my-portfolio" / "desired-state" / "portfolio.yaml").is_file()
