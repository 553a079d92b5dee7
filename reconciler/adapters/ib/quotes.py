"""Reads quotes: live ones first, then delayed ones for what had no live price, all in flight together.

A snapshot ends with a marker of its own, but as late as eleven seconds after the ticks: a contract whose bid, ask and
last price are there is not waited for. What is still open when the time is over is cancelled.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from reconciler.adapters.ib import messages, requests, translate
from reconciler.adapters.ib.connection import Connection, NotInTime
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.tickets import contract_of
from reconciler.domain.account import Quote, QuoteType
from reconciler.domain.contract import Contract
from reconciler.domain.ids import ConId
from reconciler.domain.unknown import Unknown
from reconciler.ports import Clock

LIVE, DELAYED = 1, 3
_TYPES = {1: QuoteType.LIVE, 2: QuoteType.FROZEN, 3: QuoteType.DELAYED, 4: QuoteType.DELAYED_FROZEN}
_PRICE_FIELDS = {1: "bid", 2: "ask", 4: "last", 9: "close", 66: "bid", 67: "ask", 68: "last", 75: "close"}
_DELAYED_TICKS = frozenset({66, 67, 68, 75, 88})
_TIMESTAMPS = frozenset({45, 88})
"""The time of the last trade, live and delayed."""
_SIZING = ("bid", "ask", "last")
_NOTICES = frozenset({10090, 10167})
"""Part of the data is missing, and delayed data follow: neither is the end of the request."""


class QuoteDraft:
    """The ticks of one contract so far."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.error = ""
        self.is_over = False
        self._prices: dict[str, Decimal] = {}
        self._type = QuoteType.LIVE
        self._arrived: datetime | None = None
        self._traded: datetime | None = None

    def take(self, message: Message, now: datetime) -> None:
        """Take one message of this contract's request."""
        match message:
            case messages.PriceTick(tick_type=tick_type, price=price) if tick_type in _PRICE_FIELDS:
                self._take_price(tick_type, price, now)
            case messages.TextTick(tick_type=tick_type, text=text) if tick_type in _TIMESTAMPS:
                self._traded = translate.timestamp(text)
            case messages.MarketDataType(data_type=data_type):
                self._type = _TYPES.get(data_type, self._type)
            case messages.ErrorMessage(code=code, text=text):
                self.error = f"{code} {text}"
                self.is_over = self.is_over or code not in _NOTICES
            case messages.SnapshotEnd():
                self.is_over = True
            case _:
                pass

    def _take_price(self, tick_type: int, price: Decimal | None, now: datetime) -> None:
        if tick_type in _DELAYED_TICKS and self._type is QuoteType.LIVE:
            self._type = QuoteType.DELAYED
        if price is None:
            self._prices.pop(_PRICE_FIELDS[tick_type], None)
        else:
            self._prices[_PRICE_FIELDS[tick_type]] = price
            self._arrived = now

    @property
    def is_settled(self) -> bool:
        """Nothing more is waited for."""
        complete = all(name in self._prices for name in _SIZING)
        return self.is_over or (complete and (self._type is QuoteType.LIVE or self._traded is not None))

    def quote(self) -> Quote | Unknown:
        """The quote, or that there is no price."""
        if not self._prices.keys() & _SIZING or self._arrived is None:
            why = f": {self.error}" if self.error else ""
            return Unknown(f"no price of {self.contract.symbol}{why}")
        return Quote(
            con_id=self.contract.con_id,
            currency=self.contract.currency,
            bid=self._prices.get("bid"),
            ask=self._prices.get("ask"),
            last=self._prices.get("last"),
            close=self._prices.get("close"),
            type=self._type,
            as_of=self._as_of(self._arrived),
        )

    def _as_of(self, arrived: datetime) -> datetime:
        """A live bid and ask are of the moment that they came; delayed prices and lone trades say how old they are."""
        has_market = self._prices.keys() >= {"bid", "ask"}
        is_current = self._type is QuoteType.LIVE and has_market
        return arrived if is_current or self._traded is None else self._traded


class QuoteReader:
    """Asks for snapshots."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._turn = asyncio.Lock()  # the type of data is a setting of the whole connection

    async def read(self, contracts: Sequence[Contract]) -> Mapping[ConId, Quote | Unknown]:
        """A quote of each contract. Raises BrokerUnavailable when the connection is lost."""
        async with self._turn:
            quotes = await self._snapshots(contracts, LIVE)
            missing = [contract for contract in contracts if isinstance(quotes[contract.con_id], Unknown)]
            delayed = await self._snapshots(missing, DELAYED)
        return quotes | {con_id: quote for con_id, quote in delayed.items() if isinstance(quote, Quote)}

    async def _snapshots(self, contracts: Sequence[Contract], data_type: int) -> dict[ConId, Quote | Unknown]:
        drafts = {self._connection.request_id(): QuoteDraft(contract) for contract in contracts}
        if not drafts:
            return {}

        def take(message: Message) -> bool:
            draft = drafts.get(getattr(message, "request_id", messages.NO_REQUEST))
            if draft is not None:
                draft.take(message, self._clock.now())
            return all(draft.is_settled for draft in drafts.values())

        library = self._connection.library
        snapshots = [requests.snapshot(key, contract_of(library, draft.contract)) for key, draft in drafts.items()]
        problem = await self._connection.converse([requests.market_data_type(data_type), *snapshots], take)
        if isinstance(problem, NotInTime):
            for key in [key for key, draft in drafts.items() if not draft.is_over]:
                await self._connection.send(requests.cancel_market_data(key))
        return {draft.contract.con_id: draft.quote() for draft in drafts.values()}
