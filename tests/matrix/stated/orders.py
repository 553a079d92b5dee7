"""Faults of orders: their margin, their arrival, their refusal and their cancel."""

from tests.matrix.stated.row import FAILED, IN_SYNC, PARTIAL, STOPPED, UNRESOLVED, Row, each

ORDERS = (
    Row(
        each("what-if:two-step", "what-if:one-step", "what-if:no-commission"),
        "The margin of an order is told late, at once, or without a commission.",
        "The margins are there, and that is what counts.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("what-if:unset", "what-if:blank", "what-if:silent"),
        "The broker does not say what margin an order would take.",
        "A number that is not there is unknown, and no buy is sent without its margin. Sells do not ask.",
        (PARTIAL, PARTIAL, PARTIAL, IN_SYNC, STOPPED),
    ),
    Row(
        each(
            *("what-if:110", "what-if:201", "what-if:321", "what-if:360", "what-if:413", "what-if:10243"),
            "what-if:read-only",
        ),
        "The broker refuses to say the margin, or says that it would not take the order.",
        "The sells are done; the buys are not sent.",
        (PARTIAL, PARTIAL, PARTIAL, IN_SYNC, STOPPED),
    ),
    Row(
        each("silent-drop"),
        "Orders vanish: no acknowledgement, no error.",
        "It connects anew, for only that can tell that they never arrived, and leaves them to the next plan.",
        (FAILED, FAILED, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("delayed-ack"),
        "Orders work and fill, and this connection is told nothing of them.",
        "What they filled is read from the completed orders; without its executions no further batch starts.",
        (PARTIAL, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("lost-ack@1"),
        "The connection breaks between an order and its acknowledgement; the order lives.",
        "It is found by reading over a new connection. What was behind it on the wire is left to the next plan.",
        (IN_SYNC, IN_SYNC, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each(
            *("reject:103", "reject:110", "reject:200", "reject:201", "reject:203"),
            *("reject:321", "reject:460", "reject:463", "reject:10243"),
        ),
        "The broker refuses the orders.",
        "A refusal counts once a whole reading shows no trace of the order. Sells that were refused fund no buys.",
        (PARTIAL, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("warning:399", "warning:404"),
        "The orders are held: until the market opens, or until shares to borrow are found.",
        "The time for fills runs out, they are cancelled, and that is confirmed.",
        (PARTIAL, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("warning:481"),
        "The broker makes the orders smaller.",
        "Half a batch funds no other one; the next plan counts from what is held.",
        (PARTIAL, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("warning:2109", "warning:2137", "warning:10311", "warning:10349"),
        "A code that sounds like an error, for an order that lives.",
        "No code ends an order by itself.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("cancel:filled", "cancel:10148"),
        "The time for fills runs out, and an order fills while it is being cancelled.",
        "The fill counts, whatever became of the cancel.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("cancel:10147", "cancel:161", "cancel:silent"),
        "The time for fills runs out, and the cancel is not found, not allowed or not answered: the order lives on.",
        "The report names the orders that still work. The next command reads what became of them.",
        (UNRESOLVED, UNRESOLVED, UNRESOLVED, UNRESOLVED, UNRESOLVED),
    ),
    Row(
        each("cancel:silent@1"),
        "The same, and one cancel of a batch gets lost.",
        "It is asked for again.",
        (PARTIAL, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("cross-cancel", "see-all"),
        "Other clients may cancel our orders, or see them and their fills.",
        "Orders are known by their reference, never by an id that others use too.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
)
