"""What an account crosses at any moment: each limit of leverage and margin by its own figure, at marks of now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.limits import Level, Limit, Override
from reconciler.domain.unknown import Unknown
from reconciler.planning.bounds import crossed
from tests.builders import NOW, a_position, a_quote, a_snapshot, account_values, an_account_spec, an_emergency, money
from tests.builders import some_limits as limits_of

WIDE = {
    "max_leverage": Decimal(9),
    "min_cushion": Decimal(0),
    "max_margin_utilisation": Decimal(1),
    "margin_cushion": Decimal(0),
    "emergency": an_emergency(leverage=Decimal(9), cushion=Decimal(0)),
}


def an_account(**figures: int) -> AccountSnapshot:
    """300 MSFT at 500 on 100,000 of equity: leverage 1.5, margins of 50,000 and 40,000."""
    values = replace(account_values(100_000), **{name: money(amount) for name, amount in figures.items()})
    return a_snapshot([a_position("MSFT", 300, 500)], quotes=[], values=values)


def found(snapshot: AccountSnapshot, overrides: tuple[Override, ...] = (), **limits: Any) -> Mapping[Limit, str]:
    account = an_account_spec(limits=limits_of(**{**WIDE, **limits}))
    return crossed(account, snapshot, overrides=overrides, now=NOW)


@pytest.mark.parametrize(
    ("limits", "figures", "limit", "words"),
    [
        ({"max_leverage": Decimal("1.49")}, {}, Limit.MAX_LEVERAGE, "leverage is 1.50, maxLeverage is 1.49"),
        (
            {"emergency": an_emergency(leverage=Decimal("1.5"), cushion=Decimal(0))},
            {},
            Limit.EMERGENCY_LEVERAGE,
            "leverage is 1.50, emergencyLeverage is 1.50",
        ),
        (
            {"emergency": an_emergency(leverage=Decimal(9), cushion=Decimal("0.1"))},
            {"excess_liquidity": 9_999},
            Limit.EMERGENCY_CUSHION,
            "the broker's cushion is 10.0%, emergencyCushion is 10.0%",
        ),
        (
            {"min_cushion": Decimal("0.3")},
            {"excess_liquidity": 29_000},
            Limit.MIN_CUSHION,
            "the broker's cushion is 29.0%, minCushion is 30.0%",
        ),
        (
            {"max_margin_utilisation": Decimal("0.4")},
            {"maintenance_margin": 40_100},
            Limit.MAX_MARGIN_UTILISATION,
            "maintenance margin is 40.1% of net liquidation, maxMarginUtilisation is 40.0%",
        ),
        (
            {"margin_cushion": Decimal("0.2")},
            {"initial_margin": 90_000},
            Limit.MARGIN_CUSHION,
            "initial margin with a cushion of 20% is 108,000.00 USD, above the equity with loan of 100,000.00 USD",
        ),
        ({}, {"available_funds": -1}, Limit.AVAILABLE_FUNDS, "available funds are -1.00 USD"),
    ],
)
def test_each_limit_is_crossed_by_its_own_figure(
    limits: dict[str, Any], figures: dict[str, int], limit: Limit, words: str
) -> None:
    assert found(an_account(**figures), **limits) == {limit: words}
    assert found(an_account()) == {}


def test_holdings_count_at_the_portfolios_marks_and_not_at_a_quote_of_before() -> None:
    snapshot = replace(an_account(), quotes={each.con_id: each for each in [a_quote("MSFT", 100)]})
    assert Limit.MAX_LEVERAGE in found(snapshot, max_leverage=Decimal("1.49"))


def test_negative_excess_liquidity_crosses_every_cushion() -> None:
    assert set(found(an_account(excess_liquidity=-1))) == {
        Limit.EXCESS_LIQUIDITY,
        Limit.MIN_CUSHION,
        Limit.EMERGENCY_CUSHION,
    }


def test_an_account_without_anything_left_is_beyond_every_share() -> None:
    broke = an_account(net_liquidation=-5, excess_liquidity=-40_000)
    assert {Limit.MIN_CUSHION, Limit.MAX_MARGIN_UTILISATION} <= set(found(broke))


def test_what_was_not_read_crosses_nothing() -> None:
    assert found(replace(an_account(), values=Unknown("?")), max_leverage=Decimal(1)) == {}
    assert found(replace(an_account(), positions=Unknown("?")), max_leverage=Decimal(1)) == {}


@pytest.mark.parametrize(
    ("level", "age", "crosses"),
    [
        (Level.HARD, timedelta(hours=1), True),
        (Level.OVERRIDE, timedelta(hours=1), False),
        (Level.OVERRIDE, timedelta(hours=-1), True),
        (Level.ADVISORY, timedelta(hours=-1), False),
    ],
)
def test_a_limit_that_is_overridden_or_only_advises_is_left_out(level: Level, age: timedelta, *, crosses: bool) -> None:
    override = Override(Limit.MAX_LEVERAGE, "for a day", "ann", NOW + age)
    limits = {"max_leverage": Decimal("1.4"), "levels": {Limit.MAX_LEVERAGE: level}}
    assert (Limit.MAX_LEVERAGE in found(an_account(), (override,), **limits)) is crosses
