"""Running a use-case on an account: the event loop, the signals, and the session around it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import typer

from cli.invocation import Invocation
from cli.options import View
from cli.signals import Signals
from reconciler.bootstrap import Purpose, Workspace, open_session, require_own_number
from reconciler.domain.exits import ExitCode
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.engine.halt import patience
from reconciler.engine.session import Session
from reconciler.ports import EventSink

Result = TypeVar("Result")
UseCase = Callable[[Session], Awaitable[Result]]


@dataclass(frozen=True)
class Task:
    """What a session is opened for: the manifests, the command's name for other processes, and the run's options."""

    workspace: Workspace
    command: str
    options: RunOptions = NO_OPTIONS
    waits: bool = False
    """Whether it waits for a halted run to end, where one holds the account."""


def read(invocation: Invocation, task: Task, use_case: UseCase[Result]) -> Result:
    """Run a use-case that only reads. A signal ends it at once: there is nothing to clean up at the broker."""

    async def main(sink: EventSink) -> Result:
        async with opened(invocation, task, Purpose.READING, sink) as session:
            return await use_case(session)

    return run(invocation, main)


def apply(invocation: Invocation, task: Task, use_case: UseCase[Result]) -> Result:
    """Run a use-case that may send orders. A signal asks it to stop, cancel and report; a second one stops waiting."""

    async def main(sink: EventSink) -> Result:
        async with opened(invocation, task, Purpose.APPLYING, sink) as session:
            invocation.signals = Signals(session.stop)
            with invocation.signals.handled():
                return await use_case(session)

    return run(invocation, main)


def opened(
    invocation: Invocation, task: Task, purpose: Purpose, sink: EventSink
) -> AbstractAsyncContextManager[Session]:
    """The session that a task is done in."""
    account, settings = invocation.chosen_account(task.workspace), invocation.settings()
    if task.options.flatten is None:  # what closes everything is held up by no other manifest
        require_own_number(task.workspace.desired, account, settings)
    return open_session(
        task.workspace,
        account,
        settings,
        purpose=purpose,
        sink=sink,
        command=task.command,
        options=task.options,
        patience=patience(account.policy.timeouts) if task.waits else timedelta(0),
    )


def run(invocation: Invocation, main: Callable[[EventSink], Coroutine[Any, Any, Result]]) -> Result:
    """Run `main` on an event loop, its progress shown; every failure of ours becomes a message and an exit code."""
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
