"""The laboratory with two options: a call with a delta, and a put without one."""

from tests.simgateway.lab import TEXT

CALL, PUT = 3001, 3002
CALL_NAME, PUT_NAME = "MSFT  261218C00520000", "GLD   270115P00340500"
"""Their symbols at the exchange."""

OPTIONS = TEXT.replace(
    "orders:\n",
    """  MSFT.C520:
    con_id: 3001
    name: MICROSOFT CORP
    security_type: OPT
    underlying: MSFT
    expiry: 2026-12-18
    strike: 520
    right: C
    delta: 0.42
    last: 28.50
    spread: 0.20
  GLD.P340:
    con_id: 3002
    name: SPDR GOLD SHARES
    security_type: OPT
    underlying: GLD
    expiry: 2027-01-15
    strike: 340.5
    right: P
    last: 6.00
    spread: 0.10
orders:
""",
)

HELD = OPTIONS.replace(
    "      GLD: {quantity: 20, average_cost: 300.00}\n",
    """      GLD: {quantity: 20, average_cost: 300.00}
      MSFT.C520: {quantity: 2, average_cost: 2500}
      GLD.P340: {quantity: -1, average_cost: 650}
""",
)
"""Two calls are held, worth 5,700, and one put is sold, worth -600; beside stocks of 37,000 and 60,000 in cash."""
