"""A batch that there is not margin enough for: what is admitted fits, and nothing of the rest would fit beside it.

Margin of any size, released margin among it, under any of the limits of margin.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciler.domain.limits import RiskLimits
from reconciler.domain.orders import OrderIntent, WhatIf
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planning.check import MARGIN_LIMITS, check
from reconciler.planning.draft import Draft, draft
from reconciler.planning.forecast import Outlook, forecast
from reconciler.planning.judge import outlook_of
from reconciler.planning.reduce import without_margin
from tests.builders import NOW, a_contract, a_portfolio, a_quote, a_snapshot, an_account_spec, money, some_limits

MOST = 6
SHARES = st.decimals("0", "0.5", places=2)
CHANGES = st.decimals(-20_000, 60_000, places=2)
Estimates = Mapping[OrderIntent, WhatIf | Unknown]


@st.composite
def some_bounds(draw: st.DrawFn) -> RiskLimits:
    return some_limits(margin_cushion=draw(SHARES), min_cushion=draw(SHARES), max_margin_utilisation=1 - draw(SHARES))


@cache
def a_draft(count: int) -> Draft:
    """As many buys, the largest first."""
    sizes = range(count, 2 * count)
    weights = {f"S{number:03d}": str(Decimal(number) / sum(sizes)) for number in sizes}
    account = an_account_spec(portfolio=a_portfolio(weights))
    contracts, quotes = [a_contract(each) for each in weights], [a_quote(each, 1, spread=0) for each in weights]
    snapshot = a_snapshot(positions=[], contracts=contracts, quotes=quotes)
    made = draft(account, snapshot, now=NOW)
    assert len(made.orders) == count
    return made


def a_what_if(outlook: Outlook, initial: Decimal, maintenance: Decimal) -> WhatIf:
    values = outlook.values
    return WhatIf(
        initial_margin_before=values.initial_margin,
        initial_margin_change=money(initial),
        maintenance_margin_before=values.maintenance_margin,
        maintenance_margin_change=money(maintenance),
        equity_with_loan_after=values.equity_with_loan,
        commission=money(1),
    )


def of_margin(outlook: Outlook, estimates: Estimates) -> tuple[Violation, ...]:
    found = check(forecast(outlook, estimates, spent=money(0)), overrides=(), now=NOW)
    return tuple(each for each in found if each.limit in MARGIN_LIMITS and each.blocks)


def under(outlook: Outlook, limits: RiskLimits, available: Decimal, excess: Decimal) -> Outlook:
    """The same account under other limits, with other funds."""
    values = replace(outlook.values, available_funds=money(available), excess_liquidity=money(excess))
    account = replace(outlook.account, limits=limits)
    return replace(outlook, account=account, snapshot=replace(outlook.snapshot, values=values))


@settings(max_examples=300)
@given(
    limits=some_bounds(),
    changes=st.lists(st.tuples(CHANGES, CHANGES), min_size=1, max_size=MOST),
    available=st.decimals(-10_000, 80_000, places=2),
    excess=st.decimals(-10_000, 80_000, places=2),
)
def test_what_is_admitted_fits_and_nothing_of_the_rest_would_fit_beside_it(
    limits: RiskLimits, changes: list[tuple[Decimal, Decimal]], available: Decimal, excess: Decimal
) -> None:
    made = a_draft(len(changes))
    outlook = under(outlook_of(made), limits, available, excess)
    estimates = {order: a_what_if(outlook, *change) for order, change in zip(made.orders, changes, strict=True)}

    assume(of_margin(outlook, estimates))

    whole = forecast(outlook, estimates, spent=money(0))
    left_out = without_margin(outlook, whole, estimates, overrides=(), now=NOW)
    admitted = {order: each for order, each in estimates.items() if order not in left_out}

    assert not admitted or not of_margin(outlook, admitted)
    for order in left_out:
        grown = {each: estimates[each] for each in estimates if each in admitted or each is order}
        assert of_margin(outlook, grown), f"{order.instrument} would fit as well"


def test_a_batch_of_three_hundred_is_reduced_to_as_many_as_there_are_funds_for() -> None:
    made = a_draft(300)
    outlook = under(outlook_of(made), some_limits(margin_cushion=Decimal(0)), Decimal(42_000), Decimal(50_000))
    estimates = {order: a_what_if(outlook, Decimal(400), Decimal(300)) for order in made.orders}
    left_out = without_margin(outlook, forecast(outlook, estimates, spent=money(0)), estimates, overrides=(), now=NOW)
    assert list(left_out) == list(estimates)[100:], "420 each with headroom, the largest first"
