"""What happens by itself: when, and what."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import Field

from reconciler.simgateway.scenario.actions import (
    CancelAction,
    CloseAction,
    DividendAction,
    ExchangeRateAction,
    ExecuteAction,
    FillAction,
    HaltAction,
    MarginAction,
    OrderAction,
    QuirkAction,
    RejectAction,
    RenameAction,
    ResumeAction,
    SayAction,
    SplitAction,
)
from reconciler.simgateway.scenario.prices import PriceSpec
from reconciler.simgateway.scenario.vocabulary import Finding, Moment, Path, Seconds, Strict

SHORTEST_SECONDS = Decimal("0.01")
"""The shortest period of a step that comes again and again."""
_TRIGGERS = ("after", "at", "before", "every")


class CountSpec(Strict):
    """A number of events since the gateway started, or seconds."""

    fills: int | None = Field(default=None, ge=1)
    """Executions."""
    orders: int | None = Field(default=None, ge=1)
    """Orders that clients placed, refused ones too."""
    cancels: int | None = Field(default=None, ge=1)
    """Requests for a cancel."""
    what_ifs: int | None = Field(default=None, ge=1)
    """What-ifs asked."""
    connections: int | None = Field(default=None, ge=1)
    """Starts of the API."""
    seconds: Seconds | None = None
    """Seconds."""

    @property
    def named(self) -> list[str]:
        """What it counts: exactly one thing where it is right."""
        return [name for name in CountSpec.model_fields if getattr(self, name) is not None]


class BeforeSpec(Strict):
    """Between the receipt of the n-th order and its acknowledgement."""

    ack: int = Field(ge=1)
    """The number of the order, from 1."""


class StepSpec(Strict):
    """A step of the script: when it happens, and one action or several, done in the order of this list.

    `after` so many events or seconds; `at` a time of day of the scenario's zone, or a date and time; `before` the
    acknowledgement of an order; `every` so many events or seconds, alone or from `after` or `at` on.
    """

    after: CountSpec | None = None
    """After so many events or seconds."""
    at: Moment | None = None
    """At a time of day, or at a date and time."""
    before: BeforeSpec | None = None
    """Before the acknowledgement of an order."""
    every: CountSpec | None = None
    """Again and again."""
    quirk: QuirkAction | None = None
    """Arm or clear a quirk."""
    fill: FillAction | None = None
    """Change how orders fill."""
    price: dict[str, PriceSpec] | None = None
    """Move quotes, by the name of the instrument."""
    exchange_rate: ExchangeRateAction | None = None
    """Move an exchange rate."""
    halt: HaltAction | None = None
    """Halt trading."""
    resume: ResumeAction | None = None
    """End a halt."""
    margin: MarginAction | None = None
    """Change margin rates."""
    order: OrderAction | None = None
    """Enter an order by hand."""
    dividend: DividendAction | None = None
    """Pay a dividend."""
    split: SplitAction | None = None
    """Split an instrument."""
    rename: RenameAction | None = None
    """Give an instrument another symbol."""
    execute: ExecuteAction | None = None
    """Fill working orders."""
    cancel: CancelAction | None = None
    """Cancel working orders."""
    reject: RejectAction | None = None
    """Reject working orders."""
    say: SayAction | None = None
    """Tell clients a code."""
    close: CloseAction | None = None
    """Close connections."""

    @property
    def actions(self) -> list[str]:
        """The names of what it does."""
        return [name for name in StepSpec.model_fields if name not in _TRIGGERS and getattr(self, name) is not None]


def findings(steps: Sequence[StepSpec], symbols: set[str], accounts: set[str]) -> Iterator[Finding]:
    """What is wrong with steps among instruments of these names and symbols, and these accounts."""
    for index, step in enumerate(steps):
        here: Path = ("script", index)
        yield from _trigger_findings(here, step)
        if not step.actions:
            yield "105", here, "the step does nothing"
        for path, symbol in _symbols(step):
            if symbol not in symbols:
                yield "101", (*here, *path), f"there is no instrument {symbol!r}"
        if step.quirk and not (step.quirk.arm or step.quirk.clear):
            yield "105", (*here, "quirk"), "name a quirk to arm or to clear"
        if step.execute and step.execute.share and step.execute.quantity:
            yield "105", (*here, "execute", "share"), "give a share or a quantity, not both"
        for name in step.actions:
            account = getattr(getattr(step, name), "account", "")
            if account and account not in accounts:
                yield "101", (*here, name, "account"), f"there is no account {account!r}"
        if step.order and not step.order.account and len(accounts) > 1:
            yield "105", (*here, "order"), "the login has several accounts: name one"


def _trigger_findings(here: Path, step: StepSpec) -> Iterator[Finding]:
    first = [name for name in ("after", "at", "before") if getattr(step, name) is not None]
    if len(first) > 1 or not (first or step.every):
        yield "105", here, "name one of after, at, before and every"
        return
    for name, count in (("after", step.after), ("every", step.every)):
        if count and len(count.named) != 1:
            yield "105", (*here, name), f"name one of {', '.join(CountSpec.model_fields)}"
            return
    if step.every is None:
        return
    unit = step.every.named[0]
    begins = step.after.named[0] if step.after else "seconds" if step.at else unit
    if step.before:
        yield "105", (*here, "every"), "an acknowledgement comes once: give before alone"
    elif begins != unit:
        yield "105", (*here, "every", unit), f"the step begins by {begins}, so it comes again by {begins}"
    elif step.every.seconds is not None and step.every.seconds < SHORTEST_SECONDS:
        yield "105", (*here, "every", "seconds"), f"it comes again after {SHORTEST_SECONDS} seconds or more"


def _symbols(step: StepSpec) -> Iterator[tuple[Path, str]]:
    yield from ((("price", name), name) for name in step.price or ())
    for name in step.actions:
        if symbol := getattr(getattr(step, name), "symbol", ""):
            yield (name, "symbol"), symbol
