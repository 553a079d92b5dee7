"""The Registry: the versions of the manifests' format in their order, and what leads from each to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.manifests.base import API_VERSION
from reconciler.manifests.migration.edits import Edit


@dataclass(frozen=True)
class Migration:
    """What leads from one version to the next: edits, in the order in which they are made."""

    source: str
    target: str
    edits: Sequence[Edit]

    def inverse(self) -> "Migration":
        """What leads back."""
        return Migration(self.target, self.source, [edit.inverse() for edit in reversed(self.edits)])


@dataclass(frozen=True)
class Registry:
    """Every migration, the oldest first. The first version is the one that has no migration before it."""

    migrations: Sequence[Migration] = ()

    @property
    def versions(self) -> Sequence[str]:
        """The versions in their order, the newest last."""
        first = self.migrations[0].source if self.migrations else API_VERSION
        return [first, *(each.target for each in self.migrations)]

    @property
    def newest(self) -> str:
        """The version that `migrate` leads to unless another is named."""
        return self.versions[-1]

    def way(self, source: str, target: str) -> Sequence[Migration] | None:
        """The migrations from one version to another, onwards or back; None where one of them is not known."""
        if source not in self.versions or target not in self.versions:
            return None
        begin, end = self.versions.index(source), self.versions.index(target)
        if begin <= end:
            return self.migrations[begin:end]
        return [each.inverse() for each in reversed(self.migrations[end:begin])]


MIGRATIONS = Registry()
"""The versions of this folioctl. There is one, so nothing leads anywhere."""
