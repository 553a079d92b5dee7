"""Validity: what an order must say to be one, whoever sends it. The checks from the order type on, in their sequence.

Each check is a function from terms and instrument to a Refusal or None. Texts are the broker's. Which time in force
goes with which type, beyond what the codes say, is an assumption.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.orders import algos
from reconciler.simgateway.orders.book import Refusal
from reconciler.simgateway.orders.pricing import KINDS, Need
from reconciler.simgateway.orders.terms import LIMIT, MARKET, Terms

KNOWN_TYPES = frozenset(
    {
        *KINDS,
        "BOX TOP", "MTL", "MKT PRT", "PASSV REL", "PEG BENCH", "PEG BEST", "PEG PRIM", "PEG STK", "SNAP MID",
        "SNAP MKT", "SNAP PRIM", "STP PRT", "TRAIL LIT", "TRAIL MIT", "VOL",
    }
)  # fmt: skip
"""Order types that the broker has; those that KINDS lacks are not worked here."""
_PLAIN = frozenset({MARKET, LIMIT})
_LASTING = frozenset(name for name, kind in KINDS.items() if not kind.closing)
TYPES_OF: Mapping[str, frozenset[str]] = {
    "DAY": frozenset(KINDS),
    "GTC": _LASTING,
    "GTD": _LASTING,
    "DTC": _LASTING,
    "IOC": _LASTING,
    "FOK": _PLAIN,
    "OPG": _PLAIN,
}
"""Time in force → the order types that may have it."""

_OFF_TICK = Refusal(110, "The price does not conform to the minimum price variation for this contract.")
_INCOMPATIBLE = Refusal(111, "The TIF (Tif type) and the order type are incompatible.")


def _invalid(cause: str) -> Refusal:
    return Refusal(321, f"Error validating request.-'bF' : cause - {cause}")


def _order_type(terms: Terms, instrument: Instrument) -> Refusal | None:
    if terms.order_type not in KNOWN_TYPES:
        return _invalid("Invalid order type was entered")
    kind = KINDS.get(terms.order_type)
    if kind is None or not instrument.takes(kind.code):
        return Refusal(387, "Unsupported order type for this exchange and security type.")
    return None


def _delta_neutral(terms: Terms, _instrument: Instrument) -> Refusal | None:
    if "delta_neutral_order_type" not in terms.echo:
        return None
    return Refusal(429, "Delta neutral orders are only supported for combos (BAG security type).")


def _time_in_force(terms: Terms, _instrument: Instrument) -> Refusal | None:
    if KINDS[terms.order_type].closing and terms.tif != "DAY":
        return Refusal(113, "The Tif option should be set to DAY for MOC and LOC orders.")
    if terms.order_type not in TYPES_OF.get(terms.tif, frozenset()):
        return _INCOMPATIBLE
    return _INCOMPATIBLE if terms.tif == "GTD" and not terms.good_till_date else None


def _prices(terms: Terms, instrument: Instrument) -> Refusal | None:
    kind = KINDS[terms.order_type]
    asked = ((kind.limit, terms.limit_price), (kind.trigger, terms.aux_price))
    return None if all(_is_price(need, price, instrument, terms.exchange) for need, price in asked) else _OFF_TICK


def _is_price(need: Need, price: Decimal | None, instrument: Instrument, exchange: str) -> bool:
    """Whether a price is there where it must be, and on a tick. Zero where none is needed stands for none."""
    if need is Need.NONE or (need is Need.OPTIONAL and not price):
        return True
    return price is not None and price > 0 and instrument.rule_at(exchange).admits(price)


def _trail(terms: Terms, instrument: Instrument) -> Refusal | None:
    if not KINDS[terms.order_type].trails:
        return None
    percent, amount = terms.trailing_percent, terms.aux_price
    if percent is not None and not 0 < percent < 100:
        return _invalid("Invalid Trailing Percent value. Valid values are greater than 0 and less than 100.")
    if percent is None and (amount is None or amount <= 0):
        return _invalid("Invalid Trailing Amount value.")
    if not _is_price(Need.OPTIONAL, terms.trail_stop, instrument, terms.exchange):
        return _OFF_TICK
    unbounded = terms.limit_offset is None and not (terms.limit_price and terms.trail_stop)
    if KINDS[terms.order_type].limit is Need.OPTIONAL and unbounded:
        return _invalid("A trailing stop limit order needs a limit offset, or a limit price and a stop price.")
    return None


def _offset(terms: Terms, _instrument: Instrument) -> Refusal | None:
    """An offset of a pegged order moves it one way only."""
    offsets = (terms.aux_price, terms.percent_offset)
    if not KINDS[terms.order_type].pegged or all(each is None or each >= 0 for each in offsets):
        return None
    return _invalid("Invalid offset value.")


def _algo(terms: Terms, _instrument: Instrument) -> Refusal | None:
    if terms.algo is None:
        return None
    if not algos.known(terms):
        return Refusal(439, "Order processing failed. Algorithm definition not found.")
    if terms.order_type not in algos.ORDER_TYPES:
        return Refusal(442, "Specified algorithm is not allowed for this order.")
    if not algos.well_formed(terms):
        return Refusal(441, "Algo attributes validation failed: adaptivePriority is Urgent, Normal or Patient")
    return None


_CHECKS: tuple[Callable[[Terms, Instrument], Refusal | None], ...] = (
    _order_type,
    _delta_neutral,
    _time_in_force,
    _prices,
    _trail,
    _offset,
    _algo,
)


def objection(terms: Terms, instrument: Instrument) -> Refusal | None:
    """The first thing that is wrong with what the order says, or None."""
    return next((refusal for check in _CHECKS if (refusal := check(terms, instrument)) is not None), None)
