"""`import env`: every variable of the predecessor's two templates goes somewhere, or is named with the reason."""

import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler import manifests
from reconciler.domain.desired import AccountSpec, DesiredState
from reconciler.manifests.predecessor.variables import VARIABLES
from tests.acceptance.here import Desk, a_desk, run_here
from tests.acceptance.stage import Ended

TEMPLATE = """\
IB_GATEWAY_HOST=127.0.0.1
IB_GATEWAY_PORT=7497   # Paper: 7497, Live: 7496
IB_CLIENT_ID=1
IB_ACCOUNT_ID=YOUR_ACCOUNT_ID
IB_ACCOUNTS=DU1234567:CAD,DU7654321:USD
IB_BASE_CURRENCY=USD
DEFAULT_LEVERAGE=1.4
EMERGENCY_LEVERAGE_THRESHOLD=3.0
LEVERAGE_BUFFER=0.1
REBALANCE_TOLERANCE=0.05
SAFETY_THRESHOLD=0.15
DRY_RUN=false
DEBUG=false
PRIMARY_EXCHANGE=SMART
LOG_LEVEL=INFO
LOG_DIR=logs
LOG_MAX_BYTES=10485760
LOG_BACKUP_COUNT=5
TELEGRAM_BOT_TOKEN=123456:ABC-secret
TELEGRAM_CHAT_ID=42
"""
CONFIG_TEMPLATE = """\
IB_GATEWAY_HOST=127.0.0.1
IB_GATEWAY_PORT=7497
IB_ACCOUNT_ID=DU1234567
IB_CLIENT_ID=1          # 1-999
IB_CONNECTION_TIMEOUT=30
TARGET_LEVERAGE=1.4
EMERGENCY_LEVERAGE_THRESHOLD=3.0
REBALANCE_THRESHOLD=0.05
SAFETY_THRESHOLD=0.15
MARGIN_CUSHION=0.2
MAX_PARALLEL_ORDERS=5
MAX_RUNTIME=1800
ORDER_TIMEOUT=300
MIN_FILL_RATIO=0.8
TELEGRAM_BOT_TOKEN=
TELEGRAM_CHAT_ID=
DRY_RUN=true
LOG_LEVEL=INFO
LOG_FILE=
VERBOSE=false
DATA_VALIDATION_TIMEOUT=10
POSITION_REFRESH_INTERVAL=5
MARKET_DATA_TIMEOUT=15
ESTIMATED_COMMISSION_PER_SHARE=0.005
FX_RATE_CACHE_TIMEOUT=300
PORTFOLIO_FILE=
"""
NUMBERS = ("DU1234567", "DU7654321")
SECRETS = (*NUMBERS, "ABC-secret")


def taken(desk: Desk, root: Path, text: str, *words: str) -> Ended:
    root.mkdir(exist_ok=True)
    (root / "old.env").write_text(text)
    ended = run_here(desk, "import", "env", str(root / "old.env"), "-C", str(root), *words)
    assert not any(secret in ended.stdout + ended.stderr for secret in SECRETS)
    return ended


def desired(root: Path) -> DesiredState:
    found, diagnostics = manifests.load(root / "desired-state")
    assert diagnostics == ()
    assert found is not None
    return found


def only(root: Path) -> AccountSpec:
    (account,) = desired(root).accounts
    return account


def names(text: str) -> list[str]:
    return [line.partition("=")[0] for line in text.splitlines()]


def test_the_table_has_every_variable_of_both_templates_and_no_other() -> None:
    assert {each.name for each in VARIABLES} == {*names(TEMPLATE), *names(CONFIG_TEMPLATE)}
    assert [each.name for each in VARIABLES if each.place is None and not each.why] == []


@pytest.mark.parametrize("text", [TEMPLATE, CONFIG_TEMPLATE])
def test_every_variable_of_a_template_is_told_with_its_line(desk: Desk, tmp_path: Path, text: str) -> None:
    document = taken(desk, tmp_path, text, "--json").expect(0).document

    assert [(each["name"], each["line"]) for each in document["variables"]] == [
        (name, line) for line, name in enumerate(names(text), start=1)
    ]
    assert {each["fate"] for each in document["variables"]} == {"mapped", "kept", "dropped"}
    assert all(each["to"] if each["fate"] != "dropped" else each["why"] for each in document["variables"])
    assert document["written"] is True


def test_the_second_template_means_what_it_meant(desk: Desk, tmp_path: Path) -> None:
    text = CONFIG_TEMPLATE.replace("0.2\n", "0.3\n").replace("RUNTIME=1800", "RUNTIME=900")
    taken(desk, tmp_path, text.replace("LEVERAGE=1.4", "LEVERAGE=1.2").replace("=3.0", "=2.5")).expect(0)

    account = only(tmp_path)
    assert (account.name, account.environment, account.base_currency) == ("main", "paper", "USD")
    assert (account.leverage, account.limits.emergency.leverage) == (Decimal("1.2"), Decimal("2.5"))
    assert account.limits.margin_cushion == Decimal("0.3")
    assert (account.gateway.port, account.gateway.client_id) == (7497, 1)
    assert (account.policy.max_parallel_orders, account.policy.partial_fills.min_ratio) == (5, Decimal("0.8"))
    waits = account.policy.timeouts
    assert [each.total_seconds() for each in (waits.run, waits.fill, waits.connect, waits.request)] == [
        900,
        300,
        30,
        15,
    ]
    assert account.policy.rebalancing.absolute_band == Decimal("0.05")


def test_several_accounts_become_several_manifests_and_the_first_is_the_default(desk: Desk, tmp_path: Path) -> None:
    taken(desk, tmp_path, TEMPLATE).expect(0)

    found = desired(tmp_path)
    assert found.default == "account-1"
    assert [(each.name, each.base_currency, each.account_id.name) for each in found.accounts] == [
        ("account-1", "CAD", "IB_ACCOUNT_ID"),
        ("account-2", "USD", "IB_ACCOUNT_ID_2"),
    ]
    assert found.accounts[0].policy.rebalancing.total_band == Decimal("0.1")
    written = "".join(path.read_text() for path in (tmp_path / "desired-state").iterdir())
    assert not any(secret in written for secret in SECRETS)


def test_entries_without_a_currency_have_the_base_currency(desk: Desk, tmp_path: Path) -> None:
    taken(desk, tmp_path, "IB_ACCOUNTS=DU1, DU2:EUR,DU3\nIB_BASE_CURRENCY=chf\n").expect(0)
    assert [each.base_currency for each in desired(tmp_path).accounts] == ["CHF", "EUR", "CHF"]


def test_secrets_go_to_an_env_file_of_their_own_where_that_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    told = taken(desk, tmp_path, TEMPLATE, "--write-env", str(tmp_path / ".env")).expect(0)

    text = (tmp_path / ".env").read_text()
    assert text.splitlines() == [
        "IB_ACCOUNT_ID=DU1234567",
        "IB_ACCOUNT_ID_2=DU7654321",
        "DRY_RUN=false",
        "TELEGRAM_BOT_TOKEN=123456:ABC-secret",
        "TELEGRAM_CHAT_ID=42",
    ]
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert "wrote" in told.stdout


@pytest.mark.parametrize("name", [".env", "secrets/live.env"])
def test_git_ignores_the_env_file_that_is_written_into_the_repository(desk: Desk, tmp_path: Path, name: str) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (root / ".gitignore").write_text("*.swp")
    taken(desk, root, TEMPLATE, "--write-env", str(root / name)).expect(0)

    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    left = root / name
    left = left.with_name(f".{left.name}.k3_x9q1z.new")
    left.touch()
    plan = "monday.plan"  # it holds balances
    ignored = subprocess.run(
        ["git", "check-ignore", name, left, plan], cwd=root, check=True, capture_output=True, text=True
    )
    assert ignored.stdout.splitlines() == [name, str(left), plan]
    assert (root / ".gitignore").read_text().startswith("*.swp\n")


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ((), "put each account's number into"),
        (("--write-env", ".env"), "`folioctl import csv|yaml FILE --into core`"),
        (("--write-env", "live.env"), "`--env-file live.env`"),
    ],
)
def test_the_first_step_is_what_is_still_to_be_done(tmp_path: Path, words: tuple[str, ...], step: str) -> None:
    desk = a_desk(tmp_path)
    told = taken(desk, tmp_path / "repository", TEMPLATE, *words).expect(0).stdout
    assert step in told.partition("Next\n")[2].splitlines()[0]


def test_an_env_file_beside_the_repository_changes_nothing_in_it(desk: Desk, tmp_path: Path) -> None:
    taken(desk, tmp_path / "repository", TEMPLATE, "--write-env", str(tmp_path / ".env")).expect(0)
    assert not (tmp_path / "repository" / ".gitignore").exists()


def test_an_env_file_that_is_there_is_not_overwritten_and_nothing_else_is_written(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MINE=1\n")

    taken(desk, tmp_path, TEMPLATE, "--write-env", str(tmp_path / ".env")).expect(1)

    assert (tmp_path / ".env").read_text() == "MINE=1\n"
    assert not (tmp_path / "desired-state").exists()


def test_a_dry_run_shows_no_secret_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    told = taken(desk, tmp_path, TEMPLATE, "--write-env", str(tmp_path / ".env"), "--dry-run").expect(0)
    assert "+kind: Gateway" in told.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["old.env"]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("DEFAULT_LEVERAGE=abc", "ENV003", "DEFAULT_LEVERAGE is not a number"),
        ("DEFAULT_LEVERAGE=1.797e308", "ENV003", "less than or equal to 10"),
        ("DEFAULT_LEVERAGE=-1.4", "ENV003", "greater than 0"),
        ("DEFAULT_LEVERAGE=nan", "ENV003", "is not a number"),
        ("DEFAULT_LEVERAGE=3.95", "ENV003", "does not fit the leverage 3.95"),
        ("EMERGENCY_LEVERAGE_THRESHOLD=1.2", "ENV003", "does not fit the leverage 1.4: it has to be from 1.6 to 3.8"),
        ("EMERGENCY_LEVERAGE_THRESHOLD=3.9", "ENV003", "does not fit the leverage 1.4: it has to be from 1.6 to 3.8"),
        ("MARGIN_CUSHION=20", "ENV003", "MARGIN_CUSHION must be"),
        ("MAX_RUNTIME=0", "ENV003", "seconds"),
        ("MAX_RUNTIME=1e9", "ENV003", "seconds"),
        ("MAX_PARALLEL_ORDERS=2.5", "ENV003", "MAX_PARALLEL_ORDERS"),
        ("IB_CLIENT_ID=0", "ENV003", "IB_CLIENT_ID"),
        ("IB_GATEWAY_PORT=99999", "ENV003", "IB_GATEWAY_PORT"),
        ("IB_GATEWAY_HOST=a b", "ENV003", "IB_GATEWAY_HOST"),
        ("IB_BASE_CURRENCY=dollars", "ENV003", "IB_BASE_CURRENCY"),
        ("IB_ACCOUNTS=DU1:CAD,DU1:USD", "ENV003", "entry 2"),
        ("IB_ACCOUNTS=DU1:CAD,what", "ENV003", "entry 2"),
        ("IB_ACCOUNTS=DU1:CAD,U2:USD", "ENV004", "account 2 is a live account"),
        ("IB_GATEWAY_PORT=7496", "ENV004", "port 7496 is customary for live"),
        ("TARGET_LEVERAGE=1.5\nDEFAULT_LEVERAGE=1.4", "ENV005", "DEFAULT_LEVERAGE and TARGET_LEVERAGE"),
        ("this is no line", "ENV001", "sets no variable"),
        ("DEBUG", "ENV001", "sets no variable"),
    ],
)
def test_a_value_that_cannot_be_is_told_with_its_line_and_nothing_is_written(
    desk: Desk, tmp_path: Path, line: str, code: str, words: str
) -> None:
    text = f"# mine\nIB_ACCOUNT_ID=DU1234567\n\n{line}\n"

    document = taken(desk, tmp_path, text, "--json").expect(1).document

    (found,) = document["diagnostics"]
    assert found["code"] == code
    assert words in found["summary"]
    assert found["location"]["line"] == 3 + len(line.splitlines())
    assert [path.name for path in tmp_path.iterdir()] == ["old.env"]


@pytest.mark.parametrize(
    ("leverage", "emergency", "most"), [("1", "1.4", "1.3"), ("0.5", "1.2", "1.1"), ("1", "3", "1.5")]
)
def test_an_emergency_that_begins_early_lowers_the_limit_below_it(
    desk: Desk, tmp_path: Path, leverage: str, emergency: str, most: str
) -> None:
    text = f"IB_ACCOUNT_ID=DU1234567\nDEFAULT_LEVERAGE={leverage}\nEMERGENCY_LEVERAGE_THRESHOLD={emergency}\n"
    taken(desk, tmp_path, text).expect(0)
    limits = only(tmp_path).limits
    assert (limits.max_leverage, limits.emergency.leverage) == (Decimal(most), Decimal(emergency))


def test_all_that_is_wrong_is_told_at_once_and_no_line_of_the_file_is_shown(desk: Desk, tmp_path: Path) -> None:
    told = taken(desk, tmp_path, "TELEGRAM_BOT_TOKEN ABC-secret\nDEFAULT_LEVERAGE=x\nMAX_RUNTIME=y\n").expect(1)
    assert told.stderr.count("error[") == 4, told.stderr
    assert "--environment" in told.stderr


def test_what_neither_template_has_is_named(desk: Desk, tmp_path: Path) -> None:
    text = f"{CONFIG_TEMPLATE}MARGIN_CUSION=0.3\nMARGIN_CUSHION=0.25\n"

    document = taken(desk, tmp_path, text, "--json").expect(0).document

    assert [each["code"] for each in document["diagnostics"]] == ["ENV006", "ENV002"]
    assert document["diagnostics"][0]["suggestion"] == "Did you mean 'MARGIN_CUSHION'?"
    assert {each["name"]: each["fate"] for each in document["variables"]}["MARGIN_CUSION"] == "unknown"
    assert only(tmp_path).limits.margin_cushion == Decimal("0.25")


@pytest.mark.parametrize(
    ("written", "leverage"),
    [
        ("DEFAULT_LEVERAGE=1.3 # of net liquidation", "1.3"),
        ('export DEFAULT_LEVERAGE="1.3"   # quoted', "1.3"),
        ("DEFAULT_LEVERAGE = '1.3'", "1.3"),
        ("L=1.3\nDEFAULT_LEVERAGE=${L}", "1.3"),
        ("DEFAULT_LEVERAGE=${NOWHERE:-1.2}", "1.2"),
        ("DEFAULT_LEVERAGE=1.1\r", "1.1"),
        ("DEFAULT_LEVERAGE=", "1.4"),
    ],
)
def test_values_are_read_as_python_dotenv_reads_them(desk: Desk, tmp_path: Path, written: str, leverage: str) -> None:
    taken(desk, tmp_path, f"IB_ACCOUNT_ID=U1234567\n{written}\n").expect(0)
    assert only(tmp_path).leverage == Decimal(leverage)
    assert only(tmp_path).environment == "live"


def test_paper_or_live_may_be_said_where_the_file_does_not(desk: Desk, tmp_path: Path) -> None:
    taken(desk, tmp_path / "a", "IB_ACCOUNT_ID=YOUR_ACCOUNT_ID\n").expect(1)
    taken(desk, tmp_path / "b", "IB_ACCOUNT_ID=YOUR_ACCOUNT_ID\n", "--environment", "live").expect(0)
    assert only(tmp_path / "b").environment == "live"
    taken(desk, tmp_path / "c", "IB_ACCOUNT_ID=DU1234567\n", "--environment", "live").expect(1)


def test_manifests_that_are_there_are_not_touched(desk: Desk, tmp_path: Path) -> None:
    taken(desk, tmp_path, CONFIG_TEMPLATE).expect(0)
    before = {path: path.read_text() for path in (tmp_path / "desired-state").iterdir()}

    taken(desk, tmp_path, TEMPLATE).expect(1)

    assert {path: path.read_text() for path in (tmp_path / "desired-state").iterdir()} == before


def test_a_file_that_is_not_there_is_told(desk: Desk, tmp_path: Path) -> None:
    told = run_here(desk, "import", "env", str(tmp_path / "nowhere"), "-C", str(tmp_path)).expect(1)
    assert "there is no such file" in told.stderr
