"""Account numbers in manifests are told, and get into nothing that a manifest becomes (promise 14)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler import yamlsource
from reconciler.diagnostics import Severity, has_errors, strictly
from reconciler.domain.desired import SecretRef, SecretSource
from reconciler.manifests import load
from tests.unit.manifests.repository import ACCOUNT, GOOD, RISK_LIMITS, changed, load_files, write

NUMBER = "DU1234567"
OVERRIDE = f'overrides: [{{limit: maxTurnover, reason: "asked by {NUMBER}", by: me, expires: 2027-01-01}}]\n  maxQuote'
WARNED = {
    "the name of a variable": (changed("account.yaml", "IB_ACCOUNT_ID", NUMBER), "account.yaml", 8, 10),
    "the name in a keyring": (
        changed("account.yaml", "env: IB_ACCOUNT_ID", f"keyring: {NUMBER}"),
        "account.yaml",
        8,
        14,
    ),
    "a reason": (changed("risk-limits.yaml", "maxQuote", OVERRIDE), "risk-limits.yaml", 8, 44),
    "who says so": (
        changed("risk-limits.yaml", "maxQuote", f"emergencyAuthorisedBy: holder of {NUMBER}\n  maxQuote"),
        "risk-limits.yaml",
        8,
        26,
    ),
    "a comment behind a value": (
        changed("account.yaml", "paper", f"paper  # this is {NUMBER}, my first"),
        "account.yaml",
        6,
        33,
    ),
    "a comment alone": (GOOD | {"gateway.yaml": f"# of {NUMBER}\n{GOOD['gateway.yaml']}"}, "gateway.yaml", 1, 6),
}
RICH = GOOD | {
    "account.yaml": ACCOUNT + "  cashBuffer: {fraction: 1%, amount: 5}\n",
    "portfolio.yaml": changed(
        "portfolio.yaml",
        "      weight: 0.35\n",
        "      weight: 0.35\n      name: Gold\n      sector: Metals\n      assetClass: commodity\n"
        "      exchange: SMART\n      primaryExchange: ARCA\n      currency: USD\n",
    )["portfolio.yaml"],
    "risk-limits.yaml": RISK_LIMITS
    + "  emergencyAuthorisedBy: Ada\n  deny: [XYZ]\n  levels: {advisory: [maxOrders]}\n"
    + "  overrides: [{limit: maxTurnover, reason: we build, by: Ada, expires: 2027-01-01}]\n",
}


@pytest.mark.parametrize(("files", "file", "line", "column"), WARNED.values(), ids=WARNED.keys())
def test_what_no_output_repeats_is_a_warning_at_its_place(
    tmp_path: Path, files: dict[str, str], file: str, line: int, column: int
) -> None:
    state, found = load_files(tmp_path, files)

    assert state is not None
    assert [(each.code, each.severity) for each in found] == [("MAN014", Severity.WARNING)]
    place = found[0].location
    assert place is not None
    assert (Path(place.file).name, place.line, place.column) == (file, line, column)
    assert has_errors(strictly(found))
    assert NUMBER not in f"{found}"


def test_of_a_comment_the_number_alone_is_marked(tmp_path: Path) -> None:
    _, (found,) = load_files(tmp_path, changed("account.yaml", "paper", f"paper  # this is {NUMBER}, my first"))
    assert found.location is not None
    assert (found.location.column, found.location.end_column) == (33, 33 + len(NUMBER))


def test_a_number_behind_an_escape_is_found(tmp_path: Path) -> None:
    _, found = load_files(tmp_path, changed("gateway.yaml", "port", 'host: "D\\x551234567.local"\n  port'))
    assert [each.code for each in found] == ["MAN014"]


def test_it_is_set_aside_by_who_says_why(tmp_path: Path) -> None:
    files = changed("account.yaml", "IB_ACCOUNT_ID", f"{NUMBER}  # folioctl: ignore[MAN014] {NUMBER} is closed")
    _, found = load_files(tmp_path, files)

    assert [each.ignored for each in found] == ["(account id) is closed"] * 2, "in the value and in the comment"
    assert not has_errors(strictly(found))


def test_a_name_stays_an_error_that_nobody_sets_aside(tmp_path: Path) -> None:
    files = changed("gateway.yaml", "port", f"host: {NUMBER}.local  # folioctl: ignore[MAN014] it is called so\n  port")
    state, found = load_files(tmp_path, files)

    assert state is None
    assert [(each.code, each.severity) for each in found] == [("MAN014", Severity.ERROR), ("IGN003", Severity.WARNING)]

    both = changed("gateway.yaml", "it is called so", f"{NUMBER} is its name", files)
    assert [each.code for each in load_files(tmp_path / "both", both)[1]] == ["MAN014", "IGN003", "MAN014"]


def test_a_file_that_is_called_so_is_not_read_and_not_named(tmp_path: Path) -> None:
    files = {**GOOD, f"{NUMBER}/account.yaml": GOOD["account.yaml"]}
    del files["account.yaml"]
    state, found = load_files(tmp_path, files)

    assert state is None
    assert [str(each) for each in found] == [
        "error: the name of the file '(account id)/account.yaml' has an account id in it, and the file is not read. "
        "Rename it: every message and report that names a place in the file would repeat the number. [MAN014]"
    ]


@pytest.mark.parametrize(
    "name", ["U1234567", "u1234567", "DU20261231", "duk123456", "F1234567", "F202612311", "DF1234567", "I1234567"]
)
def test_promise_14_what_a_broker_calls_an_account_is_no_name_of_a_file(tmp_path: Path, name: str) -> None:
    _, found = load_files(tmp_path, {**GOOD, f"of-{name}.yaml": "# nothing\n"})
    assert [each.code for each in found] == ["MAN014"]


@pytest.mark.parametrize("name", ["f20261231", "F20261231", "F202612", "i202612", "u20261231", "f12345", "df100000"])
def test_a_file_may_be_called_after_a_day_or_a_number(tmp_path: Path, name: str) -> None:
    _, found = load_files(tmp_path, {**GOOD, f"{name}.yaml": "# nothing\n"})
    assert found == ()


def test_a_file_of_weights_may_be_called_after_a_day_and_not_after_an_account(tmp_path: Path) -> None:
    def named(name: str) -> dict[str, str]:
        return GOOD | {
            "portfolio.yaml": changed("portfolio.yaml", "spec:\n", f"spec:\n  weightsFrom: {{file: {name}.csv}}\n")[
                "portfolio.yaml"
            ],
            f"{name}.csv": "symbol,weight\nXOM,0\n",
        }

    assert load_files(tmp_path / "day", named("f20261231"))[1] == ()
    _, found = load_files(tmp_path / "account", named(NUMBER))
    assert "MAN014" in {each.code for each in found}


def test_promise_14_no_place_names_a_file_that_is_called_after_an_account(tmp_path: Path) -> None:
    files = {f"{NUMBER}.weights.yaml": "", f"{NUMBER}/contracts.lock.yaml": "", f".{NUMBER}.yaml.a1.new": ""}
    write(tmp_path, GOOD | files)
    (tmp_path / f"link-{NUMBER}").symlink_to(tmp_path / NUMBER)
    _, found = load(tmp_path)

    assert {each.code for each in found} == {"CMP007", "LCK013", "MAN023", "MAN024"}
    assert NUMBER not in f"{found}".replace(tmp_path.as_posix(), "")
    assert f"{tmp_path.as_posix()}/(account id).weights.yaml" in {each.location.file for each in found if each.location}


def scalars(data: Any, path: yamlsource.YamlPath = ()) -> Iterator[yamlsource.YamlPath]:
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else None
    if pairs is None:
        yield path
    else:
        for key, value in pairs:
            yield from scalars(value, (*path, key))


def everywhere() -> Iterator[dict[str, str]]:
    """The manifests with an account number in place of each value in turn, in capitals and in small letters."""
    for file, text in RICH.items():
        (document,), _ = yamlsource.load(text, file)
        for path in scalars(document.data):
            place = document.locate(path)
            lines = text.splitlines()
            line = lines[place.line - 1]
            for number in (NUMBER, NUMBER.lower()):
                lines[place.line - 1] = line[: place.column - 1] + number + line[place.end_column - 1 :]
                yield RICH | {file: "\n".join(lines) + "\n"}


def test_promise_14_wherever_a_number_stands_the_desired_state_shows_it_nowhere(tmp_path: Path) -> None:
    assert load_files(tmp_path / "rich", RICH)[1] == ()
    passed = 0
    for case, files in enumerate(everywhere()):
        state, found = load_files(tmp_path / str(case), files)
        assert "MAN014" in {each.code for each in found}
        assert NUMBER not in f"{found}".upper()
        if state is not None:
            passed += 1
            (account,) = state.accounts
            unnamed = replace(account, account_id=SecretRef(SecretSource.ENV, account.account_id.told))
            assert NUMBER not in f"{unnamed} {account.account_id}".upper()
    assert passed == 2 * len(("env", "emergencyAuthorisedBy", "reason", "by"))


def test_a_secret_in_a_comment_is_told_as_one(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2" * 9
    _, (found,) = load_files(tmp_path, changed("gateway.yaml", "port: 4002", f"port: 4002  # or {token}"))

    assert (found.code, found.severity) == ("SEC001", Severity.WARNING)
    assert found.location is not None
    assert (found.location.line, found.location.column, found.location.end_column) == (6, 20, 20 + len(token))


def test_no_path_of_the_directory_itself_is_taken_for_a_number(tmp_path: Path) -> None:
    """Some universities name their people, and so their home directories, as the broker names accounts."""
    write(tmp_path / "home" / "u1234567" / "desired-state", GOOD)
    assert load_files(tmp_path / "home" / "u1234567", GOOD)[1] == ()
