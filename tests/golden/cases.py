"""Hand-made plans, runs and statuses, one for each thing that a report has to be able to say."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from reconciler.diagnostics import Location
from reconciler.domain.account import QuoteType, Side
from reconciler.domain.desired import Environment
from reconciler.domain.examination import (
    AccountExamination,
    Check,
    Examination,
    failed,
    passed,
    skipped,
    warned,
)
from reconciler.domain.halt import Halt, switched
from reconciler.domain.ids import AccountName, InstrumentName, RunId
from reconciler.domain.limits import Level, Limit
from reconciler.domain.line import Line, Reason
from reconciler.domain.orders import OrderState
from reconciler.domain.plan import Plan
from reconciler.domain.release import Cancellation, Release
from reconciler.domain.run import Failure, Outcome, Retried, RunResult
from reconciler.domain.setting import Origin, SettingReading
from reconciler.domain.status import AccountStatus, Condition, HealthStatus, SyncStatus, Truth
from reconciler.domain.unknown import Unknown
from tests.builders import (
    MAIN,
    NOW,
    a_halt,
    a_holding,
    a_line,
    a_line_result,
    a_location,
    a_plan,
    a_revision,
    a_run_result,
    a_standing,
    a_violation,
    a_working_order,
    money,
)

NO_POSITIONS = Unknown("the read of positions never ended")

HALT = a_halt(None, cancels=True)
ANOTHER_HALT = Halt(MAIN, "bob", "wrong weights were merged", NOW + timedelta(minutes=1))

SLV = a_line(
    "SLV", 90, 112, price=27, blocked="the broker sent no price within 10 s, and a portfolio mark prices no order"
)


def some_lines() -> list[Line]:
    return [
        a_line("AAPL", 30, 22, price=220),
        a_line("GLD", 40, 40, price="241.37"),
        a_line("MSFT", 20, 43),
        a_line("NVDA", 0, 72, price="138.5", working=3, quote_type=QuoteType.DELAYED),
        a_line("RNMBY", 14, 14, price="411.15", reason=Reason.WITHIN_ONE_LOT, notes=("its spread is 4 %",)),
        a_line("TSLA", 12, 0, price=300),
    ]


def new() -> Plan:
    return a_plan(
        some_lines(),
        undeclared=(a_holding("IBKR", 10, 1500),),
        foreign_orders=(a_working_order("XLP", Side.SELL, 5, order_type="STP", time_in_force="GTC"),),
        revision=a_revision(dirty=True),
    )


def in_sync() -> Plan:
    lines = [a_line("GLD", 40, 40, price="241.37"), a_line("MSFT", 43, 43)]
    return a_plan(lines, before=a_standing("1.40"), after=a_standing("1.40"))


def blocked_line() -> Plan:
    return a_plan([*some_lines(), SLV])


def blocked_account() -> Plan:
    why = "the account is blocked"
    lines = [
        replace(a_line(symbol, Unknown(why), Unknown(why), price=price, blocked=why), weight_target=Unknown(why))
        for symbol, price in (("GLD", "241.37"), ("MSFT", 400))
    ]
    nothing = a_standing(NO_POSITIONS)
    return a_plan(lines, blocked=(f"positions: {NO_POSITIONS.why}",), before=nothing, after=nothing, holdings_digest="")


def violations() -> Plan:
    return a_plan(
        some_lines(),
        environment=Environment.LIVE,
        violations=(
            a_violation(
                Limit.MAX_LEVERAGE,
                message="leverage after the orders would be 1.62",
                remedy="lower spec.leverage of the account, or raise maxLeverage",
                location=a_location(9, "desired-state/limits.yaml"),
            ),
            a_violation(
                Limit.MAX_ORDER_NOTIONAL,
                message="the order for NVDA is 9,972.00 USD",
                value="9972.00",
                bound="9000.00",
                instrument=InstrumentName("NVDA"),
                remedy="move NVDA in several steps, or raise maxOrderNotional",
            ),
            a_violation(
                Limit.MAX_POSITION_WEIGHT,
                level=Level.ADVISORY,
                message="GLD is 9.7 % of net liquidation",
                value="0.0965",
                bound="0.09",
                location=None,
                existed_before=True,
                remedy="",
            ),
        ),
        after=a_standing("1.62"),
    )


def unknown_margin() -> Plan:
    why = Unknown("the what-if of MSFT was not answered within 10 s")
    lines = [replace(line, commission=why) if line.order else line for line in some_lines()]
    after = replace(a_standing(why), leverage=Decimal("1.40"))
    return a_plan(
        lines,
        after=after,
        violations=(
            a_violation(
                Limit.AVAILABLE_FUNDS,
                message=f"available funds after the orders are not known: {why.why}",
                value="unknown",
                bound="0",
                location=None,
                remedy="",
            ),
        ),
    )


PLANS = {
    "new": new,
    "in-sync": in_sync,
    "blocked-line": blocked_line,
    "blocked-account": blocked_account,
    "violations": violations,
    "unknown-margin": unknown_margin,
}


def run_of(states: dict[str, tuple[OrderState, int, str]], outcome: Outcome, *messages: str) -> tuple[Plan, RunResult]:
    """The run of the new plan in which the named orders ended otherwise than filled."""
    plan = new()
    lines = []
    for order in plan.orders:
        state, filled, detail = states.get(order.instrument, (OrderState.FILLED, int(order.quantity), ""))
        lines.append(a_line_result(order, state, plan=plan.id, filled=filled, detail=detail))
    return plan, a_run_result(plan, outcome, lines=tuple(lines), messages=messages)


def applied() -> tuple[Plan, RunResult]:
    return run_of({}, Outcome.APPLIED)


def partial() -> tuple[Plan, RunResult]:
    return run_of(
        {
            "MSFT": (OrderState.CANCELLED, 11, "cancelled: not filled within 120 s"),
            "NVDA": (OrderState.REJECTED, 0, "201: Order rejected - reason: insufficient margin"),
        },
        Outcome.PARTIALLY_APPLIED,
        "batch 2 ended with 2 orders that are not filled",
    )


def unresolved() -> tuple[Plan, RunResult]:
    plan, result = run_of(
        {
            "MSFT": (OrderState.UNKNOWN, 0, "the connection broke while it was sent"),
            "NVDA": (OrderState.INTENDED, 0, ""),
        },
        Outcome.UNRESOLVED,
        "the connection to the gateway was lost",
    )
    return plan, replace(result, after=Unknown("the gateway did not answer after the run"))


def interrupted() -> tuple[Plan, RunResult]:
    plan, result = run_of(
        {
            "MSFT": (OrderState.CANCELLED, 0, "cancelled on request"),
            "NVDA": (OrderState.INTENDED, 0, ""),
        },
        Outcome.INTERRUPTED,
        "stopped by SIGTERM after 45 s",
    )
    lines = tuple(replace(line, order_ref=None) if line.instrument == "NVDA" else line for line in result.lines)
    retries = (
        Retried("connect", (Failure("nothing listens on 127.0.0.1:4002", 1),)),
        Retried("read", (Failure("the connection was lost", 2), Failure("the gateway closed the connection", 1))),
    )
    return plan, replace(result, lines=lines, retries=retries)


RUNS = {"applied": applied, "partial": partial, "unresolved": unresolved, "interrupted": interrupted}
EXIT_CODES = {"applied": 0, "partial": 6, "unresolved": 6, "interrupted": 130}


def a_status() -> AccountStatus:
    return AccountStatus(
        account=MAIN,
        environment=Environment.PAPER,
        as_of=NOW,
        is_connected=True,
        sync=SyncStatus.OUT_OF_SYNC,
        health=HealthStatus.DEGRADED,
        conditions=(
            Condition("Connected", Truth.TRUE, "Answered", "the gateway answered in time", NOW),
            Condition("Recovered", Truth.FALSE, "UnfinishedRun", "a run was begun and never closed", NOW),
            Condition("Released", Truth.FALSE, "Halted", f"{HALT}; to go on, `folioctl resume`", NOW),
        ),
        net_liquidation=money(100_000),
        standing=a_standing("1.12"),
        leverage_target=Decimal("1.4"),
        working_orders=(a_working_order("XLP", Side.SELL, 5, order_type="STP", time_in_force="GTC"),),
        unfinished_runs=(RunId("run-20260302-150030-0123"),),
        halts=(HALT,),
    )


def an_unreachable_status() -> AccountStatus:
    why = Unknown("nothing listens on the gateway's address")
    return replace(
        a_status(),
        as_of=NOW + timedelta(minutes=1),
        is_connected=False,
        sync=SyncStatus.UNKNOWN,
        health=HealthStatus.UNKNOWN,
        conditions=(),
        net_liquidation=why,
        standing=why,
        working_orders=why,
        unfinished_runs=(),
    )


def some_cancellations() -> tuple[Cancellation, ...]:
    order = a_working_order("NVDA", Side.SELL, 12, order_ref="folioctl:0123456789ab:003r:1", client_id=1)
    return (
        Cancellation(MAIN, (order,)),
        Cancellation(AccountName("side"), (order,), ("SELL 12 NVDA MKT (client 1) still works",)),
    )


def a_release() -> Release:
    return Release((HALT,), (ANOTHER_HALT, switched("quarter end")))


def an_examination() -> Examination:
    targets = (InstrumentName("MSFT"), InstrumentName("NVDA"))
    return Examination(
        setup=(
            passed(Check.MANIFESTS, "in order, commit 0123456789ab: 2 targets for main, 1 for side"),
            warned(Check.SETTINGS, "DRY_RUN is set: no apply sends anything from here", "unset DRY_RUN to trade"),
            passed(Check.STATE, "~/.local/state/folioctl can be written, 82,138 MB free"),
        ),
        accounts=(
            AccountExamination(
                MAIN,
                Environment.PAPER,
                (
                    passed(Check.GATEWAY, "127.0.0.1:4002 answers"),
                    passed(Check.CONTRACTS, "one contract each for 2 targets", targets),
                    failed(
                        Check.CONTRACTS,
                        "GLD STK in USD is ambiguous, it is listed as ARCA, VENTURE: give primaryExchange or conId",
                        "correct symbol, currency, primaryExchange or conId at desired-state/portfolio.yaml:10:7",
                        (InstrumentName("GLD"),),
                    ),
                    failed(
                        Check.READ_ONLY,
                        "the gateway's API is read-only (321): it takes no orders",
                        "in the gateway's API settings, switch 'Read-Only API' off",
                    ),
                    skipped(Check.TRADABLE, Check.READ_ONLY),
                ),
            ),
            AccountExamination(
                AccountName("side"),
                Environment.LIVE,
                (failed(Check.GATEWAY, "nothing answers at 127.0.0.1:4001: Connection refused", "start the gateway"),),
            ),
        ),
    )


def some_settings() -> tuple[SettingReading, ...]:
    place = Location(".env", 3, 1)
    return (
        SettingReading("IB_ACCOUNT_ID", "The number.", None, True, is_secret=True, origin=Origin.ENV_FILE, place=place),
        SettingReading("SIDE_ID", "The number.", None, False, is_secret=True, origin=Origin.DEFAULT),
        SettingReading("FOLIOCTL_STATE", "State.", "/var/lib/folioctl", True, is_secret=False, origin=Origin.KEYRING),
        SettingReading("DRY_RUN", "Nothing is sent.", "true", True, is_secret=False, origin=Origin.ENVIRONMENT),
        SettingReading("FOLIOCTL_HALT", "Halts.", None, False, is_secret=False, origin=Origin.DEFAULT),
    )
