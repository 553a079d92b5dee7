"""Every report of every case, compared with the file that a person has read and approved."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from reconciler.diagnostics import error, warning
from reconciler.domain.ids import RunId
from reconciler.manifests.contract_lock import LockedContract, locked_contract
from reconciler.manifests.lock.changes import LockChanges, rows_of
from reconciler.manifests.lock.writing import LockEdits
from reconciler.ports import Holder, LockFinding
from reconciler.reports import documents, markdown, terminal
from tests.builders import MAIN, NOW, a_desired_state, a_location, a_revision
from tests.fakes.broker import stock
from tests.golden.accounts import ACCOUNTS, planned
from tests.golden.cases import (
    ANOTHER_HALT,
    EXIT_CODES,
    HALT,
    PLANS,
    RUNS,
    a_release,
    a_status,
    an_examination,
    an_unreachable_status,
    some_cancellations,
    some_settings,
)

FILES = Path(__file__).parent / "files"
TOOL = "folioctl 0.1.0"
SCHEMAS = documents.document_schemas()

Golden = Callable[[str, str], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    def compare(name: str, text: str) -> None:
        path = FILES / name
        if request.config.getoption("--write-goldens", default=False):
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text

    return compare


def shown(show: Callable[[Console], None]) -> str:
    file = io.StringIO()
    show(Console(file=file, width=100, color_system=None, highlight=False, markup=False, emoji=False))
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def valid(document: Any) -> str:
    text = documents.text_of(document)
    jsonschema.validate(json.loads(text), SCHEMAS[f"v1/documents/{document.kind}.json"])
    return text


@pytest.mark.parametrize("case", PLANS)
def test_plan(case: str, golden: Golden) -> None:
    plan = PLANS[case]()

    golden(f"plan-{case}.txt", shown(lambda c: terminal.show_plan(c, plan, apply_command="folioctl apply plan.json")))
    golden(f"plan-{case}.md", markdown.plan_markdown(plan))
    golden(f"plan-{case}.json", valid(documents.plan_document(plan, tool=TOOL)))


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_account(kind: str, golden: Golden) -> None:
    plan = planned(ACCOUNTS[kind]())

    golden(
        f"account-{kind}.txt", shown(lambda c: terminal.show_plan(c, plan, apply_command="folioctl apply plan.json"))
    )
    golden(f"account-{kind}.md", markdown.plan_markdown(plan))
    golden(f"account-{kind}.json", valid(documents.plan_document(plan, tool=TOOL)))


EXPLAINED = [
    ("new", "MSFT"),
    ("in-sync", "TSLA"),
    ("multi-currency", "NVDA"),
    ("multi-currency", "USD.CAD"),
    ("cash-account", "GLD"),
    ("short", "TSLA"),
    ("futures", "MES"),
    ("blocked", "NVDA"),
    ("emergency", "GLD"),
]


@pytest.mark.parametrize(("kind", "instrument"), EXPLAINED)
def test_explanation(kind: str, instrument: str, golden: Golden) -> None:
    plan = planned(ACCOUNTS[kind]())
    line = next(line for line in plan.lines if line.instrument == instrument)

    golden(f"explain-{kind}-{instrument}.txt", shown(lambda c: terminal.show_explanation(c, plan, line)))


@pytest.mark.parametrize("kind", ["new", "blocked"])
def test_concise(kind: str, golden: Golden) -> None:
    plan, concise = planned(ACCOUNTS[kind]()), terminal.Detail.CONCISE

    golden(
        f"concise-{kind}.txt",
        shown(lambda c: terminal.show_plan(c, plan, apply_command="folioctl apply plan.json", detail=concise)),
    )


@pytest.mark.parametrize("case", PLANS)
def test_drift(case: str, golden: Golden) -> None:
    plan = PLANS[case]()

    golden(f"drift-{case}.txt", shown(lambda c: terminal.show_drift(c, plan)))
    golden(f"drift-{case}.md", markdown.drift_markdown(plan))
    golden(f"drift-{case}.json", valid(documents.drift_document(plan, tool=TOOL)))


@pytest.mark.parametrize("case", RUNS)
def test_run(case: str, golden: Golden) -> None:
    plan, result = RUNS[case]()

    golden(f"run-{case}.txt", shown(lambda c: terminal.show_run(c, result, plan)))
    golden(f"run-{case}.json", valid(documents.run_document(result, plan, tool=TOOL, exit_code=EXIT_CODES[case])))


def test_status(golden: Golden) -> None:
    statuses = [a_status(), an_unreachable_status()]
    document = documents.status_document(statuses, tool=TOOL, created=NOW, revision=a_revision())

    golden("status.txt", shown(lambda c: terminal.show_status(c, statuses)))
    golden("status.json", valid(document))


def test_doctor(golden: Golden) -> None:
    found = an_examination()
    document = documents.doctor_document(found, exit_code=1, tool=TOOL, created=NOW, revision=a_revision())

    golden("doctor.txt", shown(lambda c: terminal.show_doctor(c, found)))
    golden("doctor.json", valid(document))


def test_settings(golden: Golden) -> None:
    readings = some_settings()
    document = documents.settings_document(readings, tool=TOOL, created=NOW, revision=a_revision())

    golden("settings.txt", shown(lambda c: terminal.show_settings(c, readings)))
    golden("settings.json", valid(document))


def test_halt(golden: Golden) -> None:
    halts, cancelled, release = (HALT, ANOTHER_HALT), some_cancellations(), a_release()
    document = documents.halt_document(
        halts, lifted=release.lifted, cancellations=cancelled, exit_code=6, tool=TOOL, created=NOW
    )

    golden("halt.txt", shown(lambda c: terminal.show_halt(c, halts, cancelled)))
    golden("halt-lifted.txt", shown(lambda c: terminal.show_release(c, release)))
    golden("halt.json", valid(document))


LOCKS = {
    "alive": LockFinding(MAIN, Holder.ALIVE, "`folioctl apply` (process 4711 on desk)", NOW, 4711),
    "elsewhere": LockFinding(MAIN, Holder.ELSEWHERE, "`folioctl apply` (process 4711 on desk)", NOW, 4711),
    "unnamed": LockFinding(MAIN, Holder.UNNAMED, place="~/folioctl/locks/main.lock"),
    "orphaned": LockFinding(
        MAIN, Holder.UNNAMED, "`folioctl apply` (process 4711 on desk)", NOW, 4711, "~/folioctl/locks/main.lock"
    ),
    "cleared": LockFinding(MAIN, Holder.NOBODY, "`folioctl apply` (process 4711 on desk)", NOW, 4711, is_cleared=True),
    "free": LockFinding(MAIN, Holder.NOBODY),
}


@pytest.mark.parametrize("case", LOCKS)
def test_lock(case: str, golden: Golden) -> None:
    golden(f"lock-{case}.txt", shown(lambda c: terminal.show_lock(c, LOCKS[case], (RunId("0123456789ab"),))))


def pinned(symbol: str, con_id: int) -> LockedContract:
    entry = locked_contract(replace(stock(con_id, symbol), long_name=f"{symbol} INC", time_zone="US/Eastern"))
    assert isinstance(entry, LockedContract)
    return entry


LOCKED = [pinned("AAPL", 265598), pinned("FB", 107113386), pinned("MSFT", 272093), pinned("NVDA", 4815747)]
EDITS = LockEdits(
    added=(pinned("ORCL", 272800),), replaced={4815747: pinned("NVDA", 99)}, removed=frozenset({107113386})
)
DIFFERS = error("LCK007", "the broker's contract 272093 of MSFT STK in USD differs from its entry: lot 100 is now 1")
LOCK_FILES = {
    "written": (EDITS, True, False, ()),
    "unchanged": (LockEdits(), False, False, ()),
    "refused": (LockEdits(), False, False, (DIFFERS,)),
    "checked": (LockEdits(), False, True, ()),
    "check-failed": (LockEdits(), False, True, (DIFFERS,)),
}


@pytest.mark.parametrize("case", LOCK_FILES)
def test_lock_file(case: str, golden: Golden) -> None:
    edits, is_written, is_check, told = LOCK_FILES[case]
    changes = LockChanges(
        "desired-state/contracts.lock.yaml", rows_of(LOCKED, edits), is_written, is_check, told, is_unread=False
    )
    document = documents.lock_document(
        changes, tool=TOOL, created=NOW, revision=a_revision(), diagnostics=changes.diagnostics
    )

    golden(f"lock-file-{case}.txt", shown(lambda c: terminal.show_lock_file(c, changes)))
    golden(f"lock-file-{case}.json", valid(document))


def test_validation(golden: Golden) -> None:
    found = [
        warning("unused-limits", "no account refers to these limits", a_location(1, "desired-state/limits.yaml")),
        error("weights-sum", "weights sum to 1.02", a_location(2), suggestion="Lower one of them by 0.02."),
        error("unknown-key", "'wieght' is no key of a target", a_location(3), suggestion="Did you mean 'weight'?"),
    ]
    sources = {"desired-state/portfolio.yaml": {2: "  targets:", 3: "    - {symbol: MSFT, wieght: 13%}"}}
    broken = documents.validation_document(None, tool=TOOL, created=NOW, revision=None, diagnostics=found)
    good = documents.validation_document(a_desired_state(), tool=TOOL, created=NOW, revision=a_revision())

    golden("diagnostics.txt", shown(lambda c: terminal.show_diagnostics(c, found, sources)))
    golden("validation-broken.json", valid(broken))
    golden("validation-good.json", valid(good))


def test_failure(golden: Golden) -> None:
    document = documents.failure_document(
        code="AccountLocked",
        message="account 'main' is locked by process 4711; wait for it to end, then run this again",
        exit_code=5,
        tool=TOOL,
        created=NOW,
    )

    golden("failure.json", valid(document))


def test_quirks(golden: Golden) -> None:
    row = {
        "name": "reject",
        "group": "orders",
        "usage": "reject:CODE[:SYM][@N]",
        "counts": "orders",
        "values": {"CODE": ["110", "201"], "SYM": []},
        "explanation": "An order is refused with the code.",
    }
    document = documents.quirks_document(tool=TOOL, created=NOW, rows=[row])

    golden("quirks.json", valid(document))


def test_version(golden: Golden) -> None:
    document = documents.version_document(tool=TOOL, created=NOW, python="3.11.4", broker_library="ib_insync 0.9.86")

    golden("version.json", valid(document))
