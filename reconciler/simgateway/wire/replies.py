"""What the gateway sends: the layout of every reply by server version, and its encoder.

Field orders were cross-decoded by four independent client implementations at versions 157 to 178. Whole numbers are
written without ".0", because old clients read sizes as integers.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from reconciler.simgateway.wire.layouts import compiled

Value = str | int | Decimal | tuple[str, ...]
"""A tuple stands for several fields: a counted group, or a part that is there only sometimes."""

_HEAD = "con_id symbol security_type expiry= strike=0 right= multiplier="
_CONTRACT_11 = f"{_HEAD} exchange currency local_symbol trading_class"
_CONTRACT_PORTFOLIO = f"{_HEAD} primary_exchange currency local_symbol trading_class"
_PEGGED = "minimum_trade_quantity=@170 minimum_compete_size=@170 compete_offset=@170 mid_whole=@170 mid_half=@170"
_ORDER_TERMS = "action quantity order_type limit_price aux_price tif oca_group= account open_close= origin=0 order_ref"

_OPEN_ORDER = (
    f"order_id {_CONTRACT_11} {_ORDER_TERMS} client_id perm_id outside_rth=0 hidden=0 discretionary_amount=0 "
    "good_after_time= shares_allocation= fa_group= fa_method= fa_percentage= fa_profile=<177 model_code= "
    "good_till_date= rule_80a= percent_offset= settling_firm= short_sale_slot=0 designated_location= exempt_code=-1 "
    "auction_strategy=0 starting_price= stock_reference_price= delta= stock_range_lower= stock_range_upper= "
    "display_size=0 block_order=0 sweep_to_fill=0 all_or_none=0 minimum_quantity= oca_type=3 electronic_trade_only=0 "
    "firm_quote_only=0 nbbo_price_cap= parent_id=0 trigger_method=0 volatility= volatility_type=0 "
    # The real gateway writes the word None here; being non-empty, it makes the eight fields after the price follow.
    "delta_neutral_order_type=None delta_neutral_aux_price= dn_con_id=0 dn_settling_firm= dn_clearing_account= "
    "dn_clearing_intent= dn_open_close=? dn_short_sale=0 dn_short_sale_slot=0 dn_designated_location= "
    "continuous_update=0 reference_price_type=0 trail_stop_price= trailing_percent= basis_points= basis_points_type= "
    "combo_description= combo_legs=0 order_combo_legs=0 smart_combo_parameters=0 scale_initial_level_size= "
    "scale_subsequent_level_size= scale_price_increment= hedge_type= opt_out_smart_routing=0 clearing_account= "
    "clearing_intent= not_held=0 delta_neutral_contract=0 algo solicited=0 what_if=0 status "
    "initial_before=UNSET maintenance_before=UNSET equity_before=UNSET initial_change=UNSET maintenance_change=UNSET "
    "equity_change=UNSET initial_after=UNSET maintenance_after=UNSET equity_after=UNSET commission= "
    "minimum_commission= maximum_commission= commission_currency= warning_text= randomize_size=0 randomize_price=0 "
    "conditions=0 adjusted_order_type=None trigger_price=UNSET trail_stop_price=UNSET "
    "limit_price_offset=UNSET adjusted_stop_price=UNSET adjusted_stop_limit_price=UNSET adjusted_trailing_amount=UNSET "
    "adjustable_trailing_unit=0 soft_dollar_name= soft_dollar_value= soft_dollar_display_name= cash_quantity=0 "
    "no_auto_price_for_hedge=0 is_oms_container=0 discretionary_up_to_limit_price=0 use_price_management_algo=0 "
    f"duration=@158 post_to_ats=@160 auto_cancel_parent=0@162 {_PEGGED}"
)

_COMPLETED_ORDER = (
    f"{_CONTRACT_11} {_ORDER_TERMS} perm_id outside_rth=0 hidden=0 discretionary_amount=0 good_after_time= fa_group= "
    "fa_method= fa_percentage= fa_profile=<177 model_code= good_till_date= rule_80a= percent_offset= settling_firm= "
    "short_sale_slot=0 designated_location= exempt_code=-1 starting_price= stock_reference_price= delta= "
    "stock_range_lower= stock_range_upper= display_size=0 sweep_to_fill=0 all_or_none=0 minimum_quantity= oca_type=3 "
    "trigger_method=0 volatility= volatility_type=0 delta_neutral_order_type= delta_neutral_aux_price= "
    "continuous_update=0 reference_price_type=0 trail_stop_price= trailing_percent= combo_description= combo_legs=0 "
    "order_combo_legs=0 smart_combo_parameters=0 scale_initial_level_size= scale_subsequent_level_size= "
    "scale_price_increment= hedge_type= clearing_account= clearing_intent=IB not_held=0 delta_neutral_contract=0 "
    "algo solicited=0 status randomize_size=0 randomize_price=0 conditions=0 trail_stop_price= "
    "limit_price_offset= cash_quantity=0 no_auto_price_for_hedge=0 is_oms_container=0 auto_cancel_date= "
    "filled_quantity reference_futures_con_id=0 auto_cancel_parent=0 shareholder= imbalance_only=0 "
    "route_marketable_to_bbo=0 parent_perm_id=9223372036854775807 completed_time completed_status "
    f"{_PEGGED}"
)

REPLIES: dict[str, tuple[int, str]] = {
    "tick_price": (1, "version=6 request_id tick_type price size attributes=0"),
    "tick_size": (2, "version=6 request_id tick_type size"),
    "order_status": (
        3,
        "order_id status filled remaining average_fill_price perm_id parent_id=0 last_fill_price client_id why_held= "
        "market_cap_price=0",
    ),
    "error": (4, "version=2 request_id code text advanced_reject=@166"),
    "open_order": (5, _OPEN_ORDER),
    "account_value": (6, "version=2 key value currency account"),
    "portfolio": (
        7,
        f"version=8 {_CONTRACT_PORTFOLIO} quantity market_price market_value average_cost unrealized realized account",
    ),
    "account_time": (8, "version=1 time"),
    "next_id": (9, "version=1 order_id"),
    "contract_details": (
        10,
        "version=8<164 request_id symbol security_type expiry= strike=0 right= exchange currency local_symbol "
        "market_name trading_class con_id min_tick md_size_multiplier=100<164 multiplier= order_types valid_exchanges "
        "price_magnifier=1 under_con_id=0 long_name primary_exchange contract_month= industry category subcategory "
        "time_zone trading_hours liquid_hours ev_rule= ev_multiplier=0 security_ids=0 aggregated_group=1 "
        "under_symbol= under_security_type= market_rules real_expiration= stock_type suggested_size_163=100@163<164 "
        "minimum_size@164 size_increment@164 suggested_size@164",
    ),
    "execution": (
        11,
        f"request_id order_id {_CONTRACT_11} exec_id time account venue side shares price perm_id client_id "
        "liquidation=0 cumulative_quantity average_price order_ref ev_rule= ev_multiplier= model_code= "
        "last_liquidity=2 pending_price_revision=0@178",
    ),
    "managed_accounts": (15, "version=1 accounts"),
    "tick_option": (
        21,
        "request_id tick_type attributes=0 implied_volatility=-1 delta=-2 price=-1 dividend=-1 gamma=-2 vega=-2 "
        "theta=-2 underlying_price=-1",
    ),
    "advisor": (16, "version=1 data_type xml"),
    "scanner_parameters": (19, "version=2 xml"),
    "tick_generic": (45, "version=6 request_id tick_type value"),
    "tick_string": (46, "version=6 request_id tick_type value"),
    "current_time": (49, "version=1 time"),
    "contract_details_end": (52, "version=1 request_id"),
    "open_orders_end": (53, "version=1"),
    "account_download_end": (54, "version=1 account"),
    "executions_end": (55, "version=1 request_id"),
    "snapshot_end": (57, "version=1 request_id"),
    "market_data_type": (58, "version=1 request_id data_type"),
    "commission": (59, "version=1 exec_id commission currency realized yield=UNSET yield_redemption_date="),
    "position": (61, f"version=3 account {_CONTRACT_11} quantity average_cost"),
    "positions_end": (62, "version=1"),
    "account_summary": (63, "version=1 request_id account tag value currency"),
    "account_summary_end": (64, "version=1 request_id"),
    "display_groups": (67, "version=1 request_id groups"),
    "position_multi": (71, f"version=1 request_id account {_CONTRACT_11} quantity average_cost model_code"),
    "positions_multi_end": (72, "version=1 request_id"),
    "account_value_multi": (73, "version=1 request_id account model_code key value currency"),
    "account_values_multi_end": (74, "version=1 request_id"),
    "option_parameters_end": (76, "request_id"),
    "soft_dollar_tiers": (77, "request_id tiers"),
    "family_codes": (78, "codes"),
    "symbol_samples": (79, "request_id samples"),
    "depth_exchanges": (80, "exchanges"),
    "tick_parameters": (81, "request_id min_tick bbo_exchange snapshot_permissions"),
    "smart_components": (82, "request_id components"),
    "news_providers": (85, "providers"),
    "market_rule": (93, "rule_id increments"),
    "profit": (94, "request_id daily unrealized realized"),
    "profit_single": (95, "request_id quantity daily unrealized realized value"),
    "order_bound": (100, "perm_id client_id order_id"),
    "completed_order": (101, _COMPLETED_ORDER),
    "completed_orders_end": (102, ""),
    "user_info": (107, "request_id white_branding_id"),
}
"""Kind → message id and layout."""


@lru_cache(maxsize=4096)
def _decimal_text(number: Decimal) -> str:
    return format(number.normalize() + 0, "f")


def _texts(value: Value) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple):
        return value
    return (_decimal_text(value) if isinstance(value, Decimal) else str(value),)


def encode(kind: str, values: Mapping[str, Value], version: int) -> list[str]:
    """The fields of one reply. Raises KeyError where a value without a default is missing: a broken invariant."""
    message_id, layout = REPLIES[kind]
    fields = [str(message_id)]
    for slot in compiled(layout, version):
        value = values.get(slot.name, slot.default)
        if value is None:
            raise KeyError(f"{kind}: no value for {slot.name}")
        if isinstance(value, str):
            fields.append(value)
        else:
            fields.extend(_texts(value))
    return fields
