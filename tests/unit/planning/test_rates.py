"""What a currency is worth that the account has nothing of: the market's rate, where that may price at all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import AccountSnapshot, QuoteType
from reconciler.domain.money import Currency, FxRate
from reconciler.domain.unknown import Unknown
from reconciler.planning.rates import with_market_rates
from tests.builders import (
    NOW,
    a_contract,
    a_portfolio,
    a_position,
    a_quote,
    a_rate,
    a_snapshot,
    a_target,
    an_account_spec,
    an_instrument,
    money,
)
from tests.strategies import pair_contract

CAD, EUR, USD = Currency("CAD"), Currency("EUR"), Currency("USD")
SAP = a_target("SAP", "1", instrument=an_instrument("SAP", currency="EUR"))
ACCOUNT = an_account_spec(portfolio=a_portfolio({}, targets=(SAP,), cash_weight=0))
EARLIER = NOW - timedelta(seconds=5)
PAIR = a_quote("EUR.USD", "1.1", spread=0, as_of=EARLIER)


def seen(*, pair_quote: Any = PAIR, **snapshot: Any) -> AccountSnapshot:
    """What is left of an account in USD that wants SAP in EUR."""
    contracts = [a_contract("SAP", currency="EUR"), pair_contract("EUR", "USD")]
    quotes = [a_quote("SAP", 150, currency="EUR"), *([] if pair_quote is None else [pair_quote])]
    shown = a_snapshot(**{"positions": [], "contracts": contracts, "quotes": quotes} | snapshot)
    return with_market_rates(ACCOUNT, shown, now=NOW)


def test_a_currency_that_the_account_has_nothing_of_has_the_markets_rate() -> None:
    assert seen().rate(EUR) == FxRate(EUR, USD, Decimal("1.1"), "the market's EUR.USD", EARLIER)


def test_a_balance_of_zero_is_nothing() -> None:
    assert isinstance(seen(cash={USD: money(5), EUR: money(0, "EUR")}).rate(EUR), FxRate)


def test_the_brokers_own_rate_stands() -> None:
    own = a_rate("EUR", "USD", "1.2")
    assert seen(rates={EUR: own}).rate(EUR) == own


def test_the_brokers_rates_of_other_currencies_stand_beside_it() -> None:
    own = a_rate("CAD", "USD", "0.7")
    shown = seen(rates={CAD: own})
    assert (shown.rate(CAD), isinstance(shown.rate(EUR), FxRate)) == (own, True)


def test_a_pair_that_nobody_asked_for_gives_no_rate() -> None:
    rate = seen(contracts=[a_contract("SAP", currency="EUR")]).rate(EUR)
    assert isinstance(rate, Unknown)
    assert rate.why.endswith("the market's EUR.USD cannot be used: it was not asked for")


@pytest.mark.parametrize(
    "snapshot",
    [
        {"cash": {EUR: money(1, "EUR")}},
        {"cash": {EUR: money(-1, "EUR")}},
        {"positions": [a_position("SAP", 1, currency="EUR")]},
        {"positions": [a_position("DBK", 1, currency="EUR")]},
        {"cash": Unknown("not read")},
        {"positions": Unknown("not read")},
    ],
    ids=["held", "owed", "the line's holding", "another holding", "unread cash", "unread positions"],
)
def test_where_the_account_has_some_of_it_or_may_have_the_broker_has_to_tell_the_rate(snapshot: dict[str, Any]) -> None:
    rate = seen(**snapshot).rate(EUR)
    assert rate == Unknown("no exchange rate from EUR to USD")


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        (None, "no quote"),
        (a_quote("EUR.USD", 1, bid=None, ask=None, last=None), "EUR.USD has no price"),
        (a_quote("EUR.USD", "1.1", type=QuoteType.DELAYED), "only a delayed price"),
        (a_quote("EUR.USD", "1.1", as_of=NOW - timedelta(hours=1)), "the price is 3600 s old"),
    ],
    ids=["none", "no price", "delayed", "old"],
)
def test_a_quote_that_may_price_no_order_gives_no_rate_and_says_why(quote: Any, why: str) -> None:
    rate = seen(pair_quote=quote).rate(EUR)
    assert isinstance(rate, Unknown)
    assert rate.why.startswith("no exchange rate from EUR to USD: the broker tells none of a currency that the account")
    assert why in rate.why
