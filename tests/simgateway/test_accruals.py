"""What accrued before the start: as the scenario says it, or half a month's interest on the loans."""

from decimal import Decimal

import pytest

from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.margin import figures
from reconciler.simgateway.staging import load, packaged, stage
from tests.simgateway.lab import ACCOUNT, TEXT, scenario

LOAN = TEXT.replace("cash: {USD: 60000.00}", "cash: {USD: 1000.00, EUR: -2400.00}")
AWKWARD = LOAN.replace("smooth: true", "smooth: false")
SAID = "    cash: {USD: 1000.00"


def books(text: str) -> Ledger:
    return stage(scenario(text)).ledgers[ACCOUNT]


def test_without_a_word_half_a_month_of_interest_is_owed_on_loans() -> None:
    # 2,400 × 6 % × 15 / 360, and nothing on the credit in dollars.
    assert dict(books(AWKWARD).interest) == {"EUR": -6}
    assert dict(books(LOAN).interest) == {}


@pytest.mark.parametrize(
    ("said", "accrued"),
    [
        ("accruals: {}", {}),
        ("accruals: {USD: -12.34, EUR: 5}", {"USD": Decimal("-12.34"), "EUR": 5}),
        ("interest: {loan: {EUR: 0.03}}", {"EUR": -3}),
        ("interest: {loan: {USD: 0.03}}", {}),
        ("interest: {credit: {USD: 0.36}}", {}),
    ],
)
def test_what_is_said_of_accruals_and_interest_holds(said: str, accrued: dict[str, Decimal]) -> None:
    assert dict(books(AWKWARD.replace(SAID, f"    {said}\n{SAID}")).interest) == accrued


def test_the_interest_of_an_account_goes_before_that_of_all() -> None:
    text = AWKWARD.replace(SAID, f"    interest: {{loan: {{EUR: 0.12}}}}\n{SAID}") + "interest: {loan: {EUR: 0.03}}\n"
    assert dict(books(text).interest) == {"EUR": -12}


def test_a_smooth_scenario_bears_the_interest_it_names_and_starts_without_any() -> None:
    ledger = books(LOAN + "interest: {loan: {EUR: 0.03}}\n")
    assert dict(ledger.interest) == {}
    assert ledger.interest_rates.accrual("EUR", Decimal(-2400)) == Decimal("-0.2")


def test_an_accrual_needs_an_exchange_rate() -> None:
    loaded, found = load(TEXT.replace("    exchange_rates", "    accruals: {CHF: 1}\n    exchange_rates"), "lab.yaml")
    assert loaded is None
    assert [each.code for each in found] == ["SCN103"]
    assert "CHF" in str(found[0])


@pytest.mark.parametrize(
    ("name", "net_liquidation", "equity_with_loan"), [("demo", "100000", "100042.20"), ("cad", "140000", "140006.85")]
)
def test_the_packaged_accounts_owe_interest(name: str, net_liquidation: str, equity_with_loan: str) -> None:
    setting = stage(packaged(name))
    current = figures(setting.ledgers[ACCOUNT], setting.market)
    assert current.net_liquidation == Decimal(net_liquidation)
    assert current.equity_with_loan == Decimal(equity_with_loan)
