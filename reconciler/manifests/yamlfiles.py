"""The YAML files that a command is to rewrite: found by path, folder or pattern, read with distrust."""

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location

SUFFIXES = (".yaml", ".yml")


def find(paths: Iterable[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The files that `paths` lead to, each once: a file itself, the YAML files below a folder, or what fits a pattern.

    A file to which several names lead, as links do, goes by the first. Below a folder, hidden files and folders are
    passed over; lock files are not.
    """
    found: dict[Path, Path] = {}
    faults: list[Diagnostic] = []
    for path in paths:
        files = _below(path)
        if not files:
            hint = "Name a file, a folder or a pattern such as 'desired-state/**/*.yaml'."
            summary = "there is no YAML file at this path"
            faults.append(diagnostics.error("FMT002", summary, Location(path.as_posix()), suggestion=hint))
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values()), faults


def _below(path: Path) -> Sequence[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        every = (each for each in path.rglob("*") if each.suffix in SUFFIXES and each.is_file())
        return sorted(each for each in every if not _is_hidden(each.relative_to(path)))
    fitting = (Path(each) for each in glob.glob(str(path), recursive=True))
    return sorted(each for each in fitting if each.suffix in SUFFIXES and each.is_file())


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def read(path: Path) -> tuple[str | None, list[Diagnostic]]:
    """The text of a file, its mark of byte order and its line ends included, or None and why it is no text."""
    text, found = yamlsource.read_text(path, path.as_posix())
    return (None, found) if text is None else (path.read_bytes().decode("utf-8"), [])
