import os
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from pydantic import ValidationError

from reconciler import keyringaccess, settings
from reconciler.bootstrap import require_own_number
from reconciler.domain.desired import AccountSpec, DesiredState, SecretRef, SecretSource
from reconciler.domain.errors import Refused
from reconciler.domain.ids import AccountName
from reconciler.domain.setting import Origin
from reconciler.settings import GatewayAddress, Settings
from tests.builders import a_desired_state, an_account_spec

NAMES = (*settings.variables(), "XDG_STATE_HOME", "XDG_CONFIG_HOME", "IB_ACCOUNT_ID")
NO_KEYRING = NoKeyring()  # type: ignore[no-untyped-call]
FROM_ENV = SecretRef(SecretSource.ENV, "IB_ACCOUNT_ID")
FROM_KEYRING = SecretRef(SecretSource.KEYRING, "main")


class MemoryKeyring(KeyringBackend):
    """A keyring backend that keeps its passwords in memory."""

    priority = 1.0

    def __init__(self, **passwords: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._passwords = passwords

    def get_password(self, service: str, username: str) -> str | None:
        return self._passwords.get(username) if service == "ib-portfolio-rebalancer" else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._passwords[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._passwords[username]


class BrokenKeyring(MemoryKeyring):
    """A backend whose bus is gone."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError("no bus")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    before = keyring.get_keyring()
    keyring.set_keyring(NO_KEYRING)
    yield
    keyring.set_keyring(before)


def loaded(env_file: Path | None = None) -> Settings:
    found, diagnostics = settings.load(env_file)
    assert diagnostics == ()
    assert found is not None
    return found


def refused(env_file: Path | None = None) -> list[tuple[str, str]]:
    found, diagnostics = settings.load(env_file)
    assert found is None
    return [(each.code, each.summary) for each in diagnostics]


def test_defaults(tmp_path: Path) -> None:
    found = loaded()
    assert found.state == tmp_path / "home" / ".local" / "state" / "folioctl"
    assert (found.gateway, found.dry_run, found.ci) == (None, False, False)


def test_the_state_follows_the_xdg_directory_unless_that_is_relative(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert loaded().state == Path("/var/state/folioctl")
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    assert loaded().state == tmp_path / "home" / ".local" / "state" / "folioctl"


def test_the_state_is_absolute_whatever_was_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FOLIOCTL_STATE", "here")
    assert loaded().state == tmp_path / "here"
    monkeypatch.setenv("FOLIOCTL_STATE", "~/there")
    assert loaded().state == tmp_path / "home" / "there"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:4002", GatewayAddress("127.0.0.1", 4002)),
        ("gateway.example:65535", GatewayAddress("gateway.example", 65535)),
        ("[::1]:4002", GatewayAddress("::1", 4002)),
    ],
)
def test_a_gateway_is_a_host_and_a_port(text: str, address: GatewayAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLIOCTL_GATEWAY", text)
    assert loaded().gateway == address
    assert str(address) == text


def test_a_process_without_a_home_directory_is_told_to_name_its_state(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in a container that runs under the number of a user that it does not have."""
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 4_242_424)
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    told = "FOLIOCTL_STATE is not set, and there is no home directory for its default"
    assert refused() == [("SET001", told)]

    monkeypatch.setenv("FOLIOCTL_STATE", str(tmp_path))
    assert loaded().state == tmp_path


@pytest.mark.parametrize("name", ["FOLIOCTL_STATE", "FOLIOCTL_SNAPSHOTS"])
def test_a_directory_may_begin_with_the_sign_for_home(name: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}=~/kept\n")
    assert origins(loaded())[name] == (str(tmp_path / "home" / "kept"), "env-file")

    (tmp_path / ".env").write_text(f"{name}=~no-such-user/kept\n")
    ((code, summary),) = refused()
    assert code == "SET001"
    assert "there is no such home directory as in '~no-such-user/kept'" in summary


@pytest.mark.parametrize(
    "text", ["4002", "host", "host:", ":4002", "host:0", "host:65536", "host:4002x", "host:²", "[]:1"]
)
def test_a_gateway_that_is_none_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLIOCTL_GATEWAY", text)
    assert refused() == [
        ("SET001", f"FOLIOCTL_GATEWAY must be HOST:PORT, such as 127.0.0.1:4002, not {text!r} (from the environment)"),
    ]


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLIOCTL_GATEWAY", "x")
    monkeypatch.setenv("DRY_RUN", "perhaps")
    assert [code for code, _ in refused()] == ["SET001", "SET001"]


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("TRUE", True), ("on", True), ("0", False), ("No", False), ("", False)]
)
def test_a_switch_is_yes_or_no(text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRY_RUN", text)
    assert loaded().dry_run is value


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("woodpecker", True), ("false", False), ("0", False), ("", False)]
)
def test_a_build_service_may_say_its_name(text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", text)
    assert loaded().ci is value


def test_the_process_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FOLIOCTL_GATEWAY=file:1\nDRY_RUN=1\nOTHER=x\n")
    monkeypatch.setenv("FOLIOCTL_GATEWAY", "process:2")
    found = loaded()
    assert found.gateway == GatewayAddress("process", 2)
    assert found.dry_run is True


def test_a_named_env_file_stands_in_place_of_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FOLIOCTL_GATEWAY=usual:1\n")
    (tmp_path / "other.env").write_text("FOLIOCTL_GATEWAY=other:2\n")
    assert loaded(tmp_path / "other.env").gateway == GatewayAddress("other", 2)


def test_a_named_env_file_must_be_there_and_be_text(tmp_path: Path) -> None:
    assert [code for code, _ in refused(tmp_path / "none.env")] == ["SET002"]
    (tmp_path / "bad.env").write_bytes(b"A=\xff\n")
    assert [code for code, _ in refused(tmp_path / "bad.env")] == ["SET003"]


def test_a_secret_is_looked_up_in_the_process_then_the_keyring_then_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("IB_ACCOUNT_ID=DU3\n")
    assert loaded().resolve_secret(FROM_ENV) == "DU3"
    keyring.set_keyring(MemoryKeyring(IB_ACCOUNT_ID="DU2"))
    assert loaded().resolve_secret(FROM_ENV) == "DU2"
    monkeypatch.setenv("IB_ACCOUNT_ID", "DU1")
    assert loaded().resolve_secret(FROM_ENV) == "DU1"


def test_a_secret_of_the_keyring_is_in_the_keyring_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("main", "DU1")
    keyring.set_keyring(MemoryKeyring())
    assert loaded().resolve_secret(FROM_KEYRING) is None
    keyring.set_keyring(MemoryKeyring(main="DU2"))
    assert loaded().resolve_secret(FROM_KEYRING) == "DU2"


@pytest.mark.parametrize("backend", [NO_KEYRING, BrokenKeyring()], ids=["none", "broken"])
def test_a_missing_keyring_is_a_fault_only_where_it_was_asked_for(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)
    assert loaded().resolve_secret(FROM_ENV) is None
    with pytest.raises(Refused, match="the keyring cannot be read"):
        loaded().resolve_secret(FROM_KEYRING)


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OTHER_ID=DU3333333\n")
    monkeypatch.setenv("IB_ACCOUNT_ID", "DU1111111")
    found = loaded()
    assert "DU1111111" not in f"{found!r} {found} {found.model_dump_json()}"
    assert "DU3333333" not in f"{found!r} {found} {found.model_dump_json()}"


def test_settings_do_not_change_after_they_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IB_ACCOUNT_ID", "DU1")
    found = loaded()
    monkeypatch.setenv("IB_ACCOUNT_ID", "DU2")
    assert found.resolve_secret(FROM_ENV) == "DU1"
    with pytest.raises(ValidationError):
        found.dry_run = True  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "why"),
    [("true", "the switch is on"), ("ON", "the switch is on"), ("quarter end ", "quarter end"), ("ture", "ture")]
    + [(no, None) for no in ("", "0", "false", "No", "off", " ")],
)
def test_any_word_but_no_halts(monkeypatch: pytest.MonkeyPatch, text: str, why: str | None) -> None:
    monkeypatch.setenv("FOLIOCTL_HALT", text)
    assert loaded().halt == why


def test_an_env_file_may_halt_too(tmp_path: Path) -> None:
    file = tmp_path / "halting.env"
    file.write_text("FOLIOCTL_HALT='quarter end'\n")
    assert loaded(file).halt == "quarter end"


def two_accounts(first: SecretRef, second: SecretRef) -> tuple[DesiredState, AccountSpec]:
    """Two accounts by where their numbers are, and the first of them."""
    accounts = (
        an_account_spec(name=AccountName(name), account_id=each) for name, each in (("a", first), ("b", second))
    )
    desired = a_desired_state(*accounts)
    return desired, desired.accounts[0]


def test_accounts_of_one_number_are_refused_and_numbers_that_are_not_known_are_not_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desired, first = two_accounts(FROM_ENV, FROM_KEYRING)
    require_own_number(desired, first, loaded())  # neither is set
    monkeypatch.setenv("IB_ACCOUNT_ID", "DU1")
    require_own_number(desired, first, loaded())  # the other's is not
    keyring.set_keyring(MemoryKeyring(main="DU2"))
    require_own_number(desired, first, loaded())
    keyring.set_keyring(MemoryKeyring(main="DU1"))
    with pytest.raises(Refused, match="accounts 'a' and 'b' have one number at the broker"):
        require_own_number(desired, first, loaded())


def test_accounts_whose_keyring_cannot_be_read_are_not_said_to_be_of_one_number() -> None:
    keyring.set_keyring(BrokenKeyring())
    require_own_number(*two_accounts(FROM_KEYRING, FROM_KEYRING), loaded())


# ------------------------------------------------------------------------------------------------------------ keyring


def origins(found: Settings) -> dict[str, tuple[str | None, str]]:
    return {each.name: (each.value, each.origin.value) for each in found.readings()}


def test_the_keyring_serves_every_setting_between_the_process_and_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("FOLIOCTL_GATEWAY=file:1\nFOLIOCTL_HALT=file\nDRY_RUN=0\nFOLIOCTL_SNAPSHOTS=/kept\n")
    keyring.set_keyring(
        MemoryKeyring(FOLIOCTL_GATEWAY="ring:2", FOLIOCTL_HALT="ring", DRY_RUN="true", FOLIOCTL_STATE=str(tmp_path))
    )
    monkeypatch.setenv("FOLIOCTL_GATEWAY", "process:3")

    found = loaded()

    assert (found.gateway, found.halt, found.dry_run) == (GatewayAddress("process", 3), "ring", True)
    assert (found.state, found.snapshots) == (tmp_path, Path("/kept"))
    assert origins(found) == {
        "FOLIOCTL_STATE": (str(tmp_path), "keyring"),
        "FOLIOCTL_SNAPSHOTS": ("/kept", "env-file"),
        "FOLIOCTL_GATEWAY": ("process:3", "environment"),
        "DRY_RUN": ("true", "keyring"),
        "FOLIOCTL_HALT": ("ring", "keyring"),
        "CI": ("false", "default"),
        "GITHUB_ACTOR": (None, "default"),
    }


def test_an_empty_value_is_none_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FOLIOCTL_GATEWAY", "")
    keyring.set_keyring(MemoryKeyring(FOLIOCTL_GATEWAY=""))
    (tmp_path / ".env").write_text("FOLIOCTL_GATEWAY=file:1\n")
    assert origins(loaded())["FOLIOCTL_GATEWAY"] == ("file:1", "env-file")


def test_a_bad_value_in_the_keyring_is_told_like_any_other() -> None:
    keyring.set_keyring(MemoryKeyring(FOLIOCTL_GATEWAY="x"))
    told = "FOLIOCTL_GATEWAY must be HOST:PORT, such as 127.0.0.1:4002, not 'x' (from the keyring)"
    assert refused() == [("SET001", told)]


def test_a_bad_value_in_the_env_file_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# settings\n\nDRY_RUN=perhaps\n")
    found, (diagnostic,) = settings.load()
    assert found is None
    assert (str(diagnostic.location), diagnostic.summary) == (
        ".env:3:1",
        "DRY_RUN must be true or false, not 'perhaps'",
    )


def test_a_broken_keyring_is_noted_and_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Counting(BrokenKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            asked.append(username)
            return super().get_password(service, username)

    keyring.set_keyring(Counting())
    assert loaded().keyring_fault == "no bus"
    assert len(asked) == 1
    keyring.set_keyring(NO_KEYRING)
    assert loaded().keyring_fault is None


def test_what_the_process_has_is_not_asked_of_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(settings.variables(), ("/s", "/t", "h:1", "0", "0", "0", "me"), strict=True):
        monkeypatch.setenv(name, value)
    keyring.set_keyring(BrokenKeyring())
    assert loaded().keyring_fault is None


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, False),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/bus"}, True),
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "DBUS_SESSION_BUS_ADDRESS": "x"}, False),
        ({"PYTHON_KEYRING_BACKEND": "somebody.elses.Keyring"}, True),
    ],
)
def test_whether_a_keyring_can_be_there_is_told_without_it(
    environment: dict[str, str], found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "keyring")
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert keyringaccess.may_exist() is found


def test_a_keyring_that_somebody_configured_can_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delitem(sys.modules, "keyring")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert not keyringaccess.may_exist()
    (tmp_path / "python_keyring").mkdir()
    (tmp_path / "python_keyring" / "keyringrc.cfg").write_text("[backend]\n")
    assert keyringaccess.may_exist()


# --------------------------------------------------------------------------------------------------- stray variables


def doubts(env_file: Path | None = None) -> list[tuple[str, str, str, int]]:
    found, diagnostics = settings.load(env_file)
    assert found is not None
    return [
        (each.code, each.summary, each.suggestion, each.location.line if each.location else 0) for each in diagnostics
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FOLIOCTL_HALTT", "FOLIOCTL_HALT"),
        ("FOLIOCLT_HALT", "FOLIOCTL_HALT"),
        ("folioctl_halt", "FOLIOCTL_HALT"),
        ("FOLIO_STATE", "FOLIOCTL_STATE"),
        ("dry_run", "DRY_RUN"),
    ],
)
def test_a_misspelt_variable_is_a_warning(name: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert doubts() == [("SET005", f"there is no setting '{name}': it has no effect", f"Did you mean '{meant}'?", 0)]


def test_a_misspelt_line_is_a_warning_with_its_place(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# ours\nOTHER=1\nIB_ACCOUNT_ID=DU1\nDRYRUN=1\nFOLIOCTL_HALT\nFOLIOCTL_HALT: x\n")
    assert [(code, line) for code, _, _, line in doubts()] == [("SET004", 5), ("SET004", 6), ("SET005", 4)]


def test_variables_of_others_are_none_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRYRUN", "1")
    monkeypatch.setenv("STATE", "1")
    (tmp_path / ".env").write_text("TWS_USERID=me\nMY_STATE=1\n")
    assert doubts() == []


def test_an_account_number_in_the_wrong_place_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRY_RUN", "DU7654321")
    assert refused() == [("SET001", "DRY_RUN must be true or false, not '(account id)' (from the environment)")]


def test_where_a_secret_comes_from_is_told_and_what_it_is_is_not(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\nIB_ACCOUNT_ID=DU7654321\n")
    told = loaded().reading_of_secret(FROM_ENV, "The number.")
    assert (told.is_set, told.value, told.origin) == (True, None, Origin.ENV_FILE)
    assert (told.place and told.place.line) == 2
    keyring.set_keyring(MemoryKeyring(IB_ACCOUNT_ID="DU2"))
    assert loaded().reading_of_secret(FROM_ENV, "The number.").origin is Origin.KEYRING
    keyring.set_keyring(MemoryKeyring())
    assert not loaded().reading_of_secret(FROM_KEYRING, "The number.").is_set


def test_every_setting_says_what_it_means() -> None:
    assert all(each.meaning.endswith(".") for each in loaded().readings())
