"""Resolve to plan: lines a second, growth from 5,000 to 10,000 lines, and memory for one account and for a thousand.

The whole of it is measured: resolve, size, wish, fund, round, diff, limits, and the plan with its identity. What-ifs
are at hand.
"""

import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal

from reconciler.domain.ids import AccountName
from reconciler.domain.plan import Plan
from tests.bench.telling import goal, tell
from tests.bench.timing import ratio
from tests.builders import (
    a_contract,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    an_account_spec,
)
from tests.strategies import WIDE_LIMITS, World

LINES = 5_000
ACCOUNTS, LINES_EACH = 1_000, 100
KIB = 1024


def world(count: int, *, name: str = "main") -> World:
    """An account of so many lines, all held and most of them off their targets."""
    symbols = [f"S{number:05d}" for number in range(count)]
    account = an_account_spec(
        name=AccountName(name),
        portfolio=a_portfolio(dict.fromkeys(symbols, str(Decimal(1) / (count + 1)))),
        limits=WIDE_LIMITS,
        policy=a_policy(minimum_notional=Decimal(0)),
    )
    contracts = [a_contract(symbol) for symbol in symbols]
    quotes = [a_quote(symbol, 50 + number % 400) for number, symbol in enumerate(symbols)]
    held = [a_position(symbol, number % 90 + 1, 50 + number % 400) for number, symbol in enumerate(symbols)]
    return World(account, a_snapshot(held, contracts=contracts, quotes=quotes, net_liquidation=count * 20_000))


def planned(asked: World) -> Callable[[], Plan]:
    return asked.plan


def memory(run: Callable[[], object]) -> tuple[int, int]:
    """Bytes that are kept for what the run gives back, and at the highest point."""
    tracemalloc.start()
    kept = run()
    held, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return held, highest


def one_after_another() -> None:
    """A thousand accounts, each read, planned and handed on before the next one."""
    for number in range(ACCOUNTS):
        world(LINES_EACH, name=f"account-{number}").plan()


def lines() -> Iterator[str]:
    growth, slow, fast = ratio(planned(world(2 * LINES)), planned(world(LINES)), rounds=5)
    yield f"planning  {LINES / fast:,.0f} lines/s; {2 * LINES:,} lines in {slow:.2f} s, {LINES:,} in {fast:.2f} s"
    yield goal(growth <= 2.3, f"{2 * LINES:,} lines take at most 2.3 × {LINES:,}: {growth:.2f} ×")
    whole = world(LINES)
    yield f"planning  {memory(whole.plan)[1] / LINES / KIB:.1f} KiB at the peak for each of {LINES:,} lines"
    result, one = memory(lambda: world(LINES_EACH).plan())
    many = memory(one_after_another)[1]
    yield f"planning  {one / KIB:,.0f} KiB at the peak for an account of {LINES_EACH}; its plan {result / KIB:,.0f}"
    told = f"{ACCOUNTS:,} accounts need no more than one and its plan: {many / KIB:,.0f} KiB"
    yield goal(many <= one + result, told)


if __name__ == "__main__":
    for line in lines():
        tell(line)
