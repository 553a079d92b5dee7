"""A trial: what the manifests of a directory would be with some of their files written anew, before any of them is."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from reconciler.diagnostics import Diagnostic
from reconciler.domain import filenames
from reconciler.domain.desired import DesiredState
from reconciler.domain.imported import waits_for
from reconciler.manifests.load import load


def load_with(directory: Path, texts: Mapping[Path, str]) -> tuple[DesiredState | None, tuple[Diagnostic, ...]]:
    """What `load` says of `directory` once these files, below it, have these texts. Nothing is changed."""
    with copied(directory, texts) as trial:
        desired, found = load(trial)
        return desired, tuple(_moved_back(found, trial, directory))


@contextmanager
def copied(directory: Path, texts: Mapping[Path, str]) -> Iterator[Path]:
    """A copy of what `load` reads and tells, with these texts, as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="folioctl-") as place:
        trial = Path(place) / "desired-state"
        trial.mkdir()
        for path in directory.rglob("*") if directory.is_dir() else ():
            if (filenames.may_be_read(path.name) or waits_for(path.name)) and path.is_file():
                copy = trial / path.relative_to(directory)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
        for path, text in texts.items():
            copy = trial / path.relative_to(directory)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8", newline="")
        yield trial


def _moved_back(found: Iterable[Diagnostic], trial: Path, directory: Path) -> Iterator[Diagnostic]:
    for each in found:
        place = each.location
        if place is not None:
            file = place.file.replace(trial.as_posix(), directory.as_posix(), 1)
            place = replace(place, file=file)
        summary = each.summary.replace(trial.as_posix(), directory.as_posix())
        yield replace(each, location=place, summary=summary)
