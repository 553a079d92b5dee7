"""folioctl import: manifests from a live account, a portfolio's file, or the predecessor's settings."""

from pathlib import Path
from typing import Annotated

import typer

from cli.consent import Consent, DryRun, Yes
from cli.console import Color
from cli.group import Group
from cli.invocation import Invocation
from cli.options import HERE, AccountOption, DesiredStateDirectory, EnvFile, Json, NoColor, Root, view_of
from cli.starting import (
    AccountEnv,
    BaseCurrency,
    Conservative,
    EnvironmentOption,
    Host,
    Port,
    Start,
    TypeOption,
    name_of,
)

imports = typer.Typer(
    cls=Group,
    name="import",
    help="Manifests from what is there: a live account, a portfolio's file, the predecessor's settings.",
    no_args_is_help=True,
)

Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write a Portfolio of its own to FILE.")]
PortfolioName = Annotated[
    str | None, typer.Option("--name", metavar="NAME", parser=name_of, help="What that Portfolio is called.")
]


@imports.command("account")
def import_account(
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    out: Out = None,
    name: PortfolioName = None,
    environment: EnvironmentOption = None,
    base_currency: BaseCurrency = None,
    host: Host = None,
    port: Port = None,
    account_env: AccountEnv = None,
    account_type: TypeOption = None,
    conservative: Conservative = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Read what the account holds, and write manifests that plan to no change."""
    from cli.adopting import import_account as run

    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    start = Start(
        environment,
        base_currency,
        host,
        port,
        account_env,
        account_type=account_type,
        conservative=conservative,
    )
    run(invocation, start, Consent(yes, dry_run), out=out, name=name)


@imports.command("env")
def import_env(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The predecessor's .env.")],
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    environment: EnvironmentOption = None,
    write_env: Annotated[
        Path | None,
        typer.Option(
            "--write-env", metavar="FILE", help="Also write account numbers, tokens and what stays a variable to FILE."
        ),
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Make manifests of the predecessor's settings, and tell of every variable where it went."""
    from cli.converting import import_env as run

    invocation = Invocation(root, desired_state, view=view_of(json=json), color=Color.of(never=no_color))
    run(invocation, file, environment, write_env, Consent(agreed=True, dry_run=dry_run))


NewName = Annotated[
    str | None, typer.Option("--name", metavar="NAME", parser=name_of, help="What the Portfolio is called.")
]
NewFile = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to FILE; standard output without it.")
]
Into = Annotated[
    str | None, typer.Option("--into", metavar="NAME", help="Change the Portfolio of that name, its comments kept.")
]
CloseMissing = Annotated[
    bool, typer.Option("--close-missing", help="With --into: weight 0 for lines that the file does not have.")
]
GivenFile = Annotated[Path, typer.Argument(metavar="FILE", help="The portfolio.")]


def _offer(form: str, about: str) -> None:
    """The command for one of the two forms of a given portfolio; both take the same options."""

    @imports.command(form, help=about)
    def import_given(
        file: GivenFile,
        root: Root = HERE,
        desired_state: DesiredStateDirectory = None,
        name: NewName = None,
        out: NewFile = None,
        into: Into = None,
        close_missing: CloseMissing = False,
        yes: Yes = False,
        dry_run: DryRun = False,
        json: Json = False,
        no_color: NoColor = False,
    ) -> None:
        from cli.converting import GivenImport
        from cli.converting import import_given as run
        from reconciler.manifests.rows import Form

        invocation = Invocation(root, desired_state, view=view_of(json=json), color=Color.of(never=no_color))
        asked = GivenImport(file, Form(form), name, out, into, close_missing)
        run(invocation, asked, Consent(yes, dry_run))


_offer("csv", "Make a Portfolio of a CSV file with symbol,weight,sector.")
_offer("yaml", "Make a Portfolio of a YAML file with portfolio: {SYMBOL: {weight, sector}}; its comments are kept.")
