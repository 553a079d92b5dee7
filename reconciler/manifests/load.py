"""Load: from a directory of manifests to the DesiredState, or to everything that stands in its way."""

from dataclasses import replace
from pathlib import Path

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import DesiredState
from reconciler.manifests import (
    account_ids,
    account_rules,
    ignores,
    inventory,
    limits_rules,
    portfolio_rules,
    reach_rules,
    references,
    secrets,
    weights,
)
from reconciler.manifests.codes import CODES
from reconciler.manifests.convert import convert
from reconciler.manifests.lock.model import load_lock
from reconciler.manifests.resolution import resolve

_RULES = (
    references.check,
    portfolio_rules.check,
    limits_rules.check,
    account_rules.check,
    reach_rules.check,
    secrets.check,
)


def load(directory: Path) -> tuple[DesiredState | None, tuple[Diagnostic, ...]]:
    """The desired state of the manifests below `directory`, and all diagnostics in the order of their places.

    The state is None where any diagnostic is an error. Never raises for what the files hold.
    """
    manifests, found = inventory.read(directory)
    locked, of_lock = load_lock(directory)
    files, of_files = weights.read(directory, manifests)
    resolution, of_parts = resolve(manifests, files)
    found.extend((*of_lock, *of_files, *of_parts))
    for rule in _RULES:
        found.extend(rule(resolution))
    # What a template or a parent says is judged for everybody who takes it, and told once.
    once = dict.fromkeys(found)
    told = tuple(_told(each) for each in diagnostics.in_order(ignores.apply(once, manifests.ignores)))
    return (None if diagnostics.has_errors(found) else convert(resolution, locked)), told


def _told(diagnostic: Diagnostic) -> Diagnostic:
    """With why it matters, and without what a manifest could have put into it: account ids, secrets, and characters
    that steer a terminal.
    """

    def clean(text: str) -> str:
        return yamlsource.printable(secrets.without(account_ids.without(text)))

    return replace(
        diagnostic,
        summary=clean(diagnostic.summary),
        detail=clean(diagnostic.detail),
        suggestion=clean(diagnostic.suggestion),
        why=CODES[diagnostic.code].why,
        ignored=clean(diagnostic.ignored),
    )
