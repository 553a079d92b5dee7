"""An emergency's plan in the engine: who may let it go, what goes before it, and how it sells off hours."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler import planfile
from reconciler.domain.account import QuoteType, Side, WorkingOrder
from reconciler.domain.contract import PriceIncrement, TradingSession
from reconciler.domain.exits import ExitCode
from reconciler.domain.limits import EmergencyAction
from reconciler.domain.orders import OrderTicket
from reconciler.domain.plan import Plan
from reconciler.domain.policy import Hours, OnBlocked
from reconciler.domain.run import Outcome
from reconciler.engine.authorize import RefusalKind
from reconciler.engine.propose import propose
from reconciler.engine.reconcile import Approval, Reconciliation, apply_saved
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import NOW, a_working_order, an_emergency, some_limits, some_timeouts
from tests.fakes.broker import Read
from tests.fakes.house import CON_IDS, House, a_venue, an_account, by_a_person

AUTHORISED = "alice, 2026-01-15"
CLOSED = (TradingSession(NOW + timedelta(hours=3), NOW + timedelta(hours=9)),)
OPEN = (TradingSession(NOW - timedelta(hours=3), NOW + timedelta(hours=3)),)


def a_house(*orders: WorkingOrder, authorised_by: str | None = None, **venue: Any) -> House:
    """2,500 NVDA at 100, of which 150,000 are borrowed: leverage 2.5, an emergency from 2 on, the target 1.2."""
    house = House(
        a_venue({"NVDA": 2_500}, cash=-150_000, foreign_orders=list(orders), **venue), an_account({"NVDA": "1"})
    )
    return with_emergency(house, authorised_by=authorised_by)


def with_emergency(house: House, **changes: Any) -> House:
    limits = some_limits(emergency=an_emergency(limit_offset=Decimal("0.03"), **changes))
    timeouts = some_timeouts(acknowledgement=timedelta(seconds=10))
    return replace(house, account=replace(house.account, limits=limits)).with_policy(timeouts=timeouts)


def saying(approval: Approval) -> Callable[[Plan], Approval]:
    def approve(_plan: Plan) -> Approval:
        return approval

    return approve


@dataclass
class Asked:
    """A person who says yes, and which plans they were asked about."""

    plans: list[Plan] = field(default_factory=list)

    def __call__(self, plan: Plan) -> Approval:
        self.plans.append(plan)
        return Approval.PERSON


def applied(house: House, approve: Callable[[Plan], Approval] = by_a_person) -> Reconciliation:
    return run_virtually(house.apply_fresh(approve=approve))


def applied_from_a_file(house: House, approve: Callable[[Plan], Approval]) -> Reconciliation:
    async def command() -> Reconciliation:
        session = await house.session()
        document = planfile.write(await propose(session), tool="test")
        return await apply_saved(session, planfile.read(document), document, approve=approve)

    return run_virtually(command())


def tickets(house: House) -> list[OrderTicket]:
    return [order.ticket for order in house.venue.orders]


def nvda(house: House) -> Decimal:
    return house.venue.holdings[CON_IDS["NVDA"]]


BOTH_WAYS = pytest.mark.parametrize("apply", [applied, applied_from_a_file], ids=["fresh", "from a file"])

# ------------------------------------------------------------------------------------------------------- who may


@BOTH_WAYS
@pytest.mark.parametrize("authorised_by", [None, AUTHORISED])
def test_a_person_who_saw_it_may_let_it_go(apply: Any, authorised_by: str | None) -> None:
    house = a_house(authorised_by=authorised_by)

    assert apply(house, saying(Approval.PERSON)).exit_code is ExitCode.OK
    assert nvda(house) == 1_200


@BOTH_WAYS
def test_nobody_there_is_not_enough_where_nobody_authorised_it_beforehand(apply: Any) -> None:
    buying = a_working_order("NVDA", Side.BUY, 5, con_id=CON_IDS["NVDA"])
    house = a_house(buying)

    done = apply(house, saying(Approval.BEFOREHAND))

    assert (done.exit_code, done.result) == (ExitCode.BLOCKED, None)
    assert "emergencyAuthorisedBy" in done.refusal.reasons[0]
    assert (house.venue.received, house.venue.foreign_orders) == ([], [buying])
    assert house.journal.runs() == ()


@BOTH_WAYS
def test_who_authorised_it_beforehand_need_not_be_asked(apply: Any) -> None:
    house = a_house(authorised_by=AUTHORISED)

    assert apply(house, saying(Approval.BEFOREHAND)).exit_code is ExitCode.OK
    assert nvda(house) == 1_200


@BOTH_WAYS
def test_a_no_sends_nothing_whoever_authorised_it_beforehand(apply: Any) -> None:
    house = a_house(authorised_by=AUTHORISED)

    done = apply(house, saying(Approval.NOBODY))

    assert (done.result, done.refusal, done.exit_code) == (None, None, ExitCode.ERROR)
    assert house.venue.received == []
    assert house.journal.runs() == ()


def test_a_plain_plan_needs_no_word_beforehand() -> None:
    house = House(a_venue())

    assert applied(house, saying(Approval.BEFOREHAND)).exit_code is ExitCode.OK
    assert house.venue.received


def test_what_may_not_be_applied_is_asked_of_nobody() -> None:
    house, person = a_house(), Asked()
    house.account = replace(house.account, suspend=True)

    assert applied(house, person).exit_code is ExitCode.BLOCKED
    assert person.plans == []


def test_what_is_asked_is_the_plan_that_is_applied() -> None:
    house, person = a_house(), Asked()

    done = applied(house, person)

    (plan,) = person.plans
    assert plan.emergency is not None
    assert done.result is not None
    assert done.result.plan == plan.id


def test_an_alert_is_told_and_not_applied_whoever_says_yes() -> None:
    buying = a_working_order("NVDA", Side.BUY, 5, con_id=CON_IDS["NVDA"])
    house = with_emergency(a_house(buying), action=EmergencyAction.ALERT, authorised_by=AUTHORISED)

    done = applied(house)

    assert done.refusal is not None
    assert (done.refusal.kind, "leverage is 2.50" in done.refusal.reasons[0]) == (RefusalKind.BLOCKED, True)
    assert (house.venue.received, house.venue.foreign_orders) == ([], [buying])


# ------------------------------------------------------------------------------------------------- what goes first


def test_what_adds_risk_is_cancelled_before_anything_is_sold() -> None:
    buying = a_working_order("NVDA", Side.BUY, 5, con_id=CON_IDS["NVDA"])
    house, left = a_house(buying), []

    def watch(event: object) -> None:
        if type(event).__name__ == "BatchStarted":
            left.append(list(house.venue.foreign_orders))

    house.sink.hears = watch
    assert applied(house).exit_code is ExitCode.OK

    assert left == [[]]
    assert nvda(house) == 1_200


def test_it_sells_though_what_adds_risk_cannot_be_cancelled_and_says_so() -> None:
    buying = a_working_order("NVDA", Side.BUY, 5, con_id=CON_IDS["NVDA"])
    house = a_house(buying, keeps_foreign_orders=True)

    done = applied(house)

    assert done.result is not None
    assert done.result.outcome is Outcome.APPLIED
    assert nvda(house) == 1_200
    assert "not cancelled: BUY 5 NVDA MKT (client 7) still works" in done.result.messages


def test_what_adds_risk_is_cancelled_though_nothing_can_be_sold() -> None:
    """Somebody else is selling all of it already, and buying more."""
    selling = a_working_order("NVDA", Side.SELL, 2_500, con_id=CON_IDS["NVDA"])
    buying = a_working_order("AAPL", Side.BUY, 100, con_id=CON_IDS["AAPL"], perm_id=selling.perm_id + 1)
    house = a_house(selling, buying)

    applied(house)

    assert house.venue.foreign_orders == [selling]


# ------------------------------------------------------------------------------------------------- what holds it up


@pytest.mark.parametrize("on_blocked", OnBlocked)
def test_a_line_that_cannot_be_sold_does_not_hold_up_the_others(on_blocked: OnBlocked) -> None:
    house = a_house()
    house.venue.holdings[CON_IDS["AAPL"]] = Decimal(10)
    house.venue.unknown_contracts.add("AAPL")
    house.account = replace(house.account, portfolio=an_account({"NVDA": "0.9", "AAPL": "0.1"}).portfolio)

    applied(house.with_policy(on_blocked=on_blocked))

    assert {ticket.contract.symbol for ticket in tickets(house)} == {"NVDA"}


def test_the_brokers_refusal_to_say_what_it_would_do_does_not_hold_it_up() -> None:
    """What only reduces risk is not asked about margin."""
    house = a_house(unknown={Read.WHAT_IF: "the gateway does not answer"})

    assert applied(house).exit_code is ExitCode.OK
    assert nvda(house) == 1_200


@pytest.mark.parametrize(("threshold", "code"), [(2, ExitCode.OK), (3, ExitCode.BLOCKED)])
def test_the_fall_of_net_liquidation_holds_up_a_plain_plan_and_no_emergency(threshold: int, code: ExitCode) -> None:
    """Leverage 1.2 was built at 100; at 33 it is 2.02, and four fifths of net liquidation are gone."""
    house = House(a_venue(), an_account({"NVDA": "1"}))
    house = with_emergency(house, leverage=Decimal(threshold))
    wide: dict[str, Any] = {"max_order_notional": Decimal(10**6), "max_position_weight": Decimal(5)}
    limits = replace(house.account.limits, max_net_liquidation_jump=Decimal("0.1"), **wide)
    house.account = replace(house.account, limits=limits)
    assert applied(house).exit_code is ExitCode.OK
    house.venue.prices[CON_IDS["NVDA"]] = Decimal(33)

    assert applied(house).exit_code is code
    assert (nvda(house) < 1_200) is (code is ExitCode.OK)


def test_what_no_manifest_names_does_not_hold_up_at_a_batch_what_the_plan_was_let_go_with() -> None:
    """The limit is about sizes, and an emergency has none: the plan does not ask it, and neither does the batch."""
    house = a_house()
    house.venue.holdings |= {CON_IDS["MSFT"]: Decimal(120), CON_IDS["NVDA"]: Decimal(1_900)}
    house.account = replace(house.account, limits=replace(house.account.limits, max_undeclared=Decimal("0.3")))

    done = applied(house)

    assert done.plan.blocking_violations == ()
    assert done.exit_code is ExitCode.OK
    assert nvda(house) < 1_900


def test_once_it_is_over_the_next_plan_is_a_plain_one() -> None:
    house = a_house()
    applied(house)

    async def again() -> Plan:
        return await propose(await house.session())

    plan = run_virtually(again())
    assert (plan.emergency, plan.orders) == (None, ())


# ----------------------------------------------------------------------------------------------------------- off hours


def at_hours(hours: tuple[TradingSession, ...], **venue: Any) -> House:
    house = a_house(**venue)
    contract = house.venue.contracts[CON_IDS["NVDA"]]
    house.venue.contracts[CON_IDS["NVDA"]] = replace(contract, liquid_hours=hours)
    return house


def test_while_the_market_is_closed_it_places_limits_beyond_the_last_price_good_outside_the_hours() -> None:
    house = at_hours(CLOSED, quote_types={"NVDA": QuoteType.FROZEN})

    assert applied(house).exit_code is ExitCode.OK

    (ticket,) = tickets(house)
    assert (ticket.order_type, ticket.limit_price, ticket.outside_hours) == ("LMT", Decimal("97.00"), True)
    assert (ticket.side, ticket.quantity, ticket.time_in_force) == (Side.SELL, Decimal(1_300), "DAY")


def test_such_a_limit_lies_on_the_steps_of_its_market() -> None:
    house = at_hours(CLOSED)
    contract = house.venue.contracts[CON_IDS["NVDA"]]
    coarse = replace(contract, price_increments=(PriceIncrement(Decimal(0), Decimal("0.75")),))
    house.venue.contracts[CON_IDS["NVDA"]] = coarse

    applied(house)

    assert [ticket.limit_price for ticket in tickets(house)] == [Decimal("96.75")]


@pytest.mark.parametrize("hours", [OPEN, ()], ids=["open", "nobody knows"])
def test_while_it_is_open_it_sells_as_the_policy_says(hours: tuple[TradingSession, ...]) -> None:
    house = at_hours(hours)

    assert applied(house).exit_code is ExitCode.OK

    assert [(each.order_type, each.limit_price, each.outside_hours) for each in tickets(house)] == [
        ("MKT", None, False)
    ]


def test_while_it_is_open_no_frozen_price_sells_anything() -> None:
    house = at_hours(OPEN, quote_types={"NVDA": QuoteType.FROZEN})

    assert applied(house).exit_code is ExitCode.BLOCKED
    assert house.venue.received == []


def test_a_plain_plan_has_no_such_rule_for_a_closed_market() -> None:
    house = House(a_venue({"NVDA": 300}), an_account({"NVDA": "0"})).with_policy(hours=Hours.CONTINUE)
    contract = house.venue.contracts[CON_IDS["NVDA"]]
    house.venue.contracts[CON_IDS["NVDA"]] = replace(contract, liquid_hours=CLOSED)

    applied(house)

    assert [(each.order_type, each.outside_hours) for each in tickets(house)] == [("MKT", False)]


def test_a_limit_that_does_not_fill_off_hours_is_cancelled_and_the_run_says_so() -> None:
    house = at_hours(CLOSED)

    def fall(event: object) -> None:
        if type(event).__name__ == "BatchStarted":
            house.venue.prices[CON_IDS["NVDA"]] = Decimal(90)

    house.sink.hears = fall
    done = applied(house)

    assert done.result is not None
    assert done.result.outcome is Outcome.PARTIALLY_APPLIED
    assert [order.status for order in house.venue.orders] == ["Cancelled"]
