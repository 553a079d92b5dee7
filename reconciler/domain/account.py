"""AccountSnapshot: one account as the broker showed it at one moment, complete or Unknown part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from reconciler.domain.contract import Contract
from reconciler.domain.ids import ConId, InstrumentName, OrderId, OrderRef, PermId
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.unknown import Unknown


class Side(StrEnum):
    """Which way an order goes."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """+1 for what adds shares, −1 for what takes them away."""
        return 1 if self is Side.BUY else -1


class QuoteType(StrEnum):
    """What the broker says a price is. Only a live one may price an order unless the policy says otherwise."""

    LIVE = "live"
    FROZEN = "frozen"
    DELAYED = "delayed"
    DELAYED_FROZEN = "delayed-frozen"


class TradingHalt(StrEnum):
    """Why an exchange has halted trading in a contract."""

    GENERAL = "halted"
    VOLATILITY = "halted for its volatility"


@dataclass(frozen=True)
class Quote:
    """Prices of one contract in its own currency, each None where none was sent; `as_of` is the newest tick's time.

    `average_volume` is shares a day; `delta` and `underlying` (a price) are an option's. None where not served. `halt`
    is None where the contract trades, and where nobody tells.
    """

    con_id: ConId
    currency: Currency
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    close: Decimal | None
    type: QuoteType
    as_of: datetime
    average_volume: Decimal | None = None
    delta: Decimal | None = None
    underlying: Decimal | None = None
    halt: TradingHalt | None = None

    @property
    def reference(self) -> Decimal | None:
        """The price that sizes a line: the last trade, or the midpoint where none was. Never yesterday's close."""
        return self.middle if self.last is None else self.last

    @property
    def middle(self) -> Decimal | None:
        """Between bid and ask; None where one of them is missing."""
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2

    @property
    def fair(self) -> Decimal | None:
        """The middle, else the reference: what a conversion is reckoned with."""
        return self.middle or self.reference

    @property
    def half_spread(self) -> Decimal | None:
        """What an order at the market loses against the middle; None where bid or ask is missing, or they cross."""
        return None if self.bid is None or self.ask is None or self.ask < self.bid else (self.ask - self.bid) / 2

    def touch(self, side: Side) -> Decimal | None:
        """The price at which an order of this side meets the other one now."""
        return self.ask if side is Side.BUY else self.bid

    def age(self, now: datetime) -> timedelta:
        """How old it is. A quote from the future is as bad as an old one: its age is the distance."""
        return abs(now - self.as_of)


@dataclass(frozen=True)
class Position:
    """A holding. `quantity` is in shares or contracts, negative when short; prices are in the contract's currency.

    `market_price` is the portfolio's mark, without age or type: good enough for exposure, never to price an order.
    """

    con_id: ConId
    symbol: str
    sec_type: str
    currency: Currency
    multiplier: Decimal
    quantity: Decimal
    average_cost: Decimal
    market_price: Decimal | None


@dataclass(frozen=True)
class WorkingOrder:
    """An order that the broker holds, ours or anybody's. `remaining` is in shares or contracts, never negative."""

    con_id: ConId
    symbol: str
    side: Side
    remaining: Decimal
    order_type: str
    time_in_force: str
    order_ref: OrderRef | None
    order_id: OrderId
    client_id: int
    perm_id: PermId
    status: str
    is_attached: bool
    """Has a parent, an OCA group or conditions: whether it can fill hangs on something else."""


@dataclass(frozen=True)
class AccountValues:
    """The broker's own figures in base currency; never rebuilt from parts.

    Available funds = equity with loan − initial margin: what admits orders. Excess liquidity = equity with loan −
    maintenance margin: the distance to liquidation.
    """

    net_liquidation: Money
    equity_with_loan: Money
    initial_margin: Money
    maintenance_margin: Money
    available_funds: Money
    excess_liquidity: Money
    look_ahead_available_funds: Money | Unknown
    look_ahead_excess_liquidity: Money | Unknown
    gross_position_value: Money | Unknown


@dataclass(frozen=True)
class OtherBaseCurrency(Unknown):
    """The account was read, and is kept in another currency than its manifest says: no figure of it can be used."""

    found: Currency
    declared: Currency


NOT_SETTLED = Unknown("the broker sent no settled cash")
NOT_COUNTED = Unknown("the broker sent no count of day trades")


@dataclass(frozen=True)
class AccountSnapshot:
    """What was read, each part whole or Unknown.

    `rates` convert one unit of a currency into base currency, or say why there is none. `contracts` are keyed by the
    manifests' names, and by those of currency pairs; `quotes` by contract: one that is not there was not asked for, one
    that is Unknown did not come. An empty tuple of positions means that the broker said "none" and said that it was
    done. `settled` is the part of the cash that a cash account may spend. `day_trades_left` is None where the broker
    counts none.
    """

    base_currency: Currency
    taken_at: datetime
    values: AccountValues | Unknown
    positions: tuple[Position, ...] | Unknown
    working_orders: tuple[WorkingOrder, ...] | Unknown
    cash: Mapping[Currency, Money] | Unknown
    rates: Mapping[Currency, FxRate | Unknown]
    contracts: Mapping[InstrumentName, Contract | Unknown]
    quotes: Mapping[ConId, Quote | Unknown]
    settled: Mapping[Currency, Money] | Unknown = NOT_SETTLED
    day_trades_left: int | Unknown | None = NOT_COUNTED

    @property
    def known_positions(self) -> tuple[Position, ...]:
        """The positions as far as they were read: none where they are Unknown, which holds the account up by itself."""
        return () if isinstance(self.positions, Unknown) else self.positions

    @property
    def contracts_by_id(self) -> Mapping[ConId, Contract]:
        """The contracts that are known, by their ids."""
        return {each.con_id: each for each in self.contracts.values() if isinstance(each, Contract)}

    def rate(self, currency: Currency) -> FxRate | Unknown:
        """The rate from `currency` into base currency."""
        if currency == self.base_currency:
            return FxRate(currency, currency, Decimal(1), "identity", self.taken_at)
        found = self.rates.get(currency)
        return Unknown(f"no exchange rate from {currency} to {self.base_currency}") if found is None else found
