"""Reads quotes: live ones first, then delayed ones for what had no live price, all in flight together.

A snapshot ends with a marker of its own, but as late as eleven seconds after the ticks: a contract whose bid, ask and
last price are there is not waited for, but for a moment in which the rest of the burst may say that trading is halted.
What is still open when the time is over is cancelled. A gateway sends live data unless it is asked for another type, so
that nothing has to be said for them.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from reconciler.adapters.ib import messages, requests, translate
from reconciler.adapters.ib.connection import Connection, NotInTime
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.requests import Request
from reconciler.adapters.ib.tickets import contract_of
from reconciler.domain.account import Quote, QuoteType, TradingHalt
from reconciler.domain.contract import OPTIONS, Contract
from reconciler.domain.errors import BrokerUnavailable
from reconciler.domain.ids import ConId
from reconciler.domain.unknown import Unknown
from reconciler.ports import Clock, QuoteExtra

LIVE, DELAYED = 1, 3
_NOT_KNOWN = 0
_TYPES = {1: QuoteType.LIVE, 2: QuoteType.FROZEN, 3: QuoteType.DELAYED, 4: QuoteType.DELAYED_FROZEN}
_PRICE_FIELDS = {1: "bid", 2: "ask", 4: "last", 9: "close", 66: "bid", 67: "ask", 68: "last", 75: "close"}
_DELAYED_TICKS = frozenset({66, 67, 68, 75, 88})
_TIMESTAMPS = frozenset({45, 88})
"""The time of the last trade, live and delayed."""
_SIZING = ("bid", "ask", "last")
_MODEL_TICKS = frozenset({13, 83})
"""What the broker's model makes of an option, live and delayed."""
_HALTED = frozenset({49, 90})
"""Whether trading is halted, live and delayed: 0 no, 1 yes, 2 for its volatility; below that nobody knows."""
_FOR_VOLATILITY = 2
_BURST = 0.25
"""Seconds that the rest of a quote's first burst is waited for, once its prices are there."""
_GENERIC_TICKS = {QuoteExtra.AVERAGE_VOLUME: "165"}
_NOTICES = frozenset({10090, 10167})
"""Part of the data is missing, and delayed data follow: neither is the end of the request."""


class QuoteDraft:
    """The ticks of one contract so far."""

    def __init__(self, contract: Contract, extras: Collection[QuoteExtra] = ()) -> None:
        self.contract = contract
        self._awaits_volume = QuoteExtra.AVERAGE_VOLUME in extras
        self._volume: Decimal | None = None
        self._greeks: messages.OptionTick | None = None
        self.error = ""
        self.is_over = False
        self.halt: TradingHalt | None = None
        self._halt_is_told = False
        self._prices: dict[str, Decimal] = {}
        self._type = QuoteType.LIVE
        self._arrived: datetime | None = None
        self._traded: datetime | None = None
        self._is_gone = False

    def take(self, message: Message, now: datetime) -> None:
        """Take one message of this contract's request."""
        match message:
            case messages.PriceTick(tick_type=tick_type, price=price) if tick_type in _PRICE_FIELDS:
                self._take_price(tick_type, price, now)
            case messages.SizeTick(tick_type=21, size=size):
                self._volume = size
            case messages.OptionTick(tick_type=tick_type) if tick_type in _MODEL_TICKS and message.delta is not None:
                self._greeks = message
            case messages.GenericTick(tick_type=tick_type, value=value) if tick_type in _HALTED and value is not None:
                self._take_halt(value)
            case messages.TextTick(tick_type=tick_type, text=text) if tick_type in _TIMESTAMPS:
                self._traded = translate.timestamp(text)
            case messages.MarketDataType(data_type=data_type):
                self._type = _TYPES.get(data_type, self._type)
            case messages.ErrorMessage(code=code, text=text):
                self.error = f"{code} {text}"
                self._is_gone = self._is_gone or code == requests.NO_DEFINITION
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

    def _take_halt(self, value: Decimal) -> None:
        self._halt_is_told = True
        if value <= 0:
            self.halt = None
        else:
            self.halt = TradingHalt.VOLATILITY if value == _FOR_VOLATILITY else TradingHalt.GENERAL

    @property
    def is_whole(self) -> bool:
        """Whether it is told whether trading is halted, or the answer is at its end."""
        return self.is_over or self._halt_is_told

    @property
    def is_settled(self) -> bool:
        """Nothing more is waited for."""
        complete = all(name in self._prices for name in _SIZING) and not self._lacks_extras
        return self.is_over or (complete and (self._type is QuoteType.LIVE or self._traded is not None))

    @property
    def _lacks_extras(self) -> bool:
        is_option = self.contract.sec_type in OPTIONS
        return (self._awaits_volume and self._volume is None) or (is_option and self._greeks is None)

    def quote(self) -> Quote | Unknown:
        """The quote, or that there is no price."""
        if not self._prices.keys() & _SIZING or self._arrived is None:
            if self._is_gone:
                return Unknown(
                    f"the broker knows no contract {self.contract.con_id} of {self.contract.symbol} ({self.error}): "
                    "`folioctl lock --check` says what became of a pinned one"
                )
            told = self.error or (f"trading in it is {self.halt}" if self.halt else "")
            why = f": {told}" if told else ""
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
            average_volume=self._volume,
            delta=self._greeks.delta if self._greeks else None,
            underlying=self._greeks.underlying if self._greeks else None,
            halt=self.halt,
        )

    def _as_of(self, arrived: datetime) -> datetime:
        """A live bid and ask are of the moment that they came; delayed prices and lone trades say how old they are."""
        has_market = self._prices.keys() >= {"bid", "ask"}
        is_current = self._type is QuoteType.LIVE and has_market
        return arrived if is_current or self._traded is None else self._traded


class QuoteReader:
    """Asks for snapshots, and for a stream where a quote is to hold what no snapshot has.

    The streams of one read end at the beginning of the next one, or with the connection.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._turn = asyncio.Lock()  # the type of data is a setting of the whole connection
        self._session = connection.session
        self._data_type = LIVE
        self._open: list[int] = []

    async def read(
        self, contracts: Sequence[Contract], extras: Collection[QuoteExtra]
    ) -> Mapping[ConId, Quote | Unknown]:
        """A quote of each contract. Raises BrokerUnavailable when the connection is lost."""
        async with self._turn:
            await self._end_streams()
            live = await self._drafts(contracts, extras, LIVE)
            quotes = {con_id: draft.quote() for con_id, draft in live.items()}
            missing = [contract for contract in contracts if isinstance(quotes[contract.con_id], Unknown)]
            delayed = await self._drafts(missing, extras, DELAYED)
        for con_id, draft in delayed.items():
            quote = draft.quote()
            if isinstance(quote, Quote):
                quotes[con_id] = replace(quote, halt=quote.halt or live[con_id].halt)
        return quotes

    async def _drafts(
        self, contracts: Sequence[Contract], extras: Collection[QuoteExtra], data_type: int
    ) -> dict[ConId, QuoteDraft]:
        drafts = {self._connection.request_id(): QuoteDraft(contract, extras) for contract in contracts}
        if not drafts:
            return {}

        asked = [self._request(key, draft.contract, extras) for key, draft in drafts.items()]
        try:
            problem = await self._filled(drafts, [*self._switched(data_type), *asked])
        except BrokerUnavailable:
            # The connection may be there, and have refused a message: which of them arrived nobody knows.
            self._data_type = _NOT_KNOWN
            self._open += drafts if extras else ()
            raise
        unfinished = [key for key, draft in drafts.items() if not draft.is_over]
        if extras:
            self._open += unfinished
        elif isinstance(problem, NotInTime):
            await self._cancel(unfinished)
        return {draft.contract.con_id: draft for draft in drafts.values()}

    async def _filled(self, drafts: Mapping[int, QuoteDraft], asked: Sequence[Request]) -> Unknown | None:
        """Ask, and fill the drafts with what comes: NotInTime where that is not all."""
        with self._connection.listening(partial(self._hear, drafts)):
            problem = await self._connection.converse(
                asked, lambda _message: all(each.is_settled for each in drafts.values()), ids=drafts.keys()
            )
            if problem is None and not all(each.is_whole for each in drafts.values()):
                await self._connection.converse(
                    [], lambda _message: all(each.is_whole for each in drafts.values()), seconds=_BURST
                )
        return problem

    def _hear(self, drafts: Mapping[int, QuoteDraft], message: Message) -> None:
        draft = drafts.get(getattr(message, "request_id", messages.NO_REQUEST))
        if draft is not None:
            draft.take(message, self._clock.now())

    def _request(self, key: int, contract: Contract, extras: Collection[QuoteExtra]) -> Request:
        wanted = contract_of(self._connection.library, contract)
        if extras:
            return requests.stream(key, wanted, ",".join(_GENERIC_TICKS[each] for each in extras))
        return requests.snapshot(key, wanted)

    def _switched(self, data_type: int) -> list[Request]:
        """A connection begins with live data; what is asked for already is not asked for again."""
        if self._connection.session != self._session:
            self._session, self._data_type, self._open = self._connection.session, LIVE, []
        if data_type == self._data_type:
            return []
        self._data_type = data_type
        return [requests.market_data_type(data_type)]

    async def _end_streams(self) -> None:
        ended, self._open = self._open, []
        if self._connection.session == self._session:
            await self._cancel(ended)

    async def _cancel(self, keys: Sequence[int]) -> None:
        for key in keys:
            await self._connection.send(requests.cancel_market_data(key))
