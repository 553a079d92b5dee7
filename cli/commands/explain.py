"""folioctl explain: what a diagnostic's code, a kind or a key means. Asks nobody."""

import re
from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import NoColor


def explain(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A code such as PFL001, a kind, or a key such as Portfolio.spec.targets."),
    ] = None,
    no_color: NoColor = False,
) -> None:
    """Say what a diagnostic's code, a kind of manifest or one of its keys means."""
    from reconciler.diagnostics import did_you_mean
    from reconciler.manifests.codes import CODES
    from reconciler.manifests.fields import NoSuchField, field_at
    from reconciler.manifests.kinds import KINDS
    from reconciler.reports.terminal.explain import show_code, show_field, show_names

    console = Invocation(color=Color.of(never=no_color)).streams.stdout
    if name is None:
        show_names(console, KINDS, CODES)
    elif re.fullmatch(r"[A-Za-z]{3}[0-9]+", name):
        code = name.upper()
        if code not in CODES:
            hints = filter(None, (did_you_mean(code, CODES), "`folioctl explain` names them all."))
            raise typer.BadParameter(f"there is no code '{code}'. {' '.join(hints)}")
        show_code(console, code, CODES[code])
    else:
        try:
            show_field(console, field_at(name))
        except NoSuchField as unknown:
            raise typer.BadParameter(str(unknown)) from None
