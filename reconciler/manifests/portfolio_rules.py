"""The rules within a Portfolio: weights that sum to one, lines that differ, and targets that are there on purpose."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.manifests.compose import stated
from reconciler.manifests.composed import Composed, Portfolios
from reconciler.manifests.entry import Entry
from reconciler.manifests.gather import negative
from reconciler.manifests.line import Stated
from reconciler.manifests.portfolio import PortfolioSpec, SecType
from reconciler.manifests.reading import readable
from reconciler.manifests.resolution import Resolution
from reconciler.manifests.sums import TOLERANCE, percent
from reconciler.manifests.weights import WeightsFiles
from reconciler.yamlsource import YamlPath


def check(resolution: Resolution) -> Iterator[Diagnostic]:
    """What is wrong within each Portfolio."""
    sums = [each for entry in resolution.inventory.entries for each in _each(entry, resolution.files)]
    yield from sums
    for composed in resolution.portfolios.values():
        yield from () if sums else _whole(composed)
        yield from _shorts(composed, resolution.portfolios)
        yield from _expiries(composed)
        yield from _sectors(composed)
        yield from _moved(composed)


def _each(entry: Entry, files: WeightsFiles) -> Iterator[Diagnostic]:
    spec = readable(entry)
    if spec is not None:
        yield from _sums(entry, spec, files)
        yield from _sleeve_names(entry, spec)


def _sums(entry: Entry, spec: PortfolioSpec, files: WeightsFiles) -> Iterator[Diagnostic]:
    own = stated(entry, spec, None, files)
    sleeves = [stated(entry, spec, number, files) for number in range(len(spec.sleeves))]
    if own is None or any(each is None for each in sleeves):
        return
    if not own and not any(sleeves) and not any(each.portfolio for each in spec.sleeves):
        if not spec.allow_empty:
            hint = "If nothing but cash is meant, say allowEmpty: true."
            place = entry.document.locate_key(("spec", "targets"))
            yield diagnostics.error("PFL002", f"{entry} has no targets", place, suggestion=hint)
        return
    total = [*_weights(own), *(sleeve.weight for sleeve in spec.sleeves), spec.cash]
    path: YamlPath = ("spec", "targets") if spec.targets else ("spec", "weightsFrom" if own else "sleeves")
    rest = spec.cash + 1 - sum(total)
    hint = f"If that is to stay in cash, say cash: {percent(rest)}." if spec.cash < rest and min(total) >= 0 else ""
    yield from _sum(entry, total, path, f"the weights of {entry} and its cash", hint)
    for number, (sleeve, targets) in enumerate(zip(spec.sleeves, sleeves, strict=True)):
        if sleeve.portfolio is None:
            within = ("spec", "sleeves", number, "targets" if sleeve.targets or not targets else "weightsFrom")
            yield from _sum(entry, _weights(targets or ()), within, f"the weights within sleeve '{sleeve.label}'")


def _weights(targets: Iterable[Stated]) -> list[Decimal]:
    return [each.target.weight for each in targets]


def _sum(entry: Entry, weights: Iterable[Decimal], path: YamlPath, what: str, hint: str = "") -> Iterator[Diagnostic]:
    total = sum(weights, Decimal(0))
    if abs(total - 1) > TOLERANCE:
        yield diagnostics.error("PFL001", f"{what} {_off(total)}", entry.document.locate_key(path), suggestion=hint)


def _off(total: Decimal) -> str:
    rest = f"{percent(1 - total)} is missing" if total < 1 else f"{percent(total - 1)} is too much"
    return f"sum to {percent(total)}, not to 100%: {rest}"


def _whole(composed: Composed) -> Iterator[Diagnostic]:
    """Where the parts of a portfolio are each within the tolerance, and together they are not."""
    if composed.is_sound and composed.lines and abs(composed.whole - 1) > TOLERANCE:
        place = composed.entry.document.locate_key(("spec", "sleeves"))
        summary = f"the weights of {composed.entry} with all that it includes {_off(composed.whole)}"
        yield diagnostics.error("PFL001", summary, place)


def _sleeve_names(entry: Entry, spec: PortfolioSpec) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for number, sleeve in enumerate(spec.sleeves):
        known = first.setdefault(sleeve.label, number)
        if known != number:
            line = entry.document.locate(("spec", "sleeves", known)).line
            place = entry.document.locate(("spec", "sleeves", number, "name"))
            yield diagnostics.error("PFL005", f"sleeve '{sleeve.label}' already stands on line {line}", place)


def _shorts(composed: Composed, others: Portfolios) -> Iterator[Diagnostic]:
    if not composed.spec.long_only:
        return
    hint = "To sell it short, say longOnly: false. To close a position, give it a weight of 0."
    for line in negative(composed.lines):
        if not line.is_included:
            summary = f"{line.label} has a weight of {percent(line.weight)}, and this portfolio is long only"
            yield diagnostics.error("PFL006", summary, line.spot.of("weight"), suggestion=hint)
    for number, sleeve in enumerate(composed.spec.sleeves):
        other = others[sleeve.portfolio] if sleeve.portfolio else None
        # What a portfolio that is long only itself sells short is told there.
        if other is None or other.spec.long_only:
            continue
        for line in negative(other.lines):
            weight = f"{line.label} has a weight of {percent(line.weight)} in {other.entry}"
            summary = f"{weight}, and {composed.entry} is long only"
            place = composed.entry.document.locate(("spec", "sleeves", number, "portfolio"))
            yield diagnostics.error("PFL006", summary, place, suggestion=hint)


def _expiries(composed: Composed) -> Iterator[Diagnostic]:
    for line in composed.lines:
        target, is_future = line.target, line.target.sec_type is SecType.FUT
        if line.is_included:
            continue
        if is_future and target.expiry is None and target.con_id is None:
            summary = f"{line.label} is a future, and nothing says which: give its expiry or its conId"
            yield diagnostics.error("PFL007", summary, line.spot.place)
        elif target.expiry is not None and not is_future:
            summary = f"{line.label} has an expiry, and is no future"
            hint = "Say secType: FUT, or remove the expiry."
            yield diagnostics.error("PFL007", summary, line.spot.of("expiry"), suggestion=hint)


def _sectors(composed: Composed) -> Iterator[Diagnostic]:
    """Sectors that differ from one with more lines in capitals or blanks alone: each is told once."""
    first = {line.target.sector: line for line in reversed(composed.lines) if line.target.sector is not None}
    counts = Counter(line.target.sector for line in composed.lines if line.target.sector is not None)
    usual: dict[str, str] = {}
    for sector, _ in counts.most_common():
        known = usual.setdefault("".join(sector.split()).casefold(), sector)
        if known != sector:
            summary = f"the sector '{sector}' is another than '{known}', and limits count the two apart"
            place = first[sector].places()["sector"]
            yield diagnostics.warning("PFL009", summary, place, suggestion=f"Did you mean '{known}'?")


def _moved(composed: Composed) -> Iterator[Diagnostic]:
    """Where a replaced contract leads nowhere, to two places, or to a line that is the replaced contract itself."""
    document = composed.entry.document
    labels = dict.fromkeys(line.label for line in composed.lines)
    hints = diagnostics.Hints(labels)
    pinned = {line.target.con_id for line in composed.lines}
    seen: set[int] = set()
    for number, moved in enumerate(composed.spec.moved):
        path: YamlPath = ("spec", "moved", number)
        if moved.to not in labels:
            place = document.locate((*path, "to"))
            summary = f"no line is called '{moved.to}'"
            yield diagnostics.error("PFL008", summary, place, suggestion=hints.of(moved.to))
        if moved.from_con_id in seen or moved.from_con_id in pinned:
            where = "moved twice" if moved.from_con_id in seen else "a line of this portfolio by its conId"
            summary = f"contract {moved.from_con_id} is {where}"
            yield diagnostics.error("PFL008", summary, document.locate((*path, "fromConId")))
        seen.add(moved.from_con_id)
    for each in composed.moved:
        is_own = each.spot.source is document
        if not is_own and each.moved.from_con_id in pinned:
            summary = f"contract {each.moved.from_con_id} is replaced here, and a line of {composed.entry} by its conId"
            yield diagnostics.error("PFL008", summary, each.spot.place)
