"""folioctl show: a saved plan, as it was made. Asks no broker."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import Concise, ExplainLine, Json, Markdown, NoColor, Verbose, view_of


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan saved by `plan -o FILE`.")],
    verbose: Verbose = False,
    concise: Concise = False,
    explain: ExplainLine = None,
    json: Json = False,
    markdown: Markdown = False,
    no_color: NoColor = False,
) -> None:
    """Show a saved plan."""
    from cli.planview import PlanView, answer_plan, read_plan
    from reconciler.domain.exits import ExitCode

    view = view_of(json=json, markdown=markdown)
    how = PlanView.of(f"folioctl apply {file}", view, verbose=verbose, concise=concise, line=explain)
    invocation = Invocation(view=view, color=Color.of(never=no_color))
    with invocation.reporting():
        saved, _text = read_plan(file)
        answer_plan(invocation, saved, ExitCode.OK, how)
