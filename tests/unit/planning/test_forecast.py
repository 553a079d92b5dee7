"""What would be left after some orders: the broker's what-ifs, and when they are not believed."""

from decimal import Decimal

import pytest

from reconciler.domain.orders import OrderIntent, WhatIf
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planning.draft import Draft, draft
from reconciler.planning.forecast import forecast
from reconciler.planning.judge import outlook_of
from tests.builders import NOW, a_policy, a_portfolio, a_quote, a_snapshot, an_account_spec, money


def a_draft() -> Draft:
    """20 MSFT held, 250 wanted; initial margin 50,000, maintenance margin 40,000, headroom 5 %."""
    account = an_account_spec(portfolio=a_portfolio({"MSFT": "1"}), policy=a_policy(margin_headroom=Decimal("0.05")))
    return draft(account, a_snapshot(quotes=[a_quote("MSFT", 400, spread=0)]), now=NOW)


def a_what_if(initial: int = 20_000, maintenance: int = 10_000, *, before: Decimal | int = 50_000) -> WhatIf:
    scale = Decimal(before) / 50_000
    return WhatIf(
        initial_margin_before=money(before),
        initial_margin_change=money(initial),
        maintenance_margin_before=money(40_000 * scale),
        maintenance_margin_change=money(maintenance),
        equity_with_loan_after=money(100_000),
        commission=money(1),
    )


def after(answer: WhatIf | Unknown) -> Standing:
    made = a_draft()
    (order,) = (order for batch in made.batches for order in batch.orders)
    estimates: dict[OrderIntent, WhatIf | Unknown] = {order: answer}
    return forecast(outlook_of(made), estimates, spent=money(0)).after


def test_what_adds_margin_is_counted_with_headroom() -> None:
    standing = after(a_what_if())

    assert standing.initial_margin == money(71_000)
    assert standing.maintenance_margin == money(50_500)
    assert standing.available_funds == money(29_000)
    assert standing.excess_liquidity == money(49_500)


def test_what_releases_margin_is_counted_as_it_is() -> None:
    assert after(a_what_if(-20_000, -10_000)).initial_margin == money(30_000)


def test_an_unknown_what_if_leaves_the_margin_unknown() -> None:
    assert isinstance(after(Unknown("it never came")).available_funds, Unknown)


@pytest.mark.parametrize("before", [50_000 * Decimal("1.37"), 50_000 / Decimal("1.37"), 0])
def test_a_what_if_that_starts_from_another_margin_is_not_believed(before: Decimal) -> None:
    """As one in another currency would, or one of another moment."""
    margin = after(a_what_if(before=before)).initial_margin

    assert isinstance(margin, Unknown)
    assert "another currency" in margin.why


def test_a_what_if_may_start_from_a_margin_that_prices_have_moved_a_little() -> None:
    assert after(a_what_if(before=51_000)).initial_margin == money(71_000)
