"""folioctl gateway: serve the simulated IB gateway on loopback until a signal ends it."""

import asyncio
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TextIO

import typer

from reconciler.simgateway.wire.layouts import NEWEST_VERSION, OLDEST_VERSION

if TYPE_CHECKING:
    from reconciler.simgateway.scenario import Scenario

FAILED = 1
INTERRUPTED = 130
_EXIT_CODES = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: 0}


def gateway(
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="API port on 127.0.0.1; 0 takes a free one.")
    ] = 4002,
    control: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Also open the control channel, on this port; 0 takes a free one."
        ),
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A scenario in YAML; without one, the demo's account is served.")
    ] = None,
    max_version: Annotated[
        int,
        typer.Option(
            metavar="N", min=OLDEST_VERSION, max=NEWEST_VERSION, help="The newest protocol version that it negotiates."
        ),
    ] = NEWEST_VERSION,
    clock: Annotated[
        str,
        typer.Option(
            metavar="CLOCK",
            help="`real`; `x60` for a minute each second; or `stepped`: only the control channel moves it.",
        ),
    ] = "real",
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Decides the ids that are given out.")] = 0,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every message to this file, as JSON lines, to replay it.")
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Say a recording's requests to a fresh gateway, print what differs, serve nothing."
        ),
    ] = None,
    list_quirks: Annotated[
        bool, typer.Option("--list-quirks", help="Explain the quirks that can be armed, and serve nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="With --list-quirks, one JSON document.")] = False,
) -> None:
    """Serve a simulated IB gateway that any IB API client can connect to.

    The first line on standard output is `listening on 127.0.0.1:PORT`. Ctrl-C ends it with exit code 130, SIGTERM with
    0. A scenario with mistakes ends it with 1 and all of them, as does a port in use, and a replay with differences.
    """

    if json and not list_quirks:
        raise typer.BadParameter("goes with --list-quirks", param_hint="--json")
    if list_quirks:
        _list_quirks(json)
        return
    _check_clock(clock)
    chosen = _scenario(scenario)
    if replay:
        raise typer.Exit(_replay(replay, chosen))
    with ExitStack() as files:
        recording = files.enter_context(_opened(record)) if record else None
        options = _Options(port, control, max_version, clock, seed, recording)
        try:
            code = asyncio.run(_serve(chosen, options))
        except OSError as problem:
            typer.echo(f"cannot listen on 127.0.0.1: {problem.strerror or problem}", err=True)
            raise typer.Exit(FAILED) from None
    raise typer.Exit(code)


class _Options(NamedTuple):
    port: int
    control: int | None
    max_version: int
    clock: str
    seed: int
    record: TextIO | None


def _check_clock(text: str) -> None:
    from reconciler.simgateway.clock import is_clock

    if not is_clock(text):
        raise typer.BadParameter(f"{text!r} is none of real, stepped and x2 to x9999", param_hint="--clock")


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", buffering=1)
    except OSError as problem:
        typer.echo(f"cannot write {path}: {problem.strerror or problem}", err=True)
        raise typer.Exit(FAILED) from None


def _list_quirks(json: bool) -> None:
    from reconciler.simgateway.quirks import reference

    if not json:
        typer.echo(reference.text(), nl=False)
        return
    from reconciler.bootstrap import TOOL, system_clock
    from reconciler.reports.documents import quirks_document, text_of

    rows = [row._asdict() for row in reference.rows()]
    typer.echo(text_of(quirks_document(tool=TOOL, created=system_clock().now(), rows=rows)), nl=False)


def _replay(path: Path, chosen: "Scenario") -> int:
    """Print every difference between a recording and what a gateway that serves `chosen` answers; the exit code."""
    from reconciler.simgateway.records.recording import BadRecordingError, read
    from reconciler.simgateway.records.replay import replay

    try:
        with path.open(encoding="utf-8") as lines:
            recording = read(lines)
    except OSError as problem:
        typer.echo(f"cannot read {path}: {problem.strerror or problem}", err=True)
        return FAILED
    except (BadRecordingError, UnicodeDecodeError) as problem:
        typer.echo(f"{path} is no recording: {problem}", err=True)
        return FAILED
    differences = replay(recording, chosen)
    for each in differences:
        typer.echo(str(each))
    return FAILED if differences else 0


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


async def _serve(chosen: "Scenario", options: "_Options") -> int:
    """Serve until a signal comes; its exit code."""
    from reconciler.simgateway.clock import clock_named
    from reconciler.simgateway.serving.server import serve

    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for number, code in _EXIT_CODES.items():
        asyncio.get_running_loop().add_signal_handler(number, _end, ended, code)
    async with serve(
        chosen,
        port=options.port,
        control_port=options.control,
        clock=clock_named(options.clock),
        max_version=options.max_version,
        seed=options.seed,
        record=options.record,
    ) as running:
        typer.echo(f"listening on 127.0.0.1:{running.port}")
        if options.control is not None:
            typer.echo(f"control on 127.0.0.1:{running.control_port}")
        return await ended


def _end(ended: "asyncio.Future[int]", code: int) -> None:
    if not ended.done():
        ended.set_result(code)
