"""Running a use-case on an account: the event loop, the signals, and the session around it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import typer

from cli.invocation import Invocation
from cli.options import View
from cli.signals import Signals
from reconciler.bootstrap import Purpose, Workspace, open_session
from reconciler.domain.exits import ExitCode
from reconciler.engine.session import Session
from reconciler.ports import EventSink

Result = TypeVar("Result")
UseCase = Callable[[Session], Awaitable[Result]]


def read(invocation: Invocation, workspace: Workspace, command: str, use_case: UseCase[Result]) -> Result:
    """Run a use-case that only reads. A signal ends it at once: there is nothing to clean up at the broker."""

    async def main(sink: EventSink) -> Result:
        account, settings = invocation.chosen_account(workspace), invocation.settings()
        opened = open_session(workspace, account, settings, purpose=Purpose.READING, sink=sink, command=command)
        async with opened as session:
            return await use_case(session)

    return _run(invocation, main)


def apply(invocation: Invocation, workspace: Workspace, command: str, use_case: UseCase[Result]) -> Result:
    """Run a use-case that may send orders. A signal asks it to stop, cancel and report; a second one stops waiting."""

    async def main(sink: EventSink) -> Result:
        account, settings = invocation.chosen_account(workspace), invocation.settings()
        opened = open_session(workspace, account, settings, purpose=Purpose.APPLYING, sink=sink, command=command)
        async with opened as session:
            invocation.signals = Signals(session.stop)
            with invocation.signals.handled():
                return await use_case(session)

    return _run(invocation, main)


def _run(invocation: Invocation, main: Callable[[EventSink], Coroutine[Any, Any, Result]]) -> Result:
    from reconciler.reports.live import progress_for

    with invocation.reporting():
        try:
            with progress_for(invocation.streams.stderr) as invocation.display:
                return asyncio.run(main(invocation.display))
        except (KeyboardInterrupt, asyncio.CancelledError):
            if invocation.view is View.JSON:
                invocation.streams.write(invocation.failure("Interrupted", "interrupted", ExitCode.INTERRUPTED))
            invocation.streams.stderr.print("interrupted", style="bold red")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
