"""The Tree: what lies below a directory of manifests, as one walk found it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain import filenames
from reconciler.domain.imported import waits_for


@dataclass(frozen=True)
class Tree:
    """The files and links below a directory, in no order. Nothing hidden is in it but what a write may have left."""

    directory: Path
    files: tuple[Path, ...]
    """What can be opened as a file, or seems so by its name."""
    left: tuple[Path, ...]
    """Texts that wait to take the place of a file."""
    linked: tuple[Path, ...]
    """Links to folders. They are not followed: one could lead in circles."""
    locked: tuple[OSError, ...]
    """Folders that cannot be searched."""

    @cached_property
    def manifests(self) -> list[Path]:
        """The files of manifests, by their names, in their order."""
        return self._called(filenames.is_manifest)

    @cached_property
    def weights(self) -> list[Path]:
        """The YAML files of weights."""
        return self._called(filenames.is_weights)

    @cached_property
    def contract_locks(self) -> list[Path]:
        """Lock files, and what could be taken for one."""
        return self._called(filenames.is_contract_lock)

    @cached_property
    def yaml(self) -> list[Path]:
        """All YAML files."""
        return self._called(filenames.is_yaml)

    def unsearched(self) -> list[Diagnostic]:
        """What may lie in folders that cannot be searched is missing: each is told."""
        return [
            diagnostics.error("YML007", f"the folder cannot be read: {each.strerror}", Location(str(each.filename)))
            for each in self.locked
        ]

    def _called(self, fits: Callable[[str], bool]) -> list[Path]:
        return sorted(path for path in self.files if fits(path.name))


def walk(directory: Path) -> Tree:
    """What lies below `directory`, hidden files and folders passed over. Never raises."""
    files: list[Path] = []
    left: list[Path] = []
    linked: list[Path] = []
    locked: list[OSError] = []
    for folder, folders, names in os.walk(directory, onerror=locked.append):
        folders[:] = [each for each in folders if not filenames.is_hidden(each)]
        linked.extend(path for each in folders if os.path.islink(path := Path(folder, each)))
        files.extend(Path(folder, each) for each in names if not filenames.is_hidden(each))
        left.extend(Path(folder, each) for each in names if waits_for(each))
    return Tree(directory, tuple(files), tuple(left), tuple(linked), tuple(locked))
