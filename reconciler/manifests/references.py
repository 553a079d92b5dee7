"""The rules among manifests: names are unique, references lead somewhere, and there is an account to reconcile."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.manifests.account import REQUIRED, AccountSpec, AccountTemplateSpec, AccountTerms, Environments
from reconciler.manifests.base import API_VERSION, valid
from reconciler.manifests.entry import Entry
from reconciler.manifests.inventory import Inventory
from reconciler.manifests.layers import Layer
from reconciler.manifests.portfolio import Sleeve
from reconciler.manifests.resolution import Resolution, ResolvedAccount
from reconciler.manifests.risk_limits import RiskLimitsSpec
from reconciler.yamlsource import YamlPath

REFERENCES = {
    "gateway": "Gateway",
    "portfolio": "Portfolio",
    "riskLimits": "RiskLimits",
    "executionPolicy": "ExecutionPolicy",
}
"""The keys of an Account's spec that name another manifest, and the kind of that manifest."""

_SPEC: YamlPath = ("spec",)
_MANY = 12
"""More names than this are counted, not written out."""


@dataclass(frozen=True)
class Reference:
    """One name of another manifest, where it stands; the name is None where it is missing or is no name."""

    path: YamlPath
    kind: str
    name: str | None


class _Names:
    """What the manifests of a kind are called, and which of them a word was meant for."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = frozenset(known)
        self.hints = diagnostics.Hints(self.known)


def check(resolution: Resolution) -> Iterator[Diagnostic]:
    """What is wrong among the manifests."""
    inventory = resolution.inventory
    yield from _duplicates(inventory)
    for account in resolution.accounts:
        yield from _missing(account)
    written = {id(entry): list(_references(entry)) for entry in inventory.entries}
    names = {kind: _Names(inventory.names(kind)) for kind in {each.kind for rows in written.values() for each in rows}}
    for entry in inventory.entries:
        for each in written[id(entry)]:
            yield from _dangling(entry, each, names[each.kind], is_complete=inventory.complete)
    if not inventory.complete or not inventory.entries:
        return
    if resolution.accounts:
        yield from _unused(resolution, written)
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


def _missing(account: ResolvedAccount) -> Iterator[Diagnostic]:
    """Keys that an account needs and has neither of its own nor by its template."""
    entry, terms = account.entry, account.terms
    data = entry.document.data
    is_readable = isinstance(data.get("spec"), dict) and data.get("apiVersion") == API_VERSION and terms.is_whole
    for key in REQUIRED if is_readable else ():
        if terms.stating(key) is None:
            above = "" if len(terms.layers) == 1 else ", and its template does not say it"
            place = entry.document.locate_key(("spec",))
            yield diagnostics.error("MAN002", f"key '{key}' is missing in spec{above}", place)


def _dangling(entry: Entry, reference: Reference, names: _Names, *, is_complete: bool) -> Iterator[Diagnostic]:
    name, kind = reference.name, reference.kind
    if name is None or name in names.known:
        return
    close = names.hints.of(name)
    # What is not close to any that is there may be in what could not be read.
    if close or is_complete:
        place = entry.document.locate(reference.path)
        summary = f"there is no {kind} '{name}'"
        yield diagnostics.error("MAN013", summary, place, suggestion=close or _choice(kind, names.known))


def _unused(resolution: Resolution, written: dict[int, list[Reference]]) -> Iterator[Diagnostic]:
    """Manifests that nothing refers to; not told where a reference that leads nowhere was perhaps meant for them."""
    used: set[tuple[str, str]] = set()
    unclear: set[str] = set()
    waiting = [account.entry for account in resolution.accounts]
    for account in resolution.accounts:
        unclear |= {kind for key, kind in REFERENCES.items() if account.value(key) is None}
        unclear |= set() if account.terms.is_clear else {"AccountTemplate"}
    for entry in waiting:
        for each in written[id(entry)]:
            target = resolution.entry(each.kind, each.name)
            if each.name is None or target is None:
                unclear.add(each.kind)
            elif (each.kind, each.name) not in used:
                used.add((each.kind, each.name))
                waiting.append(target)
    if "AccountTemplate" in unclear:
        unclear |= set(REFERENCES.values())
    for entry in resolution.inventory.entries:
        told = entry.kind == "Account" or entry.kind in unclear or entry.manifest is None
        if not told and (entry.kind, entry.name) not in used:
            yield diagnostics.warning("MAN016", f"no Account refers to {entry}", entry.place)


def _references(entry: Entry) -> Iterator[Reference]:
    """Every reference that is written in a manifest."""
    match entry.kind:
        case "Account":
            yield from _stated(Layer(entry, _SPEC, AccountSpec), {"template": "AccountTemplate"} | REFERENCES)
        case "AccountTemplate":
            yield from _stated(Layer(entry, _SPEC, AccountTemplateSpec), REFERENCES)
            for environment in Environments.model_fields:
                yield from _stated(Layer(entry, (*_SPEC, "environments", environment), AccountTerms), REFERENCES)
        case "RiskLimits" if entry.manifest is None and entry.value("parent") is None:
            yield Reference(_SPEC, "RiskLimits", None)
        case "RiskLimits":
            yield from _stated(Layer(entry, _SPEC, RiskLimitsSpec), {"parent": "RiskLimits"})
        case "Portfolio":
            yield from _sleeves(entry)
        case _:
            return


def _sleeves(entry: Entry) -> Iterator[Reference]:
    """What each sleeve includes, by itself: a slip in one hides no other."""
    path: YamlPath = (*_SPEC, "sleeves")
    if entry.value("sleeves") is None:
        yield Reference(path, "Portfolio", None)
    written = entry.spec.get("sleeves") if isinstance(entry.spec, dict) else None
    for number, sleeve in enumerate(written if isinstance(written, list) else ()):
        if isinstance(sleeve, dict) and "portfolio" in sleeve:
            yield Reference((*path, number, "portfolio"), "Portfolio", valid(Sleeve, "portfolio", sleeve["portfolio"]))


def _stated(spec: Layer, keys: Mapping[str, str]) -> Iterator[Reference]:
    for key, kind in keys.items():
        if key in spec.data:
            yield Reference((*spec.path, key), kind, spec.value(key))


def _choice(kind: str, names: Collection[str]) -> str:
    if len(names) > _MANY:
        return f"There are {len(names):,} others."
    return f"There is {', '.join(sorted(names))}." if names else f"There is no {kind} at all."
