"""Admission: the checks an order passes before the venue takes it, in the order in which the broker makes them.

Each check is a function from the application to a Refusal or None; the table at the end is their sequence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.orders import sizes, validity
from reconciler.simgateway.orders.book import OrderBook, Refusal
from reconciler.simgateway.orders.terms import BUY, SELL, Terms

UNKNOWN_CONTRACT = Refusal(200, "No security definition has been found for the request")


@dataclass(frozen=True)
class Application:
    """An order at the door: what it asks for, in which instrument, and the accounts it could be for."""

    terms: Terms
    instrument: Instrument
    accounts: Mapping[str, Ledger]


def _account(application: Application) -> Refusal | None:
    account = application.terms.account
    if account in application.accounts:
        return None
    if not account:
        return Refusal(435, "You must specify an account.")
    return Refusal(321, "Error validating request.-'bF' : cause - The account code is not valid")


def _action(application: Application) -> Refusal | None:
    if application.terms.action in (BUY, SELL):
        return None
    return Refusal(321, "Error validating request.-'bF' : cause - Invalid side was entered")


def _size(application: Application) -> Refusal | None:
    return sizes.objection(application.terms, application.instrument)


def _validity(application: Application) -> Refusal | None:
    return validity.objection(application.terms, application.instrument)


_CHECKS: tuple[Callable[[Application], Refusal | None], ...] = (
    _account,
    _action,
    _size,
    _validity,
)


def examine(application: Application) -> Refusal | None:
    """The first objection to what the order says, or None. Credit is another question."""
    return next((refusal for check in _CHECKS if (refusal := check(application)) is not None), None)


def crowding(book: OrderBook, terms: Terms, instrument: Instrument | None, most: int) -> Refusal | None:
    """The limit of working orders in a contract, on a side, in an account; a most of 0 is none.

    That the code is 201, and when it comes, is an assumption; the text is the broker's.
    """
    if instrument is None or not most or book.crowds[terms.account, instrument.con_id, terms.action] < most:
        return None
    return Refusal(
        201,
        f"Order rejected - reason:Your account has a minimum of {most} orders working on either the buy or sell side "
        "for this particular contract",
    )
