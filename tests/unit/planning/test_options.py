"""What one invocation may ask for beyond the manifests: it may tighten a limit, and never loosen one."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import Refused
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.limits import Level, Limit
from reconciler.domain.line import Reason
from reconciler.domain.options import GivenTarget, RunOptions
from reconciler.domain.plan import Plan
from reconciler.domain.policy import OrderStyle
from reconciler.domain.portfolio import Moved
from reconciler.planning.options import with_options
from tests.builders import (
    a_contract,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    a_target,
    an_account_spec,
    an_instrument,
    an_override,
    some_limits,
)
from tests.strategies import WIDE_LIMITS, World

MSFT, AAPL = InstrumentName("MSFT"), InstrumentName("AAPL")


def asked(**options: Any) -> AccountSpec:
    return with_options(an_account_spec(leverage="1.4"), RunOptions(**options))


def a_plan(options: RunOptions, account: AccountSpec | None = None) -> Plan:
    """Half MSFT, half AAPL, both at 100, of 100,000."""
    spec = with_options(account or an_account_spec(limits=WIDE_LIMITS), options)
    snapshot = a_snapshot(
        [],
        contracts=[a_contract("MSFT"), a_contract("AAPL")],
        quotes=[a_quote("MSFT", 100, spread=0), a_quote("AAPL", 100, spread=0)],
    )
    return World(spec, snapshot, options=options).plan()


def test_without_options_the_account_is_as_its_manifests_say() -> None:
    account = an_account_spec()

    assert with_options(account, RunOptions()) == account


# ------------------------------------------------------------------------------------------------- leverage and margin


@pytest.mark.parametrize("leverage", ["1.2", "1.5"])
def test_the_leverage_is_a_target_and_may_go_either_way_up_to_its_limit(leverage: str) -> None:
    assert asked(leverage=Decimal(leverage)).leverage == Decimal(leverage)


def test_a_plan_is_sized_at_the_leverage_that_is_asked_for() -> None:
    plan = a_plan(RunOptions(leverage=Decimal("0.5")))

    assert {str(line.instrument): line.order for line in plan.lines} == {"AAPL": Decimal(250), "MSFT": Decimal(250)}
    assert (plan.leverage_target, plan.options.leverage) == (Decimal("0.5"), Decimal("0.5"))


def test_a_leverage_beyond_its_limit_is_refused_and_says_where_the_limit_is() -> None:
    with pytest.raises(Refused, match=r"--leverage 1\.51 is above the maxLeverage 1\.5 .*limits\.yaml"):
        asked(leverage=Decimal("1.51"))


def test_a_wider_margin_cushion_holds() -> None:
    assert asked(margin_cushion=Decimal("0.3")).limits.margin_cushion == Decimal("0.3")
    assert asked(margin_cushion=Decimal("0.1")).limits.margin_cushion == Decimal("0.1")


def test_a_narrower_margin_cushion_is_refused_and_says_where_the_manifests_one_is() -> None:
    with pytest.raises(Refused, match=r"--margin-cushion 0\.09 is below .* 0\.1 .*limits\.yaml.* never loosen it"):
        asked(margin_cushion=Decimal("0.09"))


# ----------------------------------------------------------------------------------------------------------- execution


def test_how_orders_run_is_asked_for_and_all_else_stays() -> None:
    plain = an_account_spec(leverage="1.4")
    account = asked(max_parallel=3, max_runtime=timedelta(minutes=15), order_style=OrderStyle.LIMIT)

    assert account.policy == replace(
        plain.policy,
        max_parallel_orders=3,
        timeouts=replace(plain.policy.timeouts, run=timedelta(minutes=15)),
        order_style=OrderStyle.LIMIT,
    )
    assert replace(account, policy=plain.policy) == plain


# ----------------------------------------------------------------------------------------------------- a part of it


@pytest.mark.parametrize(
    "options",
    [RunOptions(targets=(MSFT,)), RunOptions(excluded=(AAPL,)), RunOptions(targets=(MSFT, AAPL), excluded=(AAPL,))],
)
def test_only_what_is_selected_trades_and_the_plan_says_that_it_is_a_part(options: RunOptions) -> None:
    plan = a_plan(options)

    assert [str(order.instrument) for order in plan.orders] == ["MSFT"]
    assert {str(line.instrument): line.reason for line in plan.lines} == {
        "AAPL": Reason.NOT_SELECTED,
        "MSFT": Reason.NOT_HELD,
    }
    assert plan.options.is_partial


def test_what_is_left_out_takes_part_in_the_sizing() -> None:
    plan = a_plan(RunOptions(targets=(MSFT,)))

    assert [order.quantity for order in plan.orders] == [Decimal(500)]


def test_the_whole_is_no_part() -> None:
    assert not a_plan(RunOptions(is_forced=True)).options.is_partial


@pytest.mark.parametrize(("field", "option"), [("targets", "--target"), ("excluded", "--exclude")])
def test_a_line_that_nobody_declared_is_refused_with_the_name_that_was_meant(field: str, option: str) -> None:
    with pytest.raises(Refused, match=f"{option} MSTF: no line .*MSFT"):
        asked(**{field: (InstrumentName("MSTF"),)})


# ----------------------------------------------------------------------------------------------- another portfolio


def test_a_given_portfolio_stands_in_place_of_the_declared_one() -> None:
    lines = (GivenTarget("MSFT", Decimal("0.3"), None), GivenTarget("GLD", Decimal("0.2"), "Metals"))

    portfolio = asked(portfolio=lines).portfolio

    assert [(str(each.instrument.name), each.weight, each.sector) for each in portfolio.targets] == [
        ("MSFT", Decimal("0.3"), None),
        ("GLD", Decimal("0.2"), "Metals"),
    ]
    assert portfolio.cash_weight == Decimal("0.5")


def test_what_the_manifests_know_of_a_symbol_holds_for_a_given_line() -> None:
    known = a_target(
        "RY",
        "0.5",
        instrument=an_instrument("RY", currency="CAD", primary_exchange="TSE"),
        sector="Banks",
        sleeve="core",
    )
    account = an_account_spec(portfolio=a_portfolio({}, targets=(known,)))

    (kept,) = with_options(account, RunOptions(portfolio=(GivenTarget("RY", Decimal("0.1"), None),))).portfolio.targets
    (other,) = with_options(account, RunOptions(portfolio=(GivenTarget("RY", Decimal(1), "Energy"),))).portfolio.targets

    assert (kept.instrument, kept.sector, kept.sleeve) == (known.instrument, "Banks", None)
    assert other.sector == "Energy"


def test_a_symbol_that_the_manifests_do_not_know_is_a_stock_in_dollars() -> None:
    (line,) = asked(portfolio=(GivenTarget("GLD", Decimal(1), None),)).portfolio.targets

    assert line.instrument == an_instrument("GLD")


def test_a_symbol_that_two_lines_share_is_neither_of_them() -> None:
    twins = [
        a_target(name, "0.5", instrument=an_instrument("RY", name=InstrumentName(name), currency=currency))
        for name, currency in (("RY US", "USD"), ("RY CA", "CAD"))
    ]
    account = an_account_spec(portfolio=a_portfolio({}, targets=tuple(twins)))

    (line,) = with_options(account, RunOptions(portfolio=(GivenTarget("RY", Decimal(1), None),))).portfolio.targets

    assert line.instrument == an_instrument("RY")


def test_what_is_said_of_another_line_of_the_same_name_is_not_said_of_a_given_line() -> None:
    """SAP in EUR is the line SAP, and the same symbol in dollars another one: a given SAP is in dollars."""
    sap = a_target("SAP", "0.5", instrument=an_instrument("SAP", currency="EUR"))
    adr = a_target("SAP", "0.5", instrument=replace(an_instrument("SAP"), name=InstrumentName("SAP ADR")))
    pins = {InstrumentName(name): a_contract(name) for name in ("SAP", "SAP ADR", "EUR.USD")}
    moved = (Moved(ConId(7), InstrumentName("SAP"), Decimal(1)),)
    account = an_account_spec(portfolio=a_portfolio(targets=(sap, adr), cash_weight=0, moved=moved), pinned=pins)

    given = with_options(account, RunOptions(portfolio=(GivenTarget("SAP", Decimal(1), None),)))

    assert given.portfolio.targets[0].instrument.currency == "USD"
    assert given.portfolio.moved == ()
    assert set(given.pinned) == {"SAP ADR", "EUR.USD"}
    assert with_options(account, RunOptions()).pinned == pins


def test_a_part_may_be_selected_of_a_given_portfolio_and_of_no_other() -> None:
    given = (GivenTarget("GLD", Decimal(1), None),)

    assert asked(portfolio=given, targets=(InstrumentName("GLD"),)).portfolio.targets
    with pytest.raises(Refused, match=r"--target MSFT: no line .* GLD"):
        asked(portfolio=given, targets=(MSFT,))


# ----------------------------------------------------------------------------------------------------------- overrides


def test_a_limit_that_may_be_overridden_is_and_the_plan_records_it() -> None:
    override = an_override(Limit.MAX_TURNOVER)
    account = an_account_spec(limits=replace(WIDE_LIMITS, max_turnover=Decimal("0.1")))

    plan = a_plan(RunOptions(overrides=(override,)), account)

    (found,) = (each for each in plan.violations if each.limit is Limit.MAX_TURNOVER)
    assert (found.override, found.blocks) == (override, False)
    assert plan.options.overrides == (override,)


@pytest.mark.parametrize("limit", [Limit.MAX_LEVERAGE, Limit.LONG_ONLY, Limit.EMERGENCY_LEVERAGE])
def test_a_hard_limit_is_not_overridden(limit: Limit) -> None:
    with pytest.raises(Refused, match=f"{limit.value} cannot be overridden: its level is hard"):
        asked(overrides=(an_override(limit),))


def test_a_limit_that_the_manifests_made_hard_is_not_overridden_either() -> None:
    limits = some_limits(levels={Limit.MAX_TURNOVER: Level.HARD})

    with pytest.raises(Refused, match="maxTurnover cannot be overridden"):
        with_options(an_account_spec(limits=limits), RunOptions(overrides=(an_override(Limit.MAX_TURNOVER),)))


def test_what_a_replaced_contract_holds_is_not_lost_where_a_given_portfolio_leaves_its_line_out() -> None:
    """It is undeclared then, like the holding of any other line that is left out."""
    portfolio = a_portfolio({"MSFT": "1"}, moved=(Moved(ConId(77), MSFT, Decimal(1)),))
    options = RunOptions(portfolio=(GivenTarget("AAPL", Decimal("0.4"), None),))
    account = with_options(an_account_spec(portfolio=portfolio, limits=WIDE_LIMITS), options)
    old = a_position("OLD", 500, 100, con_id=ConId(77))
    snapshot = a_snapshot([old], contracts=[a_contract("AAPL")], quotes=[a_quote("AAPL", 100, spread=0)])

    plan = World(account, snapshot, options=options).plan()

    assert plan.before.leverage == Decimal("0.5")
    assert [holding.con_id for holding in plan.undeclared] == [ConId(77)]
