"""What `init` and the imports ask, by option, of somebody who has no manifests yet."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.domain.desired import Environment

if TYPE_CHECKING:
    from reconciler.manifests.writing import Setup
    from reconciler.manifests.writing.profile import Profile

_PORTS = {Environment.PAPER: 4002, Environment.LIVE: 4001}
"""Where IB Gateway listens unless it is told otherwise."""
_CURRENCY, _VARIABLE, _HOST = r"[A-Z]{3}", r"[A-Za-z_][A-Za-z0-9_]{0,127}", r"[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}"
ACCOUNT_ENV = "IB_ACCOUNT_ID"


def _currency(text: str) -> str:
    return _fitting(text.upper(), _CURRENCY, "a currency's three letters, such as USD")


def _variable(text: str) -> str:
    return _fitting(text, _VARIABLE, "an environment variable's name, such as IB_ACCOUNT_ID")


def _host(text: str) -> str:
    return _fitting(text, _HOST, "a host name or an address")


def _fitting(text: str, pattern: str, what: str) -> str:
    if re.fullmatch(pattern, text) is None:
        raise typer.BadParameter(f"{text!r} is not {what}")
    return text


EnvironmentOption = Annotated[
    Environment | None,
    typer.Option("--environment", help="Paper or live. [default: as the account's number says]"),
]
BaseCurrency = Annotated[
    str | None,
    typer.Option(
        "--base-currency", metavar="CUR", parser=_currency, help="The account's base currency. [default: USD]"
    ),
]
Host = Annotated[
    str | None,
    typer.Option("--host", metavar="HOST", parser=_host, help="Where the gateway listens. [default: 127.0.0.1]"),
]
Port = Annotated[
    int | None,
    typer.Option("--port", metavar="N", min=1, max=65535, help="Its port. [default: 4002 for paper, 4001 for live]"),
]
AccountEnv = Annotated[
    str | None,
    typer.Option(
        "--account-env",
        metavar="NAME",
        parser=_variable,
        help="The environment variable that holds the account's number. [default: IB_ACCOUNT_ID]",
    ),
]
Conservative = Annotated[
    bool,
    typer.Option(
        "--conservative",
        help="The careful profile: emergency at 2.5, a margin cushion of 30%, 3 orders at once, 900 s.",
    ),
]


@dataclass(frozen=True)
class Start:
    """What was said of the account and its gateway; None where nothing was."""

    environment: Environment | None = None
    base_currency: str | None = None
    host: str | None = None
    port: int | None = None
    account_env: str | None = None
    conservative: bool = False

    @property
    def said(self) -> list[str]:
        """The options that only matter where there are no manifests yet, as far as they were given."""
        given = {
            "--environment": self.environment,
            "--base-currency": self.base_currency,
            "--host": self.host,
            "--port": self.port,
            "--account-env": self.account_env,
            "--conservative": self.conservative or None,
        }
        return [option for option, value in given.items() if value is not None]

    @property
    def variable(self) -> str:
        """Where the account's number is kept."""
        return self.account_env or ACCOUNT_ENV

    @property
    def profile(self) -> "Profile":
        """How careful the rules are."""
        from reconciler.manifests.writing.profile import CONSERVATIVE, STANDARD

        return CONSERVATIVE if self.conservative else STANDARD

    def setup(self, name: str, environment: Environment) -> "Setup":
        """The manifests of one account of that environment, without what is known only once it was read."""
        from reconciler.manifests.writing import AccountSetup, Setup

        return Setup(
            accounts=(
                AccountSetup(
                    name,
                    {
                        ("environment",): environment.value,
                        ("accountIdFrom", "env"): self.variable,
                        ("baseCurrency",): self.base_currency or "USD",
                    },
                ),
            ),
            gateway={("host",): self.host or "127.0.0.1", ("port",): self.port or _PORTS[environment]},
            policy=self.profile.policy,
            rules=self.profile.name,
        )
