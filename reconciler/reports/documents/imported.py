"""The Import document: which files an import or `init` writes, and what became of each thing that it read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.domain.ids import AccountName, ConId, InstrumentName
from reconciler.domain.imported import Fate, FileAction, FileChange, Imported, ImportedAccount
from reconciler.planfile.envelope import Envelope, envelope
from reconciler.planfile.fields import Number, Part, part


class ImportFilePart(Part):
    """A file, and what happens to it. `text` is what it would hold; null where it holds secrets."""

    path: str
    action: FileAction
    text: str | None


class ImportLinePart(Part):
    """One line of the portfolio. The weight is a share of the base; 0 closes."""

    instrument: InstrumentName
    con_id: ConId | None
    weight: Number


class ImportHoldingPart(Part):
    """A holding that no line stands for: it stays undeclared."""

    symbol: str
    con_id: ConId
    why: str


class ImportAccountPart(Part):
    """An account as the manifests say it. `leverage` and `cash` are null where the account itself was not read."""

    name: AccountName
    leverage: Number | None
    cash: Number | None
    lines: tuple[ImportLinePart, ...]
    left_aside: tuple[ImportHoldingPart, ...]


class ImportVariablePart(Part):
    """A variable of the predecessor's settings: where it stood, what became of it, and why. Never its value."""

    name: str
    line: int
    fate: Fate
    to: str | None
    why: str


class ImportDocument(Envelope):
    """What an import came to. `written` says whether the files are on disk now; `reasons` why they are not."""

    kind: Literal["Import"]
    exit_code: int
    source: str
    written: bool
    files: tuple[ImportFilePart, ...]
    accounts: tuple[ImportAccountPart, ...]
    variables: tuple[ImportVariablePart, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


def import_document(
    imported: Imported,
    *,
    written: bool,
    exit_code: int,
    tool: str,
    created: datetime,
    diagnostics: Sequence[Diagnostic] = (),
) -> ImportDocument:
    """The document of one import."""
    return ImportDocument(
        **envelope(tool=tool, created=created, revision=None, diagnostics=diagnostics),
        kind="Import",
        exit_code=exit_code,
        source=imported.source,
        written=written,
        files=tuple(_file(each) for each in imported.files),
        accounts=tuple(_account(each) for each in imported.accounts),
        variables=tuple(part(ImportVariablePart, each) for each in imported.variables),
        reasons=imported.reasons,
        notes=imported.notes,
    )


def _file(change: FileChange) -> ImportFilePart:
    return ImportFilePart(path=change.path, action=change.action, text=None if change.is_private else change.after)


def _account(account: ImportedAccount) -> ImportAccountPart:
    return ImportAccountPart(
        name=account.name,
        leverage=account.leverage,
        cash=account.cash,
        lines=tuple(part(ImportLinePart, each) for each in account.lines),
        left_aside=tuple(part(ImportHoldingPart, each) for each in account.aside),
    )
