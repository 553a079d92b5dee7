"""Resolve to plan for one account: lines a second, growth from 5,000 to 10,000 lines, and peak memory."""

import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal

from reconciler.planning.draft import draft
from tests.bench.timing import ratio
from tests.builders import (
    NOW,
    a_contract,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    an_account_spec,
    money,
    some_limits,
)

_LINES = 5_000


def _draft(count: int) -> Callable[[], object]:
    symbols = [f"S{number:05d}" for number in range(count)]
    account = an_account_spec(
        portfolio=a_portfolio(dict.fromkeys(symbols, str(Decimal(1) / (count + 1)))),
        limits=some_limits(max_order_notional=money(10**9).amount),
    )
    contracts = [a_contract(symbol) for symbol in symbols]
    quotes = [a_quote(symbol, 50 + number % 400) for number, symbol in enumerate(symbols)]
    held = [a_position(symbol, number % 90 + 1, 50 + number % 400) for number, symbol in enumerate(symbols)]
    snapshot = a_snapshot(held, contracts=contracts, quotes=quotes, net_liquidation=10**9)
    return lambda: draft(account, snapshot, now=NOW)


def lines() -> Iterator[str]:
    small, large = _draft(_LINES), _draft(2 * _LINES)
    growth, slow, fast = ratio(large, small, rounds=5)
    yield f"planning  {_LINES / fast:,.0f} lines/s; {2 * _LINES:,} lines ({slow:.2f} s) take {growth:.2f} × {_LINES:,}"
    tracemalloc.start()
    small()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    yield f"planning  {peak / _LINES / 1024:.1f} KiB at the peak for each line"
