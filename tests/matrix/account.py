"""The account of every cell: a plan of two batches, sells that make room and buys that need margin, at still prices.

At a leverage of 1.2 it sells 76 NVDA and 36 GLD, then buys 83 ORCL and 281 XLP. MSFT stands at its target, and KO is in
no manifest. No target lies near the edge of a share, so that the costs of a run move none: whatever happened, the
account ends with the same holdings.
"""

from datetime import UTC, date, timedelta
from decimal import Decimal
from types import MappingProxyType

from tests.builders import a_gateway, a_policy, a_portfolio, an_account_spec, some_timeouts
from tests.simulation import market

HELD = MappingProxyType({"MSFT": 45, "NVDA": 200, "GLD": 100, "ORCL": 20, "XLP": 0, "KO": 100})
CASH = -4_900.0
WEIGHTS = MappingProxyType({"MSFT": ".200", "NVDA": ".198", "GLD": ".199", "ORCL": ".201", "XLP": ".199"})
IN_SYNC = MappingProxyType({"MSFT": 45, "NVDA": 124, "GLD": 64, "ORCL": 103, "XLP": 281, "KO": 100})
"""What it holds in the end, whatever happened on the way."""
SELLS, BUYS = ("NVDA", "GLD"), ("ORCL", "XLP")
FILLS_AFTER = 2.0
"""Seconds that an order rests before it fills: what strikes in between meets orders that work."""
TIMEOUTS = some_timeouts(
    fill=timedelta(seconds=60),
    batch=timedelta(minutes=4),
    settle=timedelta(seconds=20),
    run=timedelta(minutes=10),
)
STAGE = market.Stage(
    started=market.at(date(2026, 3, 2), 10).astimezone(UTC),
    scenario=market.serving(
        CASH,
        HELD,
        {symbol: float(price) for symbol, (_, _, price) in market.LISTED.items()},
        dict.fromkeys(HELD, 0.02),
    ),
    account=an_account_spec(
        portfolio=a_portfolio({symbol: Decimal(weight) for symbol, weight in WEIGHTS.items()}),
        leverage="1.2",
        gateway=a_gateway(client_id=market.CLIENT_ID),
        policy=a_policy(timeouts=TIMEOUTS, plan_ttl=timedelta(minutes=30)),
    ),
)
