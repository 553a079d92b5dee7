"""Exchange rates: by the currency pairs of the market, unless a scenario pins them."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.margin import figures
from reconciler.simgateway.market.rates import LiveRates, exchange_rate
from reconciler.simgateway.staging import load
from tests.simgateway.lab import Bench

PAIRS = {
    ("EUR", "USD"): Decimal("1.10"),
    ("USD", "CAD"): Decimal("1.25"),
    ("EUR", "CHF"): Decimal("0.95"),
}


@pytest.mark.parametrize(
    ("currency", "base", "rate"),
    [
        ("USD", "USD", "1"),
        ("EUR", "USD", "1.10"),
        ("USD", "EUR", "0.90909091"),
        ("CAD", "USD", "0.8"),
        ("EUR", "CAD", "1.375"),
        ("CAD", "EUR", "0.72727273"),
        ("CHF", "USD", "1.15789474"),
        ("CHF", "CAD", None),
        ("JPY", "USD", None),
    ],
)
def test_a_rate_follows_from_a_pair_or_from_two(currency: str, base: str, rate: str | None) -> None:
    assert exchange_rate(currency, base, PAIRS) == (None if rate is None else Decimal(rate))


@given(st.decimals("0.0001", "10000", places=4), st.decimals("0.0001", "10000", places=4))
def test_there_and_back_is_where_it_started(first: Decimal, second: Decimal) -> None:
    pairs = {("A", "B"): first, ("B", "C"): second}
    for currency, base in (("A", "B"), ("A", "C"), ("B", "C")):
        there, back = exchange_rate(currency, base, pairs), exchange_rate(base, currency, pairs)
        assert there is not None
        assert back is not None
        # Eight decimals of the smaller one bound how exact the product can be.
        assert abs(there * back - 1) <= max(there, back) * Decimal("2e-8")


def test_live_rates_are_a_mapping_of_what_is_known() -> None:
    rates = LiveRates("USD", {"EUR": Decimal("1.20")}, lambda: PAIRS)
    assert dict(rates) == {
        "EUR": Decimal("1.20"),
        "USD": Decimal(1),
        "CAD": Decimal("0.8"),
        "CHF": Decimal("1.15789474"),
    }
    assert len(rates) == 4
    assert dict(LiveRates("USD", {}, dict)) == {"USD": Decimal(1)}
    with pytest.raises(KeyError):
        rates["JPY"]
    rates["CAD"] = Decimal("0.75")
    assert rates["CAD"] == Decimal("0.75")
    del rates["CAD"]
    assert rates["CAD"] == Decimal("0.8")


TEXT = """
smooth: true
accounts:
  FOLLOWS: {base_currency: CAD, cash: {CAD: 1000, USD: 1000}}
  PINNED: {base_currency: CAD, cash: {CAD: 1000, USD: 1000}, exchange_rates: {USD: 1.40}}
instruments:
  CAD: {symbol: USD, currency: CAD, security_type: CASH, con_id: 15016062, name: US dollar, last: 1.25, spread: 0.0001}
"""


def test_an_account_follows_the_pair_unless_its_rate_is_pinned() -> None:
    async def run() -> None:
        bench = Bench(TEXT)
        worth = {name: figures(ledger, bench.broker.market) for name, ledger in bench.broker.ledgers.items()}
        assert worth["FOLLOWS"].net_liquidation == 2250
        assert worth["PINNED"].net_liquidation == 2400
        bench.broker.move_prices({15016062: {"last": Decimal("1.30")}})
        worth = {name: figures(ledger, bench.broker.market) for name, ledger in bench.broker.ledgers.items()}
        assert worth["FOLLOWS"].net_liquidation == 2300
        assert worth["PINNED"].net_liquidation == 2400

    asyncio.run(run())


def mistakes(text: str) -> list[str]:
    scenario, found = load(text, "bad.yaml")
    assert scenario is None
    return [str(each).removeprefix("bad.yaml:") for each in found]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("last: 1.25, spread: 0.0001", "bid: 1.24"), "no exchange rate for USD [SCN103]"),
        (("currency: CAD, security", "currency: JPY, security"), "no exchange rate for JPY [SCN103]"),
    ],
)
def test_what_no_pair_can_tell_is_a_finding(change: tuple[str, str], told: Any) -> None:
    assert any(told in each for each in mistakes(TEXT.replace(*change)))
