"""One file, brought from the version of each of its manifests to another."""

from collections import Counter
from copy import deepcopy
from typing import Any

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.manifests.formatting.guard import exact
from reconciler.manifests.migration.edits import EVERY, ChangeForm, Edit
from reconciler.manifests.migration.registry import Migration, Registry
from reconciler.manifests.migration.surgery import Unmovable
from reconciler.yamlsource import layout

_MARK = "\ufeff"


def remedy(version: str, newest: str, registry: Registry) -> str:
    """What helps against a version that is not read: a migration, where there is one to `newest`."""
    return "Run `folioctl migrate`." if registry.way(version, newest) else ""


def migrated(text: str, file: str, registry: Registry, target: str) -> tuple[str | None, list[Diagnostic]]:
    """The file's text with every manifest at the version `target`, or None and what stands in the way.

    What says no apiVersion is passed over. `file` is what messages call the file.
    """
    mark, text = (_MARK, text.removeprefix(_MARK)) if text.startswith(_MARK) else ("", text)
    documents, found = yamlsource.load(text, file)
    if found:
        return None, found
    for number, document in enumerate(documents):
        version = document.data.get("apiVersion") if isinstance(document.data, dict) else None
        if not isinstance(version, str) or version == target:
            continue
        place = document.locate(("apiVersion",))
        way = registry.way(version, target)
        if way is None:
            hint = f"The versions that are known are {', '.join(registry.versions)}."
            summary = f"nothing leads from apiVersion {yamlsource.shown(version)} to '{target}'"
            return None, [diagnostics.error("MIG001", summary, place, suggestion=hint)]
        for migration in way:
            anew, why_not = _by(migration, text, number)
            if anew is None:
                return None, [_refusal(migration, why_not, place)]
            text = anew
    return mark + text, []


def _by(migration: Migration, text: str, number: int) -> tuple[str | None, str]:
    """The text with its document `number` migrated, or why it is not."""
    wanted = _values(text)
    before = _comments(text)
    version = ChangeForm(EVERY, ("apiVersion",), lambda _: migration.target, lambda _: migration.source)
    try:
        for edit in (*migration.edits, version):
            text = _edited(edit, text, number, wanted)
    except Unmovable as fault:
        return None, str(fault)
    if exact(_values(text)) != exact(wanted):
        return None, "a value would change that no edit is about"
    if _comments(text) != before:
        return None, "a comment would be lost"
    return text, ""


def _edited(edit: Edit, text: str, number: int, wanted: list[Any]) -> str:
    """Do an edit to the text and to the values `wanted`, each by itself."""
    kind = wanted[number].get("kind") if isinstance(wanted[number], dict) else None
    if edit.kind not in (EVERY, kind):
        return text
    for path in edit.places(deepcopy(wanted[number])):
        documents, found = yamlsource.load(text, "migrated")
        if found:
            raise Unmovable(f"it would be {found[0].summary}")
        text = edit.on_text(text, documents[number], path)
        edit.on_data(wanted[number], path)
    return text


def _values(text: str) -> list[Any]:
    documents, found = yamlsource.load(text, "migrated")
    return [document.data for document in documents] if not found else []


def _comments(text: str) -> Counter[str]:
    return Counter(layout.comments(text.replace("\r\n", "\n").replace("\r", "\n")))


def _refusal(migration: Migration, why: str, place: Location) -> Diagnostic:
    summary = (
        f"the file stays as it is: it cannot be led from {migration.source} to {migration.target} by itself, {why}"
    )
    hint = "Write that piece in a plainer way, a key and its value on lines of their own, or edit it by hand."
    return diagnostics.error("MIG002", summary, place, suggestion=hint)
