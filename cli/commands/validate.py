"""folioctl validate: are the manifests in order? Asks no broker."""

import glob
import os
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.collection import uncollected
from cli.console import Color
from cli.invocation import Invocation
from cli.options import HERE, Annotations, DesiredStateDirectory, Json, NoColor, Resolved, Root, Strict, View, view_of
from reconciler.diagnostics import Diagnostic, Location, has_errors, in_order, strictly
from reconciler.domain.counting import counted_each
from reconciler.domain.exits import ExitCode

if TYPE_CHECKING:
    from reconciler.manifests import Checked


class Format(StrEnum):
    """How the diagnostics are told."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    CONCISE = "concise"


def validate(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Tell only what is in these files, folders or globs. All are read."),
    ] = None,
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    form: Annotated[
        Format, typer.Option("--format", help="text, json, github (workflow commands), sarif, or concise: a line each.")
    ] = Format.TEXT,
    resolved: Resolved = False,
    strict: Strict = False,
    annotations: Annotations = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Check the manifests: every mistake with its file, line and column."""
    from reconciler import manifests

    if json and form not in (Format.TEXT, Format.JSON):
        raise typer.BadParameter(f"--json and --format {form} are two formats: choose one")
    view = view_of(json=json or form is Format.JSON)
    invocation = Invocation(root, desired_state, view=view, color=Color.of(never=no_color))
    named = _named(paths or [], invocation.manifests)
    with invocation.reporting():
        with uncollected():
            checked, found = manifests.check(invocation.manifests, os.environ)
        invocation.diagnostics = _told(strictly(found) if strict else found, named)
        if annotations:
            from reconciler.reports.annotations import diagnostic_annotations

            invocation.annotate(diagnostic_annotations(invocation.diagnostics))
        code = ExitCode.ERROR if has_errors(invocation.diagnostics) else ExitCode.OK
        written = Format.JSON if json else form
        views = _views(invocation, checked, is_resolved=resolved)
        invocation.answer(code, dict.fromkeys((View.TERMINAL, View.JSON), views[written]))


def _views(
    invocation: Invocation, checked: "Checked | None", *, is_resolved: bool
) -> dict[Format, Callable[[], str | None]]:
    """Each format by what writes it, which imports what it needs by itself: a view costs as much as a hundred files."""
    found = invocation.diagnostics

    def text() -> None:
        console = invocation.streams.stdout
        invocation.show_diagnostics(console)
        if checked is None or has_errors(found):
            if not found:
                console.print("Nothing is wrong in what you named, but other files are not in order.", style="yellow")
            return
        if is_resolved:
            from reconciler.reports.terminal.resolved import show_resolved

            show_resolved(console, checked.desired())
        targets = counted_each(dict(sorted(checked.targets.items())), "target")
        console.print(f"The manifests are in order: {targets}.", style="green")

    def document() -> str:
        from reconciler import bootstrap
        from reconciler.reports.documents import text_of, validation_document

        workspace = bootstrap.workspace(checked.desired(), invocation.manifests) if checked else None
        desired = workspace.desired if workspace else None
        return text_of(
            validation_document(
                desired,
                tool=bootstrap.TOOL,
                created=bootstrap.system_clock().now(),
                revision=workspace.revision if workspace else None,
                diagnostics=found,
                resolved=desired if is_resolved else None,
            )
        )

    def github() -> str:
        from reconciler.reports.annotations import diagnostic_annotations

        return "".join(f"{each}\n" for each in diagnostic_annotations(found))

    def as_sarif() -> str:
        from reconciler import bootstrap
        from reconciler.manifests.codes import CODES
        from reconciler.reports.sarif import sarif

        return sarif(found, CODES, tool=bootstrap.TOOL)

    def concise() -> str:
        from reconciler.reports.wording import plain

        return "".join(f"{plain(str(each))}\n" for each in in_order(found))

    return {
        Format.TEXT: text,
        Format.JSON: document,
        Format.GITHUB: github,
        Format.SARIF: as_sarif,
        Format.CONCISE: concise,
    }


def _named(paths: Sequence[str], manifests: Path) -> tuple[Path, ...]:
    """What the arguments name, as diagnostics do. Raises a usage error for one that names nothing that is read."""
    from reconciler.manifests.account_ids import path_without

    named: list[Path] = []
    for path in paths:
        found = [_real(each) for each in ([path] if os.path.lexists(path) else glob.glob(path, recursive=True))]
        if not found:
            raise typer.BadParameter(f"there is no file or folder '{path}'")
        if not any(_meet(each, _real(manifests)) for each in found):
            hint = "name their directory with --desired-state, or the repository's root with -C"
            raise typer.BadParameter(f"'{path}' is not among the manifests below {manifests}: {hint}")
        named.extend(path_without(each, _real(manifests)) for each in found)
    return tuple(named)


def _meet(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _told(found: Sequence[Diagnostic], named: Sequence[Path]) -> tuple[Diagnostic, ...]:
    """Those in the files and folders that are named; all where none is."""
    return tuple(each for each in found if not named or each.location is None or _is_in(each.location, named))


def _is_in(location: Location, named: Sequence[Path]) -> bool:
    return any(_real(location.file).is_relative_to(each) for each in named)


def _real(path: str | Path) -> Path:
    """Where a path leads; links that lead to each other lead to themselves."""
    return Path(os.path.realpath(path))
