"""The rules within RiskLimits: an emergency beyond the limits, one level for each limit, and overrides of what "
"allows them."""

from collections.abc import Iterator
from decimal import Decimal

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.domain.limits import Level, Limit
from reconciler.manifests.entry import Entry
from reconciler.manifests.inventory import Inventory
from reconciler.manifests.risk_limits import Levels, Override
from reconciler.yamlsource import YamlPath


def check(inventory: Inventory) -> Iterator[Diagnostic]:
    """What is wrong within each RiskLimits."""
    for entry in inventory.entries:
        if entry.kind == "RiskLimits":
            yield from _emergency(entry)
            levels: Levels | None = entry.value("levels")
            yield from _levels(entry, levels) if levels else ()
            yield from _overrides(entry, levels) if levels else ()


def _emergency(entry: Entry) -> Iterator[Diagnostic]:
    highest: Decimal | None = entry.value("maxLeverage")
    emergency: Decimal | None = entry.value("emergencyLeverage")
    if highest is not None and emergency is not None and emergency <= highest:
        summary = f"emergencyLeverage {emergency} must be above maxLeverage {highest}"
        yield diagnostics.error("RSK001", summary, _place(entry, "emergencyLeverage", "maxLeverage"))
    least: Decimal | None = entry.value("minCushion")
    threshold: Decimal | None = entry.value("emergencyCushion")
    if least is not None and threshold is not None and threshold >= least:
        summary = f"emergencyCushion {threshold} must be below minCushion {least}"
        yield diagnostics.error("RSK002", summary, _place(entry, "emergencyCushion", "minCushion"))


def _place(entry: Entry, key: str, otherwise: str) -> diagnostics.Location:
    written = entry.document.source(("spec", key)) is not None
    return entry.document.locate(("spec", key if written else otherwise))


def _levels(entry: Entry, levels: Levels) -> Iterator[Diagnostic]:
    first: dict[Limit, Level] = {}
    for level in Level:
        for number, limit in enumerate(getattr(levels, level)):
            path: YamlPath = ("spec", "levels", level.value, number)
            if limit.is_fixed:
                summary = f"{limit} is always hard: without it the account comes to harm"
                yield diagnostics.error("RSK003", summary, entry.document.locate(path))
            elif limit in first:
                summary = f"{limit} is already {first[limit]}"
                yield diagnostics.error("RSK003", summary, entry.document.locate(path))
            first.setdefault(limit, level)


def _overrides(entry: Entry, levels: Levels) -> Iterator[Diagnostic]:
    named = {limit: level for level in Level for limit in getattr(levels, level)}
    overrides: list[Override] = entry.value("overrides") or []
    for number, override in enumerate(overrides):
        level = named.get(override.limit, override.limit.level)
        if level is not Level.OVERRIDE:
            summary = f"{override.limit} cannot be overridden: its level is {level}"
            hint = "" if override.limit.is_fixed else f"Name it in levels.override first, or change {override.limit}."
            place = entry.document.locate(("spec", "overrides", number, "limit"))
            yield diagnostics.error("RSK004", summary, place, suggestion=hint)
