"""What `init` and the imports ask, by option or at a terminal, of somebody who has no manifests yet."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.runoptions import leverage_of
from reconciler.domain.desired import AccountType, Environment
from reconciler.domain.unknown import Unknown

if TYPE_CHECKING:
    from reconciler.manifests.writing import Setup
    from reconciler.manifests.writing.profile import Profile
    from reconciler.planning.room import Room

ACCOUNT_ENV = "IB_ACCOUNT_ID"
FIRST_ACCOUNT = "main"
HOST = "127.0.0.1"
CURRENCY = "USD"
_PORTS = {Environment.PAPER: 4002, Environment.LIVE: 4001}
"""Where IB Gateway listens unless it is told otherwise."""


def _fitting(pattern: str, what: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise typer.BadParameter(f"{text!r} is not {what}")
        return text

    return check


variable_of = _fitting(r"[A-Za-z_][A-Za-z0-9_]{0,127}", f"an environment variable's name, such as {ACCOUNT_ENV}")
host_of = _fitting(r"[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}", "a host name or an address")
name_of = _fitting(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "a name of lower-case letters, digits and dashes")
_letters_of = _fitting(r"[A-Z]{3}", f"a currency's three letters, such as {CURRENCY}")


def currency_of(text: str) -> str:
    """A currency in whatever case."""
    return _letters_of(text.upper())


def port_of(text: str) -> int:
    """A port that somebody can listen on."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 65535:
        raise typer.BadParameter(f"{text!r} is not a port from 1 to 65535")
    return int(text)


EnvironmentOption = Annotated[
    Environment | None, typer.Option("--environment", help="Whether it is a paper or a live account.")
]
AccountName = Annotated[
    str | None,
    typer.Option(
        "--account-name", metavar="NAME", parser=name_of, help="What reports call the account. [default: main]"
    ),
]
BaseCurrency = Annotated[
    str | None,
    typer.Option("--base-currency", metavar="CUR", parser=currency_of, help="Its base currency. [default: USD]"),
]
LeverageOption = Annotated[
    Decimal | None,
    typer.Option("--leverage", metavar="X", parser=leverage_of, help="The leverage target. [default: 1]"),
]
Host = Annotated[
    str | None,
    typer.Option("--host", metavar="HOST", parser=host_of, help="Where the gateway listens. [default: 127.0.0.1]"),
]
Port = Annotated[
    int | None,
    typer.Option("--port", metavar="N", parser=port_of, help="Its port. [default: 4002 for paper, 4001 for live]"),
]
AccountEnv = Annotated[
    str | None,
    typer.Option(
        "--account-env",
        metavar="VARIABLE",
        parser=variable_of,
        help="The environment variable that holds the account's number. [default: IB_ACCOUNT_ID]",
    ),
]
TypeOption = Annotated[
    AccountType | None,
    typer.Option("--type", help="A margin account, or a cash account, which borrows nothing. [default: margin]"),
]
Conservative = Annotated[
    bool,
    typer.Option(
        "--conservative",
        help="The careful profile: leverage 1.2, an emergency at 2.5, a margin cushion of 30%, 3 orders at once, 15 "
        "minutes for a run.",
    ),
]


def has_manifests(directory: Path) -> bool:
    """Whether there is any file below it that manifests are read from."""
    from reconciler.manifests.tree import walk

    return bool(walk(directory).manifests)


@dataclass(frozen=True)
class Start:
    """What was said of the account and its gateway; None where nothing was."""

    environment: Environment | None = None
    base_currency: str | None = None
    host: str | None = None
    port: int | None = None
    account_env: str | None = None
    account_name: str | None = None
    leverage: Decimal | None = None
    account_type: AccountType | None = None
    conservative: bool = False

    @property
    def said(self) -> list[str]:
        """The options that were given."""
        given = {
            "--environment": self.environment,
            "--base-currency": self.base_currency,
            "--host": self.host,
            "--port": self.port,
            "--account-env": self.account_env,
            "--type": self.account_type,
            "--conservative": self.conservative or None,
        }
        return [option for option, value in given.items() if value is not None]

    @property
    def name(self) -> str:
        """What the account is called."""
        return self.account_name or FIRST_ACCOUNT

    @property
    def variable(self) -> str:
        """Where the account's number is kept."""
        return self.account_env or ACCOUNT_ENV

    @property
    def customary_port(self) -> int:
        """Where a gateway of the environment listens unless it is told otherwise."""
        return _PORTS[self.environment or Environment.PAPER]

    @property
    def profile(self) -> "Profile":
        """How careful the rules are."""
        from reconciler.manifests.writing.profile import CONSERVATIVE, STANDARD

        return CONSERVATIVE if self.conservative else STANDARD

    @property
    def usual_leverage(self) -> Decimal:
        """The leverage unless another one is asked for."""
        return Decimal(1) if self.account_type is AccountType.CASH else self.profile.leverage

    def setup(self, name: str, environment: Environment) -> "Setup":
        """The manifests of one account of that environment, without what is known only once it was read."""
        from reconciler.manifests.writing import AccountSetup, Setup
        from reconciler.manifests.writing.values import Path

        values: dict[Path, str] = {
            ("environment",): environment.value,
            ("accountIdFrom", "env"): self.variable,
            ("baseCurrency",): self.base_currency or CURRENCY,
            **({("type",): self.account_type.value} if self.account_type is AccountType.CASH else {}),
        }
        return Setup(
            accounts=(AccountSetup(name, values),),
            gateway={("host",): self.host or HOST, ("port",): self.port or _PORTS[environment]},
            policy=self.profile.policy,
            rules=self.profile.name,
        )

    def whole(self, name: str, environment: Environment) -> "Setup":
        """The same at the leverage that was asked for. Raises a usage error where no limits fit it."""
        from dataclasses import replace

        leverage = self.usual_leverage if self.leverage is None else self.leverage
        room = self.room_at(leverage)
        setup = self.setup(name, environment)
        (account,) = setup.accounts
        levered = replace(account, values={**account.values, ("leverage",): leverage})
        return replace(setup, accounts=(levered,), limits=self.profile.limits(room, leverage))

    def room_at(self, leverage: Decimal) -> "Room":
        """The limits around a leverage. Raises a usage error where none fit it."""
        if self.account_type is AccountType.CASH and leverage > 1:
            raise typer.BadParameter(f"{leverage}: a cash account cannot borrow", param_hint="--leverage")
        room = self.profile.room(leverage)
        if isinstance(room, Unknown):
            raise typer.BadParameter(room.why, param_hint="--leverage")
        return room
