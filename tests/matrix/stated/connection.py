"""Faults of the connection: to the gateway, and of the gateway to the broker."""

from tests.matrix.stated.row import FAILED, IN_SYNC, PARTIAL, STOPPED, UNRESOLVED, Row, each

AWHILE = 30.0

CONNECTION = (
    Row(
        each("outage:kept", "outage:lost", "two-factor"),
        "The broker is away from the gateway, or the login waits for its second factor, and that does not end.",
        "It waits as long as `timeouts.outage` allows. Orders that were sent are unresolved until they are read.",
        (FAILED, UNRESOLVED, PARTIAL, UNRESOLVED, UNRESOLVED),
    ),
    Row(
        each("outage:kept", "outage:lost", "two-factor", lasts=AWHILE),
        "The same, and after half a minute it is over.",
        "It waits, reads what was missed, and goes on; what was read across the outage is read again.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("port-reset", "restart"),
        "The connection is lost, or the gateway restarts.",
        "It connects again, reads, and goes on. What was on the wire and never arrived is left to the next plan.",
        (IN_SYNC, IN_SYNC, IN_SYNC, PARTIAL, STOPPED),
    ),
    Row(
        each("nightly-restart"),
        "The nightly restart: for a minute nobody can connect, and order ids roll back.",
        "As above, once the gateway is back; a run that was stopped waits two minutes for it.",
        (IN_SYNC, IN_SYNC, IN_SYNC, PARTIAL, STOPPED),
    ),
    Row(
        each(
            *("connect:refused", "connect:half-open", "connect:hang-up"),
            *("connect:no-accounts", "connect:no-id", "connect:326"),
        ),
        "The connection is lost, and no new one can be made.",
        "It tries as long as `timeouts.outage` allows. Orders that were sent and cannot be read are unresolved.",
        (FAILED, UNRESOLVED, PARTIAL, UNRESOLVED, UNRESOLVED),
    ),
    Row(
        each("connect:refused", lasts=AWHILE),
        "The same, and after half a minute a connection is taken again.",
        "It connects, reads, and goes on. What was on the wire and never arrived is left to the next plan.",
        (IN_SYNC, IN_SYNC, IN_SYNC, PARTIAL, STOPPED),
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
        "A reading or a cancel is asked for again; an order is not sent again by this run. In the second batch it is "
        "the watch over the account that is refused, and the batch goes on without it.",
        (IN_SYNC, PARTIAL, IN_SYNC, IN_SYNC, STOPPED),
    ),
)
