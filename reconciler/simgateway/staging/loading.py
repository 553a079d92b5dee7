"""From the text of a scenario to a Scenario. All mistakes are diagnostics, told at once.

Codes: SCN0xx for the shape of the document, SCN1xx for what its parts mean together.
"""

from importlib import resources
from pathlib import Path

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.simgateway.scenario import Scenario, contradictions
from reconciler.simgateway.staging import paths

PREFIX = "SCN"
DEMO = "demo"


def packaged(name: str) -> Scenario:
    """A scenario that ships with the gateway: `demo`, `cad` or `world`. Raises ValueError where it does not load."""
    text = resources.files("reconciler.simgateway").joinpath("scenarios", f"{name}.yaml").read_text("utf-8")
    scenario, found = load(text, f"{name}.yaml")
    if scenario is None:
        raise ValueError("\n".join(str(each) for each in found))
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
        return None, found
    scenario = paths.located(scenario, Path(file).parent)
    found += [
        diagnostics.error(f"{PREFIX}{number}", summary, document.locate(path))
        for number, path, summary in (*contradictions(scenario), *paths.findings(scenario))
    ]
    return (None if diagnostics.has_errors(found) else scenario), found
