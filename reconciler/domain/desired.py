"""DesiredState: what the manifests ask for, after loading. The YAML and its models stay in `manifests/`."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reconciler.diagnostics import Location
from reconciler.domain.ids import AccountName
from reconciler.domain.limits import RiskLimits
from reconciler.domain.money import Currency
from reconciler.domain.policy import ExecutionPolicy
from reconciler.domain.portfolio import PortfolioSpec


class Environment(StrEnum):
    """Paper or live: part of the identity of a manifest, a plan and a connection."""

    PAPER = "paper"
    LIVE = "live"


class UnmanagedPositions(StrEnum):
    """What to do about a holding that no manifest names. It is never sold unless a manifest says so."""

    IGNORE = "ignore"
    REPORT = "report"
    BLOCK = "block"


class SecretSource(StrEnum):
    """Where an account id is kept. It is never kept in a manifest."""

    ENV = "env"
    KEYRING = "keyring"


@dataclass(frozen=True)
class SecretRef:
    """A secret by its place: an environment variable's name, or a user name in the keyring's service."""

    source: SecretSource
    name: str


@dataclass(frozen=True)
class GatewaySpec:
    """Where the broker's gateway listens. `client_id` is apply's; commands that only read take the next ones."""

    name: str
    host: str
    port: int
    client_id: int
    messages_per_second: int


@dataclass(frozen=True)
class AccountSpec:
    """One account with everything that governs it, references resolved."""

    name: AccountName
    environment: Environment
    account_id: SecretRef
    base_currency: Currency
    leverage: Decimal
    cash_buffer_fraction: Decimal
    cash_buffer_amount: Decimal
    """In base currency."""
    unmanaged_positions: UnmanagedPositions
    suspend: bool
    gateway: GatewaySpec
    portfolio: PortfolioSpec
    limits: RiskLimits
    policy: ExecutionPolicy
    declared_at: Location


@dataclass(frozen=True)
class DesiredState:
    """All accounts of a repository. `digest` is over the manifests' meaning: comments and order do not change it."""

    accounts: tuple[AccountSpec, ...]
    digest: str


@dataclass(frozen=True)
class Revision:
    """What the manifests were at: the commit, whether the tree differed from it, and the digest of the manifests."""

    commit: str | None
    dirty: bool
    manifests: str
