"""The Doctor document: whether a set-up is fit to move money, check by check."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.examination import Check, Examination, Finding, Verdict
from reconciler.domain.ids import AccountName, InstrumentName
from reconciler.planfile.envelope import Envelope, envelope
from reconciler.planfile.fields import Part, part


class FindingPart(Part):
    """What one check found, and what to do about it.

    `targets` are the lines that it is about, where it is not about all. `because` is the check that failed before, of
    one that was skipped; null for the others.
    """

    check: Check
    verdict: Verdict
    found: str
    advice: str
    targets: tuple[InstrumentName, ...]
    because: Check | None


class DoctorAccountPart(Part):
    """The checks of one account, in the order in which they were made."""

    name: AccountName
    environment: Environment
    findings: tuple[FindingPart, ...]


class DoctorSummaryPart(Part):
    """Counts of findings by what they came to."""

    passed: int
    warnings: int
    failed: int
    skipped: int


class DoctorDocument(Envelope):
    """The checks that all accounts share, then those of each account. No account id is in it; an amount may be."""

    kind: Literal["Doctor"]
    exit_code: int
    summary: DoctorSummaryPart
    setup: tuple[FindingPart, ...]
    accounts: tuple[DoctorAccountPart, ...]


def doctor_document(
    examination: Examination,
    *,
    exit_code: int,
    tool: str,
    created: datetime,
    revision: Revision | None,
    diagnostics: Sequence[Diagnostic] = (),
) -> DoctorDocument:
    """The document of one examination."""
    return DoctorDocument(
        **envelope(tool=tool, created=created, revision=revision, diagnostics=diagnostics),
        kind="Doctor",
        exit_code=exit_code,
        summary=DoctorSummaryPart(
            passed=examination.count(Verdict.PASSED),
            warnings=examination.count(Verdict.WARNING),
            failed=examination.count(Verdict.FAILED),
            skipped=examination.count(Verdict.SKIPPED),
        ),
        setup=_parts(examination.setup),
        accounts=tuple(
            DoctorAccountPart(name=each.account, environment=each.environment, findings=_parts(each.findings))
            for each in examination.accounts
        ),
    )


def _parts(findings: Sequence[Finding]) -> tuple[FindingPart, ...]:
    return tuple(part(FindingPart, each) for each in findings)
