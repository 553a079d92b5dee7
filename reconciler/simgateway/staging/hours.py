"""From what a scenario says about hours to sessions."""

from reconciler.simgateway.market import calendars
from reconciler.simgateway.market.hours import Sessions, Span, weekly
from reconciler.simgateway.scenario.hours import Hours, minutes, spans

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def sessions(hours: Hours) -> Sessions:
    """The sessions of hours that are named or written out."""
    if isinstance(hours, str):
        return calendars.NAMED[hours]()
    return weekly(
        hours.zone,
        tuple(Span(*each) for each in spans(hours.trading)),
        tuple(Span(*each) for each in spans(hours.liquid or hours.trading)),
        days=[_WEEK.index(day) for day in hours.days],
        holidays=hours.holidays,
        early_closes={day: minutes(close) for day, close in hours.early_closes.items()},
    )
