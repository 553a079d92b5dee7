"""What clients send: the layout of every request by server version, and its bounded reader.

Layouts were cross-decoded between four independent client implementations; numbers in names are message ids of the
TWS API. Rule: every field is read as text and bounded; a short, an overlong or a nonsensical message raises
MalformedRequest and nothing else.
"""

from reconciler.simgateway.wire.fields import FieldReader, MalformedRequestError, Request
from reconciler.simgateway.wire.inquiries import INQUIRIES
from reconciler.simgateway.wire.layouts import CONTRACT, compiled
from reconciler.simgateway.wire.parts import PARTS

_ORDER = (
    f"order_id {CONTRACT} security_id_type security_id "
    "action quantity order_type limit_price aux_price tif oca_group account open_close origin order_ref transmit "
    "parent_id block_order sweep_to_fill display_size trigger_method outside_rth hidden *combo shares_allocation "
    "discretionary_amount good_after_time good_till_date fa_group fa_method fa_percentage fa_profile<177 model_code "
    "short_sale_slot designated_location exempt_code oca_type rule_80a settling_firm all_or_none minimum_quantity "
    "percent_offset electronic_trade_only firm_quote_only nbbo_price_cap auction_strategy starting_price "
    "stock_reference_price delta stock_range_lower stock_range_upper override_percentage_constraints volatility "
    "volatility_type delta_neutral_order_type delta_neutral_aux_price *delta_neutral_order continuous_update "
    "reference_price_type trail_stop_price trailing_percent scale_initial_level_size scale_subsequent_level_size "
    "scale_price_increment *scale scale_table active_start_time active_stop_time hedge_type *hedge "
    "opt_out_smart_routing clearing_account clearing_intent not_held *delta_neutral_contract algo_strategy "
    "*algo_parameters algo_id what_if misc_options solicited randomize_size randomize_price *pegged_benchmark "
    "*conditions adjusted_order_type trigger_price limit_price_offset adjusted_stop_price adjusted_stop_limit_price "
    "adjusted_trailing_amount adjustable_trailing_unit external_operator soft_dollar_name soft_dollar_value "
    "cash_quantity mifid_decision_maker mifid_decision_algo mifid_execution_trader mifid_execution_algo "
    "no_auto_price_for_hedge is_oms_container discretionary_up_to_limit_price use_price_management_algo "
    "duration@158 post_to_ats@160 auto_cancel_parent@162 advanced_error_override@166 manual_order_time@169 "
    "*pegged_mid"
)

REQUESTS: dict[int, tuple[str, str]] = {
    1: (
        "market_data",
        f"version request_id {CONTRACT} *market_data_legs *delta_neutral_contract generic_ticks snapshot "
        "regulatory_snapshot options",
    ),
    2: ("cancel_market_data", "version request_id"),
    3: ("place_order", _ORDER),
    4: ("cancel_order", "version order_id manual_cancel_time@169"),
    5: ("open_orders", "version"),
    6: ("account_updates", "version subscribe account"),
    7: (
        "executions",
        "version request_id client_id account time symbol security_type exchange side",
    ),
    8: ("next_id", "version count"),
    9: (
        "contract_details",
        f"version request_id {CONTRACT} include_expired security_id_type security_id issuer_id@176",
    ),
    14: ("log_level", "version level"),
    15: ("auto_open_orders", "version bind"),
    16: ("all_open_orders", "version"),
    17: ("managed_accounts", "version"),
    49: ("current_time", "version"),
    58: ("global_cancel", "version"),
    59: ("market_data_type", "version data_type"),
    61: ("positions", "version"),
    62: ("account_summary", "version request_id group tags"),
    63: ("cancel_account_summary", "version request_id"),
    64: ("cancel_positions", "version"),
    71: ("start_api", "version client_id optional_capabilities"),
    74: ("positions_multi", "version request_id account model_code"),
    75: ("cancel_positions_multi", "version request_id"),
    76: ("account_updates_multi", "version request_id account model_code ledger_and_nlv"),
    77: ("cancel_account_updates_multi", "version request_id"),
    91: ("market_rule", "rule_id"),
    92: ("profit", "request_id account model_code"),
    93: ("cancel_profit", "request_id"),
    94: ("profit_single", "request_id account model_code con_id"),
    95: ("cancel_profit_single", "request_id"),
    99: ("completed_orders", "api_only"),
    **INQUIRIES,
}
"""Message id → kind and layout. Kinds are the words by which the desks register their handlers."""


def decode(fields: list[str], version: int) -> Request | None:
    """The request in `fields`, or None for a message id the table does not have. Raises MalformedRequestError."""
    message_id = fields[0] if fields else ""
    if not message_id.isdecimal() or len(message_id) > 6:
        raise MalformedRequestError(f"{message_id[:40]!r} is no message id")
    if int(message_id) not in REQUESTS:
        return None
    kind, layout = REQUESTS[int(message_id)]
    reader = FieldReader(fields)
    reader.take()
    values: dict[str, str] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for slot in compiled(layout, version):
        if slot.name in PARTS:
            groups[slot.name.removeprefix("*")] = PARTS[slot.name](reader, Request(kind, values), version)
        else:
            values[slot.name] = reader.take()
    return Request(kind, values, groups, tuple(reader.rest()))
