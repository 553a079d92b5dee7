"""Options that several commands share, declared once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

HERE = Path()
"""The default of `-C`: the working directory."""

Root = Annotated[Path, typer.Option("-C", metavar="DIR", help="The repository's root.")]
DesiredStateDirectory = Annotated[
    Path | None, typer.Option("--desired-state", metavar="DIR", help="The manifests; DIR/desired-state unless given.")
]
AccountOption = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="NAME", help="The account, where the manifests hold several; else their default."
    ),
]
EnvFile = Annotated[
    Path | None, typer.Option("--env-file", metavar="FILE", help="Read settings from FILE instead of .env.")
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colour. NO_COLOR in the environment does the same.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, failures included.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Markdown, as for a pull request: no balances in it.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every line, unchanged ones too.")]
Concise = Annotated[bool, typer.Option("--concise", help="The changes and the sums alone.")]
ExplainLine = Annotated[
    str | None, typer.Option("--explain", metavar="LINE", help="Show the arithmetic of one line, step by step.")
]
DetailedExitCode = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit with 2 where there are changes or drift.")
]

Annotations = Annotated[
    bool, typer.Option("--annotations", help="Also print GitHub workflow commands that annotate the run.")
]

Resolved = Annotated[
    bool,
    typer.Option(
        "--resolved", help="Also show what the manifests come to: every value with the file and line it is from."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Take every warning for an error.")]


class View(StrEnum):
    """How a command answers."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"


def view_of(*, json: bool, markdown: bool = False) -> View:
    """The one view that was asked for. Raises a usage error for two."""
    if json and markdown:
        raise typer.BadParameter("--json and --markdown are two views: choose one")
    return View.JSON if json else View.MARKDOWN if markdown else View.TERMINAL
