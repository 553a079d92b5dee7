"""The Resolution: every manifest with all that it takes from others, as far as it can be worked out.

    Portfolio  with the portfolios that it includes and the files that it takes weights from
    RiskLimits with their parents
    Account    its overlay, then its own keys, then its template's for its environment, then its template's

The rules judge it, and `convert` makes domain values of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.manifests import chains
from reconciler.manifests.account import AccountSpec, AccountTemplateSpec, AccountTerms, Overlay
from reconciler.manifests.compose import MOST_NESTED, compose
from reconciler.manifests.composed import Composed, Portfolios
from reconciler.manifests.entry import Entry
from reconciler.manifests.inventory import Inventory
from reconciler.manifests.layers import Layer, Layered
from reconciler.manifests.risk_limits import LimitTerms, RiskLimitsSpec
from reconciler.manifests.weights import WeightsFiles

_SPEC = ("spec",)


@dataclass(frozen=True)
class Limits:
    """RiskLimits with their parents, and perhaps an account's overlay before them."""

    entry: Entry
    terms: Layered

    def value(self, key: str) -> Any:
        """What holds for a limit; None where there is no bound, or where it is wrong."""
        return self.terms.value(key)

    def place(self, key: str) -> Location:
        """Where a limit is stated; the manifest's own place where it has its default."""
        layer = self.terms.stating(key)
        return self.entry.place if layer is None else layer.locate(key)

    @cached_property
    def spec(self) -> RiskLimitsSpec | None:
        """All of them together; None where any is wrong."""
        return self.terms.section(RiskLimitsSpec)


@dataclass(frozen=True)
class ResolvedAccount:
    """An account with what its template gives. `limits` and `portfolio` are None where they cannot be worked out."""

    entry: Entry
    terms: Layered
    limits: Limits | None
    portfolio: Composed | None

    def value(self, key: str) -> Any:
        """What holds for a key of its spec; None where it is wrong or missing."""
        return self.terms.value(key)

    def place(self, key: str) -> Location:
        """Where a key is stated, and else where it would be."""
        layer = self.terms.stating(key)
        return self.entry.document.locate((*_SPEC, key)) if layer is None else layer.locate(key)

    @cached_property
    def spec(self) -> AccountSpec | None:
        """All of it together; None where any is wrong."""
        return self.terms.section(AccountSpec)


@dataclass(frozen=True)
class Resolution:
    """The manifests and what they come to. `limits` and `portfolios` are by name."""

    inventory: Inventory
    files: WeightsFiles
    entries: Mapping[tuple[str, str], Entry]
    portfolios: Portfolios
    limits: Mapping[str, Limits]
    accounts: tuple[ResolvedAccount, ...]

    def entry(self, kind: str, name: object) -> Entry | None:
        """The first document of that kind and name, whatever its shape."""
        return self.entries.get((kind, str(name)))


def resolve(inventory: Inventory, files: WeightsFiles) -> tuple[Resolution, list[Diagnostic]]:
    """What the manifests come to, and what is wrong in the ways by which they take from each other."""
    entries: dict[tuple[str, str], Entry] = {}
    for entry in inventory.entries:
        if entry.name is not None:
            entries.setdefault((entry.kind, entry.name), entry)
    portfolios, found = compose(inventory, files)
    limits, faults = _limits(entries)
    accounts = tuple(
        _account(entry, entries, limits, portfolios) for entry in inventory.entries if entry.kind == "Account"
    )
    return Resolution(inventory, files, entries, portfolios, limits, accounts), [*found, *faults]


def _limits(entries: Mapping[tuple[str, str], Entry]) -> tuple[dict[str, Limits], list[Diagnostic]]:
    named = {name: entry for (kind, name), entry in entries.items() if kind == "RiskLimits"}
    parents = {name: _parent(entry) for name, entry in named.items()}
    order, circles = chains.in_order({name: [parent] if parent else [] for name, parent in parents.items()})
    found = [_circle(circle, named) for circle in circles]
    limits: dict[str, Limits] = {}
    for name in order:
        own, parent = Layer(named[name], _SPEC, RiskLimitsSpec), parents[name]
        above = limits.get(parent) if parent else None
        layers = (own, *(above.terms.layers if above else ()))
        is_whole = "parent" not in own.data or (above is not None and above.terms.is_whole)
        if len(layers) == MOST_NESTED + 1:
            summary = f"{named[name]} has more than {MOST_NESTED} parents above it"
            found.append(diagnostics.error("CMP004", summary, own.locate("parent")))
        limits[name] = Limits(named[name], Layered(layers[:MOST_NESTED], is_whole and len(layers) <= MOST_NESTED))
    return limits, found


def _parent(entry: Entry) -> str | None:
    parent: str | None = entry.value("parent")
    return parent


def _circle(circle: tuple[str, ...], named: Mapping[str, Entry]) -> Diagnostic:
    chain = " → ".join(f"'{name}' ({named[name].place})" for name in (*circle, circle[0]))
    first = named[circle[0]]
    return diagnostics.error("CMP001", f"{first} is above itself: {chain}", first.document.locate((*_SPEC, "parent")))


def _account(
    entry: Entry, entries: Mapping[tuple[str, str], Entry], limits: Mapping[str, Limits], portfolios: Portfolios
) -> ResolvedAccount:
    terms = _terms(entry, entries)
    bound = limits.get(str(terms.value("riskLimits")))
    overlay = Layer(entry, (*_SPEC, "overlay", "limits"), LimitTerms)
    if bound is not None and overlay.data:
        bound = Limits(bound.entry, Layered((overlay, *bound.terms.layers), bound.terms.is_whole))
    return ResolvedAccount(entry, terms, bound, portfolios.get(str(terms.value("portfolio"))))


def _terms(entry: Entry, entries: Mapping[tuple[str, str], Entry]) -> Layered:
    own = Layer(entry, _SPEC, AccountSpec)
    overlay = Layer(entry, (*_SPEC, "overlay"), Overlay)
    mine = (overlay, own) if "leverage" in overlay.data else (own,)
    if "template" not in own.data:
        return Layered(mine)
    template = entries.get(("AccountTemplate", str(own.value("template"))))
    if template is None:
        return Layered(mine, is_whole=False)
    shared = Layer(template, _SPEC, AccountTemplateSpec)
    said = Layered((own, shared))
    environment = said.value("environment")
    is_readable = template.manifest is not None and (environment is not None or said.stating("environment") is None)
    patch = Layer(template, (*_SPEC, "environments", str(environment)), AccountTerms)
    return Layered((*mine, *((patch,) if patch.data else ()), shared), is_whole=is_readable)
