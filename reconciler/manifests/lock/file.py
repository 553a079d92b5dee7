"""The lock file on disk: read with its text, and what puts another text in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.imported import FileAction, FileChange
from reconciler.manifests.contract_lock import FILE, LockedContract, load_placed
from reconciler.manifests.formatting import editorline
from reconciler.manifests.lock import findings
from reconciler.manifests.lock.writing import LockEdits, rewritten


@dataclass(frozen=True)
class LockFile:
    """The file of a directory of manifests; without a text where there is none."""

    path: Path
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
        return editorline.with_line(text, [{"kind": "ContractLock"}], editorline.schemas_above(self.path))

    def change(self, text: str) -> FileChange:
        """What puts `text` in its place."""
        action = FileAction.CHANGE if self.text else FileAction.CREATE
        return FileChange(self.path.as_posix(), self.text or None, text, action)


def read(directory: Path) -> tuple[LockFile, tuple[Diagnostic, ...]]:
    """The lock file beside the manifests, and what is wrong with it."""
    path = directory / FILE
    placed, found = load_placed(directory)
    return LockFile(path, _text_of(path), [each for each, _ in placed], [place for _, place in placed]), found


def _text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8") if path.is_file() else ""
