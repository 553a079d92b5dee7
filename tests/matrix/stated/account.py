"""Faults of what the account tells: values, positions, the ends of readings; and what the broker does to it."""

from tests.matrix.stated.row import BLOCKED, IN_SYNC, PARTIAL, STALE, STOPPED, Row, each

ACCOUNT = (
    Row(
        each("not-ready", "account-in-use", "no-end:account", "no-end:open-orders"),
        "Account values or open orders cannot be read: the server resets, or the reading does not end.",
        "No batch starts on what was not read. After the last batch it is said, and changes nothing.",
        (BLOCKED, PARTIAL, PARTIAL, IN_SYNC, STOPPED),
    ),
    Row(
        each("late-positions"),
        "Positions are told empty, and their rows come later.",
        "Positions and account values that contradict each other are not believed, nor positions that do not show the "
        "fills: the report says so, though every order is filled.",
        (BLOCKED, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("no-end:positions", "no-position-end"),
        "The list of positions does not come to its end.",
        "No batch starts; and one that is filled is not confirmed by the positions, which the report says.",
        (BLOCKED, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("stale-cash"),
        "Account values lag behind the fills.",
        "Cash that does not come funds no buys.",
        (PARTIAL, PARTIAL, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each(
            *("no-end:positions-multi", "no-end:account-multi", "no-end:summary", "no-end:snapshot"),
            *("no-end:contract-details", "no-end:completed-orders", "no-end:executions"),
        ),
        "A reading that a sound run does without does not end.",
        "Completed orders and executions are read where an order is in doubt.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("summaries-full", "unsubscribed"),
        "Account summaries are used up elsewhere, or account updates are ended by the broker.",
        "The account is read anew for each batch.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("margin-alert"),
        "The broker warns that the account comes near its margin.",
        "Nothing that adds risk is sent any more by this run; what reduces risk goes on.",
        (PARTIAL, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("liquidation:SYM"),
        "The broker sells what the account holds of a name that the batch trades.",
        "A sell of ours that works in it is withdrawn at once: both together would sell more than is held. The plan no "
        "longer fits what is held, and nothing more is sent under it.",
        (STALE, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
)
