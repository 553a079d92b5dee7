"""folioctl init: a repository to begin with. It overwrites nothing."""

from pathlib import Path
from typing import Annotated

import typer

from cli.consent import Consent, DryRun
from cli.console import Color
from cli.invocation import Invocation
from cli.options import HERE, Json, NoColor, view_of
from cli.starting import (
    AccountEnv,
    AccountName,
    BaseCurrency,
    Conservative,
    EnvironmentOption,
    Host,
    LeverageOption,
    Port,
    Start,
    TypeOption,
)

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The repository's root, which may not be there yet.")]
NoInput = Annotated[bool, typer.Option("--no-input", "--yes", help="Ask nothing: what no option says has its default.")]


def init(
    directory: Directory = HERE,
    environment: EnvironmentOption = None,
    account_name: AccountName = None,
    base_currency: BaseCurrency = None,
    leverage: LeverageOption = None,
    host: Host = None,
    port: Port = None,
    account_env: AccountEnv = None,
    account_type: TypeOption = None,
    conservative: Conservative = False,
    no_input: NoInput = False,
    dry_run: DryRun = False,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Write manifests, workflows and what else a repository begins with; overwrite nothing."""
    from cli.beginning import begin

    invocation = Invocation(directory, view=view_of(json=json), color=Color.of(never=no_color))
    start = Start(
        environment, base_currency, host, port, account_env, account_name, leverage, account_type, conservative
    )
    begin(invocation, start, Consent(agreed=True, dry_run=dry_run), asks=not no_input)
