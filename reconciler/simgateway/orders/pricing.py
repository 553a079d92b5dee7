"""At which price the market fills an order now, if at all. Pure functions; the table KINDS has a row for each type.

An order that waits for a trigger, or follows the market, keeps how far it is in a Progress. After each move of the
market `followed` gives the next one; `fill_price` then answers from the quote alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.orders.situation import AT_THE_START, Progress, Situation
from reconciler.simgateway.orders.terms import BUY, LIMIT, MARKET, STOP, Terms


def _at_touch(situation: Situation) -> Decimal | None:
    return situation.reach


def _at_limit(situation: Situation) -> Decimal | None:
    return situation.within(situation.reach, situation.limit)


def _at_trailing_limit(situation: Situation) -> Decimal | None:
    return situation.within(situation.touch, trailing_limit(situation.terms, situation.progress))


def _at_close(situation: Situation) -> Decimal | None:
    """The closing auction trades at the last price."""
    return situation.quote.last or situation.quote.close


def _at_bounded_close(situation: Situation) -> Decimal | None:
    return situation.within(_at_close(situation), situation.limit)


def _at_midpoint(situation: Situation) -> Decimal | None:
    midpoint = situation.midpoint
    return None if midpoint is None else situation.within(situation.passive(midpoint), situation.limit)


def _at_level(situation: Situation) -> Decimal | None:
    """A pegged order rests where it was when the market came through its price."""
    level = situation.progress.level
    return None if level is None else situation.within(situation.touch, level)


def _unmoved(situation: Situation) -> Progress:
    return situation.progress


def _reaches(last: Decimal, trigger: Decimal, sign: int) -> bool:
    """Whether the last price is at the trigger or beyond it: above for sign 1, below for -1."""
    return (last - trigger) * sign >= 0


def _stopped(situation: Situation) -> Progress:
    """A stop is triggered by a last price at its aux price or worse."""
    return _on_trigger(situation, situation.terms.signed)


def _touched(situation: Situation) -> Progress:
    """An order if touched is triggered by a last price at its aux price or better."""
    return _on_trigger(situation, -situation.terms.signed)


def _on_trigger(situation: Situation, sign: int) -> Progress:
    last, trigger = situation.quote.last, situation.terms.aux_price
    if last is None or trigger is None or not _reaches(last, trigger, sign):
        return situation.progress
    return replace(situation.progress, triggered=True)


def _trailed(situation: Situation) -> Progress:
    """A trailing stop follows the last price at its distance, never away from it, until the last price reaches it."""
    terms, last, level = situation.terms, situation.quote.last, situation.progress.level
    level = terms.trail_stop if level is None else level
    if last is None:
        return replace(situation.progress, level=level)
    if level is not None and _reaches(last, level, terms.signed):
        return Progress(triggered=True, level=level)
    # The stop of a sell lies below the market: it is rounded, as it follows, away from the last price.
    behind = last + _distance(terms, last) * terms.signed
    rounding = ROUND_CEILING if terms.action == BUY else ROUND_FLOOR
    tick = situation.rule.increment(behind)
    behind = (behind / tick).to_integral_value(rounding) * tick
    if level is None:
        return Progress(level=behind)
    return Progress(level=min(level, behind) if terms.action == BUY else max(level, behind))


def _distance(terms: Terms, last: Decimal) -> Decimal:
    if terms.trailing_percent is not None:
        return last * terms.trailing_percent / 100
    return terms.aux_price or ZERO


def trailing_limit(terms: Terms, progress: Progress) -> Decimal | None:
    """The limit of a trailing stop limit order, which moves with its stop; None before the stop stands anywhere."""
    if progress.level is None:
        return terms.limit_price
    if terms.limit_offset is not None:
        return progress.level + terms.limit_offset * terms.signed
    if terms.limit_price is None or terms.trail_stop is None:
        return terms.limit_price
    return progress.level + terms.limit_price - terms.trail_stop


def _pegged_to_own_side(situation: Situation) -> Progress:
    """A relative order rests more aggressively than its own side by its offset."""
    terms, own = situation.terms, situation.own_side
    if own is None:
        return situation.progress
    offset = own * terms.percent_offset if terms.percent_offset is not None else terms.aux_price or ZERO
    return _pegged(situation, own + offset * terms.signed)


def _pegged_to_midpoint(situation: Situation) -> Progress:
    """An order pegged to the midpoint rests less aggressively than that by its offset."""
    terms, midpoint = situation.terms, situation.midpoint
    if midpoint is None:
        return situation.progress
    return _pegged(situation, midpoint - (terms.aux_price or ZERO) * terms.signed)


def _pegged(situation: Situation, price: Decimal) -> Progress:
    """A market that came through the price trades there before the order can follow it."""
    if situation.progress.level is not None and _at_level(situation) is not None:
        return situation.progress
    return Progress(level=situation.capped(situation.passive(price)))


class Need(Enum):
    """Whether an order type takes a price."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True)
class OrderKind:
    """An order type that is worked."""

    code: str
    """How a contract's list of order types spells it."""
    price: Callable[[Situation], Decimal | None]
    """At which price the market fills it, once it was triggered."""
    limit: Need = Need.NONE
    trigger: Need = Need.NONE
    """Whether its aux price is one that the market reaches, and so lies on a tick."""
    followed: Callable[[Situation], Progress] = _unmoved
    conditional: bool = False
    """Whether it waits for a trigger before it is an order at the exchange."""
    closing: bool = False
    """Whether it trades in the closing auction alone."""
    trails: bool = False
    pegged: bool = False


KINDS = {
    MARKET: OrderKind("MKT", _at_touch),
    LIMIT: OrderKind("LMT", _at_limit, limit=Need.REQUIRED),
    STOP: OrderKind("STP", _at_touch, trigger=Need.REQUIRED, followed=_stopped, conditional=True),
    "STP LMT": OrderKind(
        "STPLMT", _at_limit, limit=Need.REQUIRED, trigger=Need.REQUIRED, followed=_stopped, conditional=True
    ),
    "TRAIL": OrderKind("TRAIL", _at_touch, followed=_trailed, conditional=True, trails=True),
    "TRAIL LIMIT": OrderKind(
        "TRAILLMT", _at_trailing_limit, limit=Need.OPTIONAL, followed=_trailed, conditional=True, trails=True
    ),
    "MIT": OrderKind("MIT", _at_touch, trigger=Need.REQUIRED, followed=_touched, conditional=True),
    "LIT": OrderKind("LIT", _at_limit, limit=Need.REQUIRED, trigger=Need.REQUIRED, followed=_touched, conditional=True),
    "MOC": OrderKind("MOC", _at_close, closing=True),
    "LOC": OrderKind("LOC", _at_bounded_close, limit=Need.REQUIRED, closing=True),
    "MIDPRICE": OrderKind("MIDPX", _at_midpoint, limit=Need.OPTIONAL),
    "REL": OrderKind("REL", _at_level, limit=Need.OPTIONAL, followed=_pegged_to_own_side, pegged=True),
    "PEG MID": OrderKind("PEGMID", _at_level, limit=Need.OPTIONAL, followed=_pegged_to_midpoint, pegged=True),
}
"""The order types that are worked, by the word of the wire."""


def followed(situation: Situation) -> Progress:
    """How far the order is now that the market stands so. A triggered order stays triggered."""
    progress = situation.progress
    return progress if progress.triggered else KINDS[situation.terms.order_type].followed(situation)


def waits_for_trigger(terms: Terms, progress: Progress) -> bool:
    """Whether the order is held until its trigger: it may never trade, and it has not reached the exchange."""
    return KINDS[terms.order_type].conditional and not progress.triggered


def fill_price(situation: Situation) -> Decimal | None:
    """The price at which the market fills the order now: a buy at the ask, a sell at the bid, unless its type differs.

    A closing order is priced as the auction would; that there is one now is the venue's to know.
    """
    if waits_for_trigger(situation.terms, situation.progress):
        return None
    return KINDS[situation.terms.order_type].price(situation)


def forced_price(situation: Situation) -> Decimal:
    """Where an order fills that must fill now: at its limit, or else where the market stands."""
    limit = situation.terms.limit_price if situation.terms.order_type == LIMIT else None
    return limit or situation.touch or situation.quote.mark


def amended(progress: Progress, old: Terms, new: Terms) -> Progress:
    """How far an order is after a change: from the start where the change is about its trigger or what it follows."""
    names = ("order_type", "aux_price", "trail_stop", "trailing_percent", "limit_offset", "percent_offset")
    return progress if all(getattr(old, name) == getattr(new, name) for name in names) else AT_THE_START
