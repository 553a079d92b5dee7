"""folioctl drift: how the account differs from its manifests. Proposes nothing and sends nothing."""

from cli.console import Color
from cli.invocation import Invocation
from cli.options import (
    HERE,
    AccountOption,
    Annotations,
    DesiredStateDirectory,
    DetailedExitCode,
    EnvFile,
    Json,
    Markdown,
    NoColor,
    Root,
    Verbose,
    View,
    view_of,
)


def drift(
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    detailed_exitcode: DetailedExitCode = False,
    annotations: Annotations = False,
    verbose: Verbose = False,
    json: Json = False,
    markdown: Markdown = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Report how the account differs from its manifests."""
    from cli.session import Task, read
    from reconciler.bootstrap import TOOL
    from reconciler.domain.exits import ExitCode, of_plan
    from reconciler.domain.plan import Plan
    from reconciler.engine.propose import compare
    from reconciler.engine.reconcile import recover_if_free
    from reconciler.engine.session import Session
    from reconciler.reports.annotations import drift_annotations
    from reconciler.reports.documents import drift_document, text_of
    from reconciler.reports.markdown import drift_markdown
    from reconciler.reports.terminal.drift import show_drift
    from reconciler.reports.terminal.parts import Detail

    view = view_of(json=json, markdown=markdown)
    invocation = Invocation(root, desired_state, account, env_file, view, Color.of(never=no_color))
    workspace = invocation.workspace()

    async def find(session: Session) -> Plan:
        await recover_if_free(session)
        return await compare(session)

    found = read(invocation, Task(workspace, "folioctl drift"), find)
    if annotations:
        invocation.annotate(drift_annotations(found))
    detail = Detail.ALL if verbose else Detail.CHANGES
    invocation.answer(
        of_plan(found, changes=ExitCode.CHANGES if detailed_exitcode else ExitCode.OK),
        {
            View.TERMINAL: lambda: show_drift(invocation.streams.stdout, found, detail=detail),
            View.JSON: lambda: text_of(drift_document(found, tool=TOOL, diagnostics=invocation.diagnostics)),
            View.MARKDOWN: lambda: drift_markdown(found),
        },
    )
