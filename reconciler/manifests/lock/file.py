"""The lock file on disk: read with its text, and written as a whole or not at all."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.errors import Refused
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
        text = rewritten(self.text, self.entries, edits)
        if text is None:
            return findings.fixed_layout(Location(self.path.as_posix()))
        return editorline.with_line(text, [{"kind": "ContractLock"}], editorline.schemas_above(self.path))

    def write(self, text: str) -> None:
        """Put `text` in its place; nothing is written where it is there already.

        Raises Refused where somebody else changed the file since it was read, or it cannot be written.
        """
        if text == self.text:
            return
        target = self.path.resolve()
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            if _text_of(self.path) != self.text:
                raise Refused(f"{self.path} was changed meanwhile: run `folioctl lock` again")
            beside.write_text(text, encoding="utf-8", newline="")
            if target.exists():
                beside.chmod(target.stat().st_mode & 0o777)
            beside.replace(target)
        except OSError as error:
            raise Refused(f"{self.path} cannot be written: {error.strerror}") from error
        finally:
            beside.unlink(missing_ok=True)


def read(directory: Path) -> tuple[LockFile, tuple[Diagnostic, ...]]:
    """The lock file beside the manifests, and what is wrong with it."""
    path = directory / FILE
    placed, found = load_placed(directory)
    return LockFile(path, _text_of(path), [each for each, _ in placed], [place for _, place in placed]), found


def _text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig") if path.is_file() else ""
