"""The Lock document: which contracts the lock file pins, and what became of each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from reconciler.diagnostics import Diagnostic, Severity
from reconciler.domain.desired import Revision
from reconciler.domain.ids import ConId
from reconciler.domain.money import Currency
from reconciler.manifests.lock.changes import LockChange, LockChanges
from reconciler.planfile.envelope import Envelope, envelope
from reconciler.planfile.fields import Part


class LockSummaryPart(Part):
    """Counts of entries and diagnostics. `written` is false where the file was right already, and with `--check`."""

    checked: bool
    written: bool
    kept: int
    added: int
    replaced: int
    removed: int
    errors: int
    warnings: int


class LockContractPart(Part):
    """One entry. `formerly` is the contract id that it had before, where that is another one."""

    change: LockChange
    con_id: ConId
    formerly: ConId | None
    symbol: str
    sec_type: str
    currency: Currency
    primary_exchange: str
    name: str


class LockDocument(Envelope):
    """The lock file's entries, those that were removed too. Where a diagnostic is an error, nothing was written."""

    kind: Literal["Lock"]
    file: str
    summary: LockSummaryPart
    contracts: tuple[LockContractPart, ...]


def lock_document(
    changes: LockChanges,
    *,
    tool: str,
    created: datetime,
    revision: Revision | None,
    diagnostics: Sequence[Diagnostic] = (),
) -> LockDocument:
    """The document of what `lock` did, or of what `lock --check` found."""
    errors = sum(each.severity is Severity.ERROR for each in diagnostics)
    return LockDocument(
        **envelope(tool=tool, created=created, revision=revision, diagnostics=diagnostics),
        kind="Lock",
        file=changes.file,
        summary=LockSummaryPart(
            checked=changes.is_check,
            written=changes.is_written,
            **{change.value: changes.count(change) for change in LockChange},
            errors=errors,
            warnings=len(diagnostics) - errors,
        ),
        contracts=tuple(_contracts(changes)),
    )


def _contracts(changes: LockChanges) -> Iterable[LockContractPart]:
    return (
        LockContractPart(
            change=each.change,
            con_id=ConId(each.entry.con_id),
            formerly=None if each.formerly is None else ConId(each.formerly),
            symbol=each.entry.symbol,
            sec_type=each.entry.sec_type,
            currency=Currency(each.entry.currency),
            primary_exchange=each.entry.primary_exchange,
            name=each.entry.name,
        )
        for each in changes.rows
    )
