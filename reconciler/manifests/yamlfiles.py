"""The YAML files that a command is to rewrite: found by path, folder or pattern, read with distrust."""

import glob
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain import filenames
from reconciler.manifests import account_ids
from reconciler.manifests.tree import walk


def find(paths: Iterable[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The files that `paths` lead to, each once: a file itself, the YAML files below a folder, or what fits a pattern.

    A file to which several names lead, as links do, goes by the first. Below a folder, hidden files and folders are
    passed over; lock files are not. What has an account number in its name is read by nothing, and told.
    """
    found: dict[Path, Path] = {}
    faults: list[Diagnostic] = []
    for path in paths:
        tree = walk(path) if path.is_dir() else None
        files = _fitting(path) if tree is None else [each for each in tree.yaml if os.path.isfile(each)]
        locked = [] if tree is None else tree.unsearched()
        faults.extend(locked)
        if not files and not locked:
            hint = "Name a file, a folder or a pattern such as 'desired-state/**/*.yaml'."
            summary = "there is no YAML file at this path"
            faults.append(diagnostics.error("FMT002", summary, Location(path.as_posix()), suggestion=hint))
        for file in files:
            misnamed = list(account_ids.check_file_name(file.name if tree is None else str(file.relative_to(path))))
            faults.extend(misnamed)
            if not misnamed:
                found.setdefault(file.resolve(), file)
    return list(found.values()), faults


def _fitting(path: Path) -> Sequence[Path]:
    """The file, or what fits the pattern."""
    if path.is_file():
        return [path]
    fitting = (Path(each) for each in glob.glob(str(path), recursive=True))
    return sorted(each for each in fitting if filenames.is_yaml(each.name) and each.is_file())


def read(path: Path) -> tuple[str | None, list[Diagnostic]]:
    """The text of a file, its mark of byte order and its line ends included, or None and why it is no text."""
    text, found = yamlsource.read_text(path, path.as_posix())
    return (None, found) if text is None else (path.read_bytes().decode("utf-8"), [])
