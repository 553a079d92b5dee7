"""folioctl version: which folioctl, and which broker library it would use."""

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from reconciler import __version__

_LIBRARIES = ("ib_insync", "ib_async")


def version(json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Show the version, the Python and the broker library."""
    library = next((f"{name} {found}" for name in _LIBRARIES if (found := _installed(name))), None)
    python = platform.python_version()
    if json:
        from reconciler.bootstrap import TOOL, system_clock
        from reconciler.reports.documents import text_of, version_document

        document = version_document(tool=TOOL, created=system_clock().now(), python=python, broker_library=library)
        typer.echo(text_of(document), nl=False)
        return
    typer.echo(f"folioctl {__version__}")
    typer.echo(f"python {python}")
    typer.echo(f"broker library: {library or 'none; install folioctl[ib] to reach a broker'}")


def _installed(name: str) -> str | None:
    try:
        return version_of(name)
    except PackageNotFoundError:
        return None
