"""The rules within a Portfolio: weights that sum to one, lines that differ, and targets that are there on purpose."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.manifests.entry import Entry
from reconciler.manifests.inventory import Inventory
from reconciler.manifests.portfolio import Line, Portfolio, PortfolioSpec, SecType, SleeveTarget
from reconciler.yamlsource import YamlPath

TOLERANCE = Decimal("0.000001")
"""How far the sum of weights may be from 1: written percentages are rounded."""


def check(inventory: Inventory) -> Iterator[Diagnostic]:
    """What is wrong within each Portfolio."""
    for entry in inventory.entries:
        if entry.kind == "Portfolio":
            spec = _weights(entry)
            yield from _sums(entry, spec) if spec else ()
            yield from _duplicates(entry, spec) if spec else ()
            yield from _sleeve_names(entry, spec) if spec else ()
            yield from _shorts(entry, spec) if spec else ()
            yield from _expiries(entry, spec) if spec else ()
            yield from _moved(entry, spec) if spec else ()


def _weights(entry: Entry) -> PortfolioSpec | None:
    """What these rules are about, if all of it can be read, even where something beside it cannot."""
    if isinstance(entry.manifest, Portfolio):
        return entry.manifest.spec
    read: dict[str, Any] = {key: entry.value(key) for key in ("targets", "sleeves", "cash", "allowEmpty")}
    readable = all(value is not None for value in read.values())
    # What cannot be read is taken for what breaks no rule: its own mistake is told already.
    read |= {"moved": entry.value("moved") or [], "longOnly": entry.value("longOnly") or False}
    return PortfolioSpec.model_construct(**read) if readable else None


def percent(weight: Decimal) -> str:
    """`13%` for 0.13, with as many digits as it has."""
    text = format(weight * 100, "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def _sums(entry: Entry, spec: PortfolioSpec) -> Iterator[Diagnostic]:
    if not any(True for _ in spec.lines()):
        if not spec.allow_empty:
            hint = "If nothing but cash is meant, say allowEmpty: true."
            place = entry.document.locate_key(("spec", "targets"))
            yield diagnostics.error("PFL002", f"{entry} has no targets", place, suggestion=hint)
        return
    direct = [target.weight for target in spec.targets]
    total = [*direct, *(sleeve.weight for sleeve in spec.sleeves), spec.cash]
    path: YamlPath = ("spec", "targets") if spec.targets else ("spec", "sleeves")
    yield from _sum(entry, total, path, f"the weights of {entry} and its cash")
    for number, sleeve in enumerate(spec.sleeves):
        within = ("spec", "sleeves", number, "targets")
        weights = [target.weight for target in sleeve.targets]
        yield from _sum(entry, weights, within, f"the weights within sleeve '{sleeve.name}'")


def _sum(entry: Entry, weights: Iterable[Decimal], path: YamlPath, what: str) -> Iterator[Diagnostic]:
    total = sum(weights, Decimal(0))
    if abs(total - 1) <= TOLERANCE:
        return
    rest = f"{percent(1 - total)} is missing" if total < 1 else f"{percent(total - 1)} is too much"
    summary = f"{what} sum to {percent(total)}, not to 100%: {rest}"
    yield diagnostics.error("PFL001", summary, entry.document.locate_key(path))


def _duplicates(entry: Entry, spec: PortfolioSpec) -> Iterator[Diagnostic]:
    instruments: dict[object, Line] = {}
    names: dict[str, Line] = {}
    for line in spec.lines():
        same = instruments.setdefault(_identity(line.target), line)
        namesake = names.setdefault(line.label.upper(), line)
        if same is not line:
            first = entry.document.locate(same.path).line
            summary = f"{line.target.symbol} is already in this portfolio, on line {first}"
            yield diagnostics.error("PFL003", summary, entry.document.locate((*line.path, "symbol")))
        elif namesake is not line:
            first = entry.document.locate(namesake.path).line
            summary = f"the name '{line.label}' is already taken on line {first}"
            hint = "Give one of the two a name of its own."
            yield diagnostics.error("PFL004", summary, entry.document.locate(line.path), suggestion=hint)


def _sleeve_names(entry: Entry, spec: PortfolioSpec) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for number, sleeve in enumerate(spec.sleeves):
        known = first.setdefault(sleeve.name, number)
        if known != number:
            line = entry.document.locate(("spec", "sleeves", known)).line
            place = entry.document.locate(("spec", "sleeves", number, "name"))
            yield diagnostics.error("PFL005", f"sleeve '{sleeve.name}' already stands on line {line}", place)


def _identity(target: SleeveTarget) -> object:
    """What makes two lines the same instrument: the contract id, or else all that is said of the contract."""
    if target.con_id is not None:
        return target.con_id
    return target.symbol.upper(), target.sec_type, target.currency, target.primary_exchange, target.expiry


def _shorts(entry: Entry, spec: PortfolioSpec) -> Iterator[Diagnostic]:
    for line in spec.lines():
        if spec.long_only and line.weight < 0:
            summary = f"{line.label} has a weight of {percent(line.weight)}, and this portfolio is long only"
            hint = "To sell it short, say longOnly: false. To close a position, give it a weight of 0."
            place = entry.document.locate((*line.path, "weight"))
            yield diagnostics.error("PFL006", summary, place, suggestion=hint)


def _expiries(entry: Entry, spec: PortfolioSpec) -> Iterator[Diagnostic]:
    for line in spec.lines():
        target, is_future = line.target, line.target.sec_type is SecType.FUT
        if is_future and target.expiry is None and target.con_id is None:
            summary = f"{line.label} is a future, and nothing says which: give its expiry or its conId"
            yield diagnostics.error("PFL007", summary, entry.document.locate(line.path))
        elif target.expiry is not None and not is_future:
            summary = f"{line.label} has an expiry, and is no future"
            hint = "Say secType: FUT, or remove the expiry."
            place = entry.document.locate((*line.path, "expiry"))
            yield diagnostics.error("PFL007", summary, place, suggestion=hint)


def _moved(entry: Entry, spec: PortfolioSpec) -> Iterator[Diagnostic]:
    """Where a replaced contract leads nowhere, to two places, or to a line that is the replaced contract itself."""
    labels = {line.label: line for line in spec.lines()}
    pinned = {line.target.con_id for line in spec.lines()}
    seen: set[int] = set()
    for number, moved in enumerate(spec.moved):
        path: YamlPath = ("spec", "moved", number)
        if moved.to not in labels:
            hint = diagnostics.did_you_mean(moved.to, labels)
            place = entry.document.locate((*path, "to"))
            yield diagnostics.error("PFL008", f"no line is called '{moved.to}'", place, suggestion=hint)
        if moved.from_con_id in seen or moved.from_con_id in pinned:
            where = "moved twice" if moved.from_con_id in seen else "a line of this portfolio by its conId"
            summary = f"contract {moved.from_con_id} is {where}"
            yield diagnostics.error("PFL008", summary, entry.document.locate((*path, "fromConId")))
        seen.add(moved.from_con_id)
