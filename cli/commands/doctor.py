"""folioctl doctor: is the set-up fit to move money? Asks, and sends nothing."""

from cli.console import Color
from cli.invocation import Invocation
from cli.options import HERE, AccountOption, DesiredStateDirectory, EnvFile, Json, NoColor, Root, View, view_of


def doctor(
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Check the whole set-up before money moves: what is wrong, and what to do. Sends no order."""
    from cli.session import run
    from reconciler import bootstrap, settings
    from reconciler.domain.examination import Examination
    from reconciler.domain.exits import ExitCode
    from reconciler.ports import EventSink
    from reconciler.reports.documents import doctor_document, text_of
    from reconciler.reports.terminal.doctor import show_doctor

    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    workspace, of_manifests = bootstrap.load(invocation.manifests)
    in_force, of_settings = settings.load(env_file)
    invocation.note((*of_manifests, *of_settings))
    reading = bootstrap.Reading(invocation.manifests, workspace, of_manifests, in_force, of_settings)

    async def look(sink: EventSink) -> Examination:
        return await bootstrap.examine(reading, account, sink)

    found = run(invocation, look)
    code = ExitCode.ERROR if found.has_failed else ExitCode.OK

    def document() -> str:
        return text_of(
            doctor_document(
                found,
                exit_code=code,
                tool=bootstrap.TOOL,
                created=bootstrap.system_clock().now(),
                revision=workspace.revision if workspace else None,
                diagnostics=invocation.diagnostics,
            )
        )

    show = {View.TERMINAL: lambda: show_doctor(invocation.streams.stdout, found), View.JSON: document}
    invocation.answer(code, show)
