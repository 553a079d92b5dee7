"""DesiredState: what the manifests ask for, after loading. The YAML and its models stay in `manifests/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from reconciler.diagnostics import Location
from reconciler.domain.contract import Contract
from reconciler.domain.ids import AccountName, InstrumentName
from reconciler.domain.limits import RiskLimits
from reconciler.domain.money import Currency
from reconciler.domain.policy import ExecutionPolicy
from reconciler.domain.portfolio import PortfolioSpec


class Environment(StrEnum):
    """Paper or live: part of the identity of a manifest, a plan and a connection."""

    PAPER = "paper"
    LIVE = "live"

    @classmethod
    def of_account(cls, number: str) -> "Environment":
        """What the broker's account number says by its form: those of paper accounts begin with D."""
        return cls.PAPER if number.strip().upper().startswith("D") else cls.LIVE


class AccountType(StrEnum):
    """What the broker lets the account do: borrow and sell short, or only what settled cash pays for."""

    MARGIN = "margin"
    CASH = "cash"


class UnmanagedPositions(StrEnum):
    """What to do about a holding that no manifest names. It is never sold unless a manifest says so."""

    IGNORE = "ignore"
    REPORT = "report"
    BLOCK = "block"
    CLOSE = "close"


class UndeclaredHoldings(StrEnum):
    """Whether holdings that no manifest names use up the account's leverage, or stand apart from what is managed."""

    COUNTED = "counted"
    APART = "apart"


class ForeignOrders(StrEnum):
    """What to do about other people's working orders on declared contracts, beyond never counting them as ours."""

    IGNORE = "ignore"
    BLOCK = "block"
    CANCEL = "cancel"


class CurrencyFunding(StrEnum):
    """What pays for a buy in a currency that the account has not: a conversion, or the broker's loan."""

    CONVERT = "convert"
    BORROW = "borrow"


class SecretSource(StrEnum):
    """Where an account id is kept. It is never kept in a manifest."""

    ENV = "env"
    KEYRING = "keyring"


@dataclass(frozen=True)
class SecretRef:
    """A secret by its place: an environment variable's name, or a user name in the keyring's service.

    `label` is what people are told of the name, where the name itself says too much.
    """

    source: SecretSource
    name: str
    label: str = field(default="", compare=False)

    @property
    def told(self) -> str:
        """The name as messages and reports say it."""
        return self.label or self.name

    def __str__(self) -> str:
        return f"{self.source} {self.told}"


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
    type: AccountType
    unmanaged_positions: UnmanagedPositions
    undeclared_holdings: UndeclaredHoldings
    foreign_orders: ForeignOrders
    currency_funding: CurrencyFunding
    financing_rate: Decimal | None
    """What a loan costs in a year, as a fraction; None where nobody says."""
    suspend: bool
    gateway: GatewaySpec
    portfolio: PortfolioSpec
    limits: RiskLimits
    policy: ExecutionPolicy
    declared_at: Location
    pinned: Mapping[InstrumentName, Contract] = field(default_factory=dict)
    """Contracts that the lock file knows, by the names of the lines and of currency pairs (`USD.CAD`)."""
    locations: Mapping[str, Location] = field(default_factory=dict)
    """Where each field is declared, by its name: in the account's manifest or its template. A default has no place."""


@dataclass(frozen=True)
class DesiredState:
    """All accounts of a repository. `digest` is over the manifests' meaning: comments and order do not change it.

    `default` is the account that commands take where none is named; None where no manifest says so.
    """

    accounts: tuple[AccountSpec, ...]
    digest: str
    default: AccountName | None = None


@dataclass(frozen=True)
class Revision:
    """What the manifests were at: the commit, whether the tree differed from it, and the digest of the manifests."""

    commit: str | None
    dirty: bool
    manifests: str
