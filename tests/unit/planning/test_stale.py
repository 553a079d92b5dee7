"""When a plan no longer fits: another account, other manifests or holdings, a price that moved, a life that is over."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import Position, WorkingOrder
from reconciler.domain.contract import TradingSession
from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountId, AccountName, ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.stale import why_moved, why_stale
from tests.builders import (
    ACCOUNT_ID,
    DIGEST,
    NOW,
    a_contract,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_rate,
    a_snapshot,
    a_target,
    a_working_order,
    account_values,
    an_account_spec,
    an_instrument,
    con_id_of,
    money,
)
from tests.strategies import WIDE_LIMITS, World, pair_contract, pair_quote

TTL = timedelta(minutes=15)


def a_world(
    positions: Iterable[Position] = (),
    *,
    price: str = "100",
    hours: tuple[TradingSession, ...] = (),
    weight: str = "0.5",
    **snapshot: Any,
) -> World:
    """MSFT, of 100,000, under a policy that lets a plan live for a quarter of an hour, and prices move by 2 %."""
    account = an_account_spec(
        portfolio=a_portfolio({"MSFT": weight}), limits=WIDE_LIMITS, policy=a_policy(minimum_notional=Decimal(0))
    )
    contracts = [a_contract("MSFT", liquid_hours=hours)]
    return World(
        account,
        a_snapshot(positions, contracts=contracts, quotes=[a_quote("MSFT", price, spread=0)], **snapshot),
    )


def stale(plan: Plan, current: World, *, now: datetime = NOW, **changes: Any) -> tuple[str, ...]:
    asked: dict[str, Any] = {"manifests": DIGEST, "account_id": ACCOUNT_ID, **changes}
    return why_stale(plan, current.draft(), now=now, **asked)


def test_what_did_not_change_is_not_stale() -> None:
    assert stale(a_world().plan(), a_world()) == ()


# -------------------------------------------------------------------------------------------------- another account


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ({"name": AccountName("other")}, "for account 'main', not 'other'"),
        ({"environment": Environment.LIVE}, "for paper, the account is live"),
    ],
)
def test_a_plan_for_another_account_is_stale(account: dict[str, Any], said: str) -> None:
    world = a_world()

    (why,) = stale(world.plan(), replace(world, account=replace(world.account, **account)))

    assert said in why


def test_a_plan_for_another_account_number_is_stale_and_does_not_show_it() -> None:
    assert stale(a_world().plan(), a_world(), account_id=AccountId("DU2")) == (
        "the plan is for another account number",
    )


def test_other_manifests_make_it_stale() -> None:
    assert stale(a_world().plan(), a_world(), manifests="sha256:other") == (
        "the manifests changed since the plan was made",
    )


# ------------------------------------------------------------------------------------------------------- its life


@pytest.mark.parametrize(("after", "is_over"), [(TTL, False), (TTL + timedelta(seconds=1), True)])
def test_it_lives_as_long_as_the_policy_says(after: timedelta, is_over: bool) -> None:
    found = stale(a_world().plan(), a_world(), now=NOW + after)

    assert found == (("the plan expired at 2026-03-02 15:15:00 UTC",) if is_over else ())


def test_a_plan_from_the_future_is_stale() -> None:
    (why,) = stale(a_world().plan(), a_world(), now=NOW - timedelta(seconds=1))

    assert "a clock is wrong" in why


def session(opens: int, closes: int) -> TradingSession:
    """In minutes from now."""
    return TradingSession(NOW + timedelta(minutes=opens), NOW + timedelta(minutes=closes))


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [
        ((session(-60, 5),), 5),
        ((session(-60, 60),), 15),
        ((session(10, 60),), 10),
        ((session(-60, -5),), 15),
        ((session(-60, 5), session(5, 60)), 15),
        ((session(-60, -30), session(7, 60)), 7),
        ((), 15),
    ],
    ids=["closes", "later", "opens", "over", "sessions that touch", "between two", "nobody knows"],
)
def test_it_ends_with_the_session_of_what_it_trades(hours: tuple[TradingSession, ...], minutes: int) -> None:
    assert a_world(hours=hours).plan().expires == NOW + timedelta(minutes=minutes)


def test_it_ends_with_the_first_of_the_markets_that_it_trades_in() -> None:
    world = a_world(hours=(session(-60, 9),))
    other = a_contract("AAPL", liquid_hours=(session(-60, 3),))
    snapshot = replace(
        world.snapshot,
        contracts={**world.snapshot.contracts, InstrumentName("AAPL"): other},
        quotes={**world.snapshot.quotes, other.con_id: a_quote("AAPL", 100, spread=0)},
    )
    both = replace(world.account, portfolio=a_portfolio({"MSFT": "0.5", "AAPL": "0.2"}))
    one = replace(world.account, portfolio=a_portfolio({"MSFT": "0.5", "AAPL": "0"}))

    assert World(both, snapshot).plan().expires == NOW + timedelta(minutes=3)
    assert World(one, snapshot).plan().expires == NOW + timedelta(minutes=9), "AAPL is not traded"


# -------------------------------------------------------------------------------------------------------- holdings


@pytest.mark.parametrize(
    "changes",
    [
        {"positions": (a_position("MSFT", 11, 100),)},
        {"working_orders": (a_working_order("MSFT"),)},
    ],
    ids=["held", "working"],
)
def test_what_is_held_of_a_declared_line_or_works_on_it_makes_it_stale(changes: dict[str, Any]) -> None:
    before = a_world((a_position("MSFT", 10, 100),))
    after = replace(before, snapshot=replace(before.snapshot, **changes))

    assert stale(before.plan(), after) == (
        "holdings or working orders of the declared instruments changed since the plan was made",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"positions": (a_position("MSFT", 10, 100), a_position("IBKR", 5, 60))},
        {"working_orders": (a_working_order("IBKR"),)},
    ],
)
def test_what_no_manifest_names_makes_nothing_stale(changes: dict[str, Any]) -> None:
    before = a_world((a_position("MSFT", 10, 100),))

    assert stale(before.plan(), replace(before, snapshot=replace(before.snapshot, **changes))) == ()


@pytest.mark.parametrize("part", ["positions", "working_orders"])
def test_what_cannot_be_read_now_is_not_stale_for_it_blocks(part: str) -> None:
    before = a_world((a_position("MSFT", 10, 100),))
    lost: dict[str, Any] = {part: Unknown("its END never came")}

    assert stale(before.plan(), replace(before, snapshot=replace(before.snapshot, **lost))) == ()


# ---------------------------------------------------------------------------------------------------------- prices


@pytest.mark.parametrize(("price", "moved"), [("102", None), ("98", None), ("102.01", "+2.01%"), ("97.99", "-2.01%")])
def test_a_price_outside_the_collar_makes_it_stale_in_either_direction(price: str, moved: str | None) -> None:
    found = stale(a_world().plan(), a_world(price=price))

    assert found == (() if moved is None else (f"MSFT moved {moved} since the plan was made, the collar is 2.0%",))


def test_the_collar_is_the_plans_and_not_todays() -> None:
    wider = replace(a_world().plan(), price_collar=Decimal("0.1"))

    assert stale(wider, a_world(price="105")) == ()


def test_the_price_of_what_is_not_traded_may_move() -> None:
    assert stale(a_world(weight="0").plan(), a_world(weight="0", price="150")) == ()


def test_the_price_of_a_conversion_is_held_to_the_collar_too() -> None:
    plan, moved = canadian("1.25").plan(), canadian("1.29")

    assert [each for each in stale(plan, moved) if "USD.CAD" in each] == [
        "USD.CAD moved +3.20% since the plan was made, the collar is 2.0%"
    ]


def canadian(rate: str) -> World:
    usd, worth = Currency("USD"), Decimal(rate)
    account = an_account_spec(
        portfolio=a_portfolio({}, targets=(a_target("MSFT", "0.5", instrument=an_instrument("MSFT")),)),
        base_currency=Currency("CAD"),
        limits=WIDE_LIMITS,
    )
    snapshot = a_snapshot(
        [],
        contracts=[a_contract("MSFT"), pair_contract("USD", "CAD")],
        quotes=[a_quote("MSFT", 100, spread=0), pair_quote("USD", "CAD", worth)],
        base_currency="CAD",
        values=account_values(250_000, currency="CAD"),
        cash={Currency("CAD"): money(250_000, "CAD")},
        rates={usd: a_rate("USD", "CAD", worth)},
    )
    return World(account, snapshot)


# ---------------------------------------------------------------------------------------------- between two batches


def moved(held: Iterable[Position], expected: dict[str, int], orders: tuple[WorkingOrder, ...] = ()) -> tuple[str, ...]:
    quantities: dict[ConId, Decimal] = {con_id_of(symbol): Decimal(each) for symbol, each in expected.items()}
    return why_moved(a_snapshot(held, working_orders=orders), quantities)


def test_between_batches_holdings_are_what_the_fills_make_of_them() -> None:
    held = [a_position("MSFT", 10), a_position("IBKR", 3)]

    assert moved(held, {"MSFT": 10, "GLD": 0}) == ()
    assert moved(held, {"MSFT": 12}) == ("MSFT: 10 held, 12 expected",)
    assert moved(held, {"GLD": 1}) == (f"contract {con_id_of('GLD')}: 0 held, 1 expected",)
    known = a_snapshot(held, contracts=[a_contract("GLD")])
    assert why_moved(known, {con_id_of("GLD"): Decimal(1)}) == ("GLD: 0 held, 1 expected",)


def test_between_batches_positions_that_cannot_be_read_block_elsewhere() -> None:
    assert why_moved(a_snapshot(Unknown("not read")), {con_id_of("MSFT"): Decimal(1)}) == ()
