"""A small repository of manifests without a fault, and the one way in which tests change it."""

from collections.abc import Mapping
from pathlib import Path

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import DesiredState
from reconciler.manifests import load

GATEWAY = """\
apiVersion: folioctl/v1
kind: Gateway
metadata:
  name: local
spec:
  port: 4002
"""

ACCOUNT = """\
apiVersion: folioctl/v1
kind: Account
metadata:
  name: main
spec:
  environment: paper
  accountIdFrom:
    env: IB_ACCOUNT_ID
  baseCurrency: USD
  gateway: local
  portfolio: growth
  riskLimits: cautious
  executionPolicy: patient
  leverage: 1.4
"""

PORTFOLIO = """\
apiVersion: folioctl/v1
kind: Portfolio
metadata:
  name: growth
spec:
  targets:
    - {symbol: MSFT, weight: 30%}
    - symbol: GLD
      weight: 0.35
  sleeves:
    - name: chips
      weight: 30%
      targets:
        - {symbol: NVDA, weight: 60%}
        - {symbol: ASML, weight: 40%}
  cash: 5%
"""

RISK_LIMITS = """\
apiVersion: folioctl/v1
kind: RiskLimits
metadata:
  name: cautious
spec:
  maxLeverage: 1.5
  emergencyLeverage: 3.0
  maxQuoteAge: 90s
"""

EXECUTION_POLICY = """\
apiVersion: folioctl/v1
kind: ExecutionPolicy
metadata:
  name: patient
spec:
  minimumNotional: 100
  timeouts: {fill: 4m}
"""

GOOD: dict[str, str] = {
    "account.yaml": ACCOUNT,
    "execution-policy.yaml": EXECUTION_POLICY,
    "gateway.yaml": GATEWAY,
    "portfolio.yaml": PORTFOLIO,
    "risk-limits.yaml": RISK_LIMITS,
}


def write(directory: Path, files: Mapping[str, str] = GOOD) -> Path:
    """The files in `directory`, which is made."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


def changed(name: str, old: str, new: str, files: Mapping[str, str] = GOOD) -> dict[str, str]:
    """The files with one piece of one of them replaced; the piece must be there."""
    assert old in files[name]
    return {**files, name: files[name].replace(old, new, 1)}


def load_files(directory: Path, files: Mapping[str, str]) -> tuple[DesiredState | None, tuple[Diagnostic, ...]]:
    """What loading the files gives."""
    return load(write(directory / "desired-state", files))


def told(directory: Path, files: Mapping[str, str]) -> list[str]:
    """The diagnostics of the files as `file:line:column CODE`, with the file's bare name."""
    _, found = load_files(directory, files)
    prefix = (directory / "desired-state").as_posix() + "/"
    return [f"{str(each.location).removeprefix(prefix)} {each.code}" for each in found]
