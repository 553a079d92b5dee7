"""Settings as a user sees them: where each comes from, what is misspelt, and that no secret is ever told."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from tests.acceptance.here import edited, one_line, run_here
from tests.acceptance.stage import ACCOUNT_ID, SMALL, Stage, bare_environment, copied_manifests, stage

PLANTED = "DU7654321"
PASSWORD = "hunter2hunter2"


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Stage]:
    """Manifests and an env file, without a gateway: none of this asks for one."""
    copied_manifests(tmp_path)
    made = Stage(tmp_path, None, bare_environment(tmp_path))  # type: ignore[arg-type]
    made.environment |= {"FOLIOCTL_GATEWAY": "127.0.0.1:1", "FOLIOCTL_STATE": str(tmp_path / "state")}
    yield made
    made.clean_up()


def write_env(on: Stage, text: str) -> None:
    (on.manifests.parent / ".env").write_text(text)


def test_each_setting_is_shown_with_where_it_comes_from(bare: Stage) -> None:
    write_env(bare, f"# ours\nIB_ACCOUNT_ID={PLANTED}\nDRY_RUN=true\n")

    ended = run_here(bare, "status", "--settings").expect(0)
    document = run_here(bare, "status", "--settings", "--json").expect(0).document

    rows = {line.split()[0]: line for line in ended.stdout.splitlines()[1:]}
    assert "set (hidden)" in rows["IB_ACCOUNT_ID"]
    assert ".env:2" in rows["IB_ACCOUNT_ID"]
    assert ".env:3" in rows["DRY_RUN"]
    assert "environment" in rows["FOLIOCTL_GATEWAY"]
    assert "default" in rows["CI"]
    told = {each["name"]: each for each in document["settings"]}
    account_id = told["IB_ACCOUNT_ID"]
    assert (account_id["value"], account_id["set"], account_id["secret"]) == (None, True, True)
    assert (account_id["origin"], account_id["place"]["file"], account_id["place"]["line"]) == ("env-file", ".env", 2)
    assert told["DRY_RUN"]["value"] == "true"
    assert not (bare.directory / "state").exists(), "it makes nothing"


def test_it_works_without_manifests(bare: Stage) -> None:
    with edited(bare, "account.yaml", "kind: Account", "kind: Acount"):
        ended = run_here(bare, "status", "--settings").expect(0)
    assert "FOLIOCTL_STATE" in ended.stdout
    assert "not in order" in one_line(ended)


@pytest.mark.parametrize("words", [["plan"], ["apply", "--auto-approve"], ["runs", "list"], ["plan", "--markdown"]])
def test_a_misspelt_halt_does_not_pass_unnoticed(bare: Stage, words: list[str]) -> None:
    bare.environment["FOLIOCTL_HALTT"] = "true"
    told = run_here(bare, *words).stderr
    assert "FOLIOCTL_HALTT" in told
    assert "Did you mean 'FOLIOCTL_HALT'?" in told


def test_with_json_it_stands_in_the_document_once(bare: Stage) -> None:
    bare.environment["FOLIOCTL_HALTT"] = "true"
    document = run_here(bare, "apply", "--auto-approve", "--json").expect(1).document
    assert [each["code"] for each in document["diagnostics"]] == ["SET005"]


class LockedKeyring(KeyringBackend):
    """As that of a desktop on which nobody is logged in."""

    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("nobody unlocked it")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.get_password(service, username)


@pytest.fixture
def _locked() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(LockedKeyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("_locked")
@pytest.mark.parametrize("words", [["apply", "--auto-approve"], ["runs", "recover", "abc", "--resume"]])
def test_nothing_is_sent_while_the_keyring_may_forbid_it(bare: Stage, words: list[str]) -> None:
    told = one_line(run_here(bare, *words).expect(1))
    assert "the keyring could not be asked, and DRY_RUN or FOLIOCTL_HALT may be in it: nobody unlocked it" in told
    assert "PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring" in told

    bare.environment["DRY_RUN"] = "true"
    assert "the keyring could not be asked" not in one_line(run_here(bare, *words))


@pytest.mark.usefixtures("_locked")
def test_what_sends_nothing_needs_no_keyring(bare: Stage) -> None:
    for words in (["plan"], ["apply", "--dry-run"]):
        assert "the keyring could not be asked" not in one_line(run_here(bare, *words))


ENV_FILES = {
    "bad values": f"FOLIOCTL_GATEWAY={PLANTED}\nDRY_RUN={PLANTED}\nIB_ACCOUNT_ID={PASSWORD}\n",
    "misspelt": f"IB_ACCOUNT_ID={PLANTED}\nFOLIOCTL_PASSWORD={PASSWORD}\nFOLIOCTL_STAET={PLANTED}\n",
    "unreadable": f"IB_ACCOUNT_ID {PLANTED}\nFOLIOCTL_HALT: {PASSWORD}\n",
    "not an id": f"IB_ACCOUNT_ID={PASSWORD}\n",
    "good": f"IB_ACCOUNT_ID={PLANTED}\n",
}
COMMANDS = [["doctor"], ["status"], ["status", "--settings"], ["apply", "--auto-approve"]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A gateway that serves another account than any that is planted here."""
    with stage(tmp_path_factory.mktemp("served"), SMALL) as made:
        del made.environment["IB_ACCOUNT_ID"]
        yield made


@pytest.mark.broker
@pytest.mark.parametrize("case", ENV_FILES)
def test_no_secret_is_told_whatever_fails(served: Stage, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_env(served, ENV_FILES[case])
    if case == "bad values":
        monkeypatch.delitem(served.environment, "FOLIOCTL_GATEWAY")
    for words in COMMANDS:
        for view in ([], ["--json"]):
            ended = run_here(served, *words, *view)
            assert PLANTED not in ended.stdout + ended.stderr, words
            assert PASSWORD not in ended.stdout + ended.stderr, words


OVERRIDE = (
    f'overrides: [{{limit: maxTurnover, reason: "for {ACCOUNT_ID}", by: me, expires: 2099-01-01}}]\n  maxLeverage'
)


@pytest.mark.broker
def test_promise_14_of_a_number_that_stands_in_the_manifests_all_the_same(
    served: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`run_here` holds that neither stream names it, whether the variable that is called so is set or not."""
    with (
        edited(served, "account.yaml", "env: IB_ACCOUNT_ID", f"env: {ACCOUNT_ID}  # that is {ACCOUNT_ID}"),
        edited(served, "risk-limits.yaml", "maxLeverage", OVERRIDE),
    ):
        for words in (["plan"], ["doctor"], ["status", "--settings"], ["status", "--settings", "--json"]):
            assert "(account id)" in one_line(run_here(served, *words)), words
        monkeypatch.setitem(served.environment, ACCOUNT_ID, ACCOUNT_ID)
        for words in (["validate", "--resolved"], ["plan"], ["status"]):
            run_here(served, *words).expect(0)
            run_here(served, *words, "--json").expect(0)
        run_here(served, "validate", "--strict").expect(1)


def test_an_env_file_that_is_no_text_tells_nothing_of_it(bare: Stage) -> None:
    (bare.manifests.parent / ".env").write_bytes(f"IB_ACCOUNT_ID={PLANTED}\n".encode() + b"A=\xff\n")
    for words in COMMANDS:
        ended = run_here(bare, *words).expect(1)
        assert "UTF-8" in one_line(ended)
        assert PLANTED not in ended.stdout + ended.stderr
