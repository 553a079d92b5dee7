"""folioctl migrate: manifests from one apiVersion to another, in place. Asks no broker."""

from typing import Annotated

import typer

from cli.console import Color
from cli.options import HERE, DesiredStateDirectory, NoColor, Root
from cli.rewriting import Check, Deed, Paths, Rewriting, ShowDiff


def migrate(
    paths: Paths = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="The apiVersion to lead to; the newest by default.")
    ] = None,
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    check: Check = False,
    diff: ShowDiff = False,
    no_color: NoColor = False,
) -> None:
    """Lead manifests to the newest apiVersion, or to another. Comments are kept, and all that no edit is about."""
    from reconciler.manifests.migration import MIGRATIONS, migrated

    target = to or MIGRATIONS.newest
    if target not in MIGRATIONS.versions:
        raise typer.BadParameter(f"there is no apiVersion '{target}'. There is {', '.join(MIGRATIONS.versions)}.")
    rewriting = Rewriting.begun(root, desired_state, Deed.of(check=check, diff=diff), Color.of(never=no_color))
    with rewriting.invocation.reporting():
        rewriting.over(paths, lambda text, path: migrated(text, path.as_posix(), MIGRATIONS, target))
        verb = "led" if rewriting.deed is Deed.WRITE else "to be led"
        done = f"{len(rewriting.changed)} {verb} to {target}, {len(rewriting.same)} there already."
        is_idle = target == MIGRATIONS.newest and not rewriting.changed and not rewriting.found
        rewriting.leave(f"nothing to do: {target} is the newest." if is_idle else done)
