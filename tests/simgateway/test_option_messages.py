"""What is told of options, and how they are found and named: positions, orders, details, and the model of a quote."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway.books.corporate import Ratio
from reconciler.simgateway.market.instruments import Delivery, OptionTerms
from reconciler.simgateway.market.market import ContractQuery
from reconciler.simgateway.quirks.contracts import NEW_ID_OFFSET
from reconciler.simgateway.session import Session
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, Bench, Wire, order, say, turns
from tests.simgateway.life import move, on_a_bench
from tests.simgateway.options_lab import CALL, CALL_NAME, HELD, OPTIONS, PUT, PUT_NAME
from tests.simgateway.test_control import ask

CALL_TERMS = ["OPT", "20261218", "520", "C", "100"]
PUT_TERMS = ["OPT", "20270115", "340.5", "P", "100"]


def test_positions_and_portfolio_tell_strike_right_and_multiplier() -> None:
    session, wire = Bench(HELD).client()
    say(session, 61, 1)
    rows = {frame[3]: frame for frame in wire.take() if frame[0] == "61"}
    assert rows[str(CALL)][4:] == ["MSFT", *CALL_TERMS, "", "USD", CALL_NAME, "MSFT", "2", "2500"]
    assert rows[str(PUT)][4:] == ["GLD", *PUT_TERMS, "", "USD", PUT_NAME, "GLD", "-1", "650"]
    assert rows[str(MSFT)][5:9] == ["STK", "", "0", ""]
    say(session, 6, 2, 1, ACCOUNT)
    rows = {frame[2]: frame for frame in wire.take() if frame[0] == "7"}
    numbers = ["2", "28.5", "5700.00", "2500", "700.00", "0.00"]
    assert rows[str(CALL)][3:-1] == ["MSFT", *CALL_TERMS, "AMEX", "USD", CALL_NAME, "MSFT", *numbers]
    assert rows[str(PUT)][13:16] == ["-1", "6", "-600.00"]


def test_orders_and_executions_tell_strike_and_right() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 3, 1, *order(CALL, "BUY", 1, "LMT", limit="29.00"))
        await turns()
        opened = next(frame for frame in wire.frames if frame[0] == "5")
        assert opened[2:12] == [str(CALL), "MSFT", *CALL_TERMS, "SMART", "USD", CALL_NAME]
        executed = next(frame for frame in wire.frames if frame[0] == "11")
        assert executed[3:14] == [str(CALL), "MSFT", *CALL_TERMS, "AMEX", "USD", CALL_NAME, "MSFT"]
        wire.take()
        say(session, 99, 0)
        assert wire.take()[0][1:10] == [str(CALL), "MSFT", *CALL_TERMS, "SMART", "USD"]

    on_a_bench(script, OPTIONS)


def quote(session: Session, wire: Wire, con_id: int, *, snapshot: int = 0) -> list[list[str]]:
    """Ask for a quote as request 7; the messages of the model that come."""
    wire.take()
    say(session, 1, 11, 7, con_id, "", "", "", 0, "", "", "SMART", "", "", "", "", 0, "", snapshot, 0, "")
    return models(wire)


def models(wire: Wire) -> list[list[str]]:
    return [frame for frame in wire.take() if frame[0] == "21"]


MODEL = ["21", "7", "13", "0", "0.25", "0.42", "28.5", "-1", "-2", "-2", "-2", "500"]
"""Request, type, attributes; volatility, delta, price, dividend, gamma, vega, theta, price of the underlying."""


@pytest.mark.parametrize("version", [157, 176, 178])
def test_a_quote_tells_the_model_where_there_is_a_delta(version: int) -> None:
    bench = Bench(OPTIONS)
    session, wire = bench.client(version=version)
    assert quote(session, wire, CALL) == [MODEL]
    assert quote(session, wire, PUT) == []
    assert quote(session, wire, MSFT) == []


def test_a_snapshot_tells_the_model_before_its_end_and_prices_as_usual() -> None:
    session, wire = Bench(OPTIONS).client()
    say(session, 1, 11, 7, CALL, "", "", "", 0, "", "", "SMART", "", "", "", "", 0, "", 1, 0, "")
    told = [frame[0] for frame in wire.frames]
    assert told[-2:] == ["21", "57"]
    prices = {frame[3]: frame[4] for frame in wire.frames if frame[0] == "1"}
    assert prices == {"1": "28.4", "2": "28.6", "4": "28.5", "9": "28.5"}


def test_a_stream_tells_the_model_again_when_the_option_or_its_underlying_moves() -> None:
    bench = Bench(OPTIONS)
    session, wire = bench.client()
    quote(session, wire, CALL)
    move(bench, MSFT, last="510")
    # The option's price is its own: nothing but the model is told.
    assert wire.take() == [[*MODEL[:-1], "510"]]
    move(bench, CALL, last="33")
    assert models(wire) == [[*MODEL[:6], "33", *MODEL[7:-1], "510"]]
    move(bench, GLD, last="300")
    assert wire.take() == []
    say(session, 2, 2, 7)
    move(bench, MSFT, last="520")
    assert wire.take() == []


def test_the_model_of_delayed_data_has_a_type_of_its_own() -> None:
    session, wire = Bench(
        OPTIONS.replace("delta: 0.42", "delta: 0.42, market_data: delayed".replace(", ", "\n    "))
    ).client()
    assert quote(session, wire, CALL) == []
    say(session, 59, 1, 3)
    assert [frame[2] for frame in quote(session, wire, CALL)] == ["83"]


def test_what_has_no_price_is_minus_one_in_the_model() -> None:
    bench = Bench(OPTIONS)
    session, wire = bench.client()
    bench.broker.quirks.arm("no-price:MSFT")
    assert quote(session, wire, CALL) == [["21", "7", "13", "0", "0.25", "0.42", "-1", "-1", "-2", "-2", "-2", "-1"]]
    elsewhere = OPTIONS.replace("underlying: MSFT", "underlying: {symbol: MSFT, security_type: STK}")
    session, wire = Bench(elsewhere).client()
    assert quote(session, wire, CALL) == [[*MODEL[:-1], "-1"]]


@pytest.mark.parametrize(("quirk", "types"), [("market-data:10167:MSFT", ["83"]), ("competing-session:MSFT", [])])
def test_quirks_of_a_quote_meet_the_model_too(quirk: str, types: list[str]) -> None:
    bench = Bench(OPTIONS)
    session, wire = bench.client()
    bench.broker.quirks.arm(quirk)
    assert [frame[2] for frame in quote(session, wire, CALL)] == types


def test_a_frozen_quote_keeps_its_model() -> None:
    bench = Bench(OPTIONS)
    session, wire = bench.client()
    bench.broker.quirks.arm("frozen:MSFT")
    assert quote(session, wire, CALL) == [MODEL]
    move(bench, MSFT, last="510")
    assert wire.take() == []


def test_a_corrected_fill_is_a_tick_worse_for_each_of_the_hundred() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        bench.broker.quirks.arm("corrected-execution:MSFT")
        say(session, 3, 1, *order(CALL, "BUY", 2))
        await turns()
        cash = bench.broker.ledgers[ACCOUNT].cash["USD"]
        bench.clock.step(1)
        assert cash - bench.broker.ledgers[ACCOUNT].cash["USD"] == Decimal("0.01") * 100 * 2

    on_a_bench(script, OPTIONS)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"security_type": "OPT"}, [CALL]),
        ({"security_type": "STK"}, [MSFT]),
        ({}, [MSFT, CALL]),
        ({"strike": Decimal(520), "right": "C"}, [CALL]),
        ({"strike": Decimal("520.00")}, [CALL]),
        ({"strike": Decimal(521)}, []),
        ({"right": "CALL"}, [CALL]),
        ({"right": "P"}, []),
        ({"right": "PUT"}, []),
        ({"right": "X"}, []),
        ({"strike": Decimal(0), "right": "0"}, [MSFT, CALL]),
        ({"strike": Decimal(0), "right": "?"}, [MSFT, CALL]),
        ({"expiry": "202612"}, [CALL]),
        ({"expiry": "20261218", "multiplier": Decimal(100)}, [CALL]),
        ({"expiry": "20261219"}, []),
        ({"multiplier": Decimal(10)}, []),
        ({"local_symbol": CALL_NAME}, [CALL]),
        ({"security_type": "OPT", "exchange": "CBOE"}, [CALL]),
        ({"security_type": "OPT", "exchange": "NYSE"}, []),
    ],
)
def test_a_query_tells_options_from_their_underlying(fields: dict[str, Any], found: list[int]) -> None:
    market = Bench(OPTIONS).broker.market
    assert [each.con_id for each in market.find(ContractQuery(symbol="MSFT", **fields))] == found


def test_a_request_names_an_option_by_strike_and_right() -> None:
    session, wire = Bench(OPTIONS).client()
    say(session, 9, 8, 1, 0, "MSFT", "OPT", "202612", "520.0", "C", "", "SMART", "", "USD", "", "", "0", "", "", "")
    assert [frame[0] for frame in wire.take()] == ["10", "52"]
    say(session, 9, 8, 2, 0, "MSFT", "OPT", "202612", "520.0", "P", "", "SMART", "", "USD", "", "", "0", "", "", "")
    assert wire.errors() == [(2, 200)]


def test_the_details_are_those_of_live_options() -> None:
    session, wire = Bench(OPTIONS).client()
    say(session, 9, 8, 1, CALL, "", "", "", "0", "", "", "", "", "", "", "", "0", "", "", "")
    details = wire.frames[0]
    assert details[2:11] == ["MSFT", "OPT", "20261218", "520", "C", "SMART", "USD", CALL_NAME, "MSFT"]
    assert details[11:14] == ["MSFT", str(CALL), "0.01"]
    assert (details[14], details[16].split(",")[:2]) == ("100", ["SMART", "AMEX"])
    assert {"MOC", "LOC", "MIDPX", "PEGMID"}.isdisjoint(details[15].split(","))
    assert {"MKT", "LMT", "STP", "WHATIF"} <= set(details[15].split(","))
    # The primary exchange is empty, as in the records; what it is about follows.
    assert details[18:22] == [str(MSFT), "MICROSOFT CORP", "", "202612"]
    assert details[31:34] == ["2", "MSFT", "STK"]
    assert details[35] == "20261218"


def test_what_follows_from_an_underlying_that_is_written_out() -> None:
    text = OPTIONS.replace("underlying: MSFT", "underlying: {con_id: 5, symbol: XYZ, security_type: STK}")
    (option,) = (each for each in Bench(text).broker.market.instruments if each.con_id == CALL)
    assert (option.symbol, option.local_symbol, option.multiplier) == ("XYZ", "XYZ   261218C00520000", Decimal(100))
    assert option.delivery == Delivery(date(2026, 12, 18), "202612", 5, "XYZ", "STK")
    assert option.option == OptionTerms(Decimal(520), "C")
    mini = Bench(OPTIONS.replace("strike: 520\n", "strike: 520\n    multiplier: 10\n")).broker.market.listing(CALL)
    assert mini.instrument.multiplier == 10


def test_orders_are_in_whole_contracts_and_in_types_that_options_have() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 3, 1, *order(CALL, "BUY", "0.5"))
        say(session, 3, 2, *order(CALL, "BUY", 1, "MOC"))
        say(session, 3, 3, *order(CALL, "BUY", 1, "LMT", limit="28.505"))
        await turns()
        assert wire.errors() == [(1, 10243), (2, 387), (3, 110)]

    on_a_bench(script, OPTIONS)


def test_a_price_of_the_symbol_moves_the_stock_and_not_its_options() -> None:
    bench = Bench(OPTIONS.replace("  MSFT: {con_id", "  MICRO: {symbol: MSFT, con_id", 1)
                  .replace("      MSFT: {quantity: 60, average_cost: 400.00}\n", "")
                  .replace("underlying: MSFT", "underlying: MICRO")
                  .replace("instrument: MSFT", "instrument: MICRO"))  # fmt: skip
    assert ask(bench, do="price", symbol="MSFT", last="510")["ok"]
    market = bench.broker.market
    assert (market.quote(MSFT).last, market.quote(CALL).last) == (Decimal(510), Decimal("28.50"))
    assert ask(bench, do="price", symbol="MSFT.C520", last="30")["ok"]
    assert (market.quote(MSFT).last, market.quote(CALL).last) == (Decimal(510), Decimal(30))
    assert not ask(bench, do="price", symbol="MSFT.C530", last="30")["ok"]


def test_the_ledger_shows_a_stock_and_its_options() -> None:
    positions = ask(Bench(HELD), do="ledger")["accounts"][ACCOUNT]["positions"]
    assert {name: row["quantity"] for name, row in positions.items()} == {
        "MSFT": "60", "GLD": "20", CALL_NAME: "2", PUT_NAME: "-1",
    }  # fmt: skip


def test_an_option_follows_its_underlying_to_another_contract_id() -> None:
    bench = Bench(HELD)
    session, wire = bench.client()
    quote(session, wire, CALL)
    bench.broker.split(MSFT, Ratio(Decimal(2), Decimal(1)), 777)
    assert models(wire)[-1][-1] == "250"
    market = bench.broker.market
    about = market.underlying(CALL)
    assert about is not None
    assert (about.instrument.con_id, market.options_on(777), market.options_on(MSFT)) == (777, [CALL], [])
    assert (bench.broker.ledgers[ACCOUNT].position(CALL).quantity, market.quote(CALL).last) == (
        Decimal(2),
        Decimal("28.50"),
    )
    bench.broker.rename(CALL, "MSFT1", 778)
    assert (market.options_on(777), market.underlying(CALL), market.underlying(MSFT)) == ([778], None, None)


def test_a_new_id_of_the_stock_is_none_of_its_options() -> None:
    bench = Bench(OPTIONS)
    bench.broker.quirks.arm("new-id:MSFT")

    def found(con_id: int) -> list[int]:
        return [each.con_id for each in bench.broker.find(ContractQuery(con_id=con_id))]

    assert (found(CALL), found(MSFT), found(MSFT + NEW_ID_OFFSET)) == ([CALL], [], [MSFT])


def test_a_search_for_symbols_finds_the_stock_alone() -> None:
    session, wire = Bench(OPTIONS).client()
    say(session, 81, 5, "MSFT")
    assert wire.frames[0][2:4] == ["1", str(MSFT)]
