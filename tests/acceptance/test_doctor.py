"""The doctor: a set-up that is fit passes every check, and each way in which one is not is told, with what to do.

It asks by what-if alone: the gateway's books never have an order of its.
"""

import socket
from pathlib import Path

import pytest

from reconciler.adapters.clock import SystemClock
from reconciler.adapters.journal.open import open_journal
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.ids import AccountName, PlanId, RunId
from reconciler.ports import RunRecord
from tests.acceptance.here import edited, one_line, run_here
from tests.acceptance.stage import ACCOUNT_ID, SMALL, Json, Stage, stage

pytestmark = pytest.mark.broker

LOCK = """\
apiVersion: folioctl/v1
kind: ContractLock
contracts:
  - {conId: 51529211, symbol: GLD, currency: USD, orderTypes: [MKT, LMT], increments: [{from: 0, step: 0.01}]}
"""
BEHIND_LOGIN = {
    "server-version",
    "clock",
    "base-currency",
    "account-type",
    "contracts",
    "hours",
    "market-data",
    "read-only",
    "tradable",
    "limits",
    "plan",
}


def examined(on: Stage, code: int, *arguments: str) -> Json:
    return run_here(on, "doctor", "--json", *arguments).expect(code).document


def findings(document: Json) -> list[Json]:
    return [*document["setup"], *(each for account in document["accounts"] for each in account["findings"])]


def with_verdict(document: Json, verdict: str) -> dict[str, Json]:
    return {each["check"]: each for each in findings(document) if each["verdict"] == verdict}


def only_failure(document: Json, check: str) -> Json:
    """The failure of this check, which must be the only check that failed; and it says what to do."""
    found = with_verdict(document, "failed")
    assert set(found) == {check}
    assert found[check]["advice"]
    return found[check]


def skipped_because(document: Json, check: str) -> set[str]:
    """What was skipped, all of it because of this check."""
    found = with_verdict(document, "skipped")
    assert {each["because"] for each in found.values()} <= {check}
    return set(found)


def test_the_demo_s_set_up_is_fit(tmp_path: Path) -> None:
    with stage(tmp_path) as demo:
        ended = run_here(demo, "doctor").expect(0)
        document = examined(demo, 0)
        frames = demo.gateway.ask("frames")["in"]
        assert demo.gateway.orders == []

    assert set(with_verdict(document, "passed")) == {each["check"] for each in findings(document)}
    assert document["summary"] == {"passed": 22, "warnings": 0, "failed": 0, "skipped": 0}
    assert "22 passed, 0 failed" in ended.stdout
    assert "4" not in frames, "a cancel was sent"
    assert "NetLiquidation" not in ended.stdout


class TestTheGateway:
    def test_one_that_is_down(self, quiet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody else takes the port, and it refuses
            address = f"127.0.0.1:{closed.getsockname()[1]}"
            monkeypatch.setitem(quiet.environment, "FOLIOCTL_GATEWAY", address)
            document = examined(quiet, 1)

        assert address in only_failure(document, "gateway")["found"]
        assert skipped_because(document, "gateway") == BEHIND_LOGIN | {"login"}
        assert {"runs", "halts", "lock", "account-id"} <= set(with_verdict(document, "passed"))

    def test_one_that_lets_nobody_in(self, tmp_path: Path) -> None:
        with stage(tmp_path, SMALL) as shut:
            shut.gateway.quirk("connect:hang-up")
            document = examined(shut, 1)

        assert "API" in only_failure(document, "login")["found"]
        assert skipped_because(document, "login") == BEHIND_LOGIN

    def test_one_that_serves_another_account(self, quiet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(quiet.environment, "IB_ACCOUNT_ID", "DU7654321")
        ended = run_here(quiet, "doctor", "--json").expect(1)

        assert "does not serve" in only_failure(ended.document, "login")["found"]
        assert "DU7654321" not in ended.stdout + ended.stderr

    def test_one_whose_clock_is_wrong(self, tmp_path: Path) -> None:
        with stage(tmp_path, SMALL, "--clock", "stepped") as past:
            document = examined(past, 1)

        assert "behind this machine's" in only_failure(document, "clock")["found"]
        assert skipped_because(document, "clock") == {"hours", "market-data", "plan"}

    @pytest.mark.full
    def test_an_old_one(self, tmp_path: Path) -> None:
        with stage(tmp_path, SMALL, "--max-version", "170") as old:
            document = examined(old, 0)

        assert "170" in with_verdict(document, "warning")["server-version"]["found"]


class TestTheAccount:
    def test_an_id_that_is_not_set(self, quiet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(quiet.environment, "IB_ACCOUNT_ID")
        document = examined(quiet, 1)

        assert "IB_ACCOUNT_ID" in only_failure(document, "account-id")["found"]
        assert skipped_because(document, "account-id") == BEHIND_LOGIN | {"login"}
        assert "gateway" in with_verdict(document, "passed")

    @pytest.mark.parametrize("planted", ["du-10-00", "DU1000001 ", "hunter2hunter2"])
    def test_an_id_that_is_none(self, quiet: Stage, monkeypatch: pytest.MonkeyPatch, planted: str) -> None:
        monkeypatch.setitem(quiet.environment, "IB_ACCOUNT_ID", planted)
        ended = run_here(quiet, "doctor", "--json").expect(1)

        assert "form" in only_failure(ended.document, "account-id")["found"]
        assert planted.strip() not in ended.stdout + ended.stderr

    def test_a_number_that_another_account_has_too(self, quiet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each of the two would undo what the other does, under a lock of its own."""
        monkeypatch.setitem(quiet.environment, "IB_OTHER_ID", ACCOUNT_ID)
        account = (quiet.manifests / "account.yaml").read_text()
        other = quiet.manifests / "other.yaml"
        other.write_text(account.replace("name: main", "name: other").replace("IB_ACCOUNT_ID", "IB_OTHER_ID"))
        try:
            document = examined(quiet, 1, "--account", "main")
            refused = [run_here(quiet, each, "--account", "other").expect(1) for each in ("plan", "apply")]
        finally:
            other.unlink()

        assert "one number at the broker" in only_failure(document, "account-id")["found"]
        assert all("'other' and 'main' have one number at the broker" in one_line(each) for each in refused)

    def test_the_wrong_environment(self, quiet: Stage) -> None:
        with edited(quiet, "account.yaml", "environment: paper", "environment: live"):
            document = examined(quiet, 1)

        told = only_failure(document, "account-id")
        assert "paper" in told["found"]
        assert "live" in told["found"]

    def test_another_base_currency(self, quiet: Stage) -> None:
        with edited(quiet, "account.yaml", "baseCurrency: USD", "baseCurrency: CAD"):
            document = examined(quiet, 1)

        assert only_failure(document, "base-currency")["found"] == "the account is kept in USD, its manifest says CAD"
        assert skipped_because(document, "base-currency") == {"account-type", "limits", "plan"}

    def test_a_cash_account_whose_manifest_says_margin(self, tmp_path: Path) -> None:
        scenario = tmp_path / "cash.yaml"
        text = SMALL.read_text().replace("_currency: USD\n", "_currency: USD\n    margin: {model: cash}\n")
        scenario.write_text(text.replace("USD: -5401.60", "USD: 25000"))
        with stage(tmp_path / "stage", scenario) as cash:
            (cash.manifests / "portfolio.yaml").write_text((SMALL.parent / "small-portfolio.yaml").read_text())
            document = examined(cash, 1)

        assert "cash account" in with_verdict(document, "failed")["account-type"]["found"]


class TestTheTargets:
    def test_a_symbol_that_nobody_knows(self, quiet: Stage) -> None:
        with edited(quiet, "portfolio.yaml", "symbol: ORCL", "symbol: ORCLE"):
            document = examined(quiet, 1)

        failed = with_verdict(document, "failed")
        assert set(failed) == {"contracts", "plan"}
        assert failed["contracts"]["targets"] == ["ORCLE"]
        assert "portfolio.yaml:" in failed["contracts"]["advice"]
        assert len(with_verdict(document, "passed")["tradable"]["targets"]) == 5

    def test_a_symbol_with_two_listings(self, tmp_path: Path) -> None:
        with stage(tmp_path, SMALL) as doubled:
            doubled.gateway.quirk("ambiguous:GLD")
            document = examined(doubled, 1)

        told = with_verdict(document, "failed")["contracts"]
        assert told["targets"] == ["GLD"]
        assert "ARCA" in told["found"], "the candidates are named"

    @pytest.mark.parametrize(
        ("quirk", "code"), [pytest.param("ambiguous:GLD", 0, marks=pytest.mark.full), ("new-id:GLD", 1)]
    )
    def test_a_target_that_the_lock_file_pins(self, tmp_path: Path, quirk: str, code: int) -> None:
        with stage(tmp_path, SMALL) as pinned:
            (pinned.manifests / "contracts.lock.yaml").write_text(LOCK)
            pinned.gateway.quirk(quirk)
            document = examined(pinned, code)

        if code:
            assert "lock it anew" in with_verdict(document, "failed")["contracts"]["advice"]
        else:
            assert with_verdict(document, "failed") == {}

    @pytest.mark.parametrize(
        ("quirk", "found"),
        [
            ("market-data:10167", "delayed"),
            pytest.param("market-data:354", "354", marks=pytest.mark.full),
            pytest.param("frozen", "frozen", marks=pytest.mark.full),
        ],
    )
    def test_prices_that_price_nothing(self, tmp_path: Path, quirk: str, found: str) -> None:
        with stage(tmp_path, SMALL) as poor:
            poor.gateway.quirk(quirk)
            document = examined(poor, 1)

        failed = with_verdict(document, "failed")
        assert found in failed["market-data"]["found"]
        assert len(failed["market-data"]["targets"]) == 6
        assert set(failed) <= {"market-data", "plan"}

    @pytest.mark.full
    def test_delayed_prices_that_the_policy_accepts(self, tmp_path: Path) -> None:
        with stage(tmp_path, SMALL) as content:
            content.gateway.quirk("market-data:10167")
            content.policy("  acceptDelayedQuotes: true\n")
            document = examined(content, 0)

        assert set(with_verdict(document, "warning")) == {"market-data"}

    def test_a_read_only_api(self, tmp_path: Path) -> None:
        with stage(tmp_path, SMALL) as shut:
            shut.gateway.quirk("what-if:read-only")
            document = examined(shut, 1)

        assert "321" in only_failure(document, "read-only")["found"]
        assert skipped_because(document, "read-only") == {"tradable", "plan"}

    @pytest.mark.full
    def test_an_api_that_is_silent(self, tmp_path: Path) -> None:
        with stage(tmp_path, SMALL) as silent:
            silent.gateway.quirk("what-if:silent")
            silent.policy("  timeouts: {request: 1s}\n")
            document = examined(silent, 1)

        assert "none of 6 what-ifs was answered" in with_verdict(document, "failed")["read-only"]["found"]

    def test_what_the_broker_would_not_take(self, tmp_path: Path) -> None:
        with stage(tmp_path, SMALL) as picky:
            picky.gateway.quirk("what-if:10243:ORCL")
            document = examined(picky, 1)

        told = with_verdict(document, "failed")["tradable"]
        assert told["targets"] == ["ORCL"]
        assert "10243" in told["found"]
        assert "read-only" in with_verdict(document, "passed")


class TestWhatWasLeft:
    def test_a_limit_that_is_broken_already(self, quiet: Stage) -> None:
        with edited(quiet, "risk-limits.yaml", "maxPositionWeight: 80%", "maxPositionWeight: 30%"):
            document = examined(quiet, 1)

        told = with_verdict(document, "failed")["limits"]
        assert "maxPositionWeight" in told["found"]
        assert "risk-limits.yaml:" in told["found"]

    def test_a_run_that_never_ended(self, small: Stage) -> None:
        run = RunRecord(
            id=RunId("0123456789ab"),
            plan=PlanId("0123456789ab"),
            account=AccountName("main"),
            environment=Environment.PAPER,
            revision=Revision(commit=None, dirty=False, manifests="m"),
            plan_document="{}",
            started=SystemClock().now(),
            ended=None,
            outcome=None,
        )
        small.state.mkdir()
        journal = open_journal(small.state / "journal.sqlite3")
        journal.begin_run(run)
        journal.close()

        document = examined(small, 1)

        assert "folioctl runs recover 0123456789ab" in only_failure(document, "runs")["advice"]
        journal = open_journal(small.state / "journal.sqlite3")
        assert [each.id for each in journal.unfinished_runs(AccountName("main"))] == [run.id], "it closes nothing"
        journal.close()

    def test_beside_an_apply_it_looks_and_disturbs_nothing(self, small: Stage) -> None:
        small.gateway.ask("fill", never=True)
        applying = small.start("apply", "--auto-approve")
        small.gateway.until(lambda gateway: len(gateway.resting) == 2)

        document = examined(small, 0)

        assert {"lock", "runs"} <= set(with_verdict(document, "warning"))
        assert "folioctl apply" in with_verdict(document, "warning")["lock"]["found"]
        assert len(small.gateway.resting) == 2
        applying.kill()

    def test_a_halt_and_a_dry_run(self, quiet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(quiet.environment, "FOLIOCTL_HALT", "quarter end")
        monkeypatch.setitem(quiet.environment, "DRY_RUN", "true")
        document = examined(quiet, 0)

        warnings = with_verdict(document, "warning")
        assert "quarter end" in warnings["halts"]["found"]
        assert "DRY_RUN" in warnings["settings"]["found"]


class TestTheSetUp:
    def test_manifests_that_are_not_in_order(self, quiet: Stage) -> None:
        with edited(quiet, "portfolio.yaml", "weight: 25.7%", "wieght: 25.7%"):
            document = examined(quiet, 1)
            ended = run_here(quiet, "doctor").expect(1)

        only_failure(document, "manifests")
        assert document["accounts"] == []
        assert [each["location"]["line"] for each in document["diagnostics"]][:1] == [7]
        assert "No account could be looked at" in one_line(ended)

    def test_settings_that_are_not(self, quiet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(quiet.environment, "FOLIOCTL_GATEWAY", "nowhere")
        document = examined(quiet, 1)

        only_failure(document, "settings")
        assert skipped_because(document, "settings") >= {"state-directory", "journal", "login", "plan", "lock"}

    def test_a_state_directory_inside_of_the_clone(self, quiet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        root = quiet.manifests.parent
        (root / ".git").mkdir()
        monkeypatch.setitem(quiet.environment, "FOLIOCTL_STATE", str(root / "state"))
        document = examined(quiet, 1)
        (root / ".git").rmdir()

        assert "inside of the clone" in only_failure(document, "state-directory")["found"]

    def test_a_journal_that_is_none(self, small: Stage) -> None:
        small.state.mkdir()
        (small.state / "journal.sqlite3").write_text("not a journal")
        document = examined(small, 1)

        assert "journal" in only_failure(document, "journal")["found"]
        assert skipped_because(document, "journal") == {"limits", "plan", "runs", "halts"}
        assert "tradable" in with_verdict(document, "passed")

    def test_a_keyring_that_a_manifest_needs(self, quiet: Stage) -> None:
        with edited(quiet, "account.yaml", "env: IB_ACCOUNT_ID", "keyring: main"):
            document = examined(quiet, 1)

        assert set(with_verdict(document, "failed")) == {"keyring", "account-id"}
