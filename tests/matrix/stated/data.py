"""Faults of the market and its data: prices, contracts, halts."""

from tests.matrix.stated.row import BLOCKED, IN_SYNC, PARTIAL, STALE, STOPPED, Row, each

DATA = (
    Row(
        each("no-price:SYM"),
        "The market shows no bid and no ask for a name.",
        "What has no price is not traded. What was sent before fills all the same.",
        (BLOCKED, IN_SYNC, PARTIAL, IN_SYNC, STOPPED),
    ),
    Row(
        each("market-data:354", "market-data:10089", "market-data:10168", "market-data:10186", "market-data:10197"),
        "No quotes: not subscribed, not shared, or used by another session.",
        "No batch starts without prices.",
        (BLOCKED, PARTIAL, PARTIAL, IN_SYNC, STOPPED),
    ),
    Row(
        each("market-data:10167", "frozen", "competing-session"),
        "Quotes are delayed, frozen, or stand still because somebody trades elsewhere.",
        "An old price is no price, unless the policy accepts delayed ones.",
        (BLOCKED, PARTIAL, PARTIAL, IN_SYNC, STOPPED),
    ),
    Row(
        each("market-data:10090", "slow-snapshot", "nan-close"),
        "Parts of a quote are missing or come late.",
        "A last price is enough; the rest is not needed.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("unknown-contract:SYM"),
        "The broker does not know a contract any more.",
        "It refuses the order, and the report says so.",
        (BLOCKED, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("ambiguous:SYM"),
        "A symbol names two contracts.",
        "An order names the contract by its id, which the plan has found before.",
        (IN_SYNC, IN_SYNC, IN_SYNC, IN_SYNC, STOPPED),
    ),
    Row(
        each("new-id:SYM"),
        "A contract gets another id, as after a corporate action.",
        "The plan was made for the old one. The next plan finds the new one.",
        (STALE, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
    Row(
        each("halted"),
        "Trading in the names of the batch is halted.",
        "What is halted is not ordered. What was sent before waits, is cancelled when the time for fills runs out, and "
        "that is confirmed.",
        (BLOCKED, PARTIAL, PARTIAL, PARTIAL, STOPPED),
    ),
)
