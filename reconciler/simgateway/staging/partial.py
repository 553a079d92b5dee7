"""What can be judged of a scenario that is misshapen in parts, so that all its mistakes are told at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from reconciler.simgateway.scenario import Scenario, contradictions
from reconciler.simgateway.scenario.vocabulary import Finding, Path

_MOST_ROUNDS = 20
"""Taking out a part can leave its parent without what it needs, which is then taken out too."""
_FIRST_ID = 10**9
"""Ids of instruments that cannot be read; larger than any that a scenario has."""
_KEPT = ("symbol", "currency", "security_type")
"""What others go by: an option by what it is about."""


def further_findings(data: object) -> list[Finding]:
    """What contradicts itself in the well-formed parts of a document whose shape is not that of a scenario.

    A finding that may come from what was taken out is left out.
    """
    removed: list[Path] = []
    rest = data
    for _ in range(_MOST_ROUNDS):
        if not isinstance(rest, Mapping):
            return []
        try:
            scenario = Scenario.model_validate(rest)
        except ValidationError as mistakes:
            for mistake in mistakes.errors(include_url=False, include_context=False):
                rest = _without(rest, mistake["loc"], removed)
        else:
            return [each for each in contradictions(scenario) if _stands(each, data, removed)]
    return []


def _without(data: Any, place: Path, removed: list[Path]) -> Any:
    """The document without what stands at a place; without the whole list where that is in one."""
    path = tuple(_reached(data, place))
    removed.append(path)
    rest = _pruned(data, path)
    if path[:1] == ("instruments",) and len(path) == 2:
        # What refers to it by its name is right, and so is what follows from what can be read of it.
        written = data["instruments"][path[1]]
        kept = {key: written[key] for key in _KEPT if key in written} if isinstance(written, Mapping) else {}
        unread = {"con_id": _FIRST_ID + len(removed), "name": "?", "primary_exchange": "?"}
        rest["instruments"][path[1]] = unread | kept
    return rest


def _reached(data: Any, place: Path) -> Iterator[str | int]:
    """The keys of a place, as far as the document has them and no list begins."""
    for part in place:
        if not isinstance(data, Mapping) or part not in data:
            return
        yield part
        data = data[part]


def _pruned(data: Any, path: Path) -> Any:
    if not path:
        return None
    return {
        key: _pruned(value, path[1:]) if key == path[0] else value
        for key, value in data.items()
        if key != path[0] or len(path) > 1
    }


def _stands(finding: Finding, data: Any, removed: list[Path]) -> bool:
    """Whether a finding is none of the removed parts' making: it lies apart, and what it misses is not there either."""
    _, path, summary = finding
    if any(path[: len(each)] == each or each[: len(path)] == path for each in removed):
        return False
    names = [name for section in ("instruments", "accounts", "market_rules") for name in data.get(section) or {}]
    return not any(f"no {kind} {name!r}" in summary for kind in ("instrument", "account") for name in names)
