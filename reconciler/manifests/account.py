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
from reconciler.manifests.base import Manifest, Section, example
from reconciler.manifests.risk_limits import LimitTerms
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
        examples=["IB_ACCOUNT_ID"],
    )
    keyring: KeyringUser | None = Field(
        default=None,
        description="A user name in the operating system's keyring, under the service `ib-portfolio-rebalancer`.",
        examples=["paper-account"],
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.env is None) == (self.keyring is None):
            raise ValueError("must hold exactly one of env and keyring")
        return self


class CashBuffer(Section):
    """Money that is held back before the targets are sized. Both parts add up."""

    fraction: Fraction = Field(default=Decimal(0), description="A fraction of net liquidation.", examples=["2%"])
    amount: Amount = Field(default=Decimal(0), description="A fixed amount, in the base currency.", examples=[5000])


class AccountTerms(Section):
    """What an account may have in common with others of its kind."""

    account_id_from: AccountIdFrom | None = Field(
        default=None, description="Where the broker's account number is kept."
    )
    base_currency: CurrencyCode | None = Field(
        default=None, description="The currency in which the broker keeps this account.", examples=["USD", "CAD"]
    )
    type: AccountType = Field(
        default=AccountType.MARGIN,
        description=(
            "What the broker lets the account do. A cash account borrows nothing, sells nothing short, and buys with "
            "settled cash in the currency of what it buys."
        ),
    )
    gateway: Name | None = Field(
        default=None, description="The name of the Gateway that reaches this account.", examples=["local"]
    )
    portfolio: Name | None = Field(
        default=None, description="The name of the Portfolio that this account holds.", examples=["growth"]
    )
    risk_limits: Name | None = Field(
        default=None, description="The name of the RiskLimits that bound it.", examples=["cautious"]
    )
    execution_policy: Name | None = Field(
        default=None,
        description="The name of the ExecutionPolicy by which plans are carried out.",
        examples=["patient"],
    )
    leverage: Multiple = Field(
        default=Decimal(1),
        description=(
            "Gross exposure as a multiple of net liquidation less the cash buffer. 1 invests what is there, 1.4 "
            "borrows 40% more. It must not exceed the maxLeverage of the RiskLimits."
        ),
        examples=[1, 1.4],
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
        examples=["6.1%"],
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
    suspend: Switch = Field(default=False, description="Whether this account is left alone: planned, never applied.")


class EnvironmentTerms(Section):
    """Which environment an account is of."""

    environment: Environment | None = Field(
        default=None,
        description="Whether this is a paper or a live account. A paper plan never touches a live account.",
    )


class Overlay(Section):
    """What one account has otherwise than everything that it refers to: its leverage, and tighter limits."""

    leverage: Multiple | None = Field(
        default=None, description="The leverage, whatever the account's template says of it.", examples=[1.4, 1]
    )
    limits: LimitTerms | None = Field(
        default=None, description="Limits that are tighter than those of the RiskLimits. A looser one is an error."
    )


REQUIRED = (
    "environment",
    "accountIdFrom",
    "baseCurrency",
    "gateway",
    "portfolio",
    "riskLimits",
    "executionPolicy",
)
"""The keys that an account has of its own or by its template."""


class AccountSpec(AccountTerms, EnvironmentTerms):
    """The account's identity, its portfolio, and the bounds within which it is traded."""

    model_config = ConfigDict(
        json_schema_extra={"if": {"not": {"required": ["template"]}}, "then": {"required": list(REQUIRED)}},
    )

    template: Name | None = Field(
        default=None,
        description="The name of the AccountTemplate that gives what this account does not say.",
        examples=["house"],
    )
    overlay: Overlay | None = Field(
        default=None, description="What this one account has otherwise: its leverage, and tighter limits."
    )
    default: Switch = Field(
        default=False,
        description="Whether commands without `--account` take this account, where the manifests hold several.",
    )


class Environments(Section):
    """What a template says for accounts of one environment alone, before what it says for all."""

    paper: AccountTerms | None = Field(default=None, description="For paper accounts.")
    live: AccountTerms | None = Field(default=None, description="For live accounts.")


class AccountTemplateSpec(AccountTerms, EnvironmentTerms):
    """Any keys of an Account. An account takes those that it does not say itself, each as a whole."""

    environments: Environments = Field(
        default_factory=Environments, description="What holds for the accounts of one environment alone."
    )


class Account(Manifest):
    """One account at the broker, with all that governs it."""

    model_config = ConfigDict(
        json_schema_extra=example(
            "Account",
            "main",
            {
                "environment": "paper",
                "accountIdFrom": {"env": "IB_ACCOUNT_ID"},
                "baseCurrency": "USD",
                "gateway": "local",
                "portfolio": "growth",
                "riskLimits": "cautious",
                "executionPolicy": "patient",
            },
        )
    )

    kind: Literal["Account"] = Field(description="Which kind of manifest this is.")
    spec: AccountSpec = Field(description="The account's identity, its portfolio and its bounds.")


class AccountTemplate(Manifest):
    """What several accounts have in common, and what the paper and the live ones of them have apart."""

    model_config = ConfigDict(
        json_schema_extra=example(
            "AccountTemplate", "house", {"baseCurrency": "USD", "riskLimits": "cautious", "executionPolicy": "patient"}
        )
    )

    kind: Literal["AccountTemplate"] = Field(description="Which kind of manifest this is.")
    spec: AccountTemplateSpec = Field(description="What accounts take that do not say it themselves.")
