"""Repositories with portfolios that include others, templates and parents, for the tests of composition."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from reconciler.domain.desired import AccountSpec, DesiredState
from tests.unit.manifests.repository import ACCOUNT, EXECUTION_POLICY, GATEWAY, RISK_LIMITS, load_files


def manifest(kind: str, name: str, spec: str) -> str:
    """One manifest; `spec` is YAML, its lines without their indent."""
    body = "".join(f"  {line}\n" for line in spec.strip("\n").splitlines())
    return f"apiVersion: folioctl/v1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n{body}"


def portfolio(name: str, spec: str) -> str:
    """A Portfolio."""
    return manifest("Portfolio", name, spec)


CORE = portfolio(
    "core",
    """\
targets:
  - {symbol: VTI, weight: 70%, assetClass: equity}
  - {symbol: BND, weight: 20%, assetClass: bond}
cash: 10%
""",
)
SATELLITE = portfolio(
    "satellite",
    """\
targets:
  - {symbol: NVDA, weight: 50%}
  - {symbol: VTI, weight: 25%, assetClass: equity}
  - {symbol: ASML, weight: 25%}
""",
)
GROWTH = portfolio(
    "growth",
    """\
sleeves:
  - {weight: 60%, portfolio: core}
  - {weight: 40%, portfolio: satellite, name: ideas}
""",
)

PARTS: dict[str, str] = {
    "account.yaml": ACCOUNT,
    "core.yaml": CORE,
    "gateway.yaml": GATEWAY,
    "growth.yaml": GROWTH,
    "limits.yaml": RISK_LIMITS,
    "policy.yaml": EXECUTION_POLICY,
    "satellite.yaml": SATELLITE,
}


def with_growth(spec: str, **others: str) -> dict[str, str]:
    """The repository with another portfolio for its account, and with other files by their names without `.yaml`."""
    return {
        **PARTS,
        "growth.yaml": portfolio("growth", spec),
        **{f"{name}.yaml": text for name, text in others.items()},
    }


def state_of(directory: Path, files: Mapping[str, str]) -> DesiredState:
    """The desired state; the files must be in order."""
    state, found = load_files(directory, files)
    assert state is not None, [str(each) for each in found]
    return state


def account_of(directory: Path, files: Mapping[str, str], name: str = "main") -> AccountSpec:
    """The account of that name."""
    return next(each for each in state_of(directory, files).accounts if each.name == name)


def weights_of(account: AccountSpec) -> dict[str, Decimal]:
    """The weights of an account's lines by their names, its cash among them."""
    lines = {str(each.instrument.name): each.weight for each in account.portfolio.targets}
    return {**lines, "cash": account.portfolio.cash_weight}
