"""The command in the test's own process: what `Stage.run` does, without an interpreter's start for each.

For cases that look at plans and refusals. What may send an order, is signalled or reads a terminal runs as a process.
"""

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.app import main
from tests.acceptance.stage import ACCOUNT_ID, Ended, Json, Stage, bare_environment, lines_of


@dataclass(frozen=True)
class Desk:
    """Where commands run that ask no broker: a directory and an environment, and nothing that has to be started."""

    directory: Path
    environment: dict[str, str]


def a_desk(directory: Path) -> Desk:
    """A desk in `directory`, with a repository in it."""
    (directory / "repository").mkdir(parents=True)
    return Desk(directory, bare_environment(directory) | {"FOLIOCTL_STATE": str(directory / "state")})


def run_here(on: Stage | Desk, *arguments: str) -> Ended:
    """Run a command to its end, in the stage's environment. Neither stream may name the broker's account."""
    output, errors = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(on.directory / "repository"),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        for name in os.environ.keys() - on.environment.keys():
            patch.delenv(name)
        for name, value in on.environment.items():
            patch.setenv(name, value)
        code = main(arguments)
    ended = Ended(code, output.getvalue(), errors.getvalue())
    assert ACCOUNT_ID not in ended.stdout + ended.stderr
    return ended


def one_line(ended: Ended) -> str:
    """Both streams without their line breaks, which come where the width wants them."""
    return " ".join((ended.stdout + ended.stderr).split())


def planned(on: Stage, *arguments: str, code: int = 0) -> Json:
    """The document of a plan that ends with `code`."""
    return run_here(on, "plan", "--json", *arguments).expect(code).document


def ordered(document: Json) -> dict[str, str]:
    """Shares by instrument, of the lines that trade."""
    wanted = {name: line["quantity"]["order"] for name, line in lines_of(document).items()}
    return {name: shares for name, shares in wanted.items() if shares != "0"}


@contextlib.contextmanager
def edited(on: Stage, file: str, old: str, new: str) -> Iterator[None]:
    """A piece of a manifest, changed while the block lasts."""
    text = (on.manifests / file).read_text()
    on.edit(file, old, new)
    try:
        yield
    finally:
        (on.manifests / file).write_text(text)
