"""What a command imports: the cheap ones stay cheap."""

import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import __version__
from tests.acceptance.stage import REPOSITORY, bare_environment


def imported(home: Path, *arguments: str) -> set[str]:
    """The top-level modules that a command imports."""
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cli", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
        env=bare_environment(home),
    )
    rows = [line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if line.startswith("import time:")]
    return {name.partition(".")[0] for name in rows}


BROKER = {"ib_insync", "ib_async", "eventkit"}
HEAVY = BROKER | {"pydantic_settings", "sqlalchemy", "alembic", "jsonschema", "ruamel", "keyring", "tenacity", "rich"}
FORBIDDEN = {
    "--version": HEAVY | {"typer", "click", "pydantic", "asyncio", "json"},
    "--help": HEAVY | {"pydantic"},
    "plan --help": HEAVY,
    "gateway --help": HEAVY,
    "version": HEAVY,
    "status --settings": BROKER | {"sqlalchemy", "alembic", "keyring", "tenacity"},
    "validate": BROKER | {"sqlalchemy", "alembic", "keyring", "tenacity"},
}
"""Typer itself imports Pydantic, once it parses a command's options."""


@pytest.mark.parametrize("words", FORBIDDEN)
def test_it_loads_only_what_it_needs(tmp_path: Path, words: str) -> None:
    place = ["-C", str(REPOSITORY)] if words in ("validate", "status --settings") else []
    found = imported(tmp_path, *words.split(), *place)
    assert "cli" in found
    assert found & FORBIDDEN[words] == set()


def test_the_version_is_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=bare_environment(tmp_path),
    )
    assert (ended.stdout, ended.stderr) == (f"folioctl {__version__}\n", "")
