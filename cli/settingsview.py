"""What `status --settings` answers: every setting, and where it comes from. Asks no broker, and names no secret."""

from typing import NoReturn

from cli.invocation import Invocation
from cli.options import View
from reconciler import bootstrap
from reconciler.domain.exits import ExitCode
from reconciler.reports.documents import settings_document, text_of
from reconciler.reports.terminal.settings import show_settings


def answer_settings(invocation: Invocation) -> NoReturn:
    """The settings in force, and whether each account's id is set. Manifests that are not in order name no account."""
    settings = invocation.settings()
    workspace, found = bootstrap.load(invocation.manifests)
    with invocation.reporting():
        accounts = () if workspace is None else bootstrap.choose_accounts(workspace.desired, invocation.account)
        readings = (*bootstrap.ids_of(accounts, settings), *settings.readings())
    invocation.note(found)

    def document() -> str:
        return text_of(
            settings_document(
                readings,
                tool=bootstrap.TOOL,
                created=bootstrap.system_clock().now(),
                revision=None if workspace is None else workspace.revision,
                diagnostics=invocation.diagnostics,
            )
        )

    def show() -> None:
        show_settings(invocation.streams.stdout, readings)
        if workspace is None:
            words = f"The manifests in {invocation.manifests} are not in order: which ids they ask for is not known."
            invocation.streams.stderr.print(words, style="yellow")

    invocation.answer(ExitCode.OK, {View.TERMINAL: show, View.JSON: document})
