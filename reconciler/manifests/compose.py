"""Composition: portfolios with all that they include, from the innermost to the outermost, each worked out once.

    sleeve {weight, targets}    ─▶ lines: the sleeve's weight × the target's
    sleeve {weight, portfolio}  ─▶ lines and cash of that portfolio, × the sleeve's weight
    cap                         ─▶ within the sleeve, before its weight

A portfolio is left out where something that it includes cannot be composed: what is wrong there is told there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.domain.origin import FactorKind
from reconciler.manifests import chains
from reconciler.manifests.cap import capped
from reconciler.manifests.composed import Composed, MovedContract, Portfolios
from reconciler.manifests.entry import Entry
from reconciler.manifests.gather import Gathering, negative
from reconciler.manifests.inventory import Inventory
from reconciler.manifests.line import Line, Said, Stated, with_defaults
from reconciler.manifests.portfolio import PortfolioSpec, PortfolioTarget, Sleeve, SleeveTarget, TargetTerms
from reconciler.manifests.portion import NOTHING, Portion, Step, decimal
from reconciler.manifests.reading import readable
from reconciler.manifests.rows import Row
from reconciler.manifests.spot import Spot
from reconciler.manifests.sums import percent
from reconciler.manifests.weights import WeightsFiles
from reconciler.yamlsource import YamlPath

MOST_NESTED = 50
"""How deep portfolios may include each other, and RiskLimits have parents."""


def compose(inventory: Inventory, files: WeightsFiles) -> tuple[Portfolios, list[Diagnostic]]:
    """Every portfolio that can be composed, by its name, and what is wrong with the others and among their parts."""
    entries = _entries(inventory)
    links = {name: [each.portfolio for each in spec.sleeves if each.portfolio] for name, (_, spec) in entries.items()}
    order, circles = chains.in_order(links)
    found = [_circle(circle, {name: entry for name, (entry, _) in entries.items()}) for circle in circles]
    composed: dict[str, Composed] = {}
    depths: dict[str, int] = {}
    for name in order:
        entry, spec = entries[name]
        depths[name] = 1 + max((depths.get(each, 0) for each in links[name]), default=0)
        if depths[name] == MOST_NESTED + 1:
            found.append(_too_deep(entry))
        if depths[name] > MOST_NESTED or not all(each in composed for each in links[name]):
            continue
        result, faults = _Composition(entry, spec, composed, files).result()
        found.extend(faults)
        if result is not None:
            composed[name] = result
    return composed, found


def _entries(inventory: Inventory) -> dict[str, tuple[Entry, PortfolioSpec]]:
    entries: dict[str, tuple[Entry, PortfolioSpec]] = {}
    for entry in inventory.entries:
        spec = readable(entry)
        if spec is not None and entry.name is not None:
            entries.setdefault(entry.name, (entry, spec))
    return entries


def _circle(circle: tuple[str, ...], entries: Mapping[str, Entry]) -> Diagnostic:
    chain = " → ".join(f"'{name}' ({entries[name].place})" for name in (*circle, circle[0]))
    first = entries[circle[0]]
    return diagnostics.error("CMP001", f"{first} includes itself: {chain}", first.place)


def _too_deep(entry: Entry) -> Diagnostic:
    summary = f"{entry} includes others more than {MOST_NESTED} deep"
    return diagnostics.error("CMP004", summary, entry.document.locate_key(("spec", "sleeves")))


class _Composition:
    """One portfolio, of which everything that it includes is composed."""

    def __init__(self, entry: Entry, spec: PortfolioSpec, others: Portfolios, files: WeightsFiles) -> None:
        self._entry = entry
        self._spec = spec
        self._others = others
        self._files = files
        self._lines = Gathering(str(entry))
        self._cash = Portion.stated(spec.cash, self._spot("cash")) if "cash" in spec.model_fields_set else NOTHING
        self._moved: dict[int, MovedContract] = {}
        self._found: list[Diagnostic] = []

    def result(self) -> tuple[Composed | None, list[Diagnostic]]:
        """The portfolio, and what is wrong among its parts; None where a file or a cap leaves it open."""
        own = stated(self._entry, self._spec, None, self._files)
        parts = [self._sleeve(number, each) for number, each in enumerate(self._spec.sleeves)]
        if own is None or any(part is None for part in parts):
            return None, self._found
        for each in own:
            label = each.target.sleeve if isinstance(each.target, PortfolioTarget) else None
            self._lines.add(Line(each.target, each.spot, _portion(each), label, said=each.said))
        for part in parts:
            for line in part or ():
                self._lines.add(line)
        return self._whole(), self._found + self._lines.found

    def _whole(self) -> Composed:
        for number, each in enumerate(self._spec.moved):
            self._moved.setdefault(each.from_con_id, MovedContract(each, self._spot("moved", number)))
        lines = self._lines.lines
        # A portfolio that is empty on purpose is all cash, whatever it says of cash.
        cash = self._cash if lines else Portion.stated(Decimal(1), self._spot("allowEmpty"))
        included = (self._others[each.portfolio] for each in self._spec.sleeves if each.portfolio)
        is_sound = not self._found and not self._lines.found and all(each.is_sound for each in included)
        return Composed(self._entry, self._spec, lines, cash, tuple(self._moved.values()), is_sound)

    def _spot(self, *path: str | int) -> Spot:
        return Spot(self._entry.document, ("spec", *path))

    def _sleeve(self, number: int, sleeve: Sleeve) -> list[Line] | None:
        """The lines of a sleeve as they count in the whole portfolio; None where they cannot be told."""
        lines, cash = self._content(number, sleeve)
        if lines is not None and sleeve.cap is not None:
            lines = self._capped(number, sleeve.cap, lines)
        if lines is None:
            return None
        step = Step(FactorKind.SLEEVE, Fraction(sleeve.weight), self._spot("sleeves", number, "weight"))
        self._cash = self._cash.plus(cash.within(step))
        is_included = sleeve.portfolio is not None
        return [
            replace(each, portion=each.portion.within(step), sleeve=sleeve.label, is_included=is_included)
            for each in lines
        ]

    def _content(self, number: int, sleeve: Sleeve) -> tuple[list[Line] | None, Portion]:
        """The lines within a sleeve, each by its share of it, and its cash."""
        if sleeve.portfolio is not None:
            other = self._others[sleeve.portfolio]
            for each in other.moved:
                self._take_over(each)
            return list(other.lines), other.cash
        targets = stated(self._entry, self._spec, number, self._files)
        if targets is None:
            return None, NOTHING
        return [Line(each.target, each.spot, _portion(each), None, said=each.said) for each in targets], NOTHING

    def _capped(self, number: int, cap: Decimal, lines: list[Line]) -> list[Line] | None:
        spot = self._spot("sleeves", number, "cap")
        short = next(negative(tuple(lines)), None)
        if short is not None:
            summary = f"a sleeve with a cap cannot sell short, and {short.label} is at {percent(short.weight)} of it"
            self._found.append(diagnostics.error("CMP003", summary, spot.place))
            return None
        shares = capped([each.portion.share for each in lines], Fraction(cap))
        if shares is None:
            self._found.append(_unmet(cap, lines, spot))
            return None
        return [
            each if share == each.portion.share else replace(each, portion=_changed(each.portion, share, spot))
            for each, share in zip(lines, shares, strict=True)
        ]

    def _take_over(self, moved: MovedContract) -> None:
        """What an included portfolio says of a replaced contract."""
        known = self._moved.setdefault(moved.moved.from_con_id, moved)
        if known.moved != moved.moved:
            summary = (
                f"{self._entry} includes two portfolios that say different things of the replaced contract "
                f"{moved.moved.from_con_id}: here and at {known.spot.place}"
            )
            self._found.append(diagnostics.error("CMP002", summary, moved.spot.place))


def stated(entry: Entry, spec: PortfolioSpec, sleeve: int | None, files: WeightsFiles) -> list[Stated] | None:
    """The targets of one of a portfolio's sleeves, or its own, with their defaults; None where their file is amiss."""
    holder = spec if sleeve is None else spec.sleeves[sleeve]
    model = PortfolioTarget if sleeve is None else SleeveTarget
    path: YamlPath = ("spec", "targets") if sleeve is None else ("spec", "sleeves", sleeve, "targets")
    read: Iterable[Row[SleeveTarget]] | None = ()
    if holder.weights_from is not None:
        read = files.of(entry.document.file, holder.weights_from, model)
    if read is None:
        return None
    document, defaults = entry.document, _defaults(entry, spec, sleeve)
    written = [
        with_defaults(target, Spot(document, (*path, each)), defaults) for each, target in enumerate(holder.targets)
    ]
    return written + [with_defaults(each.line, each.spot, defaults) for each in read]


def _defaults(entry: Entry, spec: PortfolioSpec, sleeve: int | None) -> list[Said]:
    """What holds for targets that do not say it themselves, the sleeve's own before the portfolio's."""
    found: list[tuple[TargetTerms | None, YamlPath]] = [(spec.defaults, ("spec", "defaults"))]
    if sleeve is not None:
        found.insert(0, (spec.sleeves[sleeve].defaults, ("spec", "sleeves", sleeve, "defaults")))
    return [Said(terms, Spot(entry.document, path)) for terms, path in found if terms is not None]


def _portion(each: Stated) -> Portion:
    return Portion.stated(each.target.weight, Spot(each.spot.source, (*each.spot.path, "weight")))


def _changed(portion: Portion, share: Fraction, cap: Spot) -> Portion:
    return portion.within(Step(FactorKind.CAP, share / portion.share, cap))


def _unmet(cap: Decimal, lines: list[Line], spot: Spot) -> Diagnostic:
    count = sum(each.portion.share > 0 for each in lines)
    needed = decimal(sum((each.portion.share for each in lines), Fraction(0)))
    summary = (
        f"{count} lines of at most {percent(cap)} are {percent(cap * count)} of the sleeve, and {percent(needed)} "
        "is to be divided among them"
    )
    hint = "Raise the cap, give the sleeve more lines, or keep a part of it in cash."
    return diagnostics.error("CMP003", summary, spot.place, suggestion=hint)
