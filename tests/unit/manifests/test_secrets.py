"""Secrets in manifests are told, and shown nowhere."""

from pathlib import Path

import pytest

from reconciler.diagnostics import Severity, strictly
from reconciler.manifests import secrets
from tests.unit.manifests.repository import GOOD, changed, load_files

OVERRIDE = 'overrides: [{limit: maxTurnover, reason: "REASON", by: me, expires: 2027-01-01}]\n  maxQuote'
# Put together here, so that no scanner takes this file for a leak.
SECRETS = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a key of AWS": "AKIA" + "ABCDEFGHIJ234567",
    "a token of GitHub": "ghp_" + "a1B2" * 9,
    "a fine token of GitHub": "github_pat_" + "a1B2" * 8,
    "a token of Slack": "xoxb-" + "123456789012-abcdef",
    "a bot of Telegram": "123456789:" + "AbCdE" * 7,
    "a key of an API": "sk-" + "a1B2" * 8,
    "a web token": "eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N",
    "a password in an address": "postgresql://me:" + "hunter2@db/x",
}
HARMLESS = (
    "first build after the merger of 2026",
    "see https://example.org/limits?page=2",
    "MSFT 13%, GLD 10%, at 10:35",
    "the board's decision of 2026-05-01: more turnover for a week",
    "ask-me-again-in-the-second-quarter",
)


def with_reason(text: str) -> dict[str, str]:
    return changed("risk-limits.yaml", "maxQuote", OVERRIDE.replace("REASON", text))


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS.keys())
def test_what_has_the_form_of_a_secret_is_a_warning_at_its_place(tmp_path: Path, text: str) -> None:
    state, (found,) = load_files(tmp_path, with_reason(text))

    assert state is not None
    assert (found.code, found.severity) == ("SEC001", Severity.WARNING)
    assert found.location is not None
    assert (found.location.line, found.location.column) == (8, 44)
    assert text not in f"{found} {found.detail}"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_has_not_is_left_alone(tmp_path: Path, text: str) -> None:
    assert load_files(tmp_path, with_reason(text))[1] == ()


@pytest.mark.parametrize("key", ["password", "botToken", "api_key", "smtp-password", "PRIVATE_KEY"])
def test_what_stands_under_a_key_that_says_so_is_a_secret(tmp_path: Path, key: str) -> None:
    _, found = load_files(tmp_path, changed("gateway.yaml", "port: 4002", f"port: 4002\n  {key}: hunter2"))

    assert sorted(each.code for each in found) == ["MAN001", "SEC001"]
    assert all("hunter2" not in f"{each}" for each in found)


def test_a_secret_for_a_value_is_not_repeated_by_another_message(tmp_path: Path) -> None:
    token = SECRETS["a token of GitHub"]
    _, found = load_files(tmp_path, changed("account.yaml", "environment: paper", f"environment: {token}"))

    assert {each.code for each in found} == {"MAN004", "SEC001"}
    assert all(token not in f"{each}" for each in found)


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS.keys())
def test_a_line_with_a_secret_is_not_the_same_without_it(text: str) -> None:
    assert text not in secrets.without(f"  reason: {text} # why")
    assert "hunter2" not in secrets.without("  password: hunter2")


def test_strictly_a_warning_is_an_error(tmp_path: Path) -> None:
    _, found = load_files(tmp_path, with_reason(SECRETS["a key of AWS"]))

    assert [each.severity for each in strictly(found)] == [Severity.ERROR]
    assert strictly(load_files(tmp_path / "good", GOOD)[1]) == ()
