"""DesiredState: what the manifests ask for, after loading. The YAML and its models stay in `manifests/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from reconciler.diagnostics import Location
from reconciler.domain.ids import AccountName, ConId, InstrumentName
from reconciler.domain.money import Currency


class Environment(StrEnum):
    """Paper or live: part of the identity of a manifest, a plan and a connection."""

    PAPER = "paper"
    LIVE = "live"


class UnmanagedPositions(StrEnum):
    """What to do about a holding that no manifest names. It is never sold unless a manifest says so."""

    IGNORE = "ignore"
    REPORT = "report"
    BLOCK = "block"


class OnBlocked(StrEnum):
    """Whether the other lines proceed when one is blocked."""

    STOP = "stop"
    CONTINUE = "continue"


class OrderStyle(StrEnum):
    """How orders are placed where the contract takes both: at the market, or by a limit beyond the touch."""

    MARKET = "market"
    LIMIT = "limit"


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
class InstrumentSpec:
    """What a manifest says of an instrument; the broker resolves it to one Contract, or to Unknown."""

    name: InstrumentName
    symbol: str
    sec_type: str
    exchange: str
    currency: Currency
    primary_exchange: str | None = None
    con_id: ConId | None = None


@dataclass(frozen=True)
class Target:
    """One line of a portfolio: `weight` is a fraction of the managed base, 0 closes. `declared_at` is for messages."""

    instrument: InstrumentSpec
    weight: Decimal
    sleeve: str | None
    declared_at: Location


@dataclass(frozen=True)
class PortfolioSpec:
    """Targets and the weight of cash; together they sum to 1."""

    name: str
    targets: tuple[Target, ...]
    cash_weight: Decimal
    long_only: bool
    allow_empty: bool
    declared_at: Location


@dataclass(frozen=True)
class RiskLimits:
    """Bounds that no plan may cross. Fractions are of net liquidation unless a field says otherwise.

    `locations` maps a field's name to its place in the manifest, so that a violation can name it; a limit that has
    its default is found at the manifest's own place under the key "".
    """

    name: str
    max_leverage: Decimal
    """Gross exposure / net liquidation."""
    emergency_leverage: Decimal
    """Gross exposure / net liquidation at which nothing that adds risk may run."""
    margin_cushion: Decimal
    """Initial margin × (1 + this) must stay within equity with loan."""
    max_margin_utilisation: Decimal
    """Maintenance margin / net liquidation."""
    max_position_weight: Decimal
    """One position's exposure / net liquidation."""
    max_turnover: Decimal
    """Sum of absolute order notionals / net liquidation, for one run."""
    max_order_notional: Decimal
    """One order's notional, in the account's base currency."""
    max_quote_age: timedelta
    """How old a quote may be when it sizes or prices an order."""
    locations: Mapping[str, Location] = field(default_factory=dict)

    def place(self, limit: str) -> Location | None:
        """Where the limit, named as its field, is declared; the manifest's own place where it has its default."""
        return self.locations.get(limit) or self.locations.get("")


@dataclass(frozen=True)
class Timeouts:
    """Bounds on every wait."""

    connect: timedelta
    request: timedelta
    acknowledgement: timedelta
    fill: timedelta
    settle: timedelta
    run: timedelta


@dataclass(frozen=True)
class ExecutionPolicy:
    """How a plan is carried out."""

    name: str
    on_blocked: OnBlocked
    order_style: OrderStyle
    limit_offset: Decimal
    """A limit order's distance beyond the touch, as a fraction of the price."""
    minimum_notional: Decimal
    """Drift below this, in base currency, is not traded; closing a line ignores it."""
    price_collar: Decimal
    """How far a price may move between plan and apply, as a fraction, before the plan is stale."""
    accept_delayed_quotes: bool
    plan_ttl: timedelta
    margin_headroom: Decimal
    """What-ifs of single orders do not add up exactly: their sum is multiplied by (1 + this)."""
    timeouts: Timeouts


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
