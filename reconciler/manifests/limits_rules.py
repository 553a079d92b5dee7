"""The rules within RiskLimits: an emergency beyond the limits, one level for each limit, overrides of what allows them,
and no limit that is looser than its parent's.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.limits import Level, Limit
from reconciler.manifests.layers import Layer, Layered
from reconciler.manifests.resolution import Limits, Resolution
from reconciler.manifests.risk_limits import Levels, LimitTerms, Override
from reconciler.manifests.scalars import duration_text
from reconciler.manifests.sums import percent
from reconciler.manifests.tighter import is_looser, level_of


def check(resolution: Resolution) -> Iterator[Diagnostic]:
    """What is wrong within each RiskLimits, and within the overlays of accounts."""
    for limits in resolution.limits.values():
        yield from _each(limits.terms)
        parent = limits.terms.layers[0].data.get("parent")
        if isinstance(parent, str) and limits.terms.is_whole:
            above = resolution.limits[parent]
            yield from _looser(limits.terms.layers[0], above, f"its parent {above.entry}")
    for account in resolution.accounts:
        limits_of = account.limits
        if limits_of is not None and limits_of.terms.layers[0].entry is account.entry:
            yield from _each(limits_of.terms)
            above = resolution.limits[limits_of.entry.name or ""]
            yield from _looser(limits_of.terms.layers[0], above, str(above.entry))


def _each(terms: Layered) -> Iterator[Diagnostic]:
    """What is wrong in what the first layer states; the others were judged by themselves."""
    yield from _emergency(terms)
    own = terms.layers[0]
    levels: Levels | None = terms.value("levels")
    if levels is not None:
        yield from _levels(own, levels) if "levels" in own.data else ()
        yield from _overrides(terms, levels) if {"levels", "overrides"} & own.data.keys() else ()


def _emergency(terms: Layered) -> Iterator[Diagnostic]:
    highest: Decimal | None = terms.value("maxLeverage")
    emergency: Decimal | None = terms.value("emergencyLeverage")
    place = _place(terms.layers[0], "emergencyLeverage", "maxLeverage")
    if highest is not None and emergency is not None and emergency <= highest and place is not None:
        begin = f"emergencyLeverage {emergency}{_source(terms, 'emergencyLeverage')}"
        summary = f"{begin} must be above maxLeverage {highest}{_source(terms, 'maxLeverage')}"
        yield diagnostics.error("RSK001", summary, place)
    least: Decimal | None = terms.value("minCushion")
    threshold: Decimal | None = terms.value("emergencyCushion")
    place = _place(terms.layers[0], "emergencyCushion", "minCushion")
    if least is not None and threshold is not None and threshold >= least and place is not None:
        begin = f"emergencyCushion {percent(threshold)}{_source(terms, 'emergencyCushion')}"
        summary = f"{begin} must be below minCushion {percent(least)}{_source(terms, 'minCushion')}"
        yield diagnostics.error("RSK002", summary, place)


def _source(terms: Layered, key: str) -> str:
    """Where a value comes from that the first layer does not state."""
    stating = terms.stating(key)
    if stating is None:
        return " (its default)"
    return "" if stating is terms.layers[0] else f" ({stating.locate(key)})"


def _place(own: Layer, *keys: str) -> Location | None:
    stated = next((key for key in keys if key in own.data), None)
    return None if stated is None else own.locate(stated)


def _levels(own: Layer, levels: Levels) -> Iterator[Diagnostic]:
    first: dict[Limit, Level] = {}
    for level in Level:
        for number, limit in enumerate(getattr(levels, level)):
            place = own.document.locate((*own.path, "levels", level.value, number))
            if limit.is_fixed:
                summary = f"{limit} is always hard: without it the account comes to harm"
                yield diagnostics.error("RSK003", summary, place)
            elif limit in first:
                yield diagnostics.error("RSK003", f"{limit} is already {first[limit]}", place)
            first.setdefault(limit, level)


def _overrides(terms: Layered, levels: Levels) -> Iterator[Diagnostic]:
    weight = level_of(levels)
    own, stating = terms.layers[0], terms.stating("overrides")
    overrides: list[Override] = terms.value("overrides") or []
    for number, override in enumerate(overrides):
        level = weight(override.limit)
        if level is not Level.OVERRIDE and stating is not None:
            summary = f"{override.limit} cannot be overridden: its level is {level}"
            hint = "" if override.limit.is_fixed else f"Name it in levels.override first, or change {override.limit}."
            written = own.document.locate((*own.path, "overrides", number, "limit"))
            place = written if stating is own else own.locate("levels")
            yield diagnostics.error("RSK004", summary, place, suggestion=hint)


def _looser(own: Layer, above: Limits, holder: str) -> Iterator[Diagnostic]:
    """Every limit that a layer states looser than what stands above it."""
    for name, info in LimitTerms.model_fields.items():
        key = str(info.alias)
        value = own.value(key) if key in own.data else None
        bound = above.value(key)
        is_unknown = bound is None and (above.terms.stating(key) is not None or not above.terms.is_clear)
        if value is None or is_unknown or not is_looser(name, value, bound):
            continue
        default = "" if above.terms.stating(key) else ", its default"
        place = f"{above.place(key)}{default}"
        summary = f"{key}{_worded(value)} is looser than that of {holder},{_worded(bound)} at {place}"
        hint = f"Tighten it, or loosen {key} of {above.entry} in review."
        yield diagnostics.error("CMP006", summary, own.locate(key), suggestion=hint)


def _worded(value: Any) -> str:
    """A value with a blank before it; nothing for what is too long to be said in passing."""
    match value:
        case timedelta():
            return f" {duration_text(value)}"
        case Decimal() | str() | int():
            return f" {value}"
        case _:
            return ""
