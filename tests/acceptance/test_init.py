"""`init`: a repository that is in order from the first command on, and nothing of the user's is ever lost."""

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from cli.starting import Start
from reconciler import manifests
from reconciler.domain.desired import AccountType, DesiredState
from reconciler.manifests.writing import WrittenLine, portfolio_text
from tests.acceptance.here import Desk, a_desk, run_here
from tests.acceptance.stage import SMALL, Ended, Stage, stage
from tests.acceptance.terminal import terminal

MANIFESTS = ("account.yaml", "execution-policy.yaml", "gateway.yaml", "portfolio.yaml", "risk-limits.yaml")
WORKFLOWS = ("apply.yml", "drift.yml", "plan.yml")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return a_desk(tmp_path_factory.mktemp("desk") / "desk")


def begin(desk: Desk, root: Path, *words: str) -> Ended:
    return run_here(desk, "init", str(root), *words)


def desired(root: Path) -> DesiredState:
    found, diagnostics = manifests.load(root / "desired-state")
    assert diagnostics == ()
    assert found is not None
    return found


def texts(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_it_writes_a_repository_that_is_in_order_and_trades_nothing(desk: Desk, tmp_path: Path) -> None:
    told = begin(desk, tmp_path / "mine").expect(0)

    (account,) = desired(tmp_path / "mine").accounts
    assert (account.name, account.environment, account.gateway.port) == ("main", "paper", 4002)
    assert (account.leverage, len(account.portfolio.targets), account.portfolio.allow_empty) == (Decimal(1), 0, True)
    assert set(texts(tmp_path / "mine")) == {
        *(f"desired-state/{name}" for name in MANIFESTS),
        *(f".github/workflows/{name}" for name in WORKFLOWS),
        *(".env.example", ".gitignore", "Makefile"),
    }
    assert "import account" in told.stdout
    assert ".env\n" in texts(tmp_path / "mine")[".gitignore"]


def test_each_manifest_tells_an_editor_where_its_schema_is(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path, "--no-input").expect(0)
    for name, text in texts(tmp_path).items():
        if name.startswith("desired-state/"):
            kind = re.search(r"^kind: (.*)$", text, re.MULTILINE)
            assert kind is not None
            line = f"# yaml-language-server: $schema=https://folioctl.dev/schemas/v1/{kind[1]}.json\n"
            assert text.startswith(line)


def test_the_conservative_profile_is_the_predecessors(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path, "--conservative").expect(0)

    (account,) = desired(tmp_path).accounts
    assert float(account.leverage) == 1.2
    assert float(account.limits.emergency.leverage) == 2.5
    assert float(account.limits.margin_cushion) == 0.3
    assert account.policy.max_parallel_orders == 3
    assert account.policy.timeouts.run.total_seconds() == 900


def test_a_cash_account_borrows_nothing(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path, "--type", "cash", "--conservative").expect(0)
    (account,) = desired(tmp_path).accounts
    assert (account.type, account.leverage) == ("cash", Decimal(1))


@pytest.mark.parametrize("words", [("--leverage", "3"), ("--leverage", "3.4", "--conservative")])
def test_the_limits_leave_room_for_targets_at_the_leverage_that_was_asked_for(
    desk: Desk, tmp_path: Path, words: tuple[str, ...]
) -> None:
    begin(desk, tmp_path, *words).expect(0)
    lines = [WrittenLine(symbol, Decimal("0.2")) for symbol in ("MSFT", "GLD", "NVDA", "AAPL", "XLP")]
    (tmp_path / "desired-state" / "portfolio.yaml").write_text(portfolio_text("core", lines, Decimal(0)))
    assert len(desired(tmp_path).accounts[0].portfolio.targets) == 5


def test_every_flag_is_heard(desk: Desk, tmp_path: Path) -> None:
    words = ("--environment", "live", "--account-name", "fund", "--base-currency", "cad", "--leverage", "140%")
    begin(desk, tmp_path, *words, "--host", "gw.example", "--port", "7496", "--account-env", "FUND_ID").expect(0)

    (account,) = desired(tmp_path).accounts
    assert (account.name, account.environment, account.base_currency) == ("fund", "live", "CAD")
    assert (float(account.leverage), account.gateway.host, account.gateway.port) == (1.4, "gw.example", 7496)
    assert account.account_id.name == "FUND_ID"
    written = texts(tmp_path)
    assert "FUND_ID=" in written[".env.example"]
    assert "IB_ACCOUNT_ID" not in written[".env.example"]
    assert all("'[\"fund\"]'" in written[f".github/workflows/{name}"] for name in WORKFLOWS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--leverage", "3.9"), "--leverage"),
        (("--leverage", "abc"), "--leverage"),
        (("--type=cash", "--leverage=1.2"), "cash account"),
        (("--base-currency", "dollars"), "currency"),
        (("--port", "0"), "port"),
        (("--account-name", "My Fund"), "name"),
        (("--environment", "demo"), "--environment"),
    ],
)
def test_a_flag_that_cannot_be_is_a_usage_error_and_writes_nothing(
    desk: Desk, tmp_path: Path, words: tuple[str, str], said: str
) -> None:
    assert said in begin(desk, tmp_path / "mine", *words).expect(64).stderr
    assert not (tmp_path / "mine").exists()


def test_it_overwrites_nothing_and_appends_to_what_git_ignores(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.swp\n.env")
    (tmp_path / "Makefile").write_text("all:\n")
    (tmp_path / ".env.example").write_text("MINE=1\n")

    told = begin(desk, tmp_path).expect(0)

    assert texts(tmp_path)[".gitignore"] == "*.swp\n.env\n*.plan\n/.venv\n.*.new\n"
    assert texts(tmp_path)["Makefile"] == "all:\n"
    assert texts(tmp_path)[".env.example"] == "MINE=1\n"
    assert "left as it is" in told.stdout
    assert "has no target `setup`" in " ".join(told.stdout.split())


def test_again_it_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path).expect(0)
    before = texts(tmp_path)

    begin(desk, tmp_path, "--leverage", "1.4").expect(0)

    assert texts(tmp_path) == before


def test_manifests_of_another_layout_get_no_others_beside_them(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "desired-state").mkdir()
    (tmp_path / "desired-state" / "all.yaml").write_text("kind: Portfolio\n")

    told = begin(desk, tmp_path).expect(0)

    assert [path.name for path in (tmp_path / "desired-state").iterdir()] == ["all.yaml"]
    assert "has manifests already" in " ".join(told.stdout.split())


@pytest.mark.parametrize("name", [".hidden.yaml", ".git/x.yaml", "contracts.lock.yaml", "w.weights.yaml"])
def test_what_no_manifest_is_read_from_is_no_manifest(desk: Desk, tmp_path: Path, name: str) -> None:
    file = tmp_path / "desired-state" / name
    file.parent.mkdir(parents=True)
    file.touch()

    begin(desk, tmp_path).expect(0)

    assert (tmp_path / "desired-state" / "account.yaml").exists()


def test_the_workflows_are_about_the_accounts_of_the_manifests_that_are_there(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "old.env").write_text("IB_ACCOUNTS=DU1234567:USD,DU7654321:CAD\n")
    run_here(desk, "import", "env", str(tmp_path / "old.env"), "-C", str(tmp_path)).expect(0)

    told = begin(desk, tmp_path).expect(0)

    for name in WORKFLOWS:
        assert '["account-1", "account-2"]' in texts(tmp_path)[f".github/workflows/{name}"]
    assert "\nIB_ACCOUNT_ID=DU0000000\nIB_ACCOUNT_ID_2=DU0000000\n" in texts(tmp_path)[".env.example"]
    assert "each account's number into .env, as IB_ACCOUNT_ID=…, IB_ACCOUNT_ID_2=…" in " ".join(told.stdout.split())


def test_a_dry_run_shows_everything_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    told = begin(desk, tmp_path / "mine", "--dry-run").expect(0)
    assert "+kind: RiskLimits" in told.stdout
    assert not (tmp_path / "mine").exists()


def test_a_cash_account_is_offered_no_leverage_that_it_cannot_have() -> None:
    assert Start(account_type=AccountType.CASH, conservative=True).usual_leverage == 1
    assert Start(conservative=True).usual_leverage == Decimal("1.2")


def test_in_another_directory_the_first_step_is_to_go_there(desk: Desk, tmp_path: Path) -> None:
    """`.env` is read in the directory where a command is started, whatever its `-C` says."""
    root = tmp_path / "my portfolio"
    told = begin(desk, root).expect(0)
    assert f"`cd '{root}'`" in " ".join(told.stdout.split())
    assert " -C " not in told.stdout


def test_as_json_it_is_one_document(desk: Desk, tmp_path: Path) -> None:
    document = begin(desk, tmp_path, "--json").expect(0).document
    assert (document["source"], document["written"]) == ("init", True)
    assert {each["action"] for each in document["files"]} == {"create"}


def test_the_workflows_are_what_github_takes_and_what_zizmor_lets_pass(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path, "--account-name", "fund").expect(0)
    directory = tmp_path / ".github" / "workflows"
    files = [str(each) for each in sorted(directory.iterdir())]
    for check in (
        ["zizmor", "--offline", "--quiet", str(directory)],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files],
    ):
        tool = str(Path(sys.executable).with_name(check[0]))
        ended = subprocess.run([tool, *check[1:]], check=False, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_at_a_terminal_it_asks_and_asks_again_for_what_it_cannot_read(small: Stage, tmp_path: Path) -> None:
    with terminal(small, "init", str(tmp_path / "mine"), "--host", "127.0.0.1") as person:
        for question, answer in (
            ("paper or a live", "demo"),
            ("neither paper nor live", "live"),
            ("called in reports", ""),
            ("base currency", "dollars"),
            ("three letters", "EUR"),
            ("leverage", "9"),
            ("no room for an emergency", "1.3"),
            ("which port", ""),
            ("environment variable", ""),
        ):
            person.until(question)
            person.type(f"{answer}\n")
        assert person.end() == 0
    (account,) = desired(tmp_path / "mine").accounts
    assert (account.environment, account.base_currency, float(account.leverage)) == ("live", "EUR", 1.3)
    assert account.gateway.port == 4001


def test_at_a_terminal_it_asks_nothing_that_the_manifests_say_already(small: Stage) -> None:
    with terminal(small, "init", ".") as person:
        assert person.end() == 0
    assert "base currency" not in person.seen


@pytest.mark.broker
def test_what_was_begun_takes_up_an_account_and_plans_to_no_change(tmp_path: Path) -> None:
    with stage(tmp_path, SMALL) as made:
        root = made.directory / "repository" / "mine"
        made.run("init", "mine").expect(0)
        made.run("import", "account", "-C", "mine", "--yes").expect(0)
        plan = made.run("plan", "-C", "mine", "--detailed-exitcode", "--json").expect(0).document

    assert plan["summary"]["in_sync"] is True
    assert "nothing yet" not in (root / "desired-state" / "portfolio.yaml").read_text()
    assert "allowEmpty" not in (root / "desired-state" / "portfolio.yaml").read_text()


def test_what_is_written_is_in_canonical_form(tmp_path: Path) -> None:
    """So that `fmt --check` in CI passes on the day on which a repository begins."""
    with stage(tmp_path, SMALL) as made:
        repository = tmp_path / "mine"
        made.run("init", str(repository), "--no-input").expect(0)
        made.run("import", "account", "--yes", "-C", str(repository)).expect(0)
        made.run("lock", "-C", str(repository)).expect(0)
        made.run("fmt", "--check", "-C", str(repository)).expect(0)
