"""What a client says with an order and is told again with it, though nothing here depends on it.

A field that both layouts have, the order and what is told of it, is a word in a row of ECHOED under one name. What a
client left unset is not kept: the reply then has its own default.
"""

from collections.abc import Callable, Mapping

from reconciler.simgateway.wire.fields import Request
from reconciler.simgateway.wire.replies import Value


def _text(request: Request, name: str) -> Value | None:
    return request.text(name) or None


def _flag(request: Request, name: str) -> Value | None:
    return int(request.flag(name)) or None


def _word(request: Request, name: str) -> Value | None:
    """A text for which the gateway itself writes the word None where there is none."""
    return None if request.text(name) == "None" else _text(request, name)


ECHOED: Mapping[Callable[[Request, str], Value | None], str] = {
    _text: (
        "open_close fa_group fa_method fa_percentage fa_profile model_code rule_80a "
        "settling_firm designated_location hedge_type clearing_account clearing_intent soft_dollar_name "
        "soft_dollar_value"
    ),
    _word: "adjusted_order_type delta_neutral_order_type",
    _flag: (
        "block_order sweep_to_fill hidden all_or_none electronic_trade_only firm_quote_only continuous_update "
        "opt_out_smart_routing not_held solicited randomize_size randomize_price no_auto_price_for_hedge "
        "is_oms_container discretionary_up_to_limit_price use_price_management_algo"
    ),
    Request.whole: (
        "origin short_sale_slot exempt_code display_size trigger_method auction_strategy volatility_type "
        "reference_price_type minimum_quantity scale_initial_level_size scale_subsequent_level_size "
        "adjustable_trailing_unit duration post_to_ats"
    ),
    Request.decimal: (
        "discretionary_amount nbbo_price_cap starting_price stock_reference_price delta "
        "stock_range_lower stock_range_upper volatility scale_price_increment trigger_price adjusted_stop_price "
        "adjusted_stop_limit_price adjusted_trailing_amount"
    ),
}
"""How a field is read → the fields, by their names in the layouts."""

_BEHIND = {"scale": "scale_price_increment", "hedge": "hedge_type"}
"""A part of the order → the field behind which replies have it, when it is there."""


def echo(request: Request) -> dict[str, Value]:
    """The values of a reply that come from the order alone. Raises MalformedRequestError for one that cannot be."""
    read = {name: taken(request, name) for taken, names in ECHOED.items() for name in names.split()}
    told = {name: value for name, value in read.items() if value is not None}
    for part, field in _BEHIND.items():
        if request.groups.get(part):
            told[field] = (request.text(field), *request.groups[part])
    if request.groups.get("delta_neutral_contract"):
        told["delta_neutral_contract"] = ("1", *request.groups["delta_neutral_contract"])
    if request.groups.get("conditions"):
        told["conditions"] = request.groups["conditions"]
    if request.groups.get("pegged_mid"):
        told |= _pegged_mid(request)
    return told


def _pegged_mid(request: Request) -> dict[str, Value]:
    told: dict[str, Value] = {}
    values = request.groups["pegged_mid"]
    if request.text("exchange") == "IBKRATS":
        told["minimum_trade_quantity"] = values[0]
    if request.text("order_type") in ("PEG MID", "PEGMID"):
        told["mid_whole"], told["mid_half"] = values[-2:]
    return told
