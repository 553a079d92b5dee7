"""folioctl gateway: serve the simulated IB gateway on loopback until a signal ends it."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reconciler.simgateway.scenario import Scenario

FAILED = 1
INTERRUPTED = 130
_EXIT_CODES = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: 0}


def gateway(
    port: Annotated[int, typer.Option(min=0, max=65535, help="API port on 127.0.0.1; 0 takes a free one.")] = 4002,
    control: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Also open the control channel, on this port; 0 takes a free one."),
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="A scenario in YAML; without one, the demo's account is served.")
    ] = None,
    list_quirks: Annotated[
        bool, typer.Option("--list-quirks", help="Explain the quirks that can be armed, and serve nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="With --list-quirks, one JSON document.")] = False,
) -> None:
    """Serve a simulated IB gateway that any IB API client can connect to.

    The first line on standard output is `listening on 127.0.0.1:PORT`. Ctrl-C ends it with exit code 130, SIGTERM with
    0. A scenario with mistakes ends it with 1 and all of them, as does a port in use.
    """
    if json and not list_quirks:
        raise typer.BadParameter("goes with --list-quirks", param_hint="--json")
    if list_quirks:
        _list_quirks(json)
        return
    chosen = _scenario(scenario)
    try:
        code = asyncio.run(_serve(chosen, port, control))
    except OSError as problem:
        typer.echo(f"cannot listen on 127.0.0.1: {problem.strerror or problem}", err=True)
        raise typer.Exit(FAILED) from None
    raise typer.Exit(code)


def _list_quirks(json: bool) -> None:
    from reconciler.simgateway.quirks import reference

    if not json:
        typer.echo(reference.text(), nl=False)
        return
    from reconciler.bootstrap import TOOL, system_clock
    from reconciler.reports.documents import quirks_document, text_of

    rows = [row._asdict() for row in reference.rows()]
    typer.echo(text_of(quirks_document(tool=TOOL, created=system_clock().now(), rows=rows)), nl=False)


def _scenario(path: Path | None) -> "Scenario":
    from reconciler.diagnostics import in_order
    from reconciler.simgateway import staging

    if path is None:
        return staging.packaged(staging.DEMO)
    loaded, found = staging.load_file(path)
    for each in in_order(found):
        typer.echo(str(each), err=True)
    if loaded is None:
        raise typer.Exit(FAILED)
    return loaded


async def _serve(chosen: "Scenario", port: int, control: int | None) -> int:
    """Serve until a signal comes; its exit code."""
    from reconciler.simgateway.server import serve

    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for number, code in _EXIT_CODES.items():
        asyncio.get_running_loop().add_signal_handler(number, _end, ended, code)
    async with serve(chosen, port=port, control_port=control) as running:
        typer.echo(f"listening on 127.0.0.1:{running.port}")
        if control is not None:
            typer.echo(f"control on 127.0.0.1:{running.control_port}")
        return await ended


def _end(ended: "asyncio.Future[int]", code: int) -> None:
    if not ended.done():
        ended.set_result(code)
