"""The rules among manifests: names are unique, references lead somewhere, and there is an account to reconcile."""

from collections.abc import Iterator

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.manifests.entry import Entry
from reconciler.manifests.inventory import Inventory

REFERENCES = {
    "gateway": "Gateway",
    "portfolio": "Portfolio",
    "riskLimits": "RiskLimits",
    "executionPolicy": "ExecutionPolicy",
}
"""The keys of an Account's spec that name another manifest, and the kind of that manifest."""


def check(inventory: Inventory) -> Iterator[Diagnostic]:
    """What is wrong among the manifests."""
    yield from _duplicates(inventory)
    yield from _dangling(inventory)
    if not inventory.complete or not inventory.entries:
        return
    if any(entry.kind == "Account" for entry in inventory.entries):
        yield from _unused(inventory)
    else:
        place = inventory.entries[0].document.locate(())
        summary = "no manifest is an Account, so there is nothing to reconcile"
        yield diagnostics.error("MAN015", summary, place)


def _duplicates(inventory: Inventory) -> Iterator[Diagnostic]:
    first: dict[tuple[str, str], Entry] = {}
    for entry in inventory.entries:
        if entry.name is None:
            continue
        known = first.setdefault((entry.kind, entry.name), entry)
        if known is not entry:
            yield diagnostics.error("MAN012", f"{entry} already stands at {known.place}", entry.place)


def _dangling(inventory: Inventory) -> Iterator[Diagnostic]:
    for entry, key, name in _references(inventory):
        kind = REFERENCES[key]
        names = inventory.names(kind)
        # Where there is none of the kind at all, it may be in what could not be read.
        if name is not None and name not in names and (names or inventory.complete):
            hint = diagnostics.did_you_mean(name, names) or _choice(kind, names)
            place = entry.document.locate(("spec", key))
            yield diagnostics.error("MAN013", f"there is no {kind} '{name}'", place, suggestion=hint)


def _unused(inventory: Inventory) -> Iterator[Diagnostic]:
    """Manifests that nothing refers to; not told where a reference that leads nowhere was perhaps meant for them."""
    used = {(REFERENCES[key], name) for _, key, name in _references(inventory)}
    unclear = {kind for kind, name in used if name is None or name not in inventory.names(kind)}
    for entry in inventory.entries:
        told = entry.kind == "Account" or entry.kind in unclear or entry.manifest is None
        if not told and (entry.kind, entry.name) not in used:
            yield diagnostics.warning("MAN016", f"no Account refers to {entry}", entry.place)


def _references(inventory: Inventory) -> Iterator[tuple[Entry, str, str | None]]:
    """Every reference of every Account by its key; the name is None where it is missing or is no name."""
    for entry in inventory.entries:
        if entry.kind == "Account":
            for key in REFERENCES:
                yield entry, key, entry.value(key)


def _choice(kind: str, names: list[str]) -> str:
    return f"There is {', '.join(sorted(names))}." if names else f"There is no {kind} at all."
