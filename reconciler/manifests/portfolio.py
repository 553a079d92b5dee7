"""The Portfolio manifest: what to hold, as weights that sum to one."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from reconciler.manifests.base import Manifest, Section, example
from reconciler.manifests.scalars import (
    CurrencyCode,
    ExchangeCode,
    Fraction,
    FutureMonth,
    InstrumentLabel,
    Name,
    Ratio,
    Switch,
    Symbol,
    Weight,
    whole,
)
from reconciler.yamlsource import YamlPath

MOST_TARGETS = 10_000


class SecType(StrEnum):
    """The broker's security types that a portfolio can hold."""

    STK = "STK"
    FUT = "FUT"


class SleeveTarget(Section):
    """One instrument and its weight within the sleeve."""

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


class PortfolioTarget(SleeveTarget):
    """One instrument and its weight in the portfolio."""

    sleeve: Name | None = Field(
        default=None,
        description="A label that groups lines in reports. It does not change the weight.",
        examples=["core"],
    )


class Sleeve(Section):
    """A part of the portfolio with a weight of its own; the weights of its targets sum to 1 within it."""

    name: Name = Field(description="What reports call this sleeve.", examples=["chips"])
    weight: Fraction = Field(description="The sleeve's share of the portfolio.", examples=["30%"])
    targets: list[SleeveTarget] = Field(
        max_length=MOST_TARGETS,
        description="Its instruments. A line's share of the portfolio is its weight times the sleeve's.",
    )


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
    sleeves: list[Sleeve] = Field(
        default_factory=list, max_length=MOST_TARGETS, description="Groups of instruments that share one weight."
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

    def lines(self) -> Iterator["Line"]:
        """Every target, those of the sleeves too, with its share of the whole portfolio."""
        for index, target in enumerate(self.targets):
            yield Line(("spec", "targets", index), target, target.weight, target.sleeve)
        for number, sleeve in enumerate(self.sleeves):
            for index, inner in enumerate(sleeve.targets):
                path = ("spec", "sleeves", number, "targets", index)
                yield Line(path, inner, inner.weight * sleeve.weight, sleeve.name)


@dataclass(frozen=True)
class Line:
    """One target: where it stands, and its share of the whole portfolio."""

    path: YamlPath
    target: SleeveTarget
    weight: Decimal
    sleeve: str | None

    @property
    def label(self) -> str:
        """What reports call it."""
        return self.target.name or self.target.symbol


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
