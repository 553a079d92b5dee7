"""The ExecutionPolicy manifest: how a plan is carried out."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field

from reconciler.domain.policy import OnBlocked, OrderStyle
from reconciler.manifests.base import Manifest, Section
from reconciler.manifests.scalars import Amount, Duration, Fraction, PositiveFraction, Switch


class Timeouts(Section):
    """Bounds on every wait."""

    connect: Duration = Field(default=timedelta(seconds=15), description="For a connection to the gateway.")
    request: Duration = Field(default=timedelta(seconds=15), description="For the answer to one request.")
    acknowledgement: Duration = Field(
        default=timedelta(seconds=30), description="For the broker's first word on an order that was sent."
    )
    fill: Duration = Field(
        default=timedelta(seconds=120), description="For an order to fill; what is left then is cancelled."
    )
    settle: Duration = Field(
        default=timedelta(seconds=30), description="For positions and account values to show a batch's fills."
    )
    run: Duration = Field(default=timedelta(minutes=30), description="For one run as a whole.")


class ExecutionPolicySpec(Section):
    """What happens when a line is blocked, how orders are placed, and how long things may take."""

    on_blocked: OnBlocked = Field(
        default=OnBlocked.STOP,
        description="Whether the other lines go on (continue) or nothing is sent (stop) when one line is blocked.",
    )
    order_style: OrderStyle = Field(
        default=OrderStyle.MARKET, description="Whether orders go to the market or carry a limit."
    )
    limit_offset: Fraction = Field(
        default=Decimal("0.002"),
        description="How far beyond the best price a limit order stands, as a fraction of the price.",
    )
    minimum_notional: Amount = Field(
        default=Decimal(0),
        description=(
            "A drift of less value than this, in base currency, is not traded. Closing a position ignores it."
        ),
    )
    price_collar: PositiveFraction = Field(
        default=Decimal("0.03"),
        description="How far a price may move between plan and apply before the plan is stale, as a fraction.",
    )
    accept_delayed_quotes: Switch = Field(
        default=False, description="Whether delayed quotes may size and price orders."
    )
    plan_ttl: Duration = Field(default=timedelta(minutes=30), description="How long a plan may be applied.")
    margin_headroom: Fraction = Field(
        default=Decimal("0.05"),
        description="The margin of a batch is the sum of its orders' margins times (1 + this).",
    )
    timeouts: Timeouts = Field(default_factory=Timeouts, description="How long anything is waited for.")


class ExecutionPolicy(Manifest):
    """How a plan is carried out."""

    kind: Literal["ExecutionPolicy"] = Field(description="Which kind of manifest this is.")
    spec: ExecutionPolicySpec = Field(
        default_factory=ExecutionPolicySpec, description="The policy. Each field has a default."
    )
