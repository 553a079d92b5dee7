"""The risk limits, one case for each: what crosses it, what it holds up, and what would mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.history import Applied
from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import Level, Limit, Override
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation, sentences
from reconciler.planning.check import EXEMPT_IN_EMERGENCY, check, check_boundary
from reconciler.planning.checks.subject import Stake, Subject
from tests.builders import (
    NOW,
    USD,
    a_balance,
    a_cost,
    a_history,
    a_line,
    a_rate,
    a_revision,
    a_sizing,
    a_snapshot,
    a_standing,
    a_trade,
    a_violation,
    an_account_spec,
    an_emergency,
    an_order,
    an_override,
    con_id_of,
    money,
    some_limits,
)

BUY = an_order(a_line("MSFT", 20, 43))
SELL = an_order(a_line("MSFT", 43, 20))
CLOSE = an_order(a_line("MSFT", 20, 0))
CAD = Currency("CAD")
LEFT = {Limit.AVAILABLE_FUNDS: "available_funds", Limit.EXCESS_LIQUIDITY: "excess_liquidity"}


def a_stake(symbol: str = "MSFT", held: int = 20, final: int = 43, price: int = 400, **changes: Any) -> Stake:
    stake = Stake(
        name=InstrumentName(symbol),
        symbol=symbol,
        con_id=con_id_of(symbol),
        currency=USD,
        sector="Technology",
        asset_class="equity",
        held=Decimal(held),
        final=Decimal(final),
        before=money(held * price),
        after=money(final * price),
        mark=Decimal(price),
        price=Decimal(price),
    )
    return replace(stake, **changes)


def left_at(net_liquidation: Money | Unknown) -> Applied:
    return Applied(NOW - timedelta(days=1), a_revision(), Decimal(1), net_liquidation, {})


@dataclass(frozen=True)
class Case:
    """What crosses one limit: bounds in the manifest, and what is so of the orders, the account and its past."""

    limit: Limit
    limits: Mapping[str, Any] = field(default_factory=dict)
    subject: Mapping[str, Any] = field(default_factory=dict)
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    orders: tuple[OrderIntent, ...] = (BUY,)
    holds: Holds = Holds.WHAT_ADDS_RISK
    mended: Mapping[str, Any] = field(default_factory=dict)
    """Bounds under which it is no violation any more: what the remedy says."""

    def subject_with(self, **limits: Any) -> Subject:
        account = an_account_spec(limits=some_limits(**{**self.limits, **limits}))
        return a_subject(account=account, snapshot=a_snapshot(**self.snapshot), orders=self.orders, **self.subject)


def a_subject(**changes: Any) -> Subject:
    snapshot: AccountSnapshot = changes.pop("snapshot", None) or a_snapshot()
    subject = Subject(
        account=an_account_spec(),
        snapshot=snapshot,
        history=a_history(),
        net_liquidation=money(100_000),
        equity_with_loan=money(100_000),
        before=a_standing("1.0"),
        after=a_standing("1.2"),
        stakes=(a_stake(),),
        orders=(BUY,),
        spent=money(0),
        balances=(a_balance(),),
        sizing=a_sizing(),
        cost=a_cost(),
    )
    return replace(subject, **changes)


def checked(subject: Subject, *overrides: Override) -> tuple[Violation, ...]:
    return check(subject, overrides=overrides, now=NOW)


def only(found: tuple[Violation, ...]) -> Violation:
    assert len(found) == 1, found
    return found[0]


def of(case: Case) -> Violation:
    """The case's own violation: no excess liquidity is no cushion either."""
    found = checked(case.subject_with())
    others = {Limit.MIN_CUSHION} if case.limit is Limit.EXCESS_LIQUIDITY else set()
    return only(tuple(each for each in found if each.limit not in others))


def borrowed_cad(amount: int) -> CurrencyBalance:
    rate = a_rate("CAD", "USD", "0.75")
    return replace(a_balance(0, -amount, "CAD"), rate=rate, market=Decimal("0.75"))


def converted_at(market: Decimal | Unknown) -> dict[str, Any]:
    cad = replace(borrowed_cad(0), market=market)
    return {"balances": (cad,), "stakes": (a_stake(currency=CAD),)}


CASES = (
    Case(Limit.MAX_LEVERAGE, {}, {"after": a_standing("1.6")}, mended={"max_leverage": Decimal("1.6")}),
    Case(
        Limit.MAX_LEVERAGE_STEP,
        {"max_leverage_step": Decimal("0.1")},
        mended={"max_leverage_step": Decimal("0.2")},
    ),
    Case(Limit.EMERGENCY_LEVERAGE, {}, {"before": a_standing("2.1"), "after": a_standing("1.4")}),
    Case(Limit.MARGIN_CUSHION, {}, {"after": a_standing("1.2", initial_margin=money(95_000))}),
    Case(
        Limit.MAX_MARGIN_UTILISATION,
        {"max_margin_utilisation": Decimal("0.4")},
        mended={"max_margin_utilisation": Decimal("0.48")},
    ),
    Case(
        Limit.MIN_CUSHION,
        {"min_cushion": Decimal("0.6")},
        mended={"min_cushion": Decimal("0.52")},
    ),
    Case(Limit.AVAILABLE_FUNDS, {}, {"after": a_standing("1.2", available_funds=money(-1))}),
    Case(Limit.EXCESS_LIQUIDITY, {}, {"after": a_standing("1.2", excess_liquidity=money(-1))}),
    Case(
        Limit.MAX_POSITION_WEIGHT,
        {"max_position_weight": Decimal("0.1")},
        mended={"max_position_weight": Decimal("0.172")},
    ),
    Case(
        Limit.MAX_SECTOR_WEIGHT,
        {"max_sector_weight": Decimal("0.1")},
        mended={"max_sector_weight": Decimal("0.172")},
    ),
    Case(
        Limit.MAX_ASSET_CLASS_WEIGHT,
        {"max_asset_class_weight": Decimal("0.1")},
        mended={"max_asset_class_weight": Decimal("0.172")},
    ),
    Case(
        Limit.MAX_CURRENCY_WEIGHT,
        {"max_currency_weight": Decimal("0.1")},
        {"stakes": (a_stake(currency=CAD),)},
        mended={"max_currency_weight": Decimal("0.172")},
    ),
    Case(
        Limit.MAX_CURRENCY_LOAN,
        {"max_currency_loan": Decimal("0.1")},
        {"balances": (borrowed_cad(20_000),)},
        mended={"max_currency_loan": Decimal("0.15")},
    ),
    Case(
        Limit.MAX_FX_DEVIATION,
        {},
        converted_at(Decimal("0.80")),
        holds=Holds.EVERYTHING,
        mended={"max_fx_deviation": Decimal("0.063")},
    ),
    Case(
        Limit.MAX_UNDECLARED,
        {"max_undeclared": Decimal("0.2")},
        {"sizing": a_sizing(undeclared=money(70_000))},
        holds=Holds.EVERYTHING,
        mended={"max_undeclared": Decimal("0.5")},
    ),
    Case(
        Limit.LONG_ONLY,
        {},
        {"stakes": (a_stake(held=20, final=-3),)},
        orders=(SELL,),
        holds=Holds.EVERYTHING,
    ),
    Case(Limit.MAX_TURNOVER, {}, {"spent": money(195_000)}, mended={"max_turnover": Decimal("2.042")}),
    Case(
        Limit.MAX_DAILY_TURNOVER,
        {"max_daily_turnover": Decimal("0.1")},
        {"history": a_history(a_trade(price=500))},
        mended={"max_daily_turnover": Decimal("0.142")},
    ),
    Case(Limit.MAX_ORDERS, {"max_orders": 1}, orders=(BUY, SELL), mended={"max_orders": 2}),
    Case(
        Limit.MAX_ORDER_NOTIONAL,
        {"max_order_notional": Decimal(1_000)},
        mended={"max_order_notional": Decimal(9_200)},
    ),
    Case(
        Limit.MAX_VOLUME_SHARE,
        {"max_volume_share": Decimal("0.01")},
        {"stakes": (a_stake(average_volume=Decimal(1_000)),)},
        mended={"max_volume_share": Decimal("0.023")},
    ),
    Case(
        Limit.MAX_POSITIONS_CLOSED,
        {"max_positions_closed": 0},
        {"stakes": (a_stake(final=0),)},
        orders=(CLOSE,),
        holds=Holds.EVERYTHING,
        mended={"max_positions_closed": 1},
    ),
    Case(
        Limit.MAX_NET_LIQUIDATION_JUMP,
        {"max_net_liquidation_jump": Decimal("0.2")},
        {"history": a_history(applied=left_at(money(80_000)))},
        holds=Holds.EVERYTHING,
        mended={"max_net_liquidation_jump": Decimal("0.25")},
    ),
    Case(
        Limit.MAX_PRICE_DEVIATION,
        {"max_price_deviation": Decimal("0.1")},
        {"stakes": (a_stake(mark=Decimal(300)),)},
        holds=Holds.EVERYTHING,
        mended={"max_price_deviation": Decimal("0.334")},
    ),
    Case(Limit.MAX_COST, {"max_cost": Decimal("0.00001")}, mended={"max_cost": Decimal("0.0001")}),
    Case(
        Limit.KEEP_DAY_TRADES,
        {"keep_day_trades": 1},
        {"history": a_history(a_trade(price=100))},
        {"day_trades_left": 1},
        mended={"keep_day_trades": 0},
    ),
    Case(Limit.ALLOW, {"allow": frozenset({"AAPL"})}, holds=Holds.EVERYTHING, mended={"allow": frozenset({"MSFT"})}),
    Case(Limit.DENY, {"deny": frozenset({"MSFT"})}, holds=Holds.EVERYTHING, mended={"deny": frozenset()}),
)


def test_what_stays_within_every_limit_violates_none() -> None:
    assert checked(a_subject()) == ()


def test_every_limit_has_a_case() -> None:
    told_by_the_emergency = {Limit.EMERGENCY_CUSHION}
    assert {each.limit for each in CASES} | told_by_the_emergency == set(Limit)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.limit)
def test_each_limit_is_held(case: Case) -> None:
    found = of(case)

    assert (found.limit, found.holds, found.blocks) == (case.limit, case.holds, True)
    assert found.level is case.limit.level


@pytest.mark.parametrize("case", [each for each in CASES if each.mended], ids=lambda case: case.limit)
def test_the_smallest_change_that_the_remedy_names_satisfies_it(case: Case) -> None:
    (bound,) = (value for value in case.mended.values())
    found = of(case)

    assert checked(case.subject_with(**case.mended)) == ()
    if isinstance(bound, int | Decimal):
        assert f"{Decimal(bound):f}" in found.remedy


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.limit)
def test_every_violation_names_a_place_and_what_to_do(case: Case) -> None:
    found = of(case)

    assert found.remedy
    brokers_own = {*LEFT, Limit.LONG_ONLY}
    assert (found.location is None) == (case.limit in brokers_own)


def test_a_limit_names_its_own_place_where_it_is_written() -> None:
    found = only(checked(a_subject(after=a_standing("1.6"))))

    assert str(found.location) == "desired-state/limits.yaml:6:7"


# ---------------------------------------------------------------------------------------------------- what they hold up


@pytest.mark.parametrize(
    "field", ["leverage", "initial_margin", "maintenance_margin", "available_funds", "excess_liquidity"]
)
def test_what_is_not_known_after_the_orders_blocks_what_adds_risk(field: str) -> None:
    lost: dict[str, object] = {field: Unknown("the what-if gave no number")}
    after = replace(a_standing("1.2"), **lost)  # type: ignore[arg-type]

    found = checked(a_subject(after=after))

    assert found
    assert all(each.blocks and each.value == "unknown" for each in found)
    reducing = replace(BUY, reduces_risk=True)
    assert not any(each.blocks for each in checked(a_subject(after=after, orders=(reducing,))))


@pytest.mark.parametrize(
    "limit", [Limit.MAX_LEVERAGE, Limit.MARGIN_CUSHION, Limit.MAX_MARGIN_UTILISATION, Limit.MIN_CUSHION]
)
def test_what_reduces_risk_is_never_blocked_by_leverage_or_margin(limit: Limit) -> None:
    case = next(each for each in CASES if each.limit is limit)
    reducing = replace(case.subject_with(), orders=(SELL,), stakes=(a_stake(held=43, final=20),))

    assert not any(each.blocks for each in checked(reducing))


def test_a_violation_that_was_there_before_blocks_only_what_worsens_it() -> None:
    better = only(checked(a_subject(before=a_standing("1.9"), after=a_standing("1.7"))))
    worse = only(checked(a_subject(before=a_standing("1.6"), after=a_standing("1.7"))))

    assert (better.existed_before, better.blocks) == (True, False)
    assert (worse.existed_before, worse.blocks) == (True, True)


def test_where_nothing_is_sent_nothing_is_violated() -> None:
    assert checked(a_subject(orders=(), after=a_standing("1.6"), spent=money(195_000))) == ()


def test_an_emergency_that_would_begin_after_the_liquidation_is_told_without_any_order() -> None:
    """At margin 80 % of the exposure, liquidation comes at leverage 1.25."""
    thin = a_standing("1.2", maintenance_margin=money(96_000), excess_liquidity=money(4_000))
    near = replace(thin, distance=replace(thin.distance, leverage=Decimal("1.25")))

    found = only(checked(a_subject(orders=(), before=near, after=near)))

    assert (found.limit, found.existed_before) == (Limit.EMERGENCY_LEVERAGE, True)
    assert "at 1.25 already" in found.message


# ------------------------------------------------------------------------------------------------------------ unknown


@pytest.mark.parametrize(
    ("limit", "limits", "changes"),
    [
        (Limit.MAX_FX_DEVIATION, {}, converted_at(Unknown("the pair was not quoted"))),
        (Limit.MAX_VOLUME_SHARE, {"max_volume_share": Decimal("0.01")}, {}),
        (Limit.MAX_DAILY_TURNOVER, {"max_daily_turnover": Decimal(1)}, {"history": a_history(trades=Unknown("x"))}),
        (Limit.MAX_COST, {"max_cost": Decimal(1)}, {"cost": a_cost(commission=Unknown("the broker named none"))}),
        (
            Limit.MAX_NET_LIQUIDATION_JUMP,
            {"max_net_liquidation_jump": Decimal(1)},
            {"history": a_history(applied=left_at(Unknown("it was not read")))},
        ),
        (
            Limit.MAX_SECTOR_WEIGHT,
            {"max_sector_weight": Decimal(1)},
            {"stakes": (a_stake(), a_stake("AAPL", 5, 5, before=Unknown("x"), after=Unknown("x")))},
        ),
        (
            Limit.MAX_LEVERAGE_STEP,
            {"max_leverage_step": Decimal("0.5")},
            {"before": a_standing(Unknown("no price")), "after": a_standing("1.2")},
        ),
    ],
)
def test_what_cannot_be_judged_is_a_violation(limit: Limit, limits: dict[str, Any], changes: dict[str, Any]) -> None:
    found = only(checked(a_subject(account=an_account_spec(limits=some_limits(**limits)), **changes)))

    assert (found.limit, found.value, found.blocks) == (limit, "unknown", True)


def test_day_trades_that_the_broker_does_not_count_bind_nobody() -> None:
    account = an_account_spec(limits=some_limits(keep_day_trades=3))
    today = a_history(a_trade(price=100))

    uncounted = a_subject(account=account, history=today, snapshot=a_snapshot(day_trades_left=None))
    unread = a_subject(account=account, history=today, snapshot=a_snapshot(day_trades_left=Unknown("it never came")))

    assert checked(uncounted) == ()
    assert only(checked(unread)).value == "unknown"


# ----------------------------------------------------------------------------------------------- levels and overrides


def test_an_advisory_limit_is_told_and_holds_nothing_up() -> None:
    limits = some_limits(levels={Limit.MAX_LEVERAGE: Level.ADVISORY})
    found = only(checked(a_subject(account=an_account_spec(limits=limits), after=a_standing("1.6"))))

    assert (found.level, found.blocks) == (Level.ADVISORY, False)


@pytest.mark.parametrize("expires", [None, NOW + timedelta(hours=1)])
def test_an_override_lets_the_plan_past_and_stays_on_record(expires: datetime | None) -> None:
    override = an_override(Limit.MAX_TURNOVER, expires=expires)

    found = only(checked(a_subject(spent=money(195_000)), override))

    assert (found.blocks, found.override) == (False, override)


def test_an_override_that_has_expired_lets_nothing_past() -> None:
    assert only(checked(a_subject(spent=money(195_000)), an_override(Limit.MAX_TURNOVER, expires=NOW))).blocks


def test_an_override_of_one_limit_is_none_of_another() -> None:
    assert only(checked(a_subject(spent=money(195_000)), an_override(Limit.MAX_COST))).blocks


def test_a_hard_limit_takes_no_override() -> None:
    found = only(checked(a_subject(after=a_standing("1.6")), an_override(Limit.MAX_LEVERAGE)))

    assert (found.blocks, found.override) == (True, None)


# ------------------------------------------------------------------------------------------------------------- places


def test_at_the_end_of_a_batch_leverage_margin_and_concentration_are_held_and_a_runs_sums_are_not() -> None:
    """A batch has no turnover of its own."""
    subject = a_subject(
        account=an_account_spec(limits=some_limits(max_orders=0, max_position_weight=Decimal("0.1"))),
        after=a_standing("1.6"),
        spent=money(195_000),
        batch=1,
    )

    found = check_boundary(subject, overrides=(), now=NOW)

    assert [(each.limit, each.batch) for each in found] == [(Limit.MAX_LEVERAGE, 1), (Limit.MAX_POSITION_WEIGHT, 1)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.limit)
def test_an_emergency_is_exempt_from_what_trips_in_a_crash_and_from_nothing_else(case: Case) -> None:
    found = check(case.subject_with(), overrides=(), now=NOW, exempt=EXEMPT_IN_EMERGENCY)

    trips_in_a_crash = {
        Limit.MAX_TURNOVER,
        Limit.MAX_DAILY_TURNOVER,
        Limit.MAX_ORDERS,
        Limit.MAX_ORDER_NOTIONAL,
        Limit.MAX_VOLUME_SHARE,
        Limit.MAX_NET_LIQUIDATION_JUMP,
        Limit.MAX_LEVERAGE_STEP,
    }
    assert (found == ()) == (case.limit in trips_in_a_crash)


def test_the_emergency_has_a_threshold_of_its_own() -> None:
    limits = some_limits(emergency=an_emergency(leverage=Decimal("1.1")))
    found = only(checked(a_subject(account=an_account_spec(limits=limits), before=a_standing("1.1"))))

    assert found.limit is Limit.EMERGENCY_LEVERAGE


def test_costs_of_everything_count() -> None:
    cost = Cost(money(3), money(4), money(5), money(0), money(0))
    limits = some_limits(max_cost=Decimal("0.0001"))

    found = only(checked(a_subject(account=an_account_spec(limits=limits), cost=cost)))

    assert "12.00 USD" in found.message


# ---------------------------------------------------------------------------------------------------------- sentences


def test_limits_that_cannot_be_checked_for_one_cause_are_told_together() -> None:
    unknown = {"message": "the margin after the orders is not known: no answer", "value": "unknown"}
    limits = (Limit.MARGIN_CUSHION, Limit.MAX_MARGIN_UTILISATION)
    cushion, utilisation = (a_violation(each, **unknown) for each in limits)
    leverage, known = a_violation(), a_violation(Limit.MAX_ORDERS, message="not known: no answer", value="5")
    other = a_violation(Limit.MIN_CUSHION, message="excess liquidity is not known: too late", value="unknown")

    assert sentences([cushion, leverage, utilisation, cushion, known, other]) == (
        "marginCushion, maxMarginUtilisation: none of them can be checked: no answer",
        f"maxLeverage: {leverage.message}",
        "maxOrders: not known: no answer",
        "minCushion: excess liquidity is not known: too late",
    )
    assert sentences([cushion, cushion]) == (f"marginCushion: {cushion.message}",)
