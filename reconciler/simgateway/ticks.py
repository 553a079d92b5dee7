"""Ticks: what a client is told of a quote, and of an instrument's statistics when it asks for them by number.

Pure. Types and numbers are those of the TWS API documentation, "Available Tick Types".
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import exact
from reconciler.simgateway.market.instruments import Entitlement, Quote, Statistics
from reconciler.simgateway.messages import Reply

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4
"""Market data types, as clients ask for them and are told."""

DELAY_OF_DELAYED_DATA = 900
"""Seconds."""


class TickTypes(NamedTuple):
    """The tick type of each field of a quote, live or delayed."""

    bid: int
    ask: int
    last: int
    close: int
    bid_size: int
    ask_size: int
    last_size: int
    volume: int
    last_timestamp: int
    model: int
    """The model of an option, which is no field of its quote."""


TICK_TYPES = {
    Entitlement.LIVE: TickTypes(1, 2, 4, 9, 0, 3, 5, 8, 45, 13),
    Entitlement.DELAYED: TickTypes(66, 67, 68, 75, 69, 70, 71, 74, 88, 83),
}
_SHOWN_SIZES = {"bid": 300, "ask": 200, "last": 100}
NO_DATA = Decimal(-1)


class Told(NamedTuple):
    """The market data type of a quote, and as much of it as this type shows."""

    data_type: int
    quote: Quote


def told(quote: Quote, entitlement: Entitlement, wanted: int, *, is_open: bool) -> Told:
    """What a client that wants a data type is told.

    While the market is closed, live and delayed data have no bid and no ask; frozen data are those of the close.
    """
    delayed = entitlement is Entitlement.DELAYED
    if is_open:
        return Told(DELAYED if delayed else LIVE, quote)
    if wanted in (FROZEN, DELAYED_FROZEN):
        return Told(DELAYED_FROZEN if delayed else FROZEN, quote)
    return Told(DELAYED if delayed else LIVE, replace(quote, bid=None, ask=None))


def data_type(request_id: int, number: int) -> Reply:
    """Message 58: what kind of data follows."""
    return Reply("market_data_type", {"request_id": request_id, "data_type": number})


def ticks(request_id: int, quote: Quote, entitlement: Entitlement, volume: int, now: datetime) -> list[Reply]:
    """Messages 1, 2 and 46: the quote. Bid and ask are -1 where there is none; last and close are then left out."""
    types = TICK_TYPES[entitlement]
    out = [
        _tick_price(request_id, types.bid, quote.bid, "bid"),
        _tick_price(request_id, types.ask, quote.ask, "ask"),
    ]
    if quote.last is not None:
        delay = DELAY_OF_DELAYED_DATA if entitlement is Entitlement.DELAYED else 0
        stamp = int(now.timestamp()) - delay - int(quote.age_seconds)
        out.append(_tick_price(request_id, types.last, quote.last, "last"))
        out.append(_tick_size(request_id, types.volume, volume))
        out.append(_tick_string(request_id, types.last_timestamp, str(stamp)))
    if quote.close is not None:
        out.append(_tick_price(request_id, types.close, quote.close, "close"))
    return out + _sizes(request_id, quote, types)


def _sizes(request_id: int, quote: Quote, types: TickTypes) -> list[Reply]:
    sides = (
        ("bid", types.bid_size, quote.bid),
        ("ask", types.ask_size, quote.ask),
        ("last", types.last_size, quote.last),
    )
    return [
        _tick_size(request_id, tick_type, _SHOWN_SIZES[side]) for side, tick_type, price in sides if price is not None
    ]


class Occasion(NamedTuple):
    """What a generic tick is made of."""

    request_id: int
    quote: Quote
    statistics: Statistics
    now: datetime


def _miscellaneous(occasion: Occasion) -> list[Reply]:
    """Lows and highs of 13, 26 and 52 weeks, and the average volume: as far as the scenario gives them."""
    request_id, statistics = occasion.request_id, occasion.statistics
    out = []
    for low_type, weeks in ((15, 13), (17, 26), (19, 52)):
        if weeks in statistics.ranges:
            low, high = statistics.ranges[weeks]
            out += [_tick_price(request_id, low_type, low), _tick_price(request_id, low_type + 1, high)]
    average = statistics.average_volume
    return out if average is None else [*out, _tick_size(request_id, 21, average)]


def _mark(occasion: Occasion) -> list[Reply]:
    return [_tick_price(occasion.request_id, 37, occasion.quote.mark)] if occasion.quote.mark else []


def _last_trade(occasion: Occasion) -> list[Reply]:
    """Price, size, time in milliseconds, volume, average price and whether one market maker filled it."""
    quote = occasion.quote
    if quote.last is None:
        return []
    parts = (
        exact(quote.last),
        _SHOWN_SIZES["last"],
        int(occasion.now.timestamp() * 1000),
        occasion.statistics.volume,
        exact(quote.last),
        "true",
    )
    return [_tick_string(occasion.request_id, 48, ";".join(str(part) for part in parts))]


def _shortable(occasion: Occasion) -> list[Reply]:
    """3 for a thousand shares or more, 2 for fewer, 1 for none; and how many."""
    shares = occasion.statistics.shortable_shares
    ease = 3 if shares >= 1000 else 2 if shares else 1
    return [_tick_generic(occasion.request_id, 46, ease), _tick_size(occasion.request_id, 89, shares)]


GENERIC: Mapping[int, Callable[[Occasion], list[Reply]]] = {
    165: _miscellaneous,
    221: _mark,
    233: _last_trade,
    236: _shortable,
}
"""What each number in a client's list of generic ticks asks for; other numbers get nothing."""

MOVING = frozenset({221, 233})
"""Those that are told again with each move of the price."""


def asked(text: str) -> frozenset[int]:
    """The generic ticks that a client's list names, as far as there are any."""
    words = {word.strip() for word in text.split(",")}
    return frozenset(number for number in GENERIC if str(number) in words)


def generic(numbers: frozenset[int], occasion: Occasion) -> list[Reply]:
    """The ticks that were asked for by number."""
    return [tick for number in sorted(numbers) for tick in GENERIC[number](occasion)]


def halted(request_id: int, value: int) -> Reply:
    """Message 45: whether trading in an instrument is halted (tick 49), as 1 or 0."""
    return _tick_generic(request_id, 49, value)


def _tick_generic(request_id: int, tick_type: int, value: int) -> Reply:
    return Reply("tick_generic", {"request_id": request_id, "tick_type": tick_type, "value": value})


def _tick_size(request_id: int, tick_type: int, size: int) -> Reply:
    return Reply("tick_size", {"request_id": request_id, "tick_type": tick_type, "size": size})


def _tick_string(request_id: int, tick_type: int, value: str) -> Reply:
    return Reply("tick_string", {"request_id": request_id, "tick_type": tick_type, "value": value})


def _tick_price(request_id: int, tick_type: int, price: Decimal | None, name: str = "") -> Reply:
    size = _SHOWN_SIZES.get(name, 0) if price is not None else 0
    shown = NO_DATA if price is None else price
    return Reply("tick_price", {"request_id": request_id, "tick_type": tick_type, "price": shown, "size": size})
