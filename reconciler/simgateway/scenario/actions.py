"""What can be done to a running gateway: by a step of the script, or by a line of the control channel.

`symbol` names an instrument by its key in the scenario, or else all instruments of that symbol but the options, which
have that of their underlying.
"""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from reconciler.simgateway import quirks
from reconciler.simgateway.scenario.instruments import FillSpec
from reconciler.simgateway.scenario.prices import PriceSpec
from reconciler.simgateway.scenario.vocabulary import Currency, Positive, Rate, Strict

_CHOICES = ("order_ref", "order_id", "symbol")


def _quirk(text: str) -> str:
    if text and (problem := quirks.mistake(text)):
        raise ValueError(f"is wrong: {problem}")
    return text


QuirkText = Annotated[str, AfterValidator(_quirk)]


class PriceAction(PriceSpec):
    """Move a quote."""

    symbol: str
    """The instrument, by its name in the scenario or by its symbol."""


class FillAction(FillSpec):
    """Change how orders fill, in one symbol or in all; what is left out goes back to its default."""

    symbol: str = ""
    """The instrument; without it, all."""


class QuirkAction(Strict):
    """Arm or clear a quirk, then show those armed."""

    arm: QuirkText = ""
    """The quirk to arm, as `--list-quirks` writes it."""
    clear: QuirkText = ""
    """The quirk to clear, by the text that armed it."""


class OrderChoice(Strict):
    """Working orders: all that answer to everything that is named here."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": [name]} for name in _CHOICES]})

    order_ref: str = ""
    """The order's reference."""
    order_id: int | None = None
    """The order's id."""
    client_id: int | None = Field(default=None, ge=0)
    """The client that placed it."""
    symbol: str = ""
    """The instrument, by its name in the scenario or by its symbol."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.model_fields_set.intersection(_CHOICES):
            raise ValueError(f"must name orders, by one of {', '.join(_CHOICES)}")
        return self


class ExecuteAction(OrderChoice):
    """Fill working orders now: a `share` of what remains of each, or a `quantity`; all of it, if neither is given.

    At `price`, or else at the order's limit, or where the market stands. Whole lots only.
    """

    share: Rate | None = None
    """The share of what remains."""
    quantity: Positive | None = None
    """Shares or contracts."""
    price: Positive | None = None
    """The price; without it, the limit or the market's."""


class CancelAction(OrderChoice):
    """Cancel working orders, as the broker does on its own: state Cancelled and the code."""

    code: int = Field(default=202, ge=1, le=99_999)
    """The code that is told."""
    text: str = "Order Canceled - reason:"
    """Its text."""


class RejectAction(OrderChoice):
    """Reject working orders, as an exchange does: state Inactive and code 201."""

    text: str = "Order rejected - reason:"
    """The text of the code."""


class HaltAction(Strict):
    """Halt an instrument, or all: tick 49 is 1, and new orders wait."""

    symbol: str = ""
    """The instrument; without it, all."""


class ResumeAction(Strict):
    """End a halt; orders that waited go on."""

    symbol: str = ""
    """The instrument; without it, all."""


class ExchangeRateAction(Strict):
    """Move what one unit of a currency is worth in the base currency of an account, or of all accounts."""

    currency: Currency
    """The currency."""
    rate: Positive
    """What one unit is worth in the base currency."""
    account: str = ""
    """The account; without it, all."""


class CloseAction(Strict):
    """Close the connection of a client, or of all."""

    client_id: int | None = Field(default=None, ge=0)
    """The client; without it, all."""


class SayAction(Strict):
    """Tell a client, or all, a code that belongs to no request."""

    code: int = Field(ge=1, le=99_999)
    """The code."""
    text: str
    """Its text."""
    client_id: int | None = Field(default=None, ge=0)
    """The client; without it, all."""


class MarginAction(Strict):
    """Change what margin asks for an instrument, as shares of its market value."""

    symbol: str
    """The instrument, by its name in the scenario or by its symbol."""
    initial: Rate
    """The share of its value that it takes to open a position."""
    maintenance: Rate
    """The share that it takes to keep one."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.maintenance > self.initial:
            raise ValueError("must not ask more to keep a position than to open it")
        return self


class OrderAction(Strict):
    """Enter an order by hand, as a person does in the workstation. `price` is a limit's limit, or a stop's stop."""

    symbol: str
    """The instrument, by its name in the scenario or by its symbol."""
    action: Literal["BUY", "SELL"]
    """Whether it buys or sells."""
    quantity: Positive
    """Shares or contracts."""
    order_type: Literal["MKT", "LMT", "STP"] = "MKT"
    """A market order, a limit or a stop."""
    price: Positive | None = None
    """The limit, or the stop."""
    tif: Literal["DAY", "GTC"] = "DAY"
    """How long it works."""
    order_ref: str = ""
    """Its reference."""
    account: str = ""
    """The account; without it, the only one."""

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if (self.price is None) != (self.order_type == "MKT"):
            raise ValueError("must have a price where it is a limit or a stop, and none where it is a market order")
        return self


class DividendAction(Strict):
    """Today is the ex-date of a dividend: holders are owed it now, and paid after some days, or at once.

    `amount` is per share, in the instrument's currency or another.
    """

    symbol: str
    """The instrument, by its name in the scenario or by its symbol."""
    amount: Positive
    """What is paid for each share."""
    currency: Currency | None = None
    """In what; without it, in the instrument's currency."""
    pays_in_days: int = Field(default=0, ge=0, le=366)
    """Days from now to the payment."""


class SplitAction(Strict):
    """Split an instrument: `new` shares for `old` ones, under a new contract id where one is given; its price follows.

    Working orders are cancelled, fractions are paid in cash.
    """

    symbol: str
    """The instrument, by its name in the scenario or by its symbol."""
    new: Positive
    """So many new shares."""
    old: Positive = Decimal(1)
    """For so many old ones."""
    new_con_id: int | None = Field(default=None, gt=0)
    """The new contract id; without it, it stays."""


class RenameAction(Strict):
    """Give an instrument another symbol, and another contract id where one is given. Working orders are cancelled."""

    symbol: str
    """The instrument, by its name in the scenario or by its symbol."""
    new_symbol: str = Field(min_length=1)
    """The new symbol."""
    new_con_id: int | None = Field(default=None, gt=0)
    """The new contract id; without it, it stays."""
