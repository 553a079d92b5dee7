"""What a plan is estimated to cost: its commissions, half spreads and conversions, and the loan after it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.line import Line, LineKind
from reconciler.domain.money import Currency, Money
from reconciler.domain.unknown import Unknown
from reconciler.planning.cost import cost_of
from tests.builders import a_balance, a_line, a_quote, a_rate, a_snapshot, an_account_spec, money
from tests.strategies import World

CAD = Currency("CAD")
UNKNOWN = Unknown("it never came")


def traded(symbol: str = "MSFT", **changes: Any) -> Line:
    """It buys 23 for 2 of commission and 3 of half spread."""
    return a_line(symbol, 20, 43, **{"commission": money(2), "half_spread": money(3), **changes})


def exchanged(**changes: Any) -> Line:
    return traded("USD.CAD", kind=LineKind.CURRENCY, **changes)


def cost(*lines: Line, balances: tuple[CurrencyBalance, ...] = (), financing: Decimal | None = None) -> Cost:
    snapshot = replace(a_snapshot(), rates={CAD: a_rate("CAD", "USD", "0.75")})
    return cost_of(an_account_spec(financing_rate=financing), snapshot, lines, balances)


def owed(amount: int, currency: str = "USD") -> CurrencyBalance:
    rate = a_rate("CAD", "USD", "0.75") if currency == "CAD" else a_balance().rate
    return a_balance(0, -amount, currency, rate=rate)


def test_what_trades_costs_and_what_rests_does_not() -> None:
    resting = a_line("GLD", 20, 20, commission=money(9), half_spread=money(9))

    found = cost(traded(), traded("AAPL"), resting)

    assert (found.commission, found.half_spread, found.conversion) == (money(4), money(6), money(0))
    assert found.once == money(10)


def test_a_conversion_costs_by_itself() -> None:
    found = cost(traded(), exchanged())

    assert (found.commission, found.half_spread, found.conversion) == (money(2), money(3), money(5))


def test_a_commission_in_another_currency_is_converted() -> None:
    assert cost(traded(commission=money(4, "CAD"))).commission == money(3)


def test_a_commission_in_a_currency_without_a_rate_is_unknown() -> None:
    assert isinstance(cost(traded(commission=money(4, "EUR"))).commission, Unknown)


def test_what_one_line_does_not_know_the_sum_does_not_know_either() -> None:
    found = cost(traded(commission=UNKNOWN), traded("AAPL", half_spread=UNKNOWN), exchanged(commission=UNKNOWN))

    assert (found.commission, found.half_spread, found.conversion) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert found.once == UNKNOWN


def test_a_line_that_nobody_asked_about_is_not_free() -> None:
    assert isinstance(cost(traded(commission=None)).commission, Unknown)


def test_half_of_the_spread_is_what_an_order_loses_against_the_middle() -> None:
    """125 shares of a spread of 4 cents."""
    world = World(
        an_account_spec(portfolio=_half_of_it(), limits=an_account_spec().limits),
        a_snapshot([], quotes=[a_quote("MSFT", 400, spread="0.04")]),
    )

    assert world.plan().cost.half_spread == money("2.50")


def _half_of_it() -> Any:
    portfolio = an_account_spec().portfolio
    return replace(portfolio, targets=portfolio.targets[:1], cash_weight=Decimal("0.5"))


# --------------------------------------------------------------------------------------------------------------- loans


def test_the_loan_is_what_is_owed_in_all_currencies_together() -> None:
    assert cost(balances=(owed(1_000), owed(400, "CAD"))).loan == money(1_300)


def test_what_is_held_in_one_currency_does_not_make_up_for_a_loan_in_another() -> None:
    assert cost(balances=(a_balance(0, 9_000), owed(400, "CAD"))).loan == money(300)


def test_the_loan_is_the_one_after_the_plan() -> None:
    assert cost(balances=(a_balance(-9_000, 100),)).loan == money(0)


def test_a_balance_or_a_rate_that_is_not_known_leaves_the_loan_unknown() -> None:
    assert cost(balances=(a_balance(after=UNKNOWN),)).loan == UNKNOWN
    assert cost(balances=(replace(owed(400, "CAD"), rate=UNKNOWN),)).loan == UNKNOWN


def test_financing_is_the_loan_at_the_rate_that_the_manifest_names() -> None:
    found = cost(balances=(owed(1_000),), financing=Decimal("0.06"))

    assert found.financing == money(60)


def test_financing_without_a_rate_is_unknown_and_without_a_loan_is_none() -> None:
    said = cost(balances=(owed(1_000),)).financing

    assert isinstance(said, Unknown)
    assert "financingRate" in said.why
    assert cost(balances=(a_balance(100),)).financing == Money(Decimal(0), Currency("USD"))


def test_financing_is_no_cost_of_the_run() -> None:
    assert cost(traded(), balances=(owed(1_000),), financing=Decimal("0.06")).once == money(5)
