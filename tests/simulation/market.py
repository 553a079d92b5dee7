"""The stage: the scenario that the gateway serves, and the account as its manifests describe it, both drawn."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.domain.desired import AccountSpec
from reconciler.domain.policy import Hours, LastAttempt, OnBlocked, OrderStyle, PartialFills
from reconciler.domain.portfolio import PortfolioSpec
from tests.builders import a_gateway, a_policy, a_portfolio, an_account_spec, an_emergency, some_limits, some_timeouts

NEW_YORK = ZoneInfo("America/New_York")
ACCOUNT_ID = "DU1000001"
CLIENT_ID = 11

LISTED: Mapping[str, tuple[int, str, int]] = {
    "MSFT": (272093, "NASDAQ", 500),
    "NVDA": (4815747, "NASDAQ", 180),
    "GLD": (51529211, "ARCA", 350),
    "ORCL": (272800, "NYSE", 220),
    "XLP": (4215220, "ARCA", 80),
    "KO": (8894, "NYSE", 70),
}
"""What can be traded: contract id, primary exchange, the price around which it starts. KO is in no manifest."""
STYLES = (OrderStyle.MARKET, OrderStyle.LIMIT, OrderStyle.SMART, OrderStyle.MIDPRICE, OrderStyle.ADAPTIVE)
"""How orders may go. One for the closing auction would outlast its run, and the calm day at the end."""
DECLARED = tuple(symbol for symbol in LISTED if symbol != "KO")


@dataclass(frozen=True)
class Stage:
    """What a world is when it begins: the moment, what the gateway serves, and what the manifests ask for."""

    started: datetime
    scenario: Mapping[str, Any]
    account: AccountSpec
    """Its gateway's port is the world's to fill in."""


def a_drawn_stage(stream: random.Random, ways: random.Random) -> Stage:
    """A Monday morning, before the market opens; `ways` draws how orders are carried out."""
    started = at(first_day(stream), 8).astimezone(UTC)
    return Stage(started, a_scenario(stream), an_account(stream, ways))


def first_day(stream: random.Random) -> date:
    """A Monday of 2026, the weeks in which clocks change and markets close early or not at all among them."""
    return date(2026, 1, 5) + timedelta(weeks=stream.randrange(51))


def weekdays(first: date) -> Iterator[date]:
    """Days on which a schedule runs; that a market may be closed on one is for the program to notice."""
    day = first
    while True:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in New York."""
    return datetime.combine(day, time(hour, minute), NEW_YORK)


def a_scenario(stream: random.Random) -> dict[str, Any]:
    """About 100,000 USD, some of it in holdings, with a market that opens and closes."""
    prices = {symbol: round(price * stream.uniform(0.8, 1.25), 2) for symbol, (_, _, price) in LISTED.items()}
    held = {symbol: stream.randrange(0, int(25_000 / prices[symbol])) for symbol in LISTED if stream.random() < 0.7}
    worth = sum(prices[symbol] * quantity for symbol, quantity in held.items())
    spreads = {symbol: stream.choice([0.01, 0.02, 0.05]) for symbol in LISTED}
    return serving(round(100_000 - worth, 2), held, prices, spreads)


def serving(
    cash: float, held: Mapping[str, int], prices: Mapping[str, float], spreads: Mapping[str, float]
) -> dict[str, Any]:
    """The scenario of an account with so much in US dollars and so many shares, at these prices."""
    return {
        "accounts": {
            ACCOUNT_ID: {
                "cash": {"USD": cash},
                "positions": {symbol: {"quantity": quantity} for symbol, quantity in held.items() if quantity},
            }
        },
        "hours": "us-stocks",
        "instruments": {
            symbol: {
                "con_id": con_id,
                "name": f"{symbol} INC",
                "primary_exchange": exchange,
                "last": prices[symbol],
                "spread": spreads[symbol],
            }
            for symbol, (con_id, exchange, _) in LISTED.items()
        },
    }


def a_drawn_portfolio(stream: random.Random) -> PortfolioSpec:
    """Weights in whole percent that leave some cash; now and then a line closes. No name is so large that it alone
    would bring the account's liquidation near."""
    shares = {symbol: stream.choice([2, 3, 4]) for symbol in DECLARED}
    if stream.random() < 0.5:
        shares[stream.choice(DECLARED)] = 0
    whole = sum(shares.values())
    invested = stream.choice([90, 95, 100])
    weights = {symbol: Decimal(share * invested // whole) / 100 for symbol, share in shares.items()}
    return a_portfolio(weights)


def an_account(stream: random.Random, ways: random.Random) -> AccountSpec:
    """Limits that a plain plan does not cross, and one of the ways in which orders may be carried out."""
    policy = a_policy(
        on_blocked=stream.choice(list(OnBlocked)),
        hours=ways.choice([Hours.CONTINUE, *Hours]),  # what is sent into a closed market is the harder case
        order_style=ways.choice(STYLES),
        partial_fills=PartialFills(
            min_ratio=ways.choice([Decimal("0.8"), Decimal(1)]),
            attempts=ways.choice([1, 2, 3]),
            last_attempt=ways.choice(list(LastAttempt)),
        ),
        canary=ways.choice([False, False, True]),
        max_parallel_orders=stream.choice([0, 0, 2]),
        price_collar=Decimal("0.03"),
        plan_ttl=timedelta(minutes=30),
        timeouts=some_timeouts(fill=timedelta(seconds=stream.choice([20, 60, 120]))),
    )
    return an_account_spec(
        portfolio=a_drawn_portfolio(stream),
        leverage=stream.choice(["1", "1.2", "1.4"]),
        gateway=a_gateway(client_id=CLIENT_ID),
        policy=policy,
        limits=some_limits(
            max_leverage=Decimal("1.6"),
            emergency=an_emergency(leverage=Decimal("1.8")),
            max_turnover=Decimal(5),
            max_order_notional=Decimal(1_000_000),
        ),
    )
