"""Weights from files: what `weightsFrom` of portfolios and sleeves names, read once each.

The file lies among the manifests and is named from where its manifest stands. YAML of this kind is called
`*.weights.yaml`, so that a file's name alone says whether it is a manifest.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain import filenames
from reconciler.manifests import account_ids, rows
from reconciler.manifests.inventory import Inventory
from reconciler.manifests.portfolio import PortfolioSpec, PortfolioTarget, SleeveTarget, WeightsFrom
from reconciler.manifests.reading import readable
from reconciler.manifests.rows import Row
from reconciler.manifests.tree import Tree
from reconciler.yamlsource import YamlPath

_Key = tuple[str, str, type[SleeveTarget]]
_Named = tuple[YamlPath, WeightsFrom | None, type[SleeveTarget]]


@dataclass(frozen=True)
class WeightsFiles:
    """The targets of every file that is named and in order: by the manifest's file, the name, and what they are."""

    found: Mapping[_Key, tuple[Row[SleeveTarget], ...]] = field(default_factory=dict)

    def of(self, manifest: str, named: WeightsFrom, model: type[SleeveTarget]) -> tuple[Row[SleeveTarget], ...] | None:
        """The targets; None where the file is not in order."""
        return self.found.get((manifest, named.file, model))


def read(tree: Tree, inventory: Inventory) -> tuple[WeightsFiles, list[Diagnostic]]:
    """Every file that a portfolio's or a sleeve's `weightsFrom` names, and what is wrong with it or with its name."""
    root = Path(os.path.realpath(tree.directory))
    found: dict[_Key, tuple[Row[SleeveTarget], ...]] = {}
    faults: list[Diagnostic] = []
    known: set[Path] = set()
    for key, place in _named(inventory):
        manifest, named, model = key
        path = Path(os.path.normpath(Path(manifest).parent / named))
        fault = _misplaced(path, named, root, place)
        if fault is not None:
            faults.append(fault)
            continue
        lines, wrong = rows.read(path, model, rows.form_of(path))
        wrong.extend(fault for row in lines for fault in _account_ids(row))
        if not wrong:
            found[key] = tuple(lines)
        faults.extend(wrong)
        known.add(path.resolve())
    if inventory.complete and all(readable(each) for each in inventory.entries if each.kind == "Portfolio"):
        faults.extend(_unnamed(tree, known))
    return WeightsFiles(found), faults


def _account_ids(row: Row[SleeveTarget]) -> Iterator[Diagnostic]:
    for name, info in type(row.line).model_fields.items():
        text = getattr(row.line, name)
        if isinstance(text, str):
            yield from account_ids.check_text(text, partial(row.spot.of, str(info.alias)))


def _named(inventory: Inventory) -> Iterator[tuple[_Key, Location]]:
    seen: set[_Key] = set()
    for entry in inventory.entries:
        spec = readable(entry)
        if spec is None:
            continue
        own: _Named = (("spec",), spec.weights_from, PortfolioTarget)
        for path, each, model in (own, *_of_sleeves(spec)):
            key = None if each is None else (entry.document.file, each.file, model)
            if key is not None and key not in seen:
                seen.add(key)
                yield key, entry.document.locate((*path, "weightsFrom", "file"))


def _of_sleeves(spec: PortfolioSpec) -> Iterator[_Named]:
    for number, each in enumerate(spec.sleeves):
        yield ("spec", "sleeves", number), each.weights_from, SleeveTarget


def _misplaced(path: Path, named: str, root: Path, place: Location) -> Diagnostic | None:
    """Why the file is not read: it lies elsewhere, is not there, or is not called what such a file is."""
    if Path(named).is_absolute() or not _is_below(path, root):
        hint = "Keep the file below the directory of the manifests, and name it from where this manifest stands."
        return diagnostics.error("CMP005", f"{named} lies outside the manifests", place, suggestion=hint)
    if path.suffix.lower() != ".csv" and not filenames.is_weights(path.name):
        hint = f"Call it {Path(named).stem}.csv or {Path(named).stem}.weights.yaml."
        summary = f"{named} is neither CSV nor called *.weights.yaml, and would be read as a manifest"
        return diagnostics.error("CMP005", summary, place, suggestion=hint)
    if not os.path.isfile(path):
        near = {each.name for each in path.parent.glob("*")} if os.path.isdir(path.parent) else set()
        hint = diagnostics.did_you_mean(path.name, near - {path.name})
        hint = hint or "Put it back, or name it as the path leads there from where this manifest stands."
        return diagnostics.error("CMP005", f"there is no file {named}", place, suggestion=hint)
    return None


def _is_below(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # links that lead to each other lead nowhere
        return False


def _unnamed(tree: Tree, named: set[Path]) -> Iterator[Diagnostic]:
    for path in tree.weights:
        if os.path.isfile(path) and path.resolve() not in named:
            hint = "Name it in a Portfolio's weightsFrom, or remove it."
            place = Location(path.as_posix())
            yield diagnostics.warning("CMP007", "no weightsFrom names this file", place, suggestion=hint)
