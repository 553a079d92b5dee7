"""Faults of what is reported of an order: statuses, executions, commissions."""

from tests.matrix.stated.row import IN_SYNC, STOPPED, Row, each

REPORTS = (
    Row(
        each("filled-first", "no-status", "double-status"),
        "Statuses come before the executions, twice, or not at all.",
        "Fills count by their executions, each once. A cancel without a status is found by reading.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("commission:late", "commission:missing"),
        "The commission of a fill comes late, or not at all.",
        "It is waited for, no longer than for an acknowledgement, and then read once. The run goes on without it.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("corrected-execution"),
        "The exchange corrects a fill after it was told.",
        "The correction replaces it; nothing counts twice.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
)
