"""Faults of the connection: to the gateway, and of the gateway to the broker."""

from tests.matrix.stated.row import BLOCKED, FAILED, IN_SYNC, PARTIAL, UNRESOLVED, Row, each

AWHILE = 30.0

CONNECTION = (
    Row(
        each("outage:kept", "outage:lost", "two-factor"),
        "The broker is away from the gateway, or the login waits for its second factor, and that does not end.",
        "Nothing is sent on what cannot be read. Orders that were sent are unresolved until they are read.",
        (BLOCKED, UNRESOLVED, PARTIAL, UNRESOLVED, UNRESOLVED),
    ),
    Row(
        each("outage:kept", "outage:lost", "two-factor", lasts=AWHILE),
        "The same, and after half a minute it is over.",
        "Orders that rest meanwhile are watched to their end. A batch that cannot be checked is not started.",
        (BLOCKED, IN_SYNC, PARTIAL, IN_SYNC, UNRESOLVED),
    ),
    Row(
        each("port-reset", "restart"),
        "The connection is lost, or the gateway restarts.",
        "It connects again and reads what became of the orders; none is sent again.",
        (FAILED, PARTIAL, PARTIAL, PARTIAL, PARTIAL),
    ),
    Row(
        each("nightly-restart"),
        "The nightly restart: for a minute nobody can connect, and order ids roll back.",
        "It connects again within its bounds; orders that were sent are unresolved until they are read.",
        (FAILED, UNRESOLVED, PARTIAL, UNRESOLVED, UNRESOLVED),
    ),
    Row(
        each(
            *("connect:refused", "connect:half-open", "connect:hang-up"),
            *("connect:no-accounts", "connect:no-id", "connect:326"),
        ),
        "The connection is lost, and no new one can be made.",
        "Orders that were sent and cannot be read are unresolved.",
        (FAILED, UNRESOLVED, PARTIAL, UNRESOLVED, UNRESOLVED),
    ),
    Row(
        each("connect:refused", lasts=AWHILE),
        "The same, and after half a minute a connection is taken again.",
        "Half a minute is longer than it tries; the next command reads what became of the orders.",
        (FAILED, UNRESOLVED, PARTIAL, UNRESOLVED, UNRESOLVED),
    ),
    Row(
        each("pacing"),
        "Every request is refused as one too many, and the third closes the connection.",
        "Where nothing can be read nothing is sent, and orders that were sent are unresolved.",
        (FAILED, UNRESOLVED, PARTIAL, UNRESOLVED, UNRESOLVED),
    ),
    Row(
        each("pacing@1"),
        "One request is refused as one too many.",
        "A reading is made again. An order or a cancel is not: it is unresolved until the next command reads.",
        (BLOCKED, UNRESOLVED, IN_SYNC, UNRESOLVED, UNRESOLVED),
    ),
)
