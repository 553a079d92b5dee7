"""The rules among manifests: names are unique, references lead somewhere, and there is an account to reconcile."""

from collections.abc import Iterator

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.manifests.account import Account
from reconciler.manifests.inventory import Entry, Inventory

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
    for entry, account in inventory.of(Account):
        for key, name in _references(account):
            kind = REFERENCES[key]
            names = inventory.names(kind)
            # Where there is none of the kind at all, it may be in what could not be read.
            if name not in names and (names or inventory.complete):
                hint = diagnostics.did_you_mean(name, names) or _choice(kind, names)
                place = entry.document.locate(("spec", key))
                yield diagnostics.error("MAN013", f"there is no {kind} '{name}'", place, suggestion=hint)


def _unused(inventory: Inventory) -> Iterator[Diagnostic]:
    """Manifests that nothing refers to; not told where a reference that leads nowhere was perhaps meant for them."""
    if any(entry.kind == "Account" and entry.manifest is None for entry in inventory.entries):
        return
    references = {(REFERENCES[key], name) for _, account in inventory.of(Account) for key, name in _references(account)}
    dangling = {kind for kind, name in references if name not in inventory.names(kind)}
    for entry in inventory.entries:
        told = entry.kind == "Account" or entry.kind in dangling or entry.manifest is None
        if not told and (entry.kind, entry.name) not in references:
            yield diagnostics.warning("MAN016", f"no Account refers to {entry}", entry.place)


def _references(account: Account) -> list[tuple[str, str]]:
    spec = account.spec
    names = (spec.gateway, spec.portfolio, spec.risk_limits, spec.execution_policy)
    return list(zip(REFERENCES, names, strict=True))


def _choice(kind: str, names: list[str]) -> str:
    return f"There is {', '.join(sorted(names))}." if names else f"There is no {kind} at all."
