"""The first step: the desired state, and the revision that it is at."""

from dataclasses import dataclass
from pathlib import Path

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import DesiredState, Revision
from reconciler.ports import RevisionSource


@dataclass(frozen=True)
class Workspace:
    """Manifests that are in order, and the revision that they are at."""

    desired: DesiredState
    revision: Revision


def load(directory: Path) -> tuple[Workspace | None, tuple[Diagnostic, ...]]:
    """The manifests below `directory`, or everything that is wrong with them."""
    from reconciler import manifests

    desired, diagnostics = manifests.load(directory)
    return None if desired is None else workspace(desired, directory), diagnostics


def workspace(desired: DesiredState, directory: Path) -> Workspace:
    """What the manifests below `directory` ask for, with their revision."""
    return Workspace(desired, _revisions(directory).revision(desired.digest))


def _revisions(directory: Path) -> RevisionSource:
    from reconciler.adapters.git import GitRevisionSource

    return GitRevisionSource(directory)
