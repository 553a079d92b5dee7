"""The Portfolio manifest: what to hold, as weights that sum to one."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from reconciler.manifests.base import Manifest, Section, example
from reconciler.manifests.scalars import (
    CurrencyCode,
    ExchangeCode,
    FileName,
    Fraction,
    FutureMonth,
    InstrumentLabel,
    Name,
    PositiveFraction,
    Ratio,
    Switch,
    Symbol,
    Weight,
    whole,
)

MOST_TARGETS = 100_000


class SecType(StrEnum):
    """The broker's security types that a portfolio can hold."""

    STK = "STK"
    FUT = "FUT"


class Share(Section):
    """Which instrument, and how much of it."""

    symbol: Symbol = Field(
        description="The broker's symbol. Put it in quotes where YAML would read a number.", examples=["MSFT", "BRK B"]
    )
    weight: Weight = Field(
        description=(
            "The share of this line, as 0.13 or 13%. 0 closes the position; a deleted line leaves it alone; below 0 "
            "it is "
            "sold short, which needs `longOnly: false`."
        ),
        examples=["13%", 0.13, "0%"],
    )
    name: InstrumentLabel | None = Field(
        default=None,
        description="What reports call this line, unique within the portfolio. The symbol by default.",
        examples=["ASML.AS"],
    )
    con_id: Annotated[int, whole(at_least=1, at_most=2**31 - 1)] | None = Field(
        default=None,
        description="The broker's contract id, which pins the line to exactly one contract.",
        examples=[272093],
    )
    expiry: FutureMonth | None = Field(
        default=None,
        description="A future's month, such as 2026-12, or its day where it has several in a month.",
        examples=["2026-12", "2026-12-18"],
    )


class TargetTerms(Section):
    """What many instruments may have in common: `defaults` can say it once for all of them."""

    sec_type: SecType = Field(
        default=SecType.STK,
        description="The broker's security type. STK covers shares, ETFs and ADRs; FUT is a future, with its `expiry`.",
    )
    exchange: ExchangeCode = Field(default="SMART", description="Where orders are routed.", examples=["SMART", "CME"])
    currency: CurrencyCode = Field(
        default="USD", description="The currency in which it trades.", examples=["USD", "EUR"]
    )
    primary_exchange: ExchangeCode | None = Field(
        default=None,
        description="Where it is listed. Needed where one symbol is listed in several places, such as PINK for OTC.",
        examples=["NASDAQ", "PINK"],
    )
    sector: InstrumentLabel | None = Field(
        default=None, description="Groups lines for the limit maxSectorWeight.", examples=["Technology"]
    )
    asset_class: Name | None = Field(
        default=None,
        description="Groups lines for the limit maxAssetClassWeight, such as equity, bond or commodity.",
        examples=["equity", "bond"],
    )
    counts_toward_leverage: Switch = Field(
        default=True,
        description=(
            "Whether its value is gross exposure. Switch it off for what is as good as cash, a fund of T-bills."
        ),
    )
    maintenance_margin: Fraction | None = Field(
        default=None,
        description=(
            "The maintenance margin that the broker asks for it, a share of its value; else the limits' assumption."
        ),
        examples=["100%", 0.25],
    )


class SleeveTarget(TargetTerms, Share):
    """One instrument and its weight within the sleeve."""


class PortfolioTerms(TargetTerms):
    """What targets of the portfolio take that do not say it themselves."""

    sleeve: Name | None = Field(
        default=None,
        description="A label that groups lines in reports. It does not change the weight.",
        examples=["core"],
    )


class PortfolioTarget(PortfolioTerms, SleeveTarget):
    """One instrument and its weight in the portfolio."""


class WeightsFrom(Section):
    """Targets that stand in a file of their own, as CSV or as YAML that is named `*.weights.yaml`."""

    file: FileName = Field(
        description=(
            "The file, named from where this manifest stands. It lies among the manifests. CSV has a heading with "
            "symbol, weight and any other key of a target; YAML has `portfolio:` and each symbol's weight and sector."
        ),
        examples=["core.csv", "core.weights.yaml"],
    )


class Sleeve(Section):
    """A part of the portfolio with a weight of its own: targets whose weights sum to 1 within it, or a Portfolio."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["portfolio"]},
            "then": {"properties": {"targets": False, "weightsFrom": False, "defaults": False}},
            "else": {
                "if": {"required": ["weightsFrom"]},
                "then": {"required": ["name"]},
                "else": {"required": ["name", "targets"]},
            },
        },
    )

    name: Name | None = Field(
        default=None,
        description="What reports call this sleeve. That of the Portfolio which it includes by default.",
        examples=["chips"],
    )
    weight: Fraction = Field(description="The sleeve's share of the portfolio.", examples=["30%"])
    targets: list[SleeveTarget] = Field(
        default_factory=list,
        max_length=MOST_TARGETS,
        description="Its instruments. A line's share of the portfolio is its weight times the sleeve's.",
    )
    weights_from: WeightsFrom | None = Field(default=None, description="A file of further targets.")
    portfolio: Name | None = Field(
        default=None,
        description=(
            "The name of a Portfolio that is included, in place of targets. Its cash counts as cash, what it says of "
            "replaced contracts holds here too, and whether short lines are allowed is not its matter but ours."
        ),
        examples=["core"],
    )
    cap: PositiveFraction | None = Field(
        default=None,
        description=(
            "The share of this sleeve that no line of it gets more of. What is above goes to its other lines, in "
            "proportion to their weights."
        ),
        examples=["25%"],
    )
    defaults: TargetTerms | None = Field(
        default=None, description="What its targets take that do not say it themselves, before the portfolio's."
    )

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        others = [
            key
            for key, each in (("targets", "targets"), ("weightsFrom", "weights_from"), ("defaults", "defaults"))
            if each in self.model_fields_set
        ]
        if self.portfolio is not None and others:
            raise ValueError(f"must hold either portfolio or {others[0]}, for what is included has its own")
        if self.portfolio is None and not {"targets", "weights_from"} & self.model_fields_set:
            raise ValueError("must hold targets, weightsFrom or portfolio")
        if self.portfolio is None and self.name is None:
            raise ValueError("must have a name")
        return self

    @property
    def label(self) -> str:
        """What reports call it."""
        return str(self.name or self.portfolio)


class Moved(Section):
    """A contract that was replaced by another: what is held of it counts as a holding of the line `to`."""

    from_con_id: Annotated[int, whole(at_least=1, at_most=2**31 - 1)] = Field(
        description="The contract id that the holding still has.", examples=[107113386]
    )
    to: InstrumentLabel = Field(
        description="The line that stands for it now, by the name that reports call it.", examples=["META"]
    )
    ratio: Ratio = Field(
        default=Decimal(1),
        description="How many shares of the line one share of the old contract is.",
        examples=[1, 20],
    )


class PortfolioSpec(Section):
    """Targets, sleeves and cash: together their weights sum to 1."""

    targets: list[PortfolioTarget] = Field(
        default_factory=list, max_length=MOST_TARGETS, description="The instruments to hold, each with its weight."
    )
    weights_from: WeightsFrom | None = Field(default=None, description="A file of further targets.")
    defaults: PortfolioTerms | None = Field(
        default=None, description="What targets take that do not say it themselves, those of the sleeves too."
    )
    sleeves: list[Sleeve] = Field(
        default_factory=list,
        max_length=MOST_TARGETS,
        description="Groups of instruments that share one weight, and Portfolios that are included with one.",
    )
    cash: Fraction = Field(default=Decimal(0), description="The share that stays in cash.", examples=["5%", 0])
    moved: list[Moved] = Field(
        default_factory=list,
        max_length=MOST_TARGETS,
        description="Contracts that were replaced, so that a rename or a split is neither a sale nor a purchase.",
    )
    long_only: Switch = Field(default=True, description="Whether no position may go below zero.")
    allow_empty: Switch = Field(
        default=False,
        description="Whether a portfolio without any target is meant. Without this it is refused as a mistake.",
    )


class Portfolio(Manifest):
    """What to hold, as weights that sum to one."""

    model_config = ConfigDict(
        json_schema_extra=example(
            "Portfolio",
            "growth",
            {"targets": [{"symbol": "MSFT", "weight": "60%"}, {"symbol": "GLD", "weight": "35%"}], "cash": "5%"},
        )
    )

    kind: Literal["Portfolio"] = Field(description="Which kind of manifest this is.")
    spec: PortfolioSpec = Field(description="What the portfolio consists of.")
