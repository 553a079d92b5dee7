"""The audit of a cell: what the judge of the simulation does not ask, by the ledger and by the policy's limits."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import timedelta

from reconciler.domain.orders import OrderState, is_ours
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome, RunResult
from reconciler.simgateway.margin import figures
from tests.matrix import account
from tests.simulation import reckoning
from tests.simulation.breaches import Breaches
from tests.simulation.commands import Ended
from tests.simulation.judge import ALIVE
from tests.simulation.world import World

UNCONFIRMED = ALIVE | {OrderState.UNKNOWN, OrderState.SUBMITTED}
OPEN = UNCONFIRMED | {OrderState.INTENDED}
"""How a report says that an order may still trade."""


def _sum_of_timeouts() -> float:
    named: list[timedelta] = [getattr(account.TIMEOUTS, each.name) for each in fields(account.TIMEOUTS)]
    return sum(named, timedelta(0)).total_seconds()


LONGEST = _sum_of_timeouts()
"""Seconds that no apply takes: all the time-outs that its policy names, one after the other."""


def of_margin(world: World, breaches: Breaches) -> None:
    """Whatever was bought, the account has funds left that new positions may ask for."""
    left = figures(world.ledger, world.gateway.market).available_funds
    if left < 0:
        breaches.add("no order without margin", f"available funds are {left:.2f}")


def of_time(seconds: float, breaches: Breaches) -> None:
    """It ended within the policy's limits."""
    if seconds > LONGEST:
        breaches.add("every wait is bounded", f"the run took {seconds:.0f} s, its policy allows {LONGEST:.0f} s")


def of_reasons(results: Iterable[RunResult], breaches: Breaches) -> None:
    """A run that did not do everything says why, and which orders are to be looked for."""
    for result in results:
        if result.outcome is not Outcome.APPLIED and not result.messages:
            breaches.add("a report says what was not done", f"{result.outcome}, and not a word why")
        for line in result.lines:
            if line.state in UNCONFIRMED and not any(str(line.order_ref) in words for words in result.messages):
                breaches.add(
                    "a report says what to look for", f"{line.order_ref} is {line.state}, and no message names it"
                )


def of_what_works(world: World, results: Iterable[RunResult], breaches: Breaches) -> None:
    """Orders of ours that work at the broker stand in the report, as such or as unknown."""
    named = {line.order_ref for result in results for line in result.lines if line.state in OPEN}
    for order in world.gateway.book.working():
        if is_ours(order.terms.order_ref) and order.terms.order_ref not in named:
            breaches.add("a report names what works", order.terms.order_ref)


def of_refusals(world: World, breaches: Breaches) -> None:
    """The gateway refused no order of ours for want of margin, of its own accord."""
    reckoning.of_a_refusal(world, breaches, since=0)


def of_the_end(world: World, applied: Ended, after: Plan, breaches: Breaches) -> None:
    """The next apply ended in sync, every run is closed, the books add up, and the holdings are those of the plan."""
    reckoning.of_a_day(world, breaches)
    reckoning.of_the_end(world, applied, after, breaches)
    held = {symbol: int(world.held(symbol)) for symbol in account.IN_SYNC}
    if held != account.IN_SYNC:
        breaches.add("final positions are exact", f"{held}")
