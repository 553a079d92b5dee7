"""A whole set of manifests for who begins: one file for each, with comments for a newcomer, in order by themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.manifests.writing.portfolio import WrittenLine, portfolio_text
from reconciler.manifests.writing.values import Values, filled

PORTFOLIO = "core"
"""What the portfolio of a whole set is called."""


@dataclass(frozen=True)
class AccountSetup:
    """One account: its name, and what its manifest says."""

    name: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Setup:
    """What a set of manifests says beyond its templates. `rules` names its RiskLimits and its ExecutionPolicy."""

    accounts: Sequence[AccountSetup]
    gateway: Values = field(default_factory=dict)
    limits: Values = field(default_factory=dict)
    policy: Values = field(default_factory=dict)
    rules: str = "standard"
    lines: Sequence[WrittenLine] = ()
    cash: Decimal = Decimal(1)
    long_only: bool = True


def written(setup: Setup) -> Mapping[str, str]:
    """The text of each file, by its name below the directory of the manifests."""
    rules: Values = {("riskLimits",): setup.rules, ("executionPolicy",): setup.rules}
    accounts = {_file(setup, each): filled("account", each.name, {**rules, **each.values}) for each in setup.accounts}
    return {
        "gateway.yaml": filled("gateway", None, setup.gateway),
        **accounts,
        "portfolio.yaml": portfolio_text(PORTFOLIO, setup.lines, setup.cash, long_only=setup.long_only),
        "risk-limits.yaml": filled("risk-limits", setup.rules, setup.limits),
        "execution-policy.yaml": filled("execution-policy", setup.rules, setup.policy),
    }


def _file(setup: Setup, account: AccountSetup) -> str:
    if len(setup.accounts) == 1:
        return "account.yaml"
    return f"{account.name}.yaml" if account.name.startswith("account") else f"account-{account.name}.yaml"
