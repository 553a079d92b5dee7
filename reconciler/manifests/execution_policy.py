"""The ExecutionPolicy manifest: how a plan is carried out."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from reconciler.domain.policy import Hours, LastAttempt, Mode, OnBlocked, OrderStyle, ShortOfFunds, TradeTo
from reconciler.manifests.base import Manifest, Section, example
from reconciler.manifests.scalars import Amount, Duration, Fraction, LongDuration, PositiveFraction, Switch, whole


class Rebalancing(Section):
    """When a drift is traded, and how far.

    A line trades once its drift crosses one of the bands that are set, whichever is narrower; where none is set, every
    drift trades that is more than a lot. Opening a line and closing one (weight 0) ask no band.
    """

    mode: Mode = Field(
        default=Mode.FULL,
        description=(
            "Which orders a plan may have: all; buys alone; sells alone; or only what invests free cash or raises "
            "missing cash, with the fewest trades (cash-flow)."
        ),
    )
    absolute_band: PositiveFraction | None = Field(
        default=None,
        description="The drift from which on a line trades, as a fraction of net liquidation.",
        examples=["1%"],
    )
    relative_band: PositiveFraction | None = Field(
        default=None,
        description="The drift from which on a line trades, as a fraction of its own target.",
        examples=["20%"],
    )
    total_band: PositiveFraction | None = Field(
        default=None,
        description="The sum of all drifts from which on every line trades, as a fraction of net liquidation.",
        examples=["5%"],
    )
    hard_band: PositiveFraction | None = Field(
        default=None,
        description=(
            "The drift from which on a line trades without waiting for its cool-down, as a fraction of net liquidation."
        ),
        examples=["3%"],
    )
    trade_to: TradeTo = Field(
        default=TradeTo.TARGET,
        description="Whether a line that left its band is brought to its target, or to the edge of the band.",
    )
    cool_down: LongDuration = Field(
        default=timedelta(0),
        description="How long a line rests after our last trade in it: `0s`, `12h`, `30d`.",
        examples=["12h", "30d"],
    )


class Timeouts(Section):
    """Bounds on every wait."""

    connect: Duration = Field(
        default=timedelta(seconds=15), description="For a connection to the gateway.", examples=["15s"]
    )
    request: Duration = Field(
        default=timedelta(seconds=15), description="For the answer to one request.", examples=["15s"]
    )
    acknowledgement: Duration = Field(
        default=timedelta(seconds=30),
        description="For the broker's first word on an order that was sent, and for all fills of one that is over.",
        examples=["30s"],
    )
    fill: Duration = Field(
        default=timedelta(seconds=120),
        description="For an order to fill; what is left then is cancelled.",
        examples=["2m"],
    )
    batch: Duration = Field(
        default=timedelta(minutes=15),
        description="For a batch as a whole, however many orders work at once; a closing auction comes on top.",
        examples=["15m"],
    )
    settle: Duration = Field(
        default=timedelta(seconds=30),
        description="For positions and account values to show a batch's fills.",
        examples=["30s"],
    )
    outage: Duration = Field(
        default=timedelta(minutes=5),
        description=(
            "For the gateway or the broker to come back, all of a run's outages together; the other clocks of a batch "
            "stand still meanwhile."
        ),
        examples=["5m"],
    )
    run: Duration = Field(default=timedelta(minutes=30), description="For one run as a whole.", examples=["30m", "2h"])


class PartialFills(Section):
    """What becomes of a line whose order was cancelled before it was filled, because its time was up."""

    min_ratio: PositiveFraction = Field(
        default=Decimal("0.8"),
        description="From this share of its order on, a line counts as done, and what is left of it is reported.",
        examples=["80%"],
    )
    attempts: Annotated[int, whole(at_least=1, at_most=10)] = Field(
        default=1,
        description=(
            "How many orders a run sends for one line, each for what the last one left, and only once the broker has "
            "confirmed that that one is dead. 1 leaves the rest to the next plan."
        ),
        examples=[1, 3],
    )
    last_attempt: LastAttempt = Field(
        default=LastAttempt.REPRICE,
        description="Whether the last of several goes by the order style at new prices, or to the market.",
    )


class ExecutionPolicySpec(Section):
    """What happens when a line is blocked, how orders are placed, and how long things may take."""

    on_blocked: OnBlocked = Field(
        default=OnBlocked.STOP,
        description="Whether the other lines go on (continue) or nothing is sent (stop) when one line is blocked.",
    )
    rebalancing: Rebalancing = Field(
        default_factory=Rebalancing, description="When a drift is traded, and how far. Every drift without this."
    )
    hours: Hours = Field(
        default=Hours.EXIT,
        description=(
            "What an apply does while a market that it trades in is closed, by the contract's own liquid hours: send "
            "nothing (exit, with code 7); wait for the opening, within `timeouts.run`, and then plan afresh (wait); or "
            "send all the same (continue)."
        ),
    )
    order_style: OrderStyle = Field(
        default=OrderStyle.MARKET,
        description=(
            "Whether orders go to the market; carry a limit; do the one when small and the other when large (smart); "
            "go between bid and ask (midprice) or to the broker's Adaptive algorithm, both no further than the limit; "
            "or into the closing auction, waited for within `timeouts.run` (market-on-close). Always by limit: what "
            "is quoted over the counter, and what does not take the style."
        ),
    )
    market_below: Amount = Field(
        default=Decimal(10_000),
        description="The smart style sends orders of less than this, in base currency, to the market.",
        examples=[10000],
    )
    limit_offset: Fraction = Field(
        default=Decimal("0.002"),
        description="How far beyond the best price a limit order stands, as a fraction of the price.",
        examples=["0.2%"],
    )
    minimum_notional: Amount = Field(
        default=Decimal(0),
        description=(
            "A drift of less value than this, in base currency, is not traded. Closing a position ignores it."
        ),
        examples=[100],
    )
    minimum_conversion: Amount = Field(
        default=Decimal(500),
        description="A balance in another currency of less than this, in base currency, is not converted.",
        examples=[500],
    )
    max_parallel_orders: Annotated[int, whole(at_least=0, at_most=10_000)] = Field(
        default=0,
        description="How many orders of a batch may work at once. 0 lets all of them; 1 sends one by one.",
        examples=[0, 1],
    )
    max_otc_spread: PositiveFraction = Field(
        default=Decimal("0.05"),
        description=(
            "How wide the spread may be of what is quoted over the counter, as a fraction of its middle; beyond it, "
            "the line is blocked."
        ),
        examples=["5%"],
    )
    canary: Switch = Field(
        default=False,
        description=(
            "Whether the smallest order of the first batch goes alone, and must be filled before any other is sent."
        ),
    )
    partial_fills: PartialFills = Field(
        default_factory=PartialFills, description="What becomes of a line that was filled in part."
    )
    price_collar: PositiveFraction = Field(
        default=Decimal("0.03"),
        description="How far a price may move between plan and apply before the plan is stale, as a fraction.",
        examples=["3%"],
    )
    accept_delayed_quotes: Switch = Field(
        default=False, description="Whether delayed quotes may size and price orders."
    )
    plan_ttl: Duration = Field(
        default=timedelta(minutes=30), description="How long a plan may be applied.", examples=["30m"]
    )
    margin_headroom: Fraction = Field(
        default=Decimal("0.05"),
        description="The margin of a batch is the sum of its orders' margins times (1 + this).",
        examples=["5%"],
    )
    margin_tolerance: PositiveFraction = Field(
        default=Decimal("0.05"),
        description=(
            "How far initial margin may be from what the batch before was to leave, by its what-ifs and its fills, as "
            "a fraction of net liquidation; beyond it, the run stops."
        ),
        examples=["5%"],
    )
    short_of_funds: ShortOfFunds = Field(
        default=ShortOfFunds.BLOCK,
        description=(
            "What becomes of a batch for which there is not margin enough: nothing of it is sent (block), or the "
            "orders that fit are, the largest first, each together with those before it (reduce)."
        ),
    )
    timeouts: Timeouts = Field(default_factory=Timeouts, description="How long anything is waited for.")


class ExecutionPolicy(Manifest):
    """How a plan is carried out."""

    model_config = ConfigDict(
        json_schema_extra=example(
            "ExecutionPolicy", "patient", {"orderStyle": "limit", "rebalancing": {"absoluteBand": "1%"}}
        )
    )

    kind: Literal["ExecutionPolicy"] = Field(description="Which kind of manifest this is.")
    spec: ExecutionPolicySpec = Field(
        default_factory=ExecutionPolicySpec, description="The policy. Each field has a default."
    )
