"""What the broker says about the times of an order: too late, no time at all, or that it waits for the open."""

from datetime import datetime, timedelta

from reconciler.simgateway.market.hours import Sessions, zone_named
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.orders.book import Order, Refusal
from reconciler.simgateway.orders.pricing import KINDS
from reconciler.simgateway.orders.schedule import extended, moment
from reconciler.simgateway.orders.terms import Terms

_CUTOFFS = {"NASDAQ": timedelta(minutes=5), "ARCA": timedelta(minutes=1)}
_CUTOFF = timedelta(minutes=10)
"""How long before the close an exchange takes closing orders, as the exchanges publish it: NYSE until 15:50, Nasdaq
until 15:55, Arca until 15:59. NYSE's stands for all others."""

_NO_TIME = Refusal(
    391,
    "The date, time, or time-zone entered is invalid. The correct format is yyyymmdd hh:mm:ss xx/xxxx where yyyymmdd "
    "and xx/xxxx are optional. E.g.: 20031126 15:59:00 US/Eastern",
)
_EXPIRES_BEFORE = Refusal(201, "Order rejected - reason:Order will be expired before market opens.")
_TOO_LATE = Refusal(201, "Order rejected - reason:It is too late to submit an order for the closing auction.")
_IGNORED_OUTSIDE = Refusal(
    2109,
    "Order Event Warning: Attribute 'Outside Regular Trading Hours' is ignored based on the order type and "
    "destination. PlaceOrder is now being processed.",
)


def objection(terms: Terms, instrument: Instrument, now: datetime) -> Refusal | None:
    """What is wrong with the times of an order that is sent now."""
    for text in (terms.good_after_time, terms.good_till_date):
        if text and moment(text) is None:
            return _NO_TIME
    till = moment(terms.good_till_date) if terms.tif == "GTD" else None
    if till and till <= _first_worked(terms, instrument.sessions, now):
        return _EXPIRES_BEFORE
    return _TOO_LATE if _misses_the_close(terms, instrument, now) else None


def _first_worked(terms: Terms, sessions: Sessions, now: datetime) -> datetime:
    outside = extended(terms)
    if sessions.is_open(now, outside_rth=outside):
        return now
    return sessions.next_open(now, outside_rth=outside) or now


def _misses_the_close(terms: Terms, instrument: Instrument, now: datetime) -> bool:
    if not KINDS[terms.order_type].closing or not instrument.sessions.is_open(now, outside_rth=False):
        return False
    close = instrument.sessions.next_close(now, outside_rth=False)
    return close is not None and close - now < _CUTOFFS.get(instrument.primary_exchange, _CUTOFF)


def warnings(order: Order, now: datetime) -> list[Refusal]:
    """What is said of an order that is taken all the same: it waits for the open (399), it asks too much (2109)."""
    found = [_deferral(order, now), _ignored(order)]
    return [each for each in found if each is not None]


def _deferral(order: Order, now: datetime) -> Refusal | None:
    """The warning that an order waits for the market to open. Recorded live: not with a good-after time."""
    schedule, sessions, instrument = order.schedule, order.contract.sessions, order.contract
    postponed = schedule.begins is not None and schedule.begins > now
    if postponed or schedule.auction_only or sessions.is_open(now, outside_rth=schedule.outside_rth):
        return None
    opens = sessions.next_open(now, outside_rth=schedule.outside_rth)
    if opens is None:
        return None
    told, zone = opens.astimezone(zone_named(sessions.zone_name)), sessions.zone_name
    return Refusal(
        399,
        f"Order Message:\n{order.terms.action} {order.terms.shares.normalize():f} {instrument.symbol} "
        f"{instrument.primary_exchange}.{instrument.trading_class}\nWarning: your order will not be placed at the "
        f"exchange until {told:%Y-%m-%d %H:%M:%S} {zone}",
    )


def _ignored(order: Order) -> Refusal | None:
    hours = order.contract.sessions.trading
    asks = order.terms.outside_rth and not extended(order.terms) and not hours.unbroken
    return _IGNORED_OUTSIDE if asks else None
