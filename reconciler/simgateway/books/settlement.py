"""The broker's day, when cash settles, and what the end of a day enters in the books. Pure functions.

Assumptions: the broker's day is New York's for every account; business days are the days from Monday to Friday.
Source of the terms: US stocks and options settle one business day after the trade, spot currencies two.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books.interest import payable
from reconciler.simgateway.books.ledger import Ledger, Posting
from reconciler.simgateway.market.market import Market

BROKER_ZONE = ZoneInfo("America/New_York")
_BUSINESS_DAYS: Mapping[str, int] = {"STK": 1, "OPT": 1, "CASH": 2}
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


def broker_day(moment: datetime) -> date:
    """The broker's day at a moment."""
    return moment.astimezone(BROKER_ZONE).date()


def end_of(day: date) -> datetime:
    """The midnight that ends a day of the broker, in UTC."""
    return datetime.combine(day + _ONE_DAY, time(), BROKER_ZONE).astimezone(UTC)


def settlement_day(security_type: str, traded: date) -> date | None:
    """When the cash of a trade is settled; None: at once."""
    waits = _BUSINESS_DAYS.get(security_type, 0)
    day = traded
    for _ in range(waits):
        day = next_business_day(day)
    return day if waits else None


def next_business_day(day: date) -> date:
    """The first business day after a day."""
    day += _ONE_DAY
    while day.weekday() >= _SATURDAY:
        day += _ONE_DAY
    return day


def variation(ledger: Ledger, market: Market, day: date) -> Iterator[Posting]:
    """What a day's end pays on futures: what they are worth at the mark, less what was paid before."""
    for con_id, held in ledger.held().items():
        instrument = market.listing(con_id).instrument
        if instrument.settles_daily:
            change = instrument.equity(held.quantity, held.settled_value, market.quote(con_id).mark)
            if change:
                reference = f"variation {day}"
                yield Posting(reference, instrument.currency, change)
                yield Posting(reference, instrument.currency, con_id=con_id, settled_value=change)


def interest(ledger: Ledger, day: date) -> Iterator[Posting]:
    """What a day adds to the interest accrued, on the settled balances at its end."""
    for currency in sorted(ledger.currencies):
        earned = ledger.interest_rates.accrual(currency, ledger.settled(currency))
        if earned:
            yield Posting(f"interest {day}", currency, interest=earned)


def interest_payment(ledger: Ledger, day: date) -> Iterator[Posting]:
    """The interest accrued, paid in whole cents on the first day of a month. The real one pays on its third business
    day."""
    if day.day != 1:
        return
    for currency, accrued in sorted(ledger.interest.items()):
        paid = payable(accrued)
        if paid != ZERO:
            yield Posting(f"interest paid {day}", currency, paid, interest=-paid)
