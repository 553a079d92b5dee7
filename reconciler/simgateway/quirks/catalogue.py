"""All quirks, by group, with what happens when one is on. The list, the documentation and the checks come from here.

Sources: the message codes of the TWS API documentation; what users of ib_insync and ib_async reported; transcripts.
"""

from reconciler.simgateway.quirks.grammar import ANY_SYMBOL, SYMBOL, Parameter, Quirk

ENDS = {
    "positions": "positions_end",
    "positions-multi": "positions_multi_end",
    "open-orders": "open_orders_end",
    "completed-orders": "completed_orders_end",
    "executions": "executions_end",
    "account": "account_download_end",
    "account-multi": "account_values_multi_end",
    "contract-details": "contract_details_end",
    "summary": "account_summary_end",
    "snapshot": "snapshot_end",
}
"""The messages that end a read, by the name under which `no-end` takes them."""

WHAT_IF_CODES = ("110", "201", "321", "360", "413", "10243")
REJECT_CODES = ("103", "110", "200", "201", "203", "321", "460", "463", "10243")
WARNING_CODES = ("399", "404", "481", "2109", "2137", "10311", "10349")
HELD_CODES = ("399", "404")
"""Warnings with which the order waits until the quirk is cleared."""
DATA_CODES = ("354", "10089", "10090", "10167", "10168", "10186", "10197")
_WHAT_IF = Parameter(
    "MODE", ("two-step", "one-step", "unset", "blank", "no-commission", "silent", "read-only", *WHAT_IF_CODES)
)
_CANCEL = Parameter("MODE", ("filled", "10148", "10147", "161", "silent"))
_WELCOME = Parameter("MODE", ("refused", "half-open", "hang-up", "no-accounts", "no-id", "326"))

NO_PRICE = Quirk(
    "no-price",
    "data",
    "The market shows no price for SYM: bid and ask are -1, its portfolio row is valued at 0.",
    (SYMBOL,),
)
UNKNOWN_CONTRACT = Quirk(
    "unknown-contract",
    "data",
    "The gateway does not know SYM: contract details, quotes and orders answer error 200.",
    (SYMBOL,),
)
NO_POSITION_END = Quirk(
    "no-position-end", "account", "The positions are sent, but the message that ends them never comes."
)

_ORDERS = (
    Quirk(
        "what-if",
        "orders",
        "A what-if answers oddly: two-step (the values come a second after the unset ones), one-step (values only), "
        "unset (every number twice 1.797…E308), blank (empty texts), no-commission (margins without a commission), "
        "silent or read-only (what a read-only gateway does, or says with 321), or an error code and no state.",
        (_WHAT_IF, ANY_SYMBOL),
        "what-ifs",
    ),
    Quirk(
        "silent-drop",
        "orders",
        "An order is neither acknowledged nor placed; no error comes.",
        (ANY_SYMBOL,),
        "orders",
    ),
    Quirk(
        "delayed-ack",
        "orders",
        "An order is placed and can fill, but this connection hears nothing of it; after a reconnect it shows.",
        (ANY_SYMBOL,),
        "orders",
    ),
    Quirk(
        "lost-ack",
        "orders",
        "The socket closes between the receipt of an order and its acknowledgement; the order is alive.",
        (ANY_SYMBOL,),
        "orders",
    ),
    Quirk(
        "reject",
        "orders",
        "An order is refused with the code; 201 also shows the state Inactive, the others an error alone.",
        (Parameter("CODE", REJECT_CODES), ANY_SYMBOL),
        "orders",
    ),
    Quirk(
        "warning",
        "orders",
        "An order that lives gets a code that clients take for an error. With 399 and 404 it is held (PreSubmitted, "
        "404 with whyHeld locate) until the quirk is cleared; with 481 its size is halved.",
        (Parameter("CODE", WARNING_CODES), ANY_SYMBOL),
        "orders",
    ),
    Quirk(
        "cancel",
        "orders",
        "A cancel goes wrong: filled (the order fills during PendingCancel), 10148 (it filled just before, the cancel "
        "is refused), 10147 (not found, the order lives on), 161 (not cancellable, it lives on), silent (no answer).",
        (_CANCEL, ANY_SYMBOL),
        "cancels",
    ),
    Quirk(
        "cross-cancel", "orders", "A client may cancel the order of another client by its order id, where that is one."
    ),
    Quirk(
        "see-all",
        "orders",
        "Every client is told the orders and fills of all others, as a master client id is.",
    ),
)

_REPORTS = (
    Quirk(
        "filled-first",
        "reports",
        "The status Filled comes before the execution behind it.",
        (ANY_SYMBOL,),
        "orders",
    ),
    Quirk("no-status", "reports", "No order status comes at all, executions alone.", (ANY_SYMBOL,), "orders"),
    Quirk("double-status", "reports", "Every order status comes twice.", (ANY_SYMBOL,), "orders"),
    Quirk(
        "commission",
        "reports",
        "The commission of a live fill comes 3 seconds late, or is missing; a request for executions has it.",
        (Parameter("MODE", ("late", "missing")), ANY_SYMBOL),
        "orders",
    ),
    Quirk(
        "corrected-execution",
        "reports",
        "A second after a fill its correction comes: the same execution id with the next last part, the price one "
        "tick worse. The books follow the correction.",
        (ANY_SYMBOL,),
        "orders",
    ),
)

_CONNECTION = (
    Quirk(
        "outage",
        "connection",
        "The broker is away: code 1100, orders keep filling, nothing but errors is told. Cleared it ends: kept with "
        "1102 and what was withheld, lost with 1101 and without.",
        (Parameter("MODE", ("kept", "lost")),),
    ),
    Quirk(
        "port-reset",
        "connection",
        "At once, or after the N-th order: code 1300, then the connections close.",
        (),
        "orders",
    ),
    Quirk(
        "restart",
        "connection",
        "At once, or after the N-th order: the nightly restart. Connections close; working orders live on, and order "
        "ids roll back to those.",
        (),
        "orders",
    ),
    Quirk(
        "nightly-restart",
        "connection",
        "At once, or after the N-th order: the nightly restart as it goes. Connections close; for 30 seconds each new "
        "one is closed, for 30 more it is accepted and never answered; then all is well, and order ids rolled back.",
        (),
        "orders",
    ),
    Quirk(
        "two-factor",
        "connection",
        "The login waits for its second factor: code 1100, nothing but errors is told, and a new connection is never "
        "answered. Cleared it ends with 1101; who came meanwhile has to come again.",
    ),
    Quirk(
        "connect",
        "connection",
        "A new connection fails: refused (accepted and closed), half-open (accepted, never answered), hang-up (closed "
        "when the API starts), no-accounts or no-id (one of the two messages that complete the start never comes), 326 "
        "(the client id is said to be in use).",
        (_WELCOME,),
        "connections",
    ),
    Quirk(
        "pacing",
        "connection",
        "A request is refused with code 100, whatever the rate; the third refusal of a connection closes it.",
        (),
        "requests",
    ),
)

_ACCOUNT = (
    Quirk("not-ready", "account", "Account values say AccountReady=false: the server is resetting."),
    Quirk("stale-cash", "account", "Account values stay as they were when it was armed, while positions move."),
    Quirk(
        "no-end",
        "account",
        "A read is sent, but the message that ends it never comes.",
        (Parameter("END", tuple(ENDS)),),
        "ends",
    ),
    NO_POSITION_END,
    Quirk("late-positions", "account", "Positions are empty and ended; their rows come a second later."),
    Quirk("summaries-full", "account", "Every account summary is refused with 322: both are in use elsewhere."),
    Quirk(
        "account-in-use", "account", "Account updates answer 2101 and send nothing: another client has another account."
    ),
    Quirk(
        "unsubscribed",
        "account",
        "At once, or after the N-th order: code 2100, and the account updates of every client stop.",
        (),
        "orders",
    ),
    Quirk("margin-alert", "account", "At once, or after the N-th order: code 2148 to every client.", (), "orders"),
    Quirk(
        "liquidation",
        "account",
        "At once, or after the N-th order: the broker closes the holdings of SYM. The execution has Liquidation=1, "
        "client id 0 and order id -1, and every client is told.",
        (SYMBOL,),
        "orders",
    ),
)

_DATA = (
    NO_PRICE,
    UNKNOWN_CONTRACT,
    Quirk(
        "ambiguous",
        "data",
        "A query by symbol finds a second contract with another id and exchange; quotes and orders by symbol alone "
        "answer error 200.",
        (SYMBOL,),
    ),
    Quirk(
        "market-data",
        "data",
        "A quote is answered with the code: with 10167 delayed ticks follow, with 10090 all but bid and ask, "
        "with the others none.",
        (Parameter("CODE", DATA_CODES), ANY_SYMBOL),
        "quotes",
    ),
    Quirk("slow-snapshot", "data", "The end of a snapshot comes 11 seconds after its ticks."),
    Quirk(
        "halted",
        "data",
        "Trading halts: tick 49 is 1, nothing fills, and new orders wait until it is cleared.",
        (ANY_SYMBOL,),
    ),
    Quirk(
        "competing-session",
        "data",
        "The user trades elsewhere, too: code 10197 for each quote, old or new, and no ticks until it is cleared.",
        (ANY_SYMBOL,),
    ),
    Quirk("nan-close", "data", "The close of a quote is told as NaN.", (ANY_SYMBOL,)),
    Quirk(
        "new-id",
        "data",
        "SYM has another contract id, as after a corporate action: it is found, told and traded under the new one, and "
        "the old one is error 200.",
        (SYMBOL,),
    ),
    Quirk("frozen", "data", "Quotes are told as frozen (data type 2) and do not move.", (ANY_SYMBOL,)),
)

QUIRKS: dict[str, Quirk] = {quirk.name: quirk for quirk in (*_ORDERS, *_REPORTS, *_CONNECTION, *_ACCOUNT, *_DATA)}
"""Every quirk by its name, in the order in which they are explained."""
