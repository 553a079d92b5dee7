"""folioctl fmt: manifests in one canonical form. Asks no broker."""

from cli.console import Color
from cli.options import HERE, DesiredStateDirectory, NoColor, Root
from cli.rewriting import Check, Deed, Paths, Rewriting, ShowDiff


def fmt(
    paths: Paths = None,
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    check: Check = False,
    diff: ShowDiff = False,
    no_color: NoColor = False,
) -> None:
    """Bring manifests into their canonical form. No value changes, and no comment is lost."""
    from reconciler.manifests.formatting import formatted, schemas_above

    rewriting = Rewriting.begun(root, desired_state, Deed.of(check=check, diff=diff), Color.of(never=no_color))
    with rewriting.invocation.reporting():
        rewriting.over(paths, lambda text, path: formatted(text, path.as_posix(), schemas_above(path)))
        verb = "formatted" if rewriting.deed is Deed.WRITE else "to be formatted"
        rewriting.leave(f"{len(rewriting.changed)} {verb}, {len(rewriting.same)} in canonical form already.")
