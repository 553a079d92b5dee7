"""Admission: the checks an order passes before the venue takes it, in the order in which the broker makes them.

Each check is a function from the application to a Refusal or None; the table at the end is their sequence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.simgateway.instruments import Instrument
from reconciler.simgateway.ledger import Ledger
from reconciler.simgateway.orders import Refusal
from reconciler.simgateway.terms import BUY, LIMIT, MARKET, SELL, STOP, Terms

KNOWN_TYPES = frozenset(
    {MARKET, LIMIT, STOP, "MOC", "LOC", "MIDPRICE", "STP LMT", "TRAIL", "REL", "PEG MID", "PEG BEST"}
)
WORKED_TYPES = frozenset({MARKET, LIMIT, STOP})
WORKED_TIFS = frozenset({"DAY", "GTC", "IOC"})
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
    shares, lots = application.terms.shares, application.instrument.lots
    if shares == 0:
        return Refusal(434, "The order size cannot be zero.")
    if shares < 0:
        return Refusal(321, "Error validating request.-'bF' : cause - The order size must be positive")
    if shares % 1 != 0 and not application.instrument.takes_fractions:
        return Refusal(10243, "Fractional-sized order cannot be placed via API. Please refer to our website.")
    if shares < lots.minimum or shares % lots.increment != 0:
        return Refusal(355, "Order size does not conform to market rule.")
    return None


def _order_type(application: Application) -> Refusal | None:
    order_type = application.terms.order_type
    if order_type not in KNOWN_TYPES:
        return Refusal(321, "Error validating request.-'bF' : cause - Invalid order type was entered")
    if order_type not in WORKED_TYPES or not application.instrument.takes(order_type):
        return Refusal(387, "Unsupported order type for this exchange and security type.")
    return None


def _time_in_force(application: Application) -> Refusal | None:
    if application.terms.tif in WORKED_TIFS:
        return None
    return Refusal(111, "The TIF (Tif type) and the order type are incompatible.")


def _price(application: Application) -> Refusal | None:
    terms = application.terms
    rule = application.instrument.rule_at(terms.exchange)
    asked = {LIMIT: terms.limit_price, STOP: terms.aux_price}
    if terms.order_type not in asked:
        return None
    price = asked[terms.order_type]
    if price is None or price <= 0 or not rule.admits(price):
        return Refusal(110, "The price does not conform to the minimum price variation for this contract.")
    return None


_CHECKS: tuple[Callable[[Application], Refusal | None], ...] = (
    _account,
    _action,
    _size,
    _order_type,
    _time_in_force,
    _price,
)


def examine(application: Application) -> Refusal | None:
    """The first objection to what the order says, or None. Credit is another question."""
    return next((refusal for check in _CHECKS if (refusal := check(application)) is not None), None)
