"""Load: from a directory of manifests to the DesiredState, or to everything that stands in its way."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
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
    weights,
)
from reconciler.manifests.codes import CODES
from reconciler.manifests.contract_lock import FILE, LockedContract, load_lock
from reconciler.manifests.convert import convert
from reconciler.manifests.redaction import redacted
from reconciler.manifests.resolution import Resolution, resolve
from reconciler.manifests.tree import Tree, walk

_RULES = (
    references.check,
    portfolio_rules.check,
    limits_rules.check,
    account_rules.check,
    reach_rules.check,
)


_NONE: Mapping[str, str] = MappingProxyType({})

MOST_TOLD = 500
"""How many diagnostics of one file are told."""


@dataclass(frozen=True)
class Checked:
    """Manifests in which no rule is broken. To make domain values of them takes as long as to check them."""

    resolution: Resolution
    locked: tuple[LockedContract, ...]

    @property
    def targets(self) -> dict[str, int]:
        """How many lines each account holds."""
        accounts = self.resolution.accounts
        return {str(each.entry.name): len(each.portfolio.lines) if each.portfolio else 0 for each in accounts}

    def desired(self) -> DesiredState:
        """What they ask for."""
        return convert(self.resolution, self.locked)


def load(directory: Path) -> tuple[DesiredState | None, tuple[Diagnostic, ...]]:
    """The desired state of the manifests below `directory`, and all diagnostics in the order of their places.

    The state is None where any diagnostic is an error. Never raises for what the files hold.
    """
    checked, found = check(directory)
    return None if checked is None else checked.desired(), found


def check(directory: Path, variables: Mapping[str, str] = _NONE) -> tuple[Checked | None, tuple[Diagnostic, ...]]:
    """The manifests below `directory` if they are in order, and all diagnostics in the order of their places.

    `variables` are those of the environment, as far as the numbers of accounts are to be held against the manifests.
    Never raises for what the files hold.
    """
    tree = walk(directory)
    manifests, found = inventory.read(tree)
    locked, of_lock = load_lock(directory)
    files, of_files = weights.read(tree, manifests)
    resolution, of_parts = resolve(manifests, files)
    found.extend((*of_lock, *_unread_locks(tree), *of_files, *of_parts))
    for rule in _RULES:
        found.extend(rule(resolution))
    found.extend(account_rules.check_numbers(resolution, variables))
    # What a template or a parent says is judged for everybody who takes it, and told once.
    once = ignores.apply(tuple(dict.fromkeys(found)), manifests.ignores)
    told = tuple(_told(each, directory) for each in _bounded(diagnostics.in_order(once)))
    return (None if diagnostics.has_errors(found) else Checked(resolution, locked)), told


def _unread_locks(tree: Tree) -> Iterator[Diagnostic]:
    """Lock files that lie, or are called, where none is read."""
    read = tree.directory / FILE
    for path in tree.contract_locks:
        if path != read:
            hint = f"Move it to {read.as_posix()}, or remove it."
            place = Location(path.as_posix())
            yield diagnostics.warning("LCK013", "this lock file is not read", place, suggestion=hint)


def _bounded(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The first of each file's diagnostics, and how many more there are: who mends the first may well mend them all."""
    for file, group in groupby(found, lambda each: each.location.file if each.location else ""):
        of_file = list(group)
        yield from of_file[:MOST_TOLD]
        rest = of_file[MOST_TOLD:]
        if rest:
            tell = diagnostics.error if diagnostics.has_errors(rest) else diagnostics.warning
            summary = f"{len(rest):,} more diagnostics of this file are not told"
            yield tell("MAN022", summary, Location(file), suggestion="Mend the first ones, and look again.")


def _told(diagnostic: Diagnostic, directory: Path) -> Diagnostic:
    """With why it matters, and without what a manifest could have put into it: account ids, secrets, and characters
    that steer a terminal.
    """

    def clean(text: str) -> str:
        return yamlsource.printable(redacted(text))

    return replace(
        diagnostic,
        summary=clean(diagnostic.summary),
        detail=clean(diagnostic.detail),
        suggestion=clean(diagnostic.suggestion),
        why=CODES[diagnostic.code].why,
        ignored=clean(diagnostic.ignored),
        location=diagnostic.location and _place(diagnostic.location, directory),
    )


def _place(location: Location, directory: Path) -> Location:
    """A place, without what a file below `directory` is called and must not be."""
    return replace(location, file=account_ids.path_without(Path(location.file), directory).as_posix())
