"""The Account manifest: one account at the broker, with all that governs it."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from reconciler.domain.desired import (
    AccountType,
    CurrencyFunding,
    Environment,
    ForeignOrders,
    UndeclaredHoldings,
    UnmanagedPositions,
)
from reconciler.manifests.base import Manifest, Section
from reconciler.manifests.scalars import (
    Amount,
    CurrencyCode,
    Fraction,
    KeyringUser,
    Multiple,
    Name,
    Switch,
    VariableName,
)


class AccountIdFrom(Section):
    """Where the broker's account number is kept: exactly one of these. It is never written into a manifest."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["env"]}, {"required": ["keyring"]}]},
    )

    env: VariableName | None = Field(
        default=None,
        description="An environment variable, read from the process, then from the keyring, then from `.env`.",
    )
    keyring: KeyringUser | None = Field(
        default=None,
        description="A user name in the operating system's keyring, under the service `ib-portfolio-rebalancer`.",
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.env is None) == (self.keyring is None):
            raise ValueError("must hold exactly one of env and keyring")
        return self


class CashBuffer(Section):
    """Money that is held back before the targets are sized. Both parts add up."""

    fraction: Fraction = Field(default=Decimal(0), description="A fraction of net liquidation.")
    amount: Amount = Field(default=Decimal(0), description="A fixed amount, in the base currency.")


class AccountSpec(Section):
    """The account's identity, its portfolio, and the bounds within which it is traded."""

    environment: Environment = Field(
        description="Whether this is a paper or a live account. A paper plan never touches a live account.",
    )
    account_id_from: AccountIdFrom = Field(description="Where the broker's account number is kept.")
    base_currency: CurrencyCode = Field(description="The currency in which the broker keeps this account.")
    type: AccountType = Field(
        default=AccountType.MARGIN,
        description=(
            "What the broker lets the account do. A cash account borrows nothing, sells nothing short, and buys with "
            "settled cash in the currency of what it buys."
        ),
    )
    gateway: Name = Field(description="The name of the Gateway that reaches this account.")
    portfolio: Name = Field(description="The name of the Portfolio that this account holds.")
    risk_limits: Name = Field(description="The name of the RiskLimits that bound it.")
    execution_policy: Name = Field(description="The name of the ExecutionPolicy by which plans are carried out.")
    leverage: Multiple = Field(
        default=Decimal(1),
        description=(
            "Gross exposure as a multiple of net liquidation less the cash buffer. 1 invests what is there, 1.4 "
            "borrows 40% more. It must not exceed the maxLeverage of the RiskLimits."
        ),
    )
    cash_buffer: CashBuffer = Field(
        default_factory=CashBuffer, description="Money that is held back before the targets are sized."
    )
    currency_funding: CurrencyFunding = Field(
        default=CurrencyFunding.CONVERT,
        description=(
            "What pays for a buy in a currency that the account has not: a conversion from the base currency "
            "(convert), "
            "which the plan has as an order, or the broker's loan in that currency (borrow). A cash account converts."
        ),
    )
    financing_rate: Fraction | None = Field(
        default=None,
        description=(
            "What a loan costs in a year, so that plans can say what the leverage costs. The broker tells no rate."
        ),
    )
    unmanaged_positions: UnmanagedPositions = Field(
        default=UnmanagedPositions.REPORT,
        description=(
            "What to do about a holding that the portfolio does not name: ignore it, report it, block the account, or "
            "close it. Only `close` ever sells one; a weight of 0 closes a single one."
        ),
    )
    undeclared_holdings: UndeclaredHoldings = Field(
        default=UndeclaredHoldings.COUNTED,
        description=(
            "Whether holdings that the portfolio does not name use up the leverage (counted), or stand apart: then the "
            "targets are sized on what the account is worth without them. Limits count them either way."
        ),
    )
    foreign_orders: ForeignOrders = Field(
        default=ForeignOrders.IGNORE,
        description=(
            "What to do about working orders of others on declared instruments. They are never counted as ours, their "
            "sells reserve the shares, and one that could overshoot together with ours blocks its line; beyond that "
            "ignore them, block every line that has one, or cancel them before the first order."
        ),
    )
    default: Switch = Field(
        default=False,
        description="Whether commands without `--account` take this account, where the manifests hold several.",
    )
    suspend: Switch = Field(default=False, description="Whether this account is left alone: planned, never applied.")


class Account(Manifest):
    """One account at the broker, with all that governs it."""

    kind: Literal["Account"] = Field(description="Which kind of manifest this is.")
    spec: AccountSpec = Field(description="The account's identity, its portfolio and its bounds.")
