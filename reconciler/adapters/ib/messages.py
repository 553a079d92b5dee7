"""What the gateway says, as values of our own: one class for each message that the adapter understands.

Numbers are Decimal and None where the gateway sent its "no value"; texts are free of account numbers.
"""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.account import Position, Side
from reconciler.domain.contract import Listing, PriceIncrement, TradingSession
from reconciler.domain.ids import AccountId, ConId, OrderId, OrderRef, PermId
from reconciler.domain.orders import CommissionReport, Fill

POSITION, OPEN_ORDER, ORDER_STATUS, EXECUTION, COMPLETED_ORDER, ACCOUNT_VALUE, PORTFOLIO = 61, 5, 3, 11, 101, 6, 7
"""Message ids of the TWS API whose loss makes a list incomplete."""

NO_REQUEST = -1
"""The request id of what nobody asked for: system messages and live executions."""


@dataclass(frozen=True)
class NextOrderId:
    """The gateway's proposal for the next order id of this client id."""

    order_id: OrderId


@dataclass(frozen=True)
class ManagedAccounts:
    """The accounts that this login serves."""

    accounts: frozenset[AccountId]


@dataclass(frozen=True)
class CurrentTime:
    """The gateway's time of day, in seconds of the epoch."""

    seconds: int


@dataclass(frozen=True)
class Disconnected:
    """The socket closed without our asking."""


@dataclass(frozen=True)
class Unreadable:
    """A message of this id could not be read: a list that it belongs to is not complete."""

    message_id: int


@dataclass(frozen=True)
class ErrorMessage:
    """An error, a warning or a notice; `request_id` is a request's, an order's, or NO_REQUEST."""

    request_id: int
    code: int
    text: str


@dataclass(frozen=True)
class AccountValueRow:
    """One figure of the account; its currency may be empty, and BASE is an aggregate."""

    account: AccountId
    key: str
    value: str
    currency: str


@dataclass(frozen=True)
class PortfolioRow:
    """A holding with its mark, from the account updates."""

    account: AccountId
    position: Position


@dataclass(frozen=True)
class AccountDownloadEnd:
    """The END of a full set of account updates. It may name another account than the one asked for."""


@dataclass(frozen=True)
class PositionRow:
    """A holding, from the positions request."""

    account: AccountId
    position: Position


@dataclass(frozen=True)
class PositionEnd:
    """The END of the positions."""


@dataclass(frozen=True)
class MarginImpact:
    """The margin numbers of a what-if answer, in base currency, each None where unset."""

    initial_before: Decimal | None
    initial_change: Decimal | None
    maintenance_before: Decimal | None
    maintenance_change: Decimal | None
    equity_with_loan_after: Decimal | None
    commission: Decimal | None
    commission_currency: str
    warning: str

    @property
    def is_preamble(self) -> bool:
        """Nothing but unset numbers: the gateway's first word, which the real answer follows."""
        return all(number is None for number in self.numbers.values())

    @property
    def numbers(self) -> dict[str, Decimal | None]:
        """The margin numbers by the broker's names for them."""
        return {
            "initMarginBefore": self.initial_before,
            "initMarginChange": self.initial_change,
            "maintMarginBefore": self.maintenance_before,
            "maintMarginChange": self.maintenance_change,
            "equityWithLoanAfter": self.equity_with_loan_after,
        }


@dataclass(frozen=True)
class OpenOrder:
    """An order as the broker holds it, anybody's, or the answer to a what-if."""

    account: AccountId
    order_id: OrderId
    client_id: int
    perm_id: PermId
    ref: OrderRef | None
    con_id: ConId
    symbol: str
    sec_type: str
    currency: str
    side: Side
    quantity: Decimal | None
    order_type: str
    time_in_force: str
    status: str
    is_attached: bool
    is_what_if: bool
    margin: MarginImpact


@dataclass(frozen=True)
class OpenOrderEnd:
    """The END of the open orders."""


@dataclass(frozen=True)
class OrderStatus:
    """The state of an order and its counts, in shares."""

    order_id: OrderId
    client_id: int
    perm_id: PermId
    status: str
    filled: Decimal | None
    remaining: Decimal | None
    why_held: str


@dataclass(frozen=True)
class Execution:
    """One execution; `request_id` is NO_REQUEST when it comes as it happens."""

    request_id: int
    account: AccountId
    order_id: OrderId
    client_id: int
    perm_id: PermId
    ref: OrderRef | None
    con_id: ConId
    sec_type: str
    currency: str
    multiplier: Decimal
    side: Side
    fill: Fill
    is_liquidation: bool


@dataclass(frozen=True)
class ExecutionEnd:
    """The END of the executions."""

    request_id: int


@dataclass(frozen=True)
class Commission:
    """The commission of an execution that was reported before."""

    report: CommissionReport


@dataclass(frozen=True)
class CompletedOrder:
    """An order that is over. The broker sends neither order id nor client id with it."""

    account: AccountId
    perm_id: PermId
    ref: OrderRef | None
    status: str
    filled: Decimal
    detail: str


@dataclass(frozen=True)
class CompletedOrderEnd:
    """The END of the completed orders."""


@dataclass(frozen=True)
class ContractRow:
    """One contract that matches a contract request."""

    request_id: int
    con_id: ConId
    symbol: str
    sec_type: str
    currency: str
    exchange: str
    primary_exchange: str
    expiry: str
    local_symbol: str
    trading_class: str
    long_name: str
    multiplier: Decimal
    price_magnifier: int
    min_tick: Decimal | None
    min_size: Decimal | None
    size_increment: Decimal | None
    order_types: frozenset[str]
    market_rules: dict[str, int]
    """The market rule's id by exchange."""
    liquid_hours: tuple[TradingSession, ...]
    time_zone: str
    """The zone of its hours, as the broker names it."""


@dataclass(frozen=True)
class SymbolSamples:
    """What a search for symbols found."""

    request_id: int
    listings: tuple[Listing, ...]


@dataclass(frozen=True)
class ContractEnd:
    """The END of a contract request."""

    request_id: int


@dataclass(frozen=True)
class MarketRule:
    """Price increments by price."""

    rule_id: int
    increments: tuple[PriceIncrement, ...]


@dataclass(frozen=True)
class PriceTick:
    """A price of the type that the broker numbers so; None where it says that there is none (−1, 0)."""

    request_id: int
    tick_type: int
    price: Decimal | None


@dataclass(frozen=True)
class SizeTick:
    """A size, a volume or a count of the type that the broker numbers so."""

    request_id: int
    tick_type: int
    size: Decimal | None


@dataclass(frozen=True)
class OptionTick:
    """What the broker's model makes of an option: its delta and the underlying's price, None where not computed."""

    request_id: int
    tick_type: int
    delta: Decimal | None
    underlying: Decimal | None


@dataclass(frozen=True)
class GenericTick:
    """A tick whose value is a number that is neither price nor size, such as whether trading is halted."""

    request_id: int
    tick_type: int
    value: Decimal | None


@dataclass(frozen=True)
class TextTick:
    """A tick whose value is text, such as a timestamp."""

    request_id: int
    tick_type: int
    text: str


@dataclass(frozen=True)
class MarketDataType:
    """What the following ticks are: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""

    request_id: int
    data_type: int


@dataclass(frozen=True)
class SnapshotEnd:
    """The END of a snapshot of quotes."""

    request_id: int


Message = (
    NextOrderId
    | ManagedAccounts
    | CurrentTime
    | Disconnected
    | Unreadable
    | ErrorMessage
    | AccountValueRow
    | PortfolioRow
    | AccountDownloadEnd
    | PositionRow
    | PositionEnd
    | OpenOrder
    | OpenOrderEnd
    | OrderStatus
    | Execution
    | ExecutionEnd
    | Commission
    | CompletedOrder
    | CompletedOrderEnd
    | ContractRow
    | ContractEnd
    | SymbolSamples
    | MarketRule
    | PriceTick
    | SizeTick
    | OptionTick
    | GenericTick
    | TextTick
    | MarketDataType
    | SnapshotEnd
)
