"""folioctl show: a saved plan, as it was made. Asks no broker."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import Json, Markdown, NoColor, Verbose, view_of


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan saved by `plan -o FILE`.")],
    verbose: Verbose = False,
    json: Json = False,
    markdown: Markdown = False,
    no_color: NoColor = False,
) -> None:
    """Show a saved plan."""
    from cli.planview import answer_plan, read_plan
    from reconciler.domain.exits import ExitCode

    invocation = Invocation(view=view_of(json=json, markdown=markdown), color=Color.of(never=no_color))
    with invocation.reporting():
        plan, _text = read_plan(file)
        answer_plan(invocation, plan, ExitCode.OK, apply_command=f"folioctl apply {file}", all_lines=verbose)
