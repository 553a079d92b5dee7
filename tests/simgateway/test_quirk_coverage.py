"""What the real gateway does, where it comes from here, and the tests in which a real client library sees it.

A row is a behaviour of the broker that programs trip over; it is a quirk that can be armed, or what the gateway does
by itself. The table is whole: no quirk without a row, and no row without a test that a library runs in.
"""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from reconciler.simgateway.quirks import QUIRKS

HERE = Path(__file__).parent
BY_ITSELF = ""
"""In place of a quirk: the gateway does it without one."""


class Behaviour(NamedTuple):
    """What the broker does, the quirk that does it here, and where a library sees it: a module and its tests."""

    told: str
    quirk: str
    module: str
    tests: tuple[str, ...]


ORDERS, CONNECTIONS, READINGS, QUOTES = "quirk_orders", "quirk_connections", "quirk_readings", "quirk_quotes"
CLIENTS, LOGINS, ADVISOR = "clients", "logins", "advisor"

WHAT_IFS = (
    Behaviour("the first callback unset", BY_ITSELF, CLIENTS, ("test_what_if_comes_unset_first_and_moves_nothing",)),
    Behaviour("callbacks apart, missing, blank; no answer", "what-if", ORDERS, ("test_what_ifs",)),
    Behaviour("an error code and no state", "what-if", ORDERS, ("test_a_what_if_that_fails_has_a_code_and_no_state",)),
)
ORDER_LIFE = (
    Behaviour("a limit order rests", BY_ITSELF, CLIENTS, ("test_a_limit_order_rests_until_the_price_crosses",)),
    Behaviour("a cancel is told as pending, then done", BY_ITSELF, CLIENTS, ("test_modify_then_cancel",)),
    Behaviour("the sequence of a market order", BY_ITSELF, CLIENTS, ("test_market_order_fills_in_the_real_sequence",)),
    Behaviour("fills in parts", BY_ITSELF, CLIENTS, ("test_partial_fills",)),
    Behaviour("the status comes before the execution", "filled-first", ORDERS, ("test_what_is_told_of_a_fill",)),
    Behaviour("no status at all", "no-status", ORDERS, ("test_what_is_told_of_a_fill",)),
    Behaviour("every status twice", "double-status", ORDERS, ("test_what_is_told_of_a_fill",)),
    Behaviour("commissions late or missing", "commission", ORDERS, ("test_what_is_told_of_a_fill",)),
    Behaviour("corrections", "corrected-execution", ORDERS, ("test_a_corrected_execution_replaces_the_first",)),
    Behaviour("silent drop", "silent-drop", ORDERS, ("test_a_dropped_order_leaves_no_trace",)),
    Behaviour("late acknowledgement", "delayed-ack", ORDERS, ("test_an_unheard_order_shows_after_a_reconnect",)),
    Behaviour(
        "lost acknowledgement", "lost-ack", ORDERS,
        ("test_the_ack_is_lost_with_the_connection_and_the_order_is_alive",),
    ),
    Behaviour("rejects at the door", BY_ITSELF, CLIENTS, ("test_orders_refused_at_the_door",)),
    Behaviour("rejects by code", "reject", ORDERS, ("test_rejects",)),
    Behaviour(
        "warnings that look like errors", "warning", ORDERS,
        (
            "test_warnings_on_orders_that_live",
            "test_warnings_with_which_an_order_is_held",
            "test_a_reduced_order_has_half_its_size",
        ),
    ),
    Behaviour(
        "the preset's time in force", BY_ITSELF, CLIENTS,
        ("test_an_empty_time_in_force_is_noticed_and_the_order_lives",),
    ),
    Behaviour("cancel races", "cancel", ORDERS, ("test_cancel_races",)),
)  # fmt: skip
CONNECTIVITY = (
    Behaviour(
        "1100, then 1101 or 1102", "outage", CONNECTIONS,
        ("test_an_outage_in_which_orders_fill", "test_reads_do_not_end_in_an_outage_and_who_comes_is_told"),
    ),
    Behaviour("1300", "port-reset", CONNECTIONS, ("test_the_port_is_reset",)),
    Behaviour("restart", "restart", CONNECTIONS, ("test_the_nightly_restart_rolls_ids_back_to_what_works",)),
    Behaviour(
        "restart in phases", "nightly-restart", CONNECTIONS,
        ("test_a_nightly_restart_closes_refuses_stalls_and_is_over",),
    ),
    Behaviour("second factor", "two-factor", CONNECTIONS, ("test_the_second_factor_is_awaited",)),
    Behaviour(
        "connects that fail", "connect", CONNECTIONS,
        ("test_a_connect_that_fails_and_the_next_that_does_not",),
    ),
    Behaviour("client id in use", BY_ITSELF, CLIENTS, ("test_a_client_id_in_use_is_error_326_and_the_end",)),
    Behaviour(
        "pacing", "pacing", CONNECTIONS,
        ("test_pacing_refuses_thrice_and_hangs_up", "test_one_request_is_refused_for_its_pace"),
    ),
)  # fmt: skip
ACCOUNT = (
    Behaviour("AccountReady=false", "not-ready", READINGS, ("test_account_values_of_a_server_that_resets",)),
    Behaviour("stale cash", "stale-cash", READINGS, ("test_cash_stays_though_shares_were_sold",)),
    Behaviour(
        "ends that never come", "no-end", READINGS,
        ("test_an_end_that_never_comes_and_comes_when_cleared", "test_only_the_second_end_is_missing"),
    ),
    Behaviour(
        "positions without an end", "no-position-end", READINGS,
        ("test_connecting_without_the_end_of_positions_looks_flat",),
    ),
    Behaviour("positions after their end", "late-positions", READINGS, ("test_positions_that_come_after_their_end",)),
    Behaviour("a third summary", BY_ITSELF, CLIENTS, ("test_account_summary_and_its_limit",)),
    Behaviour("summaries of others", "summaries-full", READINGS, ("test_summaries_that_others_use_up",)),
    Behaviour(
        "another client's account", "account-in-use", READINGS,
        ("test_account_updates_that_another_client_uses",),
    ),
    Behaviour("a second account", BY_ITSELF, LOGINS, ("test_a_second_account_replaces_the_first_or_is_refused",)),
    Behaviour("updates that stop", "unsubscribed", READINGS, ("test_account_updates_that_stop",)),
    Behaviour("BASE, the pseudo-currency", BY_ITSELF, CLIENTS, ("test_account_values_single_and_multi",)),
    Behaviour("margin alert", "margin-alert", READINGS, ("test_the_margin_alert",)),
    Behaviour("margin rejection", BY_ITSELF, CLIENTS, ("test_an_order_beyond_the_margin_is_rejected",)),
    Behaviour("liquidation", "liquidation", READINGS, ("test_a_liquidation_by_the_broker",)),
)  # fmt: skip
DATA = (
    Behaviour("no subscription, delayed data", BY_ITSELF, CLIENTS, ("test_snapshots_live_delayed_and_without_data",)),
    Behaviour(
        "data refused, delayed, in part", "market-data", READINGS,
        ("test_quotes_that_are_refused", "test_quotes_that_are_delayed_instead"),
    ),
    Behaviour(
        "10090, the rest flows", "market-data", QUOTES,
        ("test_a_part_of_the_quote_is_not_subscribed_and_the_rest_flows",),
    ),
    Behaviour(
        "competing session", "competing-session", QUOTES,
        ("test_another_session_takes_the_quotes_away_and_gives_them_back",),
    ),
    Behaviour("prices of -1", "no-price", READINGS, ("test_a_quote_without_prices",)),
    Behaviour("a close that is NaN", "nan-close", QUOTES, ("test_a_close_that_is_no_number",)),
    Behaviour("halt", "halted", READINGS, ("test_a_halt",)),
    Behaviour("late end", "slow-snapshot", "ticks", ("test_a_library_waits_eleven_seconds_for_the_end_of_a_snapshot",)),
    Behaviour("frozen", "frozen", READINGS, ("test_a_frozen_quote",)),
    Behaviour("ambiguity", "ambiguous", READINGS, ("test_an_ambiguous_contract",)),
    Behaviour("unknown contract", "unknown-contract", READINGS, ("test_an_unknown_contract",)),
    Behaviour("a new contract id", "new-id", QUOTES, ("test_a_contract_has_another_id",)),
    Behaviour(
        "price increments by price", BY_ITSELF, CLIENTS,
        ("test_contract_details_market_rule_and_ambiguity",),
    ),
)  # fmt: skip
VISIBILITY = (
    Behaviour("own and all orders", BY_ITSELF, CLIENTS, ("test_open_orders_own_and_all_and_global_cancel",)),
    Behaviour(
        "client 0 binds and cancels", BY_ITSELF, LOGINS,
        ("test_client_0_binds_what_is_entered_by_hand_and_may_cancel_it",),
    ),
    Behaviour(
        "orders by hand", BY_ITSELF, LOGINS,
        ("test_an_order_entered_by_hand_is_everybodys_to_see_and_nobodys_to_touch",),
    ),
    Behaviour("master", BY_ITSELF, LOGINS, ("test_the_master_is_told_what_others_do_and_others_are_not",)),
    Behaviour("everyone a master", "see-all", ORDERS, ("test_whether_other_clients_hear_of_an_order",)),
    Behaviour("cancel of another's", "cross-cancel", ORDERS, ("test_a_cancel_of_another_clients_order",)),
    Behaviour("an advisor's groups", BY_ITSELF, ADVISOR, ("test_a_library_trades_for_a_group",)),
)  # fmt: skip
BEHAVIOURS = (*WHAT_IFS, *ORDER_LIFE, *CONNECTIVITY, *ACCOUNT, *DATA, *VISIBILITY)
CASES = [(behaviour, test) for behaviour in BEHAVIOURS for test in behaviour.tests]


@cache
def seen_by_libraries(module: str) -> dict[str, str]:
    """The source of each test of a module that runs with a client library, by name."""
    text = (HERE / f"test_{module}.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    whole = any(isinstance(each, ast.Assign) and "pytest.mark.broker" in ast.unparse(each) for each in tree.body)
    return {
        each.name: ast.unparse(each)
        for each in tree.body
        if isinstance(each, ast.FunctionDef) and (whole or _marked(each))
    }


def _marked(test: ast.FunctionDef) -> bool:
    return "pytest.mark.broker" in [ast.unparse(each) for each in test.decorator_list]


@pytest.mark.parametrize(("behaviour", "test"), CASES, ids=lambda each: each if isinstance(each, str) else each.told)
def test_a_library_sees_it(behaviour: Behaviour, test: str) -> None:
    source = seen_by_libraries(behaviour.module).get(test)
    assert source is not None, f"test_{behaviour.module}.py has no test {test} that a library runs in"
    assert behaviour.quirk in source


def test_every_quirk_has_a_row() -> None:
    assert {each.quirk for each in BEHAVIOURS} - {BY_ITSELF} == set(QUIRKS)


def test_every_test_of_quirks_is_in_a_row() -> None:
    """So that a quirk's second test is found from here, too; a few are about what surrounds a quirk."""
    rows = {test for _, test in CASES}
    around = {
        "test_an_event_of_a_scenario_waits_for_the_first_client",
        "test_the_end_of_positions_multi_is_not_sent",
        "test_the_id_is_the_old_one_when_cleared",
        "test_a_restart_refuses_before_it_stalls",
    }
    tests = {name for module in (ORDERS, CONNECTIONS, READINGS, QUOTES) for name in seen_by_libraries(module)}
    assert {name for name in tests if name.startswith("test_")} - rows == around
