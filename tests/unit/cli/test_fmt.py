"""`folioctl fmt` as a user runs it: what it writes, what it tells, and how it ends."""

from pathlib import Path

import pytest

from cli.app import main
from tests.unit.manifests.repository import GATEWAY, PORTFOLIO, write

LINE = "# yaml-language-server: $schema=https://folioctl.dev/schemas/v1/"
CANONICAL = f"{LINE}Gateway.json\n{GATEWAY}"
ODD = PORTFOLIO.replace("    - {symbol: MSFT,", "    -   {symbol: MSFT,  ")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `fmt` is run: one manifest is canonical, one is not."""
    write(tmp_path / "desired-state", {"gateway.yaml": CANONICAL, "portfolio.yaml": ODD})
    monkeypatch.chdir(tmp_path)
    return tmp_path / "desired-state"


def test_it_formats_what_is_not_canonical(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt"]) == 0
    said = capsys.readouterr()
    assert said.out == "desired-state/portfolio.yaml\n"
    assert said.err == "1 formatted, 1 in canonical form already.\n"
    assert (repository / "portfolio.yaml").read_text() == f"{LINE}Portfolio.json\n{PORTFOLIO}"
    assert (repository / "gateway.yaml").read_text() == CANONICAL


def test_what_is_canonical_is_not_touched(repository: Path) -> None:
    before = (repository / "gateway.yaml").stat()
    assert main(["fmt", "--desired-state", str(repository)]) == 0
    after = (repository / "gateway.yaml").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_check_names_the_files_and_writes_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--check", "desired-state"]) == 1
    assert capsys.readouterr().out == "desired-state/portfolio.yaml\n"
    assert (repository / "portfolio.yaml").read_text() == ODD
    assert main(["fmt", "--check", "desired-state/gate*.yaml"]) == 0
    assert main(["fmt"]) == 0
    assert main(["fmt", "--check"]) == 0


@pytest.mark.parametrize(("words", "code"), [(["--diff"], 0), (["--diff", "--check"], 1)])
def test_a_diff_shows_and_writes_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    odd = ODD.replace("growth", "DU1234567").replace("\n", "\r\n", 1).rstrip("\n")
    (repository / "portfolio.yaml").write_bytes(odd.encode())
    assert main(["fmt", *words]) == code
    said = capsys.readouterr().out
    assert said.startswith(
        "--- desired-state/portfolio.yaml\n+++ desired-state/portfolio.yaml\n@@ -1,10 +1,11 @@\n"
        f"-apiVersion: folioctl/v1\\r\n+{LINE}Portfolio.json\n+apiVersion: folioctl/v1\n kind: Portfolio\n"
    )
    assert "-    -   {symbol: MSFT,   weight: 30%}\n+    - {symbol: MSFT, weight: 30%}\n" in said
    assert said.endswith("-  cash: 5%\n\\ No newline at end of file\n+  cash: 5%\n")
    assert "1234567" not in said
    assert (repository / "portfolio.yaml").read_bytes() == odd.encode()


def test_an_error_stops_one_file_and_not_the_others(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "broken.yaml").write_text("a: [1\n")
    assert main(["fmt"]) == 1
    said = capsys.readouterr()
    assert said.out == "desired-state/portfolio.yaml\n"
    assert "YML001" in said.err
    assert "desired-state/broken.yaml:" in said.err
    assert (repository / "broken.yaml").read_text() == "a: [1\n"


def test_a_path_that_leads_nowhere_is_an_error(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "desired-state/gateway.yaml", "none/**/*.yaml"]) == 1
    assert "FMT002" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_stays_and_the_others_are_written(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no file can be made beside it, none can take its place: the name that it waits under would be too long."""
    long = "x" * 245 + ".yaml"
    (repository / long).write_text(GATEWAY)
    assert main(["fmt"]) == 1
    said = capsys.readouterr()
    assert said.out == "desired-state/portfolio.yaml\n"
    assert "[FMT003]" in said.err
    assert "File name too long" in said.err
    assert (repository / long).read_text() == GATEWAY


def test_the_lock_file_is_formatted_too(repository: Path) -> None:
    lock = repository / "contracts.lock.yaml"
    lock.write_text("contracts: []\nkind: ContractLock\napiVersion: folioctl/v1\n")
    assert main(["fmt", str(lock)]) == 0
    wanted = f"{LINE}ContractLock.json\napiVersion: folioctl/v1\nkind: ContractLock\ncontracts: []\n"
    assert lock.read_text() == wanted


def test_promise_14_a_file_that_is_called_after_an_account_is_left_and_not_named(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, {"DU1234567.yaml": ODD, "f20261231.yaml": ODD})
    assert main(["fmt", "--diff"]) == 1
    said = capsys.readouterr()
    assert "--- desired-state/f20261231.yaml\n+++ desired-state/f20261231.yaml\n" in said.out
    assert "'(account id).yaml' has an account id in it" in said.err
    assert "1234567" not in said.out + said.err
