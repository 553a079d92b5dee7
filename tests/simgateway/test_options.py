"""Options in the books: what they are worth and ask for, what trades in them cost, and who is warned and liquidated."""

from decimal import Decimal

from reconciler.simgateway import margin
from reconciler.simgateway.books.agreement import Agreement, MarginModel
from reconciler.simgateway.market.margin_calendar import MarginPeriod, MarginTime
from reconciler.simgateway.risk.liquidation import closings
from reconciler.simgateway.session import Session
from tests.simgateway.lab import ACCOUNT, GLD, STARTED, Bench, Wire, order, say, turns
from tests.simgateway.life import move, on_a_bench
from tests.simgateway.options_lab import CALL, HELD, OPTIONS, PUT


def figures(bench: Bench) -> margin.Figures:
    return margin.figures(bench.broker.ledgers[ACCOUNT], bench.broker.market)


def test_an_option_counts_at_its_multiplied_price_and_a_sold_one_asks_for_its_underlying() -> None:
    current = figures(Bench(HELD))
    assert current.net_liquidation == 60_000 + 37_000 + 2 * 100 * Decimal("28.50") - 100 * Decimal("6.00") == 102_100
    assert current.gross_position_value == 37_000 + 5_700 + 600
    # The call as a stock, the put by 35,000 in gold.
    assert current.initial_margin == Decimal("0.30") * (37_000 + 5_700) + Decimal("0.30") * 35_000 == 23_310
    assert current.maintenance_margin == Decimal("0.25") * (37_000 + 5_700 + 35_000) == 19_425
    assert current.equity_with_loan == 102_100


def test_what_a_sold_option_asks_for_moves_with_its_underlying() -> None:
    bench = Bench(HELD)
    move(bench, GLD, last="400")
    assert figures(bench).initial_margin == Decimal("0.30") * (30_000 + 8_000 + 5_700) + Decimal("0.30") * 40_000
    # No price of the underlying: what there is, is the option's own.
    bench.broker.market.reprice(GLD, bench.broker.market.quote(1006))
    assert figures(bench).initial_margin == Decimal("0.30") * (30_000 + 5_700 + 600)


def test_an_underlying_that_is_not_traded_here_is_worth_what_the_option_is() -> None:
    bench = Bench(HELD.replace("underlying: GLD", "underlying: {symbol: GLD, security_type: STK}"))
    assert figures(bench).initial_margin == Decimal("0.30") * (37_000 + 5_700 + 600)


def test_half_is_asked_of_what_is_owned_and_not_of_the_underlying_of_what_was_sold() -> None:
    bench = Bench(HELD)
    ledger = bench.broker.ledgers[ACCOUNT]
    ledger.agreement = Agreement(MarginModel.PORTFOLIO_STRESS)
    bench.broker.market.enter(MarginTime(MarginPeriod.DAY, regulation_t=True))
    assert figures(bench).initial_margin == (37_000 + 5_700) / Decimal(2) + Decimal("0.30") * 35_000
    assert figures(bench).regulation_t_margin == (37_000 + 5_700 + 600) / Decimal(2)


def test_an_order_is_judged_by_what_the_position_becomes() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        # 85,900 are available; four puts more ask for 42,000, nine for 94,500.
        say(session, 3, 1, *order(PUT, "SELL", 9))
        await turns()
        assert wire.errors() == [(1, 201)]
        say(session, 3, 2, *order(PUT, "SELL", 4))
        await turns()
        assert len(wire.errors()) == 1
        assert figures(bench).initial_margin == Decimal("0.30") * (37_000 + 4 * 35_000)
        say(session, 3, 3, *order(PUT, "SELL", 5))
        await turns()
        assert wire.errors()[1:] == [(3, 201)]
        say(session, 3, 4, *order(PUT, "BUY", 6))
        await turns()
        # Two are held now, and ask for their own value.
        assert figures(bench).initial_margin == Decimal("0.30") * (37_000 + 1_200)

    on_a_bench(script, OPTIONS)


def test_a_trade_pays_a_hundred_times_its_price_and_a_commission_by_the_contract() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 3, 1, *order(CALL, "BUY", 3))
        await turns()
        ledger = bench.broker.ledgers[ACCOUNT]
        fee = 3 * Decimal("0.65")
        assert ledger.cash["USD"] == 60_000 - 3 * 100 * Decimal("28.60") - fee
        assert ledger.position(CALL).average_cost == 2_860 + Decimal("0.65")
        assert figures(bench).net_liquidation == 97_000 - 3 * 100 * Decimal("0.10") - fee
        say(session, 3, 2, *order(CALL, "SELL", 1))
        await turns()
        # One contract costs the least there is; what came in is settled tomorrow.
        assert [frame[3] for frame in wire.frames if frame[0] == "59"] == ["1.95", "1"]
        assert ledger.cash["USD"] - ledger.settled("USD") == 2_840

    on_a_bench(script, OPTIONS)


def test_a_cash_account_pays_for_what_it_buys_and_sells_what_it_holds() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 3, 1, *order(CALL, "BUY", 2))
        say(session, 3, 2, *order(CALL, "SELL", 1))
        await turns()
        assert wire.errors() == [(1, 201), (2, 426)]
        assert "<br>5721.30 USD" in next(frame[4] for frame in wire.frames if frame[0] == "4")

    cash = OPTIONS.replace("  DU1000001:\n", "  DU1000001:\n    margin: {model: cash}\n")
    on_a_bench(script, cash.replace("USD: 60000.00", "USD: 5000.00"))


def test_the_rows_of_an_account_tell_options_by_themselves() -> None:
    session, wire = Bench(HELD).client()
    say(session, 6, 2, 1, ACCOUNT)
    rows = {(frame[2], frame[4]): frame[3] for frame in wire.frames if frame[0] == "6"}
    told = {key: rows[key, "USD"] for key in ("NetLiquidation", "GrossPositionValue", "OptionMarketValue")}
    assert told == {"NetLiquidation": "102100.00", "GrossPositionValue": "43300.00", "OptionMarketValue": "5100.00"}
    assert (rows["StockMarketValue", "BASE"], rows["OptionMarketValue", "BASE"]) == ("37000.00", "5100.00")
    assert rows["NetLiquidationByCurrency", "BASE"] == "102100.00"


NAKED = OPTIONS.replace(
    "    cash: {USD: 60000.00}\n", "    cash: {USD: 12000.00}\n"
).replace(
    """      MSFT: {quantity: 60, average_cost: 400.00}
      GLD: {quantity: 20, average_cost: 300.00}
""",
    "      GLD.P340: {quantity: -1}\n",
).replace("smooth: true\n", "smooth: true\nliquidation: {grace_seconds: 10}\n")  # fmt: skip
"""One put was sold: equity of 11,400, maintenance margin of 8,750."""


def test_a_seller_is_warned_and_liquidated_when_the_underlying_moves() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        assert figures(bench).excess_liquidity == 11_400 - 8_750
        move(bench, GLD, last="440")
        await turns()
        assert wire.errors() == [(-1, 2148)]
        move(bench, GLD, last="480")
        bench.clock.step(11)
        (fill,) = (frame for frame in wire.frames if frame[0] == "11")
        assert (fill[3], fill[18], fill[19]) == (str(PUT), "BOT", "1")

    on_a_bench(script, NAKED)


def test_what_a_sold_option_asks_for_decides_what_is_closed_first() -> None:
    bench = Bench(HELD.replace("USD: 60000.00", "USD: -26000.00"))
    ledger, market = bench.broker.ledgers[ACCOUNT], bench.broker.market
    assert figures(bench).deficiency > 0
    first = closings(ledger, market, STARTED)[0]
    # 8,750 for the put, 7,500 for Microsoft; by its own value of 600 the put would come last.
    assert (first.instrument.con_id, first.shares) == (PUT, Decimal(1))
