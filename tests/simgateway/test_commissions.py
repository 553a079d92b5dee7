"""What trades cost: each tariff's figures, its least and most, and the volume of a month."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.books.agreement import Pricing
from reconciler.simgateway.books.commissions import Volumes, commission, estimate
from reconciler.simgateway.market.instruments import SecurityType
from reconciler.simgateway.wire.layouts import UNSET_DOUBLE
from tests.simgateway.lab import GLD, TEXT, Bench, order, say, turns

STOCK, CURRENCY, FUTURE, CRYPTO = SecurityType.STOCK, SecurityType.CURRENCY, SecurityType.FUTURE, SecurityType.CRYPTO
OPTION = SecurityType.OPTION


@pytest.mark.parametrize(
    ("pricing", "kind", "shares", "price", "fee"),
    [
        (Pricing.FIXED, STOCK, "1000", "100", "5"),
        (Pricing.FIXED, STOCK, "-10", "100", "1"),
        (Pricing.FIXED, STOCK, "1", "20", "0.20"),
        # 0.0035 a share and 0.0032 for the exchange.
        (Pricing.TIERED, STOCK, "1000", "100", "6.70"),
        (Pricing.TIERED, STOCK, "10", "100", "0.382"),
        (Pricing.TIERED, STOCK, "1", "20", "0.2032"),
        (Pricing.FIXED, CURRENCY, "20000", "1.10", "2"),
        (Pricing.TIERED, CURRENCY, "1000000", "1.10", "22"),
        (Pricing.FIXED, FUTURE, "3", "5000", "6.69"),
        (Pricing.FIXED, OPTION, "3", "28.50", "1.95"),
        (Pricing.TIERED, OPTION, "-1", "0.05", "1"),
        (Pricing.FIXED, CRYPTO, "0.5", "90000", "81"),
        (Pricing.FIXED, CRYPTO, "0.005", "90000", "1.75"),
        (Pricing.FIXED, CRYPTO, "0.001", "90000", "0.90"),
        *((Pricing.NONE, kind, "1000", "100", "0") for kind in SecurityType),
    ],
)
def test_tariffs(pricing: Pricing, kind: SecurityType, shares: str, price: str, fee: str) -> None:
    assert commission(pricing, kind, Decimal(shares), Decimal(price)) == Decimal(fee)


@pytest.mark.parametrize(
    ("before", "rate"),
    [("0", "0.0035"), ("300000", "0.0020"), ("3000000", "0.0015"), ("20000000", "0.0010"), ("100000000", "0.0005")],
)
def test_the_volume_of_the_month_lowers_the_tier(before: str, rate: str) -> None:
    fee = commission(Pricing.TIERED, STOCK, Decimal(1000), Decimal(50), Decimal(before))
    assert fee == 1000 * (Decimal(rate) + Decimal("0.0032"))


def test_a_trade_across_tiers_pays_each_share_at_its_own() -> None:
    across = commission(Pricing.TIERED, STOCK, Decimal(1000), Decimal(50), Decimal(299_600))
    assert across == 400 * Decimal("0.0035") + 600 * Decimal("0.0020") + 1000 * Decimal("0.0032")


@given(
    st.sampled_from(Pricing),
    st.sampled_from(SecurityType),
    st.integers(1, 100_000),
    st.decimals("0.01", "5000", places=2),
    st.integers(0, 10**9),
)
def test_a_trade_costs_between_the_least_and_the_most(
    pricing: Pricing, kind: SecurityType, shares: int, price: Decimal, before: int
) -> None:
    fee = commission(pricing, kind, Decimal(shares), price, Decimal(before))
    least, most = estimate(pricing, kind, Decimal(shares), price)
    assert 0 <= least <= fee <= most
    if pricing is not Pricing.TIERED or kind is not STOCK:
        assert least == most == fee


def test_a_month_starts_at_nothing() -> None:
    volumes = Volumes()
    march, april = datetime(2026, 3, 31, 23, 59, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    volumes.add("DU1", march, Decimal(100))
    volumes.add("DU1", march, Decimal(-50))
    assert volumes.so_far("DU1", march) == 150
    assert volumes.so_far("DU2", march) == 0
    assert volumes.so_far("DU1", april) == 0
    volumes.add("DU1", april, Decimal(5))
    assert volumes.so_far("DU1", april) == 5
    assert volumes.so_far("DU1", datetime(2027, 4, 1, tzinfo=UTC)) == 0


def charged(text: str) -> tuple[str, list[str]]:
    """The commission of a fill of 100, and the commission fields of its what-if."""

    async def run() -> tuple[str, list[str]]:
        bench = Bench(text)
        session, wire = bench.client()
        say(session, 3, 1, *order(GLD, "BUY", 100, what_if=1))
        (_, answer) = (frame for frame in wire.frames if frame[0] == "5")
        at = answer.index("USD", 20)
        say(session, 3, 2, *order(GLD, "BUY", 100))
        await turns()
        return next(frame[3] for frame in wire.frames if frame[0] == "59"), answer[at - 3 : at]

    return asyncio.run(run())


def test_a_scenario_and_an_account_choose_their_pricing() -> None:
    account = TEXT.replace("  DU1000001:\n", "  DU1000001:\n    commissions: none\n")
    assert charged(TEXT) == ("1", ["1", "", ""])
    assert charged("commissions: tiered\n" + TEXT) == ("0.67", [UNSET_DOUBLE, "0.35", "0.67"])
    assert charged("commissions: tiered\n" + account) == ("0", ["0", "", ""])
