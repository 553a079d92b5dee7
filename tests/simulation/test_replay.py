"""The same seed lives the same life, byte for byte; another one lives another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.__main__ import main
from tests.simulation.life import Course, Lived, live

pytestmark = pytest.mark.broker

REPOSITORY = Path(__file__).parents[2]


def lived(seed: int, directory: Path) -> Lived:
    directory.mkdir()
    return live(Course(seed, 2, whole_trace=True), directory)


def test_the_same_seed_gives_the_same_trace_and_another_seed_another(tmp_path: Path) -> None:
    first, again, other = lived(5, tmp_path / "a"), lived(5, tmp_path / "b"), lived(6, tmp_path / "c")
    assert first.events == again.events
    assert (first.digest, first.lines) == (again.digest, again.lines)
    assert len(first.events) == first.lines > 500
    assert other.digest != first.digest


def test_the_same_seed_gives_the_same_trace_in_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seed", "9", "--days", "2"],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=50,
            check=True,
        ).stdout.splitlines()[-1]
        for seed in ("0", "4711")
    }
    assert len(told) == 1
    assert told.pop().startswith("trace ")


def test_a_broken_promise_names_what_replays_it(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--seed", "13", "--days", "1", "--plant", "trusts-a-notice"])
    said = capsys.readouterr().out
    assert code == 1
    assert "make simulate SEED=13 DAYS=1 PLANT=trusts-a-notice" in said
    assert "at commit" in said
