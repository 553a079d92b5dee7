import os
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.diagnostics import Location
from reconciler.domain.desired import Environment, SecretRef, SecretSource, UnmanagedPositions
from reconciler.domain.policy import OnBlocked
from reconciler.manifests import load
from tests.unit.manifests.locked import as_one_who_is_not_root
from tests.unit.manifests.repository import ACCOUNT, GOOD, PORTFOLIO, changed, load_files, write

EXAMPLE = Path(__file__).parents[3] / "desired-state"

PROMISED = {
    "MSFT": 13, "AAPL": 5, "AVGO": 9, "NVDA": 10, "PLTR": 3, "TSLA": 2, "TSM": 5, "MRVL": 4, "ASML": 2, "MU": 2,
    "RNMBY": 6, "SAABY": 7, "ITA": 7, "ETN": 1, "GLD": 10, "SLV": 2, "ORCL": 5, "VRT": 2, "XLP": 5,
}  # fmt: skip


def test_the_good_repository_becomes_domain_values(tmp_path: Path) -> None:
    state, found = load_files(tmp_path, GOOD)
    assert found == ()
    assert state is not None
    (account,) = state.accounts
    assert account.name == "main"
    assert account.environment is Environment.PAPER
    assert account.account_id == SecretRef(SecretSource.ENV, "IB_ACCOUNT_ID")
    assert account.leverage == Decimal("1.4")
    assert account.unmanaged_positions is UnmanagedPositions.REPORT
    assert (account.gateway.host, account.gateway.port, account.gateway.client_id) == ("127.0.0.1", 4002, 10)
    assert account.limits.max_leverage == Decimal("1.5")
    assert account.limits.max_quote_age == timedelta(seconds=90)
    assert account.policy.on_blocked is OnBlocked.STOP
    assert account.policy.minimum_notional == 100
    assert account.policy.timeouts.fill == timedelta(minutes=4)
    assert account.policy.timeouts.connect == timedelta(seconds=15)


def test_weights_are_exact_and_those_of_sleeves_are_of_the_whole(tmp_path: Path) -> None:
    state, _ = load_files(tmp_path, GOOD)
    assert state is not None
    portfolio = state.accounts[0].portfolio
    weights = {target.instrument.name: (target.weight, target.sleeve) for target in portfolio.targets}
    assert weights == {
        "MSFT": (Decimal("0.3"), None),
        "GLD": (Decimal("0.35"), None),
        "NVDA": (Decimal("0.18"), "chips"),
        "ASML": (Decimal("0.12"), "chips"),
    }
    assert portfolio.cash_weight == Decimal("0.05")


def test_places_point_at_the_line_that_a_person_wrote(tmp_path: Path) -> None:
    state, _ = load_files(tmp_path, GOOD)
    assert state is not None
    account = state.accounts[0]
    places = [target.declared_at for target in account.portfolio.targets]
    assert [(place.line, place.column) for place in places] == [(7, 7), (8, 7), (14, 11), (15, 11)]
    assert account.limits.locations["max_leverage"].line == 6
    assert account.limits.locations[""].line == 4
    assert "max_turnover" not in account.limits.locations


def test_all_documents_of_all_files_are_read_wherever_they_are(tmp_path: Path) -> None:
    everything = "---\n".join(GOOD.values())
    one, _ = load_files(tmp_path / "one", {"all.yml": everything})
    nested, _ = load_files(tmp_path / "nested", {f"a/b/{name}": text for name, text in GOOD.items()})
    assert one is not None
    assert nested is not None
    assert one.digest == nested.digest


def test_hidden_files_and_lock_files_are_no_manifests(tmp_path: Path) -> None:
    extra = {".draft.yaml": "[", ".git/config.yaml": "[", "other.lock.yaml": "[", "notes.txt": "["}
    state, found = load_files(tmp_path, {**GOOD, **extra})
    assert state is not None
    assert found == ()


@pytest.mark.parametrize("ending", ["YAML", "Yml"])
def test_a_name_may_end_in_capitals(tmp_path: Path, ending: str) -> None:
    files = {name.replace("yaml", ending): text for name, text in GOOD.items()}
    passed_over = {f"other.LOCK.{ending}": "[", f"contracts.Lock.{ending}": "[", f"x.Weights.{ending}": "["}
    state, found = load_files(tmp_path, files | passed_over)
    assert state is not None
    assert [each.code for each in found] == ["LCK013", "CMP007"]


def test_an_empty_portfolio_on_purpose_is_all_cash(tmp_path: Path) -> None:
    head = PORTFOLIO.partition("  targets:")[0]
    state, found = load_files(tmp_path, {**GOOD, "portfolio.yaml": head + "  allowEmpty: true\n"})
    assert found == ()
    assert state is not None
    assert state.accounts[0].portfolio.targets == ()
    assert state.accounts[0].portfolio.cash_weight == 1


def test_an_account_id_may_come_from_the_keyring(tmp_path: Path) -> None:
    state, _ = load_files(tmp_path, changed("account.yaml", "env: IB_ACCOUNT_ID", "keyring: main-account"))
    assert state is not None
    assert state.accounts[0].account_id == SecretRef(SecretSource.KEYRING, "main-account")


def test_accounts_come_by_name(tmp_path: Path) -> None:
    other = ACCOUNT.replace("name: main", "name: alpha").replace("IB_ACCOUNT_ID", "OTHER_ID")
    state, _ = load_files(tmp_path, {**GOOD, "z.yaml": other})
    assert state is not None
    assert [account.name for account in state.accounts] == ["alpha", "main"]


def test_merge_keys_share_lines(tmp_path: Path) -> None:
    text = PORTFOLIO.replace("- {symbol: MSFT, weight: 30%}", "- &line {symbol: MSFT, weight: 30%}").replace(
        "- symbol: GLD\n      weight: 0.35", "- {<<: *line, symbol: GLD, weight: 35%}"
    )
    state, found = load_files(tmp_path, {**GOOD, "portfolio.yaml": text})
    assert found == ()
    assert state is not None
    assert state.accounts[0].portfolio.targets[1].weight == Decimal("0.35")


def test_the_example_repository_is_the_portfolio_that_it_promises() -> None:
    state, found = load(EXAMPLE)
    assert found == ()
    assert state is not None
    (account,) = state.accounts
    weights = {str(target.instrument.symbol): target.weight for target in account.portfolio.targets}
    assert weights == {symbol: Decimal(weight) / 100 for symbol, weight in PROMISED.items()}
    assert account.name == "main"
    assert account.environment is Environment.PAPER
    assert account.account_id == SecretRef(SecretSource.ENV, "IB_ACCOUNT_ID")
    assert account.leverage == Decimal("1.4")
    assert account.policy.minimum_notional == 100
    over_the_counter = {
        target.instrument.symbol for target in account.portfolio.targets if target.instrument.primary_exchange == "PINK"
    }
    assert over_the_counter == {"RNMBY", "SAABY"}


def test_a_directory_is_read_once_written_again_and_gives_the_same(tmp_path: Path) -> None:
    directory = write(tmp_path / "desired-state")
    assert load(directory) == load(directory)


NO_FILES: dict[str, Callable[[Path], None]] = {
    "a link that leads nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a pipe": os.mkfifo,
}


@pytest.mark.parametrize("name", ["x.yaml", "contracts.lock.yaml", "deep/x.yml"])
@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES.keys())
def test_what_is_called_as_a_manifest_and_is_no_file_is_told_and_not_passed_over(
    tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    path = write(tmp_path, GOOD) / name
    path.parent.mkdir(exist_ok=True)
    make(path)
    state, (found,) = load(tmp_path)
    assert state is None
    assert (found.code, found.location) == ("YML007", Location(path.as_posix()))


def test_a_folder_may_be_called_as_a_manifest(tmp_path: Path) -> None:
    directory = write(tmp_path, {f"all.yaml/{name}": text for name, text in GOOD.items()})
    assert load(directory)[1] == ()


@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_folder_that_cannot_be_read_is_told_and_what_may_be_in_it_is_not_missed(open_to_all: Path, mode: int) -> None:
    directory = write(open_to_all, {**GOOD, "deep/gateway.yaml": GOOD["gateway.yaml"]})
    (directory / "gateway.yaml").unlink()
    assert load(directory)[1] == ()
    (directory / "deep").chmod(mode)
    with as_one_who_is_not_root():
        state, told = load(directory)
    (directory / "deep").chmod(0o700)
    assert state is None
    assert [each.code for each in told] == ["YML007"]


def test_a_directory_that_is_a_link_to_itself_is_none(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert [each.code for each in load(tmp_path / "loop")[1]] == ["MAN020"]
