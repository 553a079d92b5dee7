"""The margin rows of an account statement: requirements now, without the day's credit, and in the next margin period.

`Full` values are those of the overnight period, which gives no intraday credit; `LookAhead` values those of the period
that comes next. The suffixes -S and -C name the segments, securities and commodities: the broker sweeps as much cash
into the commodities segment as its initial margin asks for, all else is in the securities segment.
"""

from collections.abc import Iterator
from decimal import Decimal

from reconciler.simgateway.margin import Appraisal, Figures, Requirement
from reconciler.simgateway.market.margin_calendar import MarginPeriod
from reconciler.simgateway.market.market import Market

Amounts = Iterator[tuple[str, Decimal]]


def requirement_rows(appraisal: Appraisal, current: Figures) -> Amounts:
    """Key and amount of each margin row."""
    periods = {"": current, "Full": current, "LookAhead": current}
    if appraisal.rates_change:
        periods["Full"] = appraisal.figures(period=MarginPeriod.OVERNIGHT)
        periods["LookAhead"] = appraisal.figures(period=appraisal.market.margin_time.period.other)
    swept = current.commodities.initial
    kept = current.equity_with_loan - swept
    yield from (("NetLiquidation-S", current.net_liquidation - swept), ("NetLiquidation-C", swept))
    yield from (("EquityWithLoanValue-S", kept), ("EquityWithLoanValue-C", swept))
    for prefix, then in periods.items():
        total = Requirement(then.initial_margin, then.maintenance_margin)
        yield from _requirement(prefix, "", total, then.equity_with_loan)
        yield from _requirement(prefix, "-S", then.securities, kept)
        yield from _requirement(prefix, "-C", then.commodities, swept)


def _requirement(prefix: str, segment: str, required: Requirement, equity: Decimal) -> Amounts:
    yield f"{prefix}InitMarginReq{segment}", required.initial
    yield f"{prefix}MaintMarginReq{segment}", required.maintenance
    yield f"{prefix}AvailableFunds{segment}", equity - required.initial
    yield f"{prefix}ExcessLiquidity{segment}", equity - required.maintenance


def next_change(market: Market) -> str:
    """When the look-ahead values come into force, in seconds of the epoch; 0 where that is not known."""
    change = market.margin_time.next_change
    return str(int(change.timestamp())) if change else "0"
