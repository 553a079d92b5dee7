"""The layouts of requests about markets, news and reference data, most of which this gateway can only refuse.

They are read in full all the same, so that the answer reaches the request by its id. Read from the requests that
ib_insync 0.9.86 and ib_async 2.1 send. The verification requests (65, 66, 72, 73) have no id to answer and no row.
"""

from reconciler.simgateway.wire.layouts import CONTRACT

_UNQUALIFIED = CONTRACT.replace(" primary_exchange", "")
_FUNDAMENTAL = "con_id symbol security_type exchange primary_exchange currency local_symbol"

INQUIRIES: dict[int, tuple[str, str]] = {
    10: ("market_depth", f"version request_id {CONTRACT} rows smart_depth options"),
    11: ("cancel_market_depth", "version request_id smart_depth"),
    12: ("news_bulletins", "version all_messages"),
    13: ("cancel_news_bulletins", "version"),
    18: ("request_advisor", "version data_type"),
    19: ("replace_advisor", "version data_type xml request_id"),
    20: (
        "historical_data",
        f"request_id {CONTRACT} include_expired end bar_size duration regular_hours what_to_show date_format "
        "*market_data_legs keep_up_to_date options",
    ),
    21: (
        "exercise_options",
        f"version request_id {_UNQUALIFIED} exercise_action exercise_quantity account override",
    ),
    22: (
        "scanner",
        "request_id rows instrument location scan_code above_price below_price above_volume market_cap_above "
        "market_cap_below moody_above moody_below sp_above sp_below maturity_above maturity_below coupon_above "
        "coupon_below exclude_convertible option_volume_above settings stock_type filter_options options",
    ),
    23: ("cancel_scanner", "version request_id"),
    24: ("scanner_parameters", "version"),
    25: ("cancel_historical_data", "version request_id"),
    50: ("real_time_bars", f"version request_id {CONTRACT} bar_size what_to_show regular_hours options"),
    51: ("cancel_real_time_bars", "version request_id"),
    52: ("fundamental_data", f"version request_id {_FUNDAMENTAL} report_type option_count options"),
    53: ("cancel_fundamental_data", "version request_id"),
    54: ("implied_volatility", f"version request_id {CONTRACT} option_price under_price option_count options"),
    55: ("option_price", f"version request_id {CONTRACT} volatility under_price option_count options"),
    56: ("cancel_implied_volatility", "version request_id"),
    57: ("cancel_option_price", "version request_id"),
    67: ("display_groups", "version request_id"),
    68: ("display_group_events", "version request_id group"),
    69: ("update_display_group", "version request_id contract"),
    70: ("cancel_display_group_events", "version request_id"),
    78: ("option_parameters", "request_id symbol exchange security_type con_id"),
    79: ("soft_dollar_tiers", "request_id"),
    80: ("family_codes", ""),
    81: ("matching_symbols", "request_id pattern"),
    82: ("depth_exchanges", ""),
    83: ("smart_components", "request_id bbo_exchange"),
    84: ("news_article", "request_id provider article options"),
    85: ("news_providers", ""),
    86: ("historical_news", "request_id con_id providers start end most options"),
    87: ("head_timestamp", f"request_id {CONTRACT} include_expired regular_hours what_to_show date_format"),
    88: ("histogram", f"request_id {CONTRACT} include_expired regular_hours period"),
    89: ("cancel_histogram", "request_id"),
    90: ("cancel_head_timestamp", "request_id"),
    96: (
        "historical_ticks",
        f"request_id {CONTRACT} include_expired start end ticks what_to_show regular_hours ignore_size options",
    ),
    97: ("tick_by_tick", f"request_id {CONTRACT} tick_type ticks ignore_size"),
    98: ("cancel_tick_by_tick", "request_id"),
    100: ("event_calendar", "request_id"),
    101: ("cancel_event_calendar", "request_id"),
    102: (
        "calendar_events",
        "request_id con_id filter@171 fill_watchlist@171 fill_portfolio@171 fill_competitors@171 start@173 end@173 "
        "limit@173",
    ),
    103: ("cancel_calendar_events", "request_id"),
    104: ("user_info", "request_id"),
}
"""Message id → kind and layout, as in `requests.REQUESTS`."""
