"""folioctl validate: are the manifests in order? Asks no broker."""

from cli.console import Color
from cli.invocation import Invocation
from cli.options import HERE, Annotations, DesiredStateDirectory, Json, NoColor, Resolved, Root, Strict, View, view_of
from reconciler.diagnostics import has_errors, strictly
from reconciler.domain.exits import ExitCode


def validate(
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    resolved: Resolved = False,
    strict: Strict = False,
    annotations: Annotations = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Check the manifests: every mistake with its file, line and column."""
    from reconciler import bootstrap
    from reconciler.reports.annotations import diagnostic_annotations
    from reconciler.reports.documents import text_of, validation_document
    from reconciler.reports.terminal.resolved import show_resolved

    invocation = Invocation(root, desired_state, view=view_of(json=json), color=Color.of(never=no_color))
    with invocation.reporting():
        workspace, invocation.diagnostics = bootstrap.load(invocation.manifests)
        desired = workspace.desired if workspace else None
        if strict:
            invocation.diagnostics = strictly(invocation.diagnostics)

        def show() -> None:
            console = invocation.streams.stdout
            invocation.show_diagnostics(console)
            if desired is None or has_errors(invocation.diagnostics):
                return
            targets = sum(len(account.portfolio.targets) for account in desired.accounts)
            names = ", ".join(account.name for account in desired.accounts)
            if resolved:
                show_resolved(console, desired)
            console.print(f"The manifests are in order: {targets} targets for {names}.", style="green")

        def document() -> str:
            return text_of(
                validation_document(
                    desired,
                    tool=bootstrap.TOOL,
                    created=bootstrap.system_clock().now(),
                    revision=workspace.revision if workspace else None,
                    diagnostics=invocation.diagnostics,
                    resolved=desired if resolved else None,
                )
            )

        if annotations:
            invocation.annotate(diagnostic_annotations(invocation.diagnostics))
        failed = has_errors(invocation.diagnostics)
        invocation.answer(ExitCode.ERROR if failed else ExitCode.OK, {View.TERMINAL: show, View.JSON: document})
