"""`folioctl validate` as a user runs it: what it tells, in which form, of which files, and how it ends."""

import json
from pathlib import Path

import pytest

from cli.app import main
from tests.unit.manifests.repository import GOOD, changed, write

BROKEN = changed("gateway.yaml", "port", "prot", changed("portfolio.yaml", "weight: 0.35", "weight: 0.36"))
WARNED = changed("gateway.yaml", "port: 4002", "port: 4001")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "desired-state", BROKEN)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_a_person_sees_the_line_why_it_matters_and_what_to_write(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "desired-state/gateway.yaml", "--no-color"]) == 1
    assert said(capsys).splitlines() == [
        "error[MAN001]: unknown key 'prot' in spec",
        "  at desired-state/gateway.yaml:6:3",
        "    6 │   prot: 4002",
        "          ^^^^",
        "  Why: A key or value that is passed over would be a limit that does not hold.",
        "  Did you mean 'port'?",
        "",
        "1 error, 0 warnings",
    ]


def test_a_line_each(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--format", "concise"]) == 1
    assert said(capsys).splitlines() == [
        "desired-state/gateway.yaml:6:3: error: unknown key 'prot' in spec. Did you mean 'port'? [MAN001]",
        "desired-state/portfolio.yaml:6:3: error: the weights of Portfolio 'growth' and its cash sum to 101%, "
        "not to 100%: 1% is too much [PFL001]",
    ]


def test_a_line_each_whatever_the_file_is_called(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "gateway.yaml").rename(repository / "gate\n\x1b[31mway.yaml")
    assert main(["validate", "--format", "concise"]) == 1
    first, _ = said(capsys).splitlines()
    assert first.startswith("desired-state/gate  [31mway.yaml:6:3: error:")


def test_the_mark_of_the_byte_order_moves_no_mark(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "gateway.yaml").write_text("\ufeffkid: Gateway\n", encoding="utf-8")
    assert main(["validate", "desired-state/gateway.yaml", "--no-color"]) == 1
    assert said(capsys).splitlines()[2:4] == ["    1 │ kid: Gateway", "        ^^^"]


def test_a_directory_that_is_a_link_to_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("desired-state").symlink_to("desired-state")
    assert main(["validate", "--format", "concise"]) == 1
    assert said(capsys) == "desired-state: error: there is no such directory. " + (
        "Manifests are read from desired-state/ unless another directory is named. [MAN020]\n"
    )
    assert main(["validate", "desired-state"]) == 1


def test_workflow_commands(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--format", "github"]) == 1
    first, second = said(capsys).splitlines()
    assert first.startswith("::error title=MAN001,file=desired-state/gateway.yaml,line=6,col=3,endLine=6,endColumn=7::")
    assert "PFL001" in second


def test_sarif(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--format", "sarif"]) == 1
    (run,) = json.loads(said(capsys))["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["MAN001", "PFL001"]


@pytest.mark.parametrize("words", [["--json"], ["--format", "json"]])
def test_one_document(repository: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(["validate", *words]) == 1
    document = json.loads(said(capsys))
    first = document["diagnostics"][0]
    assert first["location"] == {
        "file": "desired-state/gateway.yaml", "line": 6, "column": 3, "end_line": 6, "end_column": 7,
    }  # fmt: skip
    assert first["why"].startswith("A key or value that is passed over")
    assert document["summary"]["valid"] is False


def test_paths_narrow_what_is_told_and_how_it_ends(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "desired-state/p*.yaml", "--format", "concise"]) == 1
    assert "gateway.yaml" not in said(capsys)
    assert main(["validate", "desired-state/account.yaml"]) == 0
    assert said(capsys) == "Nothing is wrong in what you named, but other files are not in order.\n"
    assert main(["validate", str(repository), "--format", "concise"]) == 1
    assert len(said(capsys).splitlines()) == 2


@pytest.mark.parametrize(
    "words", [["nowhere.yaml"], ["desired-state/*.yml"], ["--json", "--format", "sarif"], ["--format", "xml"]]
)
def test_a_wrong_command_line_is_one(repository: Path, words: list[str]) -> None:
    assert main(["validate", *words]) == 64


def test_a_path_that_is_not_read_is_told(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "elsewhere", GOOD)
    assert main(["validate", "elsewhere/gateway.yaml"]) == 64
    assert "is not among the manifests below desired-state: name their directory with" in capsys.readouterr().err
    assert main(["validate", "elsewhere/gateway.yaml", "--desired-state", "elsewhere"]) == 0


def test_a_path_that_is_called_after_an_account_is_told_of_and_not_named(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, {**GOOD, "DU1234567.weights.yaml": ""})
    assert main(["validate", "--strict", "--format", "concise", "desired-state/DU1234567.weights.yaml"]) == 1
    assert said(capsys).startswith("desired-state/(account id).weights.yaml: error: no weightsFrom names this file")


def test_strict_makes_a_warning_an_error_but_for_one_that_is_set_aside(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, WARNED)
    assert main(["validate"]) == 0
    assert main(["validate", "--strict"]) == 1
    aside = changed("account.yaml", "paper", "paper  # folioctl: ignore[ACC003] a tunnel", WARNED)
    write(repository, aside)
    capsys.readouterr()
    assert main(["validate", "--strict", "--no-color"]) == 0
    assert said(capsys).splitlines()[:4] == [
        "ignored[ACC003]: Account 'main' is paper, but port 4001 of Gateway 'local' is customary for live accounts",
        "  at desired-state/account.yaml:6:16: a tunnel",
        "",
        "0 errors, 0 warnings, 1 ignored",
    ]


@pytest.mark.parametrize(
    ("environment", "number", "told"),
    [
        ("paper", "U1234567", "is paper, and IB_ACCOUNT_ID holds the number of a live account"),
        ("live", "DU1234567", "is live, and IB_ACCOUNT_ID holds the number of a paper account"),
        ("live", "F1234567", None),
        ("paper", "DU1234567", None),
        ("paper", "hunter2", None),  # doctor says that it is none
        ("paper", "", None),
    ],
)
def test_paper_and_live_are_held_against_a_number_that_is_in_the_environment(
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    environment: str,
    number: str,
    told: str | None,
) -> None:
    files = changed("gateway.yaml", "port: 4002", "port: 5000")
    write(repository, changed("account.yaml", "environment: paper", f"environment: {environment}", files))
    monkeypatch.setenv("IB_ACCOUNT_ID", number)
    assert main(["validate", "--format", "concise"]) == (told is not None)
    hint = "Correct spec.environment, or what the variable holds here. [ACC012]"
    expected = f"desired-state/account.yaml:6:16: error: Account 'main' {told}. {hint}\n"
    assert said(capsys) == (expected if told else "")


def test_manifests_in_order_are_said_to_be(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, GOOD)
    assert main(["validate"]) == 0
    assert said(capsys) == "The manifests are in order: 4 targets for main.\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["pfl001"], "PFL001\n  Weights do not sum to 100%."),
        (["Portfolio.spec.targets.weight"], "Portfolio.spec.targets.weight\n  The share of this line"),
        (["maxLeverage"], "RiskLimits.spec.maxLeverage\n"),
        (["spec.targets"], "Portfolio.spec.targets\n"),
        (["account.spec"], "Account.spec\n  The account's identity"),
        ([], "Kinds: Gateway, Account"),
    ],
)
def test_explain(capsys: pytest.CaptureFixture[str], words: list[str], expected: str) -> None:
    assert main(["explain", *words]) == 0
    assert said(capsys).startswith(expected)


@pytest.mark.parametrize("word", ["PFL999", "pfl01", "spec.leverage", "Portfoil", "Portfolio.spec.tragets"])
def test_what_there_is_not_cannot_be_explained(word: str) -> None:
    assert main(["explain", word]) == 64
