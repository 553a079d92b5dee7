"""The transcripts that are played, the world of each, and the differences on purpose, each with its reason."""

from collections.abc import Callable
from typing import NamedTuple

from tests.simgateway.transcripts_reader import Message


class Difference(NamedTuple):
    """A rule and why it is there. `beyond`: ours that is not on record; `left_out`: recorded, but never told here."""

    reason: str
    beyond: Callable[[Message], bool] = lambda _: False
    left_out: Callable[[Message], bool] = lambda _: False


def state(*names: str) -> Callable[[Message], bool]:
    return lambda told: told.kind in ("order_status", "open_order") and told.fields["status"] in names


def kind(*names: str) -> Callable[[Message], bool]:
    return lambda told: told.kind in names


def code(*numbers: str) -> Callable[[Message], bool]:
    return lambda told: told.kind == "error" and told.fields["code"] in numbers


DIFFERENCES = {
    "farms": Difference(
        "The state of the data farms is told at each start; records written by hand leave it out.",
        beyond=code("2104", "2106", "2158"),
    ),
    "all rows": Difference(
        "Account updates tell every value of the account; the record keeps those its test reads.",
        beyond=kind("account_value", "account_value_multi"),
    ),
    "pre-submitted": Difference(
        "Every order is told as PreSubmitted first; live, a gateway shows that state or goes past it.",
        beyond=state("PreSubmitted"),
    ),
    "submitted": Difference(
        "An order that rests is told as Submitted; the record was cut before.",
        beyond=state("Submitted"),
    ),
    "not pre-submitted anew": Difference(
        "A changed order keeps its state, Submitted; the record, written by hand, shows PreSubmitted again.",
        beyond=state("Submitted"),
        left_out=state("PreSubmitted"),
    ),
    "pending cancel": Difference(
        "A cancel is always told as PendingCancel before it is told as Cancelled; live, that state is shown or not.",
        beyond=state("PendingCancel"),
    ),
    "cancel code": Difference(
        "Error 202 follows every cancel, as in the live records; those written by hand leave it out.",
        beyond=code("202"),
    ),
    "nothing remains": Difference(
        "A cancelled order tells what remained of it, as in the live records; those written by hand tell zero.",
        beyond=state("Cancelled"),
        left_out=state("Cancelled"),
    ),
    "status of open orders": Difference(
        "The broker documents a status with each open order; the record keeps the orders.",
        beyond=kind("order_status"),
    ),
    "fill in full": Difference(
        "A fill is told by execution, order and commission too; the record keeps the status.",
        beyond=lambda told: told.kind in ("execution", "commission") or state("Filled")(told),
    ),
    "sold from Submitted": Difference(
        "A market order fills from PreSubmitted; live, a sell was shown as Submitted first.",
        left_out=state("Submitted"),
    ),
    "commissions last": Difference(
        "Executions are listed to their end before the commissions; the record, written by hand, mixes them.",
        beyond=kind("commission", "executions_end"),
        left_out=kind("commission", "executions_end"),
    ),
    "each in full": Difference(
        "A request is answered in full before the next; the record, written by hand, interleaves two.",
        beyond=kind("execution", "commission"),
        left_out=kind("execution"),
    ),
    "all completed": Difference(
        "Every completed order of the day is listed; the record keeps one for each request.",
        beyond=kind("completed_order"),
    ),
    "one account": Difference(
        "A row of an account that the login does not have, in a record written by hand.",
        left_out=lambda told: told.fields.get("account") == "DU99999",
    ),
    "order of tags": Difference(
        "A record written by hand keeps the tags as asked; the live ones sort them, and so does this gateway.",
        beyond=kind("account_summary"),
        left_out=kind("account_summary"),
    ),
    "rows of a summary": Difference(
        "A summary has its rows; the record, which is about the limit of two, keeps the ends.",
        beyond=kind("account_summary"),
    ),
    "summaries answered": Difference(
        "Both summaries are answered before they are cancelled; the record leaves the answers out.",
        beyond=kind("account_summary", "account_summary_end"),
    ),
    "answers as asked": Difference(
        "Requests are answered in the order in which they came; the record, written by hand, turns it round.",
        beyond=kind("contract_details", "contract_details_end"),
        left_out=kind("contract_details", "contract_details_end"),
    ),
    "accounts first": Difference(
        "The accounts are told before the next order id; live, either comes first.",
        beyond=kind("managed_accounts"),
        left_out=kind("managed_accounts"),
    ),
    "ended": Difference(
        "What was asked is answered to its end; the record was cut before.",
        beyond=kind("account_summary_end"),
    ),
    "whole quote": Difference(
        "A quote is told with its parameters and all its fields; the record keeps those that its test reads.",
        beyond=lambda told: told.kind.startswith("tick_") or told.kind == "market_data_type",
    ),
    "sizes last": Difference(
        "The sizes of a quote follow its prices; the record, written by hand, has each behind its price.",
        left_out=kind("tick_size", "tick_price"),
    ),
    "delayed types": Difference(
        "Delayed prices have tick types of their own, as recorded live; a record written by hand has live ones.",
        left_out=kind("tick_price"),
    ),
    "to its request": Difference(
        "That a quote is delayed is told to its request, as recorded live; a record written by hand tells it to none.",
        beyond=code("10167"),
        left_out=code("10167"),
    ),
    "to no request": Difference(
        "News of the connection belongs to no request, so its request id is -1; records written by hand have 0.",
        beyond=code("1100", "1101", "1102"),
        left_out=code("1100", "1101", "1102"),
    ),
    "limit of a trail": Difference(
        "The open order of a trailing stop has no limit; live, its first one tells a number of the broker's own.",
        beyond=lambda told: told.kind == "open_order" and told.fields["order_type"] == "TRAIL",
        left_out=lambda told: told.kind == "open_order" and told.fields["order_type"] == "TRAIL",
    ),
    "commission last": Difference(
        "The commission follows the state Filled, as recorded live; a record written by hand turns them round.",
        left_out=lambda told: told.kind == "commission" or state("Filled")(told),
    ),
}
HAND = ("farms",)
QUOTE = ("farms", "whole quote")
CANCEL = ("farms", "pending cancel")
SELLS = ("farms", "fill in full", "sold from Submitted")


class Case(NamedTuple):
    """A transcript, the differences it shows, and the world it played in.

    `before` are buys of another client that filled earlier, `resting` one that did not; positions are shares at a
    cost; bid and ask are set around the price. `clients` are the ids under which the connections come.
    """

    name: str
    differences: tuple[str, ...]
    positions: tuple[tuple[str, str, str], ...] = ()
    before: tuple[tuple[str, str, int], ...] = ()
    resting: bool = False
    price: str = "150"
    market_data: str = "live"
    clients: tuple[int, ...] = (1, 1)
    quirks: tuple[str, ...] = ()
    cash: str = "100000"


AAPL_10 = (("AAPL", "10", "189.12"),)
CASES = (
    Case("handshake", HAND),
    Case("grounded_bootstrap", ()),
    Case("error_farm_status_codes", ()),
    Case("req_ids", HAND),
    Case("positions", HAND, AAPL_10),
    Case("positions_disconnect_after_end", HAND, AAPL_10),
    Case("positions_multi", HAND, AAPL_10),
    Case(
        "grounded_positions",
        (),
        (("AMZN", "15", "200.25"), ("AAPL", "10", "256.10"), ("YW", "1", "6384.43"), ("QQQ.P", "-3", "2100.6321")),
    ),
    Case("error_empty_results", HAND),
    Case("lifecycle_singleton_reject", HAND),
    Case("account_summary", ("farms", "one account", "order of tags")),
    Case("grounded_account_summary", ()),
    Case("account_summary_two_subs", ("farms", "summaries answered")),
    Case("lifecycle_account_summary_limit", ("farms", "rows of a summary")),
    Case("account_updates", ("farms", "all rows"), (("AAPL", "10", "185"),), price="189.50", cash="98105"),
    Case("account_updates_multi", ("farms", "all rows")),
    Case("contract_details", HAND),
    Case("grounded_contract_details_aapl", ()),
    Case("lifecycle_concurrent_oneshots", ("farms", "answers as asked")),
    Case("error_api_error_oneshot", HAND),
    Case("market_rule", HAND),
    Case("api_order_rest_cancel_aapl", HAND),
    Case("cancel_order", (*CANCEL, "submitted", "cancel code"), price="160"),
    Case("direct_cancel_order", (*CANCEL, "submitted", "cancel code"), price="160"),
    Case("place_order_modify", (*CANCEL, "submitted", "not pre-submitted anew", "cancel code", "nothing remains")),
    Case("global_cancel", (*CANCEL, "submitted", "cancel code", "nothing remains")),
    Case("place_order_limit", ("farms", "fill in full"), price="149"),
    Case("place_order_fill_native_execution_time", HAND),
    Case("place_order_invalid_type_live_error", HAND),
    Case("api_transmit_false_then_transmit_aapl", (*CANCEL, "pre-submitted")),
    Case("api_reconnect_active_order_aapl", (*CANCEL, "pre-submitted", "status of open orders")),
    Case("api_dollar_cost_averaging_aapl", (*SELLS, "pre-submitted")),
    Case("api_pairs_trading_aapl_msft", (*SELLS, "pre-submitted")),
    Case("api_completed_orders_variants_aapl", (*SELLS, "pre-submitted", "all completed")),
    Case("completed_orders", HAND, before=(("AAPL", "BUY", 100),)),
    Case("open_orders", ("farms", "status of open orders"), resting=True),
    Case("open_orders_disconnect_after_end", ("farms", "status of open orders"), resting=True),
    Case("executions", ("farms", "commissions last"), before=(("AAPL", "BUY", 10), ("MSFT", "BUY", 5))),
    Case(
        "executions_correlated",
        ("farms", "commissions last", "each in full"),
        before=(("AAPL", "BUY", 10), ("MSFT", "SELL", 5)),
    ),
    Case("executions_overlapping", ("farms", "commissions last", "each in full"), before=(("AAPL", "BUY", 10),)),
    Case("handshake_client_id_0", HAND, clients=(0,)),
    Case("lifecycle_bootstrap_reordered", ("farms", "accounts first")),
    Case("account_summary_disconnect_after_end", HAND),
    Case("account_summary_stream", HAND),
    Case("error_disconnect_during_snapshot", ("farms", "ended")),
    Case("error_api_error_subscription", HAND, market_data="none"),
    Case("error_market_data_warning", (*QUOTE, "to its request"), market_data="delayed"),
    Case("quote_delayed_data", (*QUOTE, "delayed types"), market_data="delayed"),
    Case("quote_snapshot", (*QUOTE, "sizes last")),
    Case("quote_with_generic_ticks", (*QUOTE, "sizes last")),
    Case("quote_stream_disconnect", QUOTE),
    Case("quote_stream_reconnect", QUOTE),
    Case("quote_stream_gap_1101", (*QUOTE, "to no request")),
    Case("quote_stream_gap_1102", (*QUOTE, "to no request")),
    Case("reconnect_policy_off", QUOTE),
    Case("reconnect_multi_cycle", QUOTE),
    Case("reconnect_gap_no_resume", (*QUOTE, "to no request")),
    Case("reconnect_1102_resume", (*QUOTE, "to no request")),
    Case("place_order_fill_with_execution", ("farms", "fill in full", "commission last"), price="149"),
    Case(
        "api_client_id0_order_observation_aapl",
        ("farms", "pre-submitted", "status of open orders"),
        clients=(1, 0),
        quirks=("cross-cancel",),
    ),
    Case("api_ioc_fok_aapl", ("farms", "pre-submitted", "submitted"), price="320"),
    Case(
        "api_tif_attribute_matrix_aapl",
        (*CANCEL, "limit of a trail"),
        price="263",
        positions=(("AAPL", "10", "189.12"),),
    ),
    Case("lifecycle_bootstrap_no_accounts", HAND, quirks=("connect:no-accounts@2",)),
    Case("lifecycle_bootstrap_no_valid_id", HAND, quirks=("connect:no-id@2",)),
)

NOT_PLAYED = {
    "completed_orders_cancelled_system_live": "it keeps the bytes of a newer version; the state it shows has a test",
    "error_disconnect_during_oneshot": "it is about historical data, which this gateway does not have",
    "grounded_historical_bars": "it is about historical data, which this gateway does not have",
    "reconnect_oneshot_interrupted": "it is about historical data, which this gateway does not have",
}
"""Sequences of the same source that are left out, and why."""
