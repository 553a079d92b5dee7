"""Margin: models as formulas, figures as invariants, the clock's windows, and what accounts are told of them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway import margin
from reconciler.simgateway.books.agreement import Agreement, MarginModel
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.margin.models import MODELS, Holding
from reconciler.simgateway.market.instruments import MarginRates
from reconciler.simgateway.market.margin_calendar import MarginPeriod, MarginTime, margin_time, next_boundary
from reconciler.simgateway.orders import credit
from reconciler.simgateway.orders.admission import Application
from reconciler.simgateway.orders.terms import Terms
from reconciler.simgateway.staging import packaged, stage
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, STARTED, TEXT, scenario

DAY = MarginTime()
WINDOW = MarginTime(regulation_t=True)


def holding(value: str, initial: str = "0.30", maintenance: str = "0.25") -> Holding:
    return Holding(Decimal(value), MarginRates(Decimal(initial), Decimal(maintenance)))


def required(model: MarginModel, *holdings: Holding, time: MarginTime = DAY) -> tuple[str, str]:
    initial, maintenance = MODELS[model](holdings, time)
    return f"{initial:.2f}", f"{maintenance:.2f}"


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (MarginModel.REGULATION_T, ("3000.00", "2500.00")),
        # The largest name moves by 60 % of 6000, the others by 7.5 % of 4000.
        (MarginModel.PORTFOLIO_STRESS, ("3900.00", "3250.00")),
        (MarginModel.CANADA, ("3000.00", "3000.00")),
        (MarginModel.CASH, ("10000.00", "10000.00")),
    ],
)
def test_each_model_has_its_formula(model: MarginModel, expected: tuple[str, str]) -> None:
    assert required(model, holding("6000"), holding("2000"), holding("2000")) == expected


def test_stress_is_the_sum_of_rates_unless_one_name_asks_for_more_than_three_sevenths_of_it() -> None:
    others = [holding("2000"), holding("1000", "0.6", "0.5")]
    assert required(MarginModel.PORTFOLIO_STRESS, holding("3000"), *others) == ("2100.00", "1750.00")
    assert required(MarginModel.PORTFOLIO_STRESS, holding("2900"), *others) == ("2070.00", "1725.00")
    assert required(MarginModel.PORTFOLIO_STRESS, holding("3100"), *others) == ("2160.00", "1800.00")


def test_a_name_moves_by_no_more_than_its_value() -> None:
    assert required(MarginModel.PORTFOLIO_STRESS, holding("1000", "0.8", "0.6")) == ("1000.00", "1000.00")
    assert required(MarginModel.PORTFOLIO_STRESS, holding("1000", "1", "1")) == ("1000.00", "1000.00")


def test_stress_asks_for_half_to_open_while_regulation_t_is_enforced() -> None:
    spread = [holding("1000")] * 10
    assert required(MarginModel.PORTFOLIO_STRESS, *spread, time=WINDOW) == ("5000.00", "2500.00")
    assert required(MarginModel.REGULATION_T, *spread, time=WINDOW) == ("3000.00", "2500.00")


RATE = st.decimals("0.05", "1", places=2)
HOLDINGS = st.lists(
    st.builds(
        lambda value, rates: Holding(value, MarginRates(max(rates), min(rates))),
        st.decimals("0", "100000", places=2),
        st.tuples(RATE, RATE),
    ),
    max_size=6,
)
MODEL = st.sampled_from(MarginModel)
TIME = st.sampled_from((DAY, WINDOW))


@given(MODEL, HOLDINGS, TIME)
def test_opening_asks_for_no_less_than_keeping_and_nothing_for_more_than_twice_the_value(
    model: MarginModel, holdings: list[Holding], time: MarginTime
) -> None:
    initial, maintenance = MODELS[model](holdings, time)
    added = MODELS[MarginModel.REGULATION_T](holdings, time)
    assert initial >= maintenance >= 0
    assert initial >= added.initial
    assert maintenance >= added.maintenance
    assert initial <= sum(each.value for each in holdings)
    if model is MarginModel.CANADA:
        assert initial == maintenance == added.initial


@given(MODEL, HOLDINGS.filter(bool), TIME, st.data())
def test_less_of_a_holding_never_asks_for_more(
    model: MarginModel, holdings: list[Holding], time: MarginTime, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(holdings) - 1))
    kept = data.draw(st.decimals("0", "1", places=3))
    fewer = list(holdings)
    fewer[index] = holdings[index]._replace(value=holdings[index].value * kept)
    before, after = MODELS[model](holdings, time), MODELS[model](fewer, time)
    assert after.initial <= before.initial
    assert after.maintenance <= before.maintenance


# ------------------------------------------------------------------------------------------------------------ the clock


@pytest.mark.parametrize(
    ("moment", "period", "window", "change"),
    [
        # Eastern standard time, UTC-5.
        ("2026-03-04 14:29:59", "overnight", False, "2026-03-04 14:30"),
        ("2026-03-04 14:30:00", "day", False, "2026-03-04 21:00"),
        ("2026-03-04 20:49:59", "day", False, "2026-03-04 21:00"),
        ("2026-03-04 20:50:00", "day", True, "2026-03-04 21:00"),
        ("2026-03-04 21:00:00", "overnight", True, "2026-03-05 14:30"),
        ("2026-03-04 22:20:00", "overnight", False, "2026-03-05 14:30"),
        # A Friday evening, and on Monday it is summer time, UTC-4.
        ("2026-03-06 22:00:00", "overnight", True, "2026-03-09 13:30"),
        ("2026-03-07 20:55:00", "overnight", False, "2026-03-09 13:30"),
        ("2026-03-09 13:30:00", "day", False, "2026-03-09 20:00"),
    ],
)
def test_margin_follows_the_clock_of_new_york(moment: str, period: str, window: bool, change: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    next_change = datetime.fromisoformat(change).replace(tzinfo=UTC)
    assert margin_time(now) == MarginTime(MarginPeriod(period), window, next_change)


@given(st.integers(1_577_836_800, 1_893_456_000))
def test_nothing_changes_before_the_next_boundary_and_something_at_it(second: int) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    boundary = next_boundary(moment)
    now, then = margin_time(moment), margin_time(boundary)
    middle = margin_time(moment + (boundary - moment) / 2)
    assert boundary > moment
    assert middle == now
    assert (then.period, then.regulation_t) != (now.period, now.regulation_t)


# -------------------------------------------------------------------------------------------------------------- figures


def broker_of(text: str = TEXT) -> Broker:
    return Broker(stage(scenario(text)), SteppedClock(STARTED))


def order_impact(broker: Broker, con_id: int, action: str, shares: int) -> credit.Impact:
    instrument = broker.market.listing(con_id).instrument
    application = Application(Terms(ACCOUNT, action, Decimal(shares), "MKT"), instrument, broker.ledgers)
    return credit.impact(application, broker.market, credit.NOTHING)


def of_model(model: MarginModel) -> Broker:
    return broker_of(
        TEXT.replace("    cash: {USD: 60000.00}", f"    cash: {{USD: 60000.00}}\n    margin: {{model: {model}}}")
    )


@given(MODEL, st.sampled_from((GLD, MSFT)), st.sampled_from(("BUY", "SELL")), st.integers(1, 300))
def test_figures_belong_together(model: MarginModel, con_id: int, action: str, shares: int) -> None:
    broker = of_model(model)
    current = margin.figures(broker.ledgers[ACCOUNT], broker.market)
    result = order_impact(broker, con_id, action, shares)
    assert result.before == current
    # The commission, and half of the spread of 0.02.
    costs = max(Decimal("0.005") * shares, Decimal(1)) + Decimal("0.01") * shares
    assert current.equity_with_loan - result.after.equity_with_loan == costs
    for each in (current, result.after):
        assert each.cushion == each.excess_liquidity / each.net_liquidation
        assert each.available_funds <= each.excess_liquidity <= each.equity_with_loan
        assert each.initial_margin == each.securities.initial + each.commodities.initial
    if action == "SELL" and shares <= 20:
        assert result.reduces_risk


def test_what_ifs_of_single_orders_do_not_add_up_under_stress() -> None:
    def changes(model: MarginModel) -> tuple[Decimal, Decimal]:
        broker = of_model(model)
        once, twice = (order_impact(broker, GLD, "BUY", shares) for shares in (40, 80))
        return once.after.initial_margin - once.before.initial_margin, (
            twice.after.initial_margin - once.after.initial_margin
        )

    assert changes(MarginModel.REGULATION_T) == (Decimal("4200"), Decimal("4200"))
    once, again = changes(MarginModel.PORTFOLIO_STRESS)
    # Gold asks for a quarter of its rate while it is the smaller name, and for twice its rate as the largest.
    assert (once, again) == (Decimal("1050"), Decimal("3675"))


@pytest.mark.parametrize("name", ["demo", "cad"])
def test_the_packaged_accounts_are_not_concentrated(name: str) -> None:
    broker = Broker(stage(packaged(name)), SteppedClock(STARTED))
    ledger = broker.ledgers[ACCOUNT]
    assert ledger.agreement.margin is MarginModel.PORTFOLIO_STRESS
    stressed = margin.figures(ledger, broker.market)
    ledger.agreement = Agreement(MarginModel.REGULATION_T)
    added = margin.figures(ledger, broker.market)
    assert (stressed.initial_margin, stressed.maintenance_margin) == (added.initial_margin, added.maintenance_margin)
