"""The Typer app: its commands by group, and the way out of every one of them.

Typer's own code for a usage error is 2, which would read as "drift found" in CI: it leaves with 64.
"""

from collections.abc import Sequence

import typer
from typer._click.exceptions import ClickException  # what Typer raises for a usage error; it exports no name for it

from cli.commands.apply import apply
from cli.commands.demo import demo
from cli.commands.doctor import doctor
from cli.commands.drift import drift
from cli.commands.explain import explain
from cli.commands.fmt import fmt
from cli.commands.gateway import gateway
from cli.commands.halt import halt
from cli.commands.imports import imports
from cli.commands.init import init
from cli.commands.lock import lock
from cli.commands.migrate import migrate
from cli.commands.plan import plan
from cli.commands.resume import resume
from cli.commands.runs import runs
from cli.commands.schema import schema
from cli.commands.show import show
from cli.commands.status import status
from cli.commands.unlock import unlock
from cli.commands.validate import validate
from cli.commands.version import version
from cli.group import Group
from cli.invocation import Invocation
from cli.options import View
from reconciler.domain.exits import ExitCode

EXIT_CODES = """
Exit codes: 0 ok · 1 error · 2 changes or drift (with --detailed-exitcode) · 3 blocked by a limit, a precondition or
something unknown · 4 plan stale, expired or already begun · 5 account locked · 6 partially applied or unresolved ·
7 market closed · 64 usage · 130 interrupted.
"""

app = typer.Typer(
    cls=Group,
    name="folioctl",
    help="GitOps for Interactive Brokers portfolios: target portfolios in Git, planned, applied and held.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for group, commands in {
    "Manifests": (init, imports, validate, fmt, migrate, lock, explain, schema),
    "The account": (doctor, plan, show, apply, drift, status),
    "The brake": (halt, resume),
    "The journal": (runs, unlock),
    "Processes": (gateway, demo),
    "About": (version,),
}.items():
    for command in commands:
        if isinstance(command, typer.Typer):
            app.add_typer(command, rich_help_panel=group)
        else:
            app.command(rich_help_panel=group)(command)


def main(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    try:
        result = app(args=list(arguments), standalone_mode=False, prog_name="folioctl")
    except ClickException as error:
        error.message = error.message.replace("Value error, ", "")  # pydantic's, which Typer hands on
        error.show()
        if "--json" in arguments:
            invocation = Invocation(view=View.JSON)
            invocation.streams.write(invocation.failure("UsageError", error.format_message(), ExitCode.USAGE))
        return ExitCode.USAGE
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    return result if isinstance(result, int) else ExitCode.OK
