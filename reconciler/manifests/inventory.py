"""The Inventory: every manifest below a directory, read and held by kind and name.

A document whose shape is wrong stays in it by its name, so that a reference to it is not called dangling as well.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.imported import waits_for
from reconciler.manifests import account_ids, ignores, migration, secrets
from reconciler.manifests.base import API_VERSION, Manifest, fields_of
from reconciler.manifests.entry import Entry, spec_of
from reconciler.manifests.ignores import Ignore
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.scalars import is_name
from reconciler.manifests.tree import Tree
from reconciler.yamlsource import Document

ManifestT = TypeVar("ManifestT", bound=Manifest)


@dataclass(frozen=True)
class Inventory:
    """The manifests of a repository, in the order of their files.

    It is complete where every document says its kind and name; what is missing from one that is not may be in what
    could not be read.
    """

    entries: tuple[Entry, ...]
    complete: bool
    ignores: tuple[Ignore, ...] = ()

    @cached_property
    def _first(self) -> dict[tuple[str, str | None], Entry]:
        """The first document of each kind and name."""
        first: dict[tuple[str, str | None], Entry] = {}
        for entry in self.entries:
            first.setdefault((entry.kind, entry.name), entry)
        return first

    @cached_property
    def _sound(self) -> dict[tuple[str, str | None], Entry]:
        """The first document of each kind and name whose shape is right."""
        first: dict[tuple[str, str | None], Entry] = {}
        for entry in self.entries:
            if entry.manifest is not None:
                first.setdefault((entry.kind, entry.name), entry)
        return first

    def of(self, kind: type[ManifestT]) -> Iterator[tuple[Entry, ManifestT]]:
        """Every manifest of a kind whose shape is right."""
        for entry in self.entries:
            if isinstance(entry.manifest, kind):
                yield entry, entry.manifest

    def entry(self, kind: str, name: str) -> Entry | None:
        """The first document of that kind and name, whatever its shape."""
        return self._first.get((kind, name))

    def find(self, kind: type[ManifestT], name: str) -> tuple[Entry, ManifestT] | None:
        """The first manifest of that kind and name, if its shape is right."""
        entry = self._sound.get((kind.__name__, name))
        return None if entry is None or not isinstance(entry.manifest, kind) else (entry, entry.manifest)

    def names(self, kind: str) -> list[str]:
        """The names of all manifests of a kind, those of a wrong shape too, in small letters as names must be.

        What can be no name is left out: whoever refers to its manifest cannot know how it will be called.
        """
        named = (entry.name.lower() for entry in self.entries if entry.kind == kind and entry.name is not None)
        return [name for name in named if is_name(name)]


def read(tree: Tree) -> tuple[Inventory, list[Diagnostic]]:
    """Every manifest in the files of a tree, and what is wrong with each by itself."""
    directory = tree.directory
    where = Location(directory.as_posix())
    if not directory.is_dir():
        hint = "Manifests are read from desired-state/ unless another directory is named."
        return Inventory((), complete=False), [
            diagnostics.error("MAN020", "there is no such directory", where, suggestion=hint)
        ]
    found = tree.unsearched()
    files = [_read_file(path, path.relative_to(directory).as_posix()) for path in tree.manifests]
    entries = tuple(entry for file, _ in files for entry in file.entries)
    found.extend(each for _, faults in files for each in faults)
    found.extend(_cut_off(tree))
    if not entries and not found:
        found.append(diagnostics.error("MAN021", "there are no manifests in this directory", where))
    found.extend(_unfollowed(each) for each in sorted(tree.linked))
    set_aside = tuple(each for file, _ in files for each in file.ignores)
    return Inventory(entries, not tree.locked and all(file.complete for file, _ in files), set_aside), found


def _read_file(path: Path, name: str) -> tuple[Inventory, list[Diagnostic]]:
    found = list(account_ids.check_file_name(name))
    if found:
        return Inventory((), complete=False), found
    file = path.as_posix()
    irregular = yamlsource.irregular(path, file)
    if irregular is not None:
        return Inventory((), complete=False), [irregular]
    text, found = yamlsource.read_text(path, file)
    if text is None:
        return Inventory((), complete=False), found
    documents, found = yamlsource.load(text, file)
    complete = not found
    set_aside, odd = ignores.read(text, file)
    found.extend(odd)
    for rule in (account_ids, secrets):
        if rule.may_hold(text):
            found.extend(fault for document in documents for fault in rule.check(document))
            found.extend(rule.check_comments(yamlsource.comments(text), file))
    entries: list[Entry] = []
    for document in documents:
        entry, faults = _entry(document)
        found.extend(faults)
        entries.extend([entry] if entry is not None else [])
        complete = complete and entry is not None and entry.name is not None and is_name(entry.name.lower())
    return Inventory(tuple(entries), complete, tuple(set_aside)), found


def _unfollowed(link: Path) -> Diagnostic:
    hint = "Let the folder lie here, or link its files."
    summary = "a link to a folder is not followed, and what lies there is not read"
    return diagnostics.warning("MAN023", summary, Location(link.as_posix()), suggestion=hint)


def _cut_off(tree: Tree) -> Iterator[Diagnostic]:
    """What a write that was cut off left beside the manifests: what stands there may be the half of a change."""
    for path in sorted({*tree.left, *_left_at_links(tree)}):
        hint = (
            "Look at the files beside it (`git diff`), take back what is half done, and then remove this one. "
            "A command that is still writing removes it by itself."
        )
        summary = f"a change of {waits_for(path.name)} was cut off before it was whole"
        yield diagnostics.error("MAN024", summary, Location(path.as_posix()), suggestion=hint)


def _left_at_links(tree: Tree) -> Iterator[Path]:
    """What a write left where the files lie that are linked from here."""
    root = Path(os.path.realpath(tree.directory))
    folders = {Path(os.path.realpath(path)).parent for path in tree.manifests if os.path.islink(path)}
    for folder in folders:
        if not folder.is_relative_to(root):
            # Unlike `iterdir`, `glob` passes over a folder that may not be looked into.
            yield from (each for each in folder.glob(".*") if waits_for(each.name))


def _entry(document: Document) -> tuple[Entry | None, list[Diagnostic]]:
    kind, fault = _kind(document)
    if kind is None:
        return None, [fault] if fault else []
    metadata = document.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    name = name if isinstance(name, str) else None
    version = document.data.get("apiVersion", API_VERSION)
    if version != API_VERSION:
        summary = f"apiVersion {yamlsource.shown(version)} is not known"
        help_ = migration.remedy(str(version), API_VERSION, migration.MIGRATIONS)
        if document.is_faulty(("apiVersion",)):
            return Entry(kind, name, document, None), []
        place, hint = document.locate(("apiVersion",)), f"This version reads '{API_VERSION}'. {help_}".strip()
        return Entry(kind, name, document, None), [diagnostics.error("MAN010", summary, place, suggestion=hint)]
    manifest, faults = yamlsource.parse(document, KINDS[kind], "MAN")
    meant = kind if manifest is not None else _meant(kind, document.data.get("spec"))
    if meant == kind:
        return Entry(kind, name, document, manifest), faults
    place = document.locate(("kind",))
    summary = f"the keys of this spec are those of {_a(meant)}, not of {_a(kind)}"
    misnamed = diagnostics.error("MAN025", summary, place, suggestion=f"Say kind: {meant}.")
    _, faults = yamlsource.parse(document, KINDS[meant], "MAN")
    return Entry(meant, name, document, None), [misnamed, *(each for each in faults if each.location != place)]


def _meant(kind: str, spec: object) -> str:
    """The kind that a document is by most of its spec's keys, where hardly any is of the kind that it says."""
    if not isinstance(spec, dict):
        return kind
    known = {each: len(spec.keys() & fields_of(spec_of(each)).keys()) for each in KINDS}
    most = max(known, key=known.__getitem__)
    return most if known[most] > max(2 * known[kind], len(spec) / 2) else kind


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'AE' else 'a'} {kind}"


def _kind(document: Document) -> tuple[str | None, Diagnostic | None]:
    kinds = f"It takes {', '.join(KINDS)}."
    if not isinstance(document.data, dict):
        summary = f"a manifest is a mapping of keys to values, not {yamlsource.shown(document.data)}"
        return None, diagnostics.error("MAN003", summary, document.locate(()))
    if "kind" not in document.data:
        for key in document.data.keys() - Manifest.model_fields.keys():
            hint = diagnostics.did_you_mean(key, ("kind",))
            if hint:
                summary = f"unknown key '{yamlsource.printable(key)}'"
                return None, diagnostics.error("MAN001", summary, document.locate_key((key,)), suggestion=hint)
        return None, diagnostics.error("MAN002", "key 'kind' is missing", document.locate(()), suggestion=kinds)
    kind = document.data["kind"]
    if document.is_faulty(("kind",)):
        return None, None
    if kind is None:
        summary = "key 'kind' has no value"
        return None, diagnostics.error("MAN011", summary, document.locate(("kind",)), suggestion=kinds)
    if isinstance(kind, str) and kind in KINDS:
        return kind, None
    hint = diagnostics.did_you_mean(str(kind), KINDS) or kinds
    summary = f"kind {yamlsource.shown(kind)} is not known"
    return None, diagnostics.error("MAN011", summary, document.locate(("kind",)), suggestion=hint)
