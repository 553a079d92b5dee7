"""`folioctl migrate` as a user runs it, and with a version that exists in tests alone."""

from pathlib import Path

import pytest
import typer

from cli.app import main
from cli.console import Color
from cli.rewriting import Deed, Rewriting
from reconciler.manifests.migration import migrated
from tests.unit.manifests.repository import GOOD, write
from tests.unit.manifests.second_version import REGISTRY, V1, V2


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "desired-state", GOOD)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "desired-state"


def texts(repository: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in repository.iterdir()}


def led(target: str, deed: Deed) -> int:
    """What `migrate` does, by the migrations of the tests; its exit code."""
    rewriting = Rewriting.begun(Path(), None, deed, Color.NEVER)
    rewriting.over(None, lambda text, path: migrated(text, path.as_posix(), REGISTRY, target))
    with pytest.raises(typer.Exit) as leaving:
        rewriting.leave("done")
    return leaving.value.exit_code


@pytest.mark.parametrize("words", [[], ["--check"], ["--to", "folioctl/v1", "--diff"]])
def test_there_is_nothing_to_do(repository: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", *words]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "nothing to do: folioctl/v1 is the newest.\n")
    assert texts(repository) == GOOD


def test_a_version_that_there_is_not_is_a_usage_error(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--to", "folioctl/v9"]) == 64
    assert "There is folioctl/v1." in capsys.readouterr().err
    assert texts(repository) == GOOD


def test_a_manifest_of_an_unknown_version_is_an_error(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = repository / "gateway.yaml"
    path.write_text(path.read_text().replace("/v1", "/v0"))
    assert main(["migrate"]) == 1
    said = capsys.readouterr().err
    assert "MIG001" in said
    assert "desired-state/gateway.yaml:1:13" in said


def test_files_are_led_there_and_back(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert led(V2, Deed.CHECK) == 1
    assert len(capsys.readouterr().out.splitlines()) == len(GOOD)
    assert texts(repository) == GOOD

    assert led(V2, Deed.SHOW) == 0
    assert "-  environment: paper\n" in capsys.readouterr().out
    assert texts(repository) == GOOD

    assert led(V2, Deed.WRITE) == 0
    assert "environment: practice\n" in texts(repository)["account.yaml"]
    assert led(V2, Deed.CHECK) == 0

    assert led(V1, Deed.WRITE) == 0
    assert texts(repository)["gateway.yaml"] == GOOD["gateway.yaml"]
