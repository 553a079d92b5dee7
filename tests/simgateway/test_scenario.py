"""Scenarios: their mistakes, and what the two packaged ones promise."""

import asyncio
from decimal import ROUND_HALF_EVEN, Decimal

import pytest

from reconciler.diagnostics import in_order
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.margin import Figures, figures
from reconciler.simgateway.market.instruments import MarketRule, Quote
from reconciler.simgateway.market.market import around, moved
from reconciler.simgateway.session import Session
from reconciler.simgateway.staging import load, packaged, stage
from tests.simgateway.lab import ACCOUNT, STARTED, TEXT, Bench, Wire, order, say, turns

WEIGHTS = {
    "MSFT": "0.13",
    "AAPL": "0.05",
    "AVGO": "0.09",
    "NVDA": "0.10",
    "PLTR": "0.03",
    "TSLA": "0.02",
    "TSM": "0.05",
    "MRVL": "0.04",
    "ASML": "0.02",
    "MU": "0.02",
    "RNMBY": "0.06",
    "SAABY": "0.07",
    "ITA": "0.07",
    "ETN": "0.01",
    "GLD": "0.10",
    "SLV": "0.02",
    "ORCL": "0.05",
    "VRT": "0.02",
    "XLP": "0.05",
}
DRIFTED = {"NVDA", "TSLA", "ORCL", "GLD", "AVGO", "SAABY", "ITA", "XLP"}
LEVERAGE = Decimal("1.4")
CENTS = MarketRule(26, ((Decimal(0), Decimal("0.01")),))


def broker_of(name: str) -> Broker:
    return Broker(stage(packaged(name)), SteppedClock(STARTED))


def current(broker: Broker) -> Figures:
    return figures(broker.ledgers[ACCOUNT], broker.market)


def held(broker: Broker, symbol: str) -> Decimal:
    (instrument,) = broker.market.named(symbol)
    position = broker.ledgers[ACCOUNT].positions.get(instrument.con_id)
    return position.quantity if position else Decimal(0)


def exact_targets(broker: Broker) -> dict[str, Decimal]:
    """Shares that each weight asks for: (net liquidation × leverage − what no manifest names) × weight ÷ price."""
    rate = broker.ledgers[ACCOUNT].rate("USD")
    prices = {each.symbol: broker.market.quote(each.con_id).mark * rate for each in broker.market.instruments}
    base = current(broker).net_liquidation * LEVERAGE - held(broker, "KO") * prices["KO"]
    return {symbol: base * Decimal(weight) / prices[symbol] for symbol, weight in WEIGHTS.items()}


def trade_to_target(broker: Broker) -> None:
    """Sells, then buys, as limit orders at the touch, a batch a time: what an apply does."""

    async def run() -> None:
        wire = Wire()
        session = Session(broker, wire)
        session.receive(b"API\0\0\0\0\x09v157..178")
        say(session, 71, 2, 1, "")
        wanted = {
            symbol: exact.quantize(Decimal(1), ROUND_HALF_EVEN) for symbol, exact in exact_targets(broker).items()
        }
        deltas = {symbol: target - held(broker, symbol) for symbol, target in wanted.items()}
        order_id = 0
        for sign in (-1, 1):
            for symbol, delta in deltas.items():
                if delta * sign > 0 and abs(delta) > 1:
                    order_id += 1
                    (instrument,) = broker.market.named(symbol)
                    quote = broker.market.quote(instrument.con_id)
                    limit = (quote.ask if sign > 0 else quote.bid) or Decimal(0)
                    side = "BUY" if sign > 0 else "SELL"
                    say(session, 3, order_id, *order(instrument.con_id, side, abs(delta), "LMT", limit=limit + sign))
                    await turns()
        assert wire.errors() == []

    asyncio.run(run())


def test_the_demo_starts_as_it_promises() -> None:
    broker = broker_of("demo")
    start = current(broker)
    assert start.net_liquidation == Decimal(100_000)
    assert Decimal("1.1") < start.leverage < Decimal("1.2")
    gaps = {symbol: abs(exact - held(broker, symbol)) for symbol, exact in exact_targets(broker).items()}
    assert {symbol for symbol, gap in gaps.items() if gap > 1} == DRIFTED
    assert held(broker, "ORCL") == 0
    assert held(broker, "KO") == 40
    assert sum(Decimal(weight) for weight in WEIGHTS.values()) == 1
    (foreign,) = broker.book
    assert (foreign.client_id, foreign.contract.symbol, foreign.terms.order_ref) == (77, "MSFT", "")
    for symbol in ("RNMBY", "SAABY"):
        (otc,) = broker.market.named(symbol)
        quote = broker.market.quote(otc.con_id)
        assert (broker.market.listing(otc.con_id).margin.day.initial, otc.takes("MKT"), otc.takes("LMT")) == (
            Decimal(1),
            False,
            True,
        )
        assert quote.bid is not None
        assert quote.ask is not None
        assert Decimal("0.015") < (quote.ask - quote.bid) / quote.mark < Decimal("0.02")


def test_the_demo_is_in_sync_after_its_trades_though_prices_moved() -> None:
    broker = broker_of("demo")
    before = {each.con_id: broker.market.quote(each.con_id).mark for each in broker.market.instruments}
    trade_to_target(broker)
    end = current(broker)
    assert Decimal("1.38") < end.leverage < Decimal("1.42")
    assert Decimal(100_000) - end.net_liquidation < 100
    moved_names = {
        each.symbol
        for each in broker.market.instruments
        if broker.market.quote(each.con_id).mark != before[each.con_id]
    }
    assert len(moved_names) == 8
    for symbol, exact in exact_targets(broker).items():
        assert abs(exact - held(broker, symbol)) < 1, symbol
    assert end.available_funds > 0


def test_the_canadian_account_ends_at_its_leverage_with_a_loan_in_usd() -> None:
    broker = broker_of("cad")
    start = current(broker)
    assert start.net_liquidation == Decimal(140_000)
    assert broker.ledgers[ACCOUNT].cash["CAD"] > 100_000
    trade_to_target(broker)
    assert Decimal("1.38") < current(broker).leverage < Decimal("1.42")
    assert broker.ledgers[ACCOUNT].cash["USD"] < -100_000


MISTAKES = """accounts:
  DU1: {cash: {USD: 1, JPY: 5}, positions: {NOPE: {quantity: 1}}, exchange_rates: {USD: 2}}
instruments:
  A: {con_id: 1, name: A, primary_exchange: N, last: 5, spread: 1, bid: 4, market_rule: 99}
  B: {con_id: 1, name: B, primary_exchange: N, bid: 6, ask: 5, initial_margin: 0.2}
market_rules:
  7: [{low_edge: 1, increment: 0.01}]
orders:
  - {client_id: 1, order_id: 1, account: DU2, instrument: C, action: BUY, quantity: 1, order_type: LMT, price: 5}
  - {client_id: 1, order_id: 1, account: DU1, instrument: A, action: BUY, quantity: 1, order_type: LMT, price: 5}
script:
  - {after: {}, price: {Z: {last: 1}}}
"""


def test_contradictions_are_told_all_at_once_each_at_its_place() -> None:
    scenario, found = load(MISTAKES, "bad.yaml")
    assert scenario is None
    told = [str(each).removeprefix("bad.yaml:") for each in in_order(found)]
    assert told == [
        "2:8: error: the account has no exchange rate for JPY [SCN103]",
        "2:51: error: there is no instrument 'NOPE' [SCN101]",
        "2:89: error: the base currency's rate is 1 [SCN103]",
        "4:65: error: give a spread or bid and ask, not both [SCN104]",
        "4:89: error: there is no market rule 99 [SCN101]",
        "5:6: error: maintenance margin is above initial margin [SCN104]",
        "5:15: error: A has the contract id 1 already [SCN102]",
        "5:53: error: the bid is above the ask [SCN104]",
        "7:6: error: low edges start at 0 and rise [SCN104]",
        "9:42: error: there is no account 'DU2' [SCN101]",
        "9:59: error: there is no instrument 'C' [SCN101]",
        "10:30: error: client 1 has this order id already [SCN102]",
        "12:13: error: name one of fills, orders, cancels, what_ifs, connections, seconds [SCN105]",
        "12:28: error: there is no instrument 'Z' [SCN101]",
    ]


SHAPES = """accounts:
  DU1: {cahs: {USD: 1}}
instruments:
  A: {con_id: -1, name: A, primary_exchange: N, last: five}
quirks: [no-brain]
pacing: {messages_per_second: fast}
"""


def test_misshapen_documents_are_told_all_at_once() -> None:
    scenario, found = load(SHAPES, "bad.yaml")
    assert scenario is None
    text = "\n".join(str(each) for each in found)
    for place in ("bad.yaml:2:", "bad.yaml:4:", "bad.yaml:5:", "bad.yaml:6:"):
        assert place in text
    assert "Did you mean 'cash'?" in text
    assert "quirks[0] is wrong: there is no quirk 'no-brain'" in text
    assert len(found) == 5


@pytest.mark.parametrize("text", ["", "---\na: 1\n---\nb: 2\n", "accounts: [", "accounts: {}\ninstruments: {}\n"])
def test_what_is_no_scenario_at_all(text: str) -> None:
    scenario, found = load(text, "bad.yaml")
    assert scenario is None
    assert found


def test_prices_move_by_the_script_after_fills_and_after_seconds() -> None:
    script = "script:\n  - {after: {fills: 2}, price: {MSFT: {last: 510}}}\n"
    script += "  - {after: {seconds: 5}, price: {GLD: {last: 360, spread: 0.04}}}\n"

    async def run() -> None:
        bench = Bench(TEXT + script)
        session, _ = bench.client()
        market = bench.broker.market
        say(session, 3, 1, *order(51529211, "BUY", 1))
        await turns()
        assert market.quote(272093).last == 500
        say(session, 3, 2, *order(51529211, "BUY", 1))
        await turns()
        assert market.quote(272093).last == 510
        bench.clock.step(4)
        assert market.quote(51529211).last == 350
        bench.clock.step(1)
        assert (market.quote(51529211).bid, market.quote(51529211).ask) == (Decimal("359.98"), Decimal("360.02"))

    asyncio.run(run())


def test_quotes_stand_around_the_last_price() -> None:
    assert around(Decimal("10.00"), Decimal("0.03"), CENTS) == (Decimal("9.99"), Decimal("10.02"))
    assert around(Decimal("10.00"), Decimal("0.01"), CENTS) == (Decimal("10.00"), Decimal("10.01"))
    assert around(Decimal("10.00"), Decimal("0.1"), CENTS) == (Decimal("9.95"), Decimal("10.05"))
    quarters = MarketRule(67, ((Decimal(0), Decimal("0.25")),))
    assert around(Decimal(6720), Decimal("0.25"), quarters) == (Decimal(6720), Decimal("6720.25"))
    assert around(Decimal(6720), Decimal("0.75"), quarters) == (Decimal("6719.75"), Decimal("6720.50"))
    lonely = moved(Quote(), {"last": Decimal(5)}, CENTS)
    assert (lonely.last, lonely.bid, lonely.ask) == (Decimal(5), None, None)


def test_ticks_depend_on_the_price() -> None:
    rule = MarketRule(1, ((Decimal(0), Decimal("0.0001")), (Decimal(1), Decimal("0.01"))))
    assert rule.admits(Decimal("0.9999"))
    assert not rule.admits(Decimal("1.0001"))
    assert rule.finest == Decimal("0.0001")


@pytest.mark.parametrize(
    ("smooth", "exchange", "bid", "ask"),
    [("false", "NYSE", "5.00", "5.01"), ("false", "PINK", "4.95", "5.05"), ("true", "PINK", "5.00", "5.01")],
)
def test_a_last_price_alone_has_the_usual_spread_which_is_wide_over_the_counter(
    smooth: str, exchange: str, bid: str, ask: str
) -> None:
    text = f"""
smooth: {smooth}
accounts: {{DU1: {{}}}}
instruments: {{ABC: {{con_id: 7, name: A, primary_exchange: {exchange}, last: 5.00}}}}
"""
    scenario, found = load(text, "usual.yaml")
    assert scenario is not None, found
    quote = stage(scenario).market.quote(7)
    assert (quote.bid, quote.ask) == (Decimal(bid), Decimal(ask))


def test_contradictions_are_told_beside_mistakes_of_shape_and_none_that_those_bring_about() -> None:
    text = """
accounts:
  DU1: {cash: {USD: lots}, positions: {NOPE: {quantity: 1}, ABC: {quantity: 1}}}
  DU2: {base_currency: EUR, exchange_rates: {USD: dear}}
instruments:
  ABC: {con_id: 7, primary_exchange: NYSE, last: 5, bid: 4, ask: 3}
  DEF: {con_id: 8, name: D, primary_exchange: NYSE, bid: 9, ask: 8}
  GHI: {con_id: 8, name: G, primary_exchange: NYSE}
quirks: ["no-prize:ABC"]
"""
    scenario, found = load(text, "both.yaml")
    assert scenario is None
    assert sorted((each.location.line, each.code) for each in found if each.location) == [
        (3, "SCN003"),
        (3, "SCN101"),
        (4, "SCN003"),
        (6, "SCN002"),
        (7, "SCN104"),
        (8, "SCN102"),
        (9, "SCN006"),
    ]


def test_an_instrument_that_cannot_be_read_is_there_by_its_name() -> None:
    text = """
accounts: {DU1: {positions: {ABC: {quantity: 1}, NOPE: {quantity: 1}}}}
instruments: {ABC: {con_id: 0, last: 5}}
"""
    _, found = load(text, "name.yaml")
    assert ["there is no instrument" in str(each) for each in found].count(True) == 1
    assert any("NOPE" in str(each) for each in found)
