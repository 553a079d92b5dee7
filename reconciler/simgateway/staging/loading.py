"""From the text of a scenario to a Scenario. All mistakes are diagnostics, told at once.

Codes: SCN0xx for the shape of the document, SCN1xx for what its parts mean together.
"""

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.simgateway.scenario import Scenario, contradictions
from reconciler.simgateway.scenario.vocabulary import Finding
from reconciler.simgateway.staging import paths
from reconciler.simgateway.staging.partial import further_findings

PREFIX = "SCN"
DEMO = "demo"


Source = Scenario | Path | str | Mapping[str, Any]
"""A scenario, or where one is: a file, the name of one that ships with the gateway, YAML text, or a mapping."""


class BadScenarioError(ValueError):
    """A scenario does not load; the message has every mistake with its file, line and column, one a line."""

    def __init__(self, found: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics.in_order(found))
        super().__init__("\n".join(str(each) for each in self.diagnostics))


def understood(source: Source) -> Scenario:
    """The scenario that a source gives. Raises BadScenarioError.

    A text with a line break or a colon before a space is YAML; another is the name of a packaged scenario, or else a
    path. The places in a mapping are those of its JSON.
    """
    if isinstance(source, Scenario):
        return source
    if isinstance(source, Mapping):
        return _sound(*load(json.dumps(source, indent=1, default=str), "scenario"))
    if isinstance(source, str) and ("\n" in source or ": " in source):
        return _sound(*load(source, "scenario"))
    if isinstance(source, str) and source.isidentifier() and _shipped(source).is_file():
        return packaged(source)
    return _sound(*load_file(Path(source)))


def packaged(name: str) -> Scenario:
    """A scenario that ships with the gateway: `demo` or `cad`. Raises BadScenarioError where it does not load."""
    return _sound(*load(_shipped(name).read_text("utf-8"), f"{name}.yaml"))


def _shipped(name: str) -> Traversable:
    return resources.files("reconciler.simgateway").joinpath("scenarios", f"{name}.yaml")


def _sound(scenario: Scenario | None, found: list[Diagnostic]) -> Scenario:
    if scenario is None:
        raise BadScenarioError(found)
    return scenario


def load_file(path: Path) -> tuple[Scenario | None, list[Diagnostic]]:
    """The scenario in a file, or None and everything that is wrong with it."""
    return _understood(*yamlsource.load_file(path, str(path)), file=str(path))


def load(text: str, file: str) -> tuple[Scenario | None, list[Diagnostic]]:
    """The scenario in a text, or None and everything that is wrong with it."""
    return _understood(*yamlsource.load(text, file), file=file)


def _understood(
    documents: list[yamlsource.Document], found: list[Diagnostic], *, file: str
) -> tuple[Scenario | None, list[Diagnostic]]:
    if diagnostics.has_errors(found):
        return None, found
    if len(documents) != 1:
        summary = f"a scenario is one YAML document, this file has {len(documents)}"
        return None, [*found, diagnostics.error(f"{PREFIX}100", summary, Location(file))]
    document = documents[0]
    scenario, mistakes = yamlsource.parse(document, Scenario, PREFIX)
    found = [*found, *mistakes]
    if scenario is None:
        return None, [*found, *_told(further_findings(document.data), document)]
    scenario = paths.located(scenario, Path(file).parent)
    found += _told((*contradictions(scenario), *paths.findings(scenario)), document)
    return (None if diagnostics.has_errors(found) else scenario), found


def _told(findings: Iterable[Finding], document: yamlsource.Document) -> list[Diagnostic]:
    return [
        diagnostics.error(f"{PREFIX}{number}", summary, document.locate(path)) for number, path, summary in findings
    ]
