"""The lock file on disk: read with its text, and what puts another text in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.imported import FileAction, FileChange
from reconciler.manifests.contract_lock import FILE, LockedContract, is_written, load_placed
from reconciler.manifests.formatting import editorline
from reconciler.manifests.lock import findings
from reconciler.manifests.lock.writing import LockEdits, rewritten


@dataclass(frozen=True)
class LockFile:
    """The file of a directory of manifests, or where it would be."""

    path: Path
    is_there: bool
    text: str
    entries: Sequence[LockedContract]
    places: Sequence[Location]

    def edited(self, edits: LockEdits) -> str | Diagnostic:
        """Its text after the edits, or why they cannot be made."""
        if not edits and self.text:
            return self.text
        text = rewritten(self.text.removeprefix("\ufeff"), self.entries, edits)
        if text is None:
            return findings.fixed_layout(Location(self.path.as_posix()))
        plain, schemas = text.replace("\r\n", "\n"), editorline.schemas_above(self.path)
        made = editorline.with_line(plain, [{"kind": "ContractLock"}], schemas)
        return made.replace("\n", "\r\n") if "\r\n" in text else made

    def change(self, text: str) -> FileChange:
        """What puts `text` in its place."""
        if self.is_there:
            return FileChange(self.path.as_posix(), self.text, text, FileAction.CHANGE)
        return FileChange(self.path.as_posix(), None, text, FileAction.CREATE)


def read(directory: Path) -> tuple[LockFile, tuple[Diagnostic, ...]]:
    """The lock file beside the manifests, and what is wrong with it."""
    path = directory / FILE
    placed, found = load_placed(directory)
    is_there = is_written(path)
    text = path.read_bytes().decode("utf-8") if is_there and not found else ""
    return LockFile(path, is_there, text, [each for each, _ in placed], [place for _, place in placed]), found
