"""The broker watches: alerts, liquidations and their order, the windows of the clock, and cash accounts."""

from datetime import UTC, datetime
from decimal import Decimal

from reconciler.simgateway import margin
from reconciler.simgateway.market.instruments import MarginRates
from reconciler.simgateway.session import Session
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, TEXT, Bench, Wire, order, say, turns
from tests.simgateway.life import on_a_bench, ordered

WATCHED = (
    TEXT[: TEXT.index("orders:\n")]
    .replace("smooth: true\n", "smooth: true\nliquidation: {grace_seconds: 10}\n")
    .replace("cash: {USD: 60000.00}", "cash: {USD: -24000.00}")
)
"""Holdings of 37,000 on a loan of 24,000: equity 13,000, maintenance margin 9,250, and no orders.

Each dollar that Microsoft loses takes 45 from the excess of 3,750, and 60 from the equity.
"""


async def move(bench: Bench, con_id: int, **prices: str) -> None:
    bench.broker.move_prices({con_id: {name: Decimal(price) for name, price in prices.items()}})
    await turns()


def current(bench: Bench) -> margin.Figures:
    return margin.figures(bench.broker.ledgers[ACCOUNT], bench.broker.market)


def fills(wire: Wire) -> list[tuple[str, str, str, str, str]]:
    """Symbol, side, shares, client id and the liquidation flag of each fill."""
    return [(frame[4], frame[18], frame[19], frame[22], frame[23]) for frame in wire.frames if frame[0] == "11"]


def test_an_alert_comes_once_until_the_cushion_recovered() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        await move(bench, MSFT, last="427")
        assert current(bench).cushion > Decimal("0.05")
        assert wire.errors() == []
        await move(bench, MSFT, last="426")
        assert wire.errors() == [(-1, 2148)]
        assert "excess liquidity is 420.00 USD, 4.9 % of net liquidation" in wire.frames[-1][4]
        for price in ("425", "435", "425"):
            await move(bench, MSFT, last=price)
        assert len(wire.errors()) == 1
        for price in ("440", "426"):
            await move(bench, MSFT, last=price)
        assert len(wire.errors()) == 2
        bench.clock.step(60)
        assert fills(wire) == []

    on_a_bench(script, WATCHED)


def test_an_account_without_holdings_is_asked_for_nothing_and_warned_of_nothing() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 1)
        await ordered(session, 2, GLD, "SELL", 1)
        bench.clock.step(1)
        await turns()
        assert wire.errors() == []

    async def remargined(bench: Bench, _session: Session, wire: Wire) -> None:
        bench.broker.remargin(MSFT, MarginRates(Decimal("0.5"), Decimal("0.4")))
        await turns()
        assert wire.errors() == []

    positions = WATCHED[WATCHED.index("    positions:") : WATCHED.index("market_rules:")]
    on_a_bench(script, WATCHED.replace(positions, "").replace("-24000.00", "2000.00"))
    on_a_bench(remargined, WATCHED.replace(positions, "").replace("-24000.00", "0"))


def test_what_is_lacking_is_sold_after_the_grace_largest_first_and_no_more_than_that() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        await move(bench, MSFT, last="410")
        assert current(bench).deficiency == 300
        bench.clock.step(9)
        assert fills(wire) == []
        bench.clock.step(1)
        # A share frees 102.50: three free what is lacking, their costs included, and two do not.
        assert fills(wire) == [("MSFT", "SLD", "3", "0", "1")]
        (told,) = (frame for frame in wire.frames if frame[0] == "11")
        assert told[2] == "-1"
        assert wire.ids()[-2:] == ["11", "59"]
        assert current(bench).deficiency == 0
        bench.clock.step(600)
        await turns()
        assert len(fills(wire)) == 1

    on_a_bench(script, WATCHED)


def test_a_price_that_recovers_within_the_grace_saves_the_account() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 1, "LMT", limit="300.00")
        await move(bench, MSFT, last="410")
        bench.clock.step(9)
        await move(bench, MSFT, last="420")
        bench.clock.step(9)
        assert fills(wire) == []
        assert [each.order_id for each in bench.broker.book.working()] == [1]
        await move(bench, MSFT, last="410")
        bench.clock.step(10)
        assert len(fills(wire)) == 1

    on_a_bench(script, WATCHED)


def test_orders_that_add_risk_are_cancelled_and_so_is_what_works_in_a_contract_that_is_closed() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 1, "LMT", limit="300.00")
        await ordered(session, 2, MSFT, "SELL", 1, "LMT", limit="600.00")
        await ordered(session, 3, GLD, "SELL", 1, "LMT", limit="400.00")
        await move(bench, MSFT, last="410")
        bench.clock.step(10)
        await turns()
        assert [(order_id, code) for order_id, code in wire.errors() if code == 202] == [(1, 202), (2, 202)]
        assert [each.order_id for each in bench.broker.book.working()] == [3]

    on_a_bench(script, WATCHED)


def test_what_one_position_cannot_free_the_next_does() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        await move(bench, MSFT, last="300")
        bench.clock.step(10)
        # 1,000 remain when Microsoft is sold, and gold asks for 1,750: 87.50 a share.
        assert [row[:3] for row in fills(wire)] == [("MSFT", "SLD", "60"), ("GLD", "SLD", "9")]
        assert 0 <= current(bench).excess_liquidity < 90

    on_a_bench(script, WATCHED)


def test_shorts_are_bought_back() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        await move(bench, MSFT, last="530", spread="0.02")
        bench.clock.step(10)
        assert [row[1] for row in fills(wire)] == ["BOT"]
        assert current(bench).deficiency == 0

    text = WATCHED.replace("MSFT: {quantity: 60,", "MSFT: {quantity: -60,").replace("-24000.00", "32000.00")
    on_a_bench(script, text)


def test_what_closing_costs_is_closed_too() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        await move(bench, MSFT, last="410")
        # Three shares free 307.47 and cost one dollar.
        assert current(bench).deficiency == 307
        bench.clock.step(10)
        assert [row[2] for row in fills(wire)] == ["4"]

    on_a_bench(script, WATCHED.replace("-24000.00", "-24007.00"))


def test_the_orders_of_another_account_stay() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        fields = order(MSFT, "BUY", 1, "LMT", limit="300.00")
        fields[21] = "DU2000002"
        say(session, 3, 1, *fields)
        await move(bench, MSFT, last="410")
        bench.clock.step(10)
        assert [each.order_id for each in bench.broker.book.working()] == [1]

    second = "accounts:\n  DU2000002: {cash: {USD: 50000}, exchange_rates: {EUR: 1.10}}\n"
    on_a_bench(script, WATCHED.replace("accounts:\n", second))


def test_an_order_adds_the_risk_of_what_is_left_of_it() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "SELL", 30, "LMT", limit="400.00")
        (resting,) = bench.broker.book.working()
        bench.broker.venue.strike(resting, Decimal(10))
        await turns()
        # Ten are held and twenty are left: as many short as long now.
        await move(bench, MSFT, last="380")
        bench.clock.step(10)
        assert ("MSFT", "SLD") in [row[:2] for row in fills(wire)]
        assert [each.order_id for each in bench.broker.book.working()] == [1]

    on_a_bench(script, WATCHED)


def test_nothing_is_liquidated_where_the_scenario_says_so_but_warned_of() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await move(bench, MSFT, last="410")
        bench.clock.step(60)
        await turns()
        assert fills(wire) == []
        assert wire.errors() == [(-1, 2148)]
        # Who lacks margin may still reduce.
        await ordered(session, 1, GLD, "SELL", 1)
        await ordered(session, 2, GLD, "BUY", 1)
        assert [row[:3] for row in fills(wire)] == [("GLD", "SLD", "1")]
        assert wire.errors()[1:] == [(2, 201)]

    on_a_bench(script, WATCHED.replace("grace_seconds: 10", "enabled: false"))


def test_nobody_watches_a_smooth_scenario() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        await move(bench, MSFT, last="410")
        bench.clock.step(60)
        await turns()
        assert (fills(wire), wire.errors()) == ([], [])

    on_a_bench(script, WATCHED.replace("liquidation: {grace_seconds: 10}\n", ""))


def test_a_closed_market_is_waited_for() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        bench.clock.step(7 * 3600)
        await move(bench, MSFT, last="410")
        bench.clock.step(60)
        assert fills(wire) == []
        # 22:01 UTC until the next day's 14:30, when New York opens.
        bench.clock.step(16 * 3600 + 28 * 60)
        assert fills(wire) == []
        bench.clock.step(60)
        assert len(fills(wire)) == 1

    on_a_bench(script, WATCHED.replace("smooth: true\n", "smooth: true\nhours: us-stocks\n"))


def test_higher_rates_are_a_reason_too() -> None:
    async def script(bench: Bench, _session: Session, wire: Wire) -> None:
        bench.broker.remargin(MSFT, MarginRates(Decimal("0.5"), Decimal("0.4")))
        await turns()
        assert current(bench).initial_margin == 17100
        bench.clock.step(10)
        assert [row[:2] for row in fills(wire)] == [("MSFT", "SLD")]

    on_a_bench(script, WATCHED)


OVERNIGHT = WATCHED.replace(
    "last: 500.00,", "last: 500.00, overnight_initial_margin: 0.6, overnight_maintenance_margin: 0.5,"
)


def told(wire: Wire) -> dict[str, str]:
    return {frame[2]: frame[3] for frame in wire.frames if frame[0] == "6"}


def test_look_ahead_tells_the_night_before_it_begins_and_the_night_liquidates() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 6, 2, 1, ACCOUNT)
        rows = told(wire)
        assert (rows["InitMarginReq"], rows["MaintMarginReq"]) == ("11100.00", "9250.00")
        for key in ("LookAhead", "Full"):
            assert (rows[f"{key}InitMarginReq"], rows[f"{key}MaintMarginReq"]) == ("20100.00", "16750.00")
            assert (rows[f"{key}AvailableFunds"], rows[f"{key}ExcessLiquidity"]) == ("-7100.00", "-3750.00")
        # 16:00 in New York.
        assert rows["LookAheadNextChange"] == str(int(datetime(2026, 3, 4, 21, 0, tzinfo=UTC).timestamp()))
        bench.clock.step(6 * 3600 - 1)
        await turns()
        assert fills(wire) == []
        bench.clock.step(1)
        await turns()
        assert current(bench).maintenance_margin == 16750
        bench.clock.step(10)
        assert [row[:3] for row in fills(wire)] == [("MSFT", "SLD", "16")]

    on_a_bench(script, OVERNIGHT)


def test_the_end_of_the_day_asks_for_half() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        ledger = bench.broker.ledgers[ACCOUNT]
        assert current(bench).special_memorandum_account == 0
        await ordered(session, 1, GLD, "BUY", 2)
        # Half of the buy at 350.01, and the commission.
        assert ledger.memorandum == Decimal("-351.01")
        bench.clock.step(5 * 3600 + 50 * 60 - 1)
        await turns()
        assert wire.errors() == []
        bench.clock.step(1)
        await turns()
        assert wire.errors() == [(-1, 2148)]
        assert "the special memorandum account is -351.01 USD" in wire.frames[-1][4]
        bench.clock.step(10)
        ((symbol, side, shares, _, _),) = (row for row in fills(wire) if row[4] == "1")
        # A share of Microsoft gives back 250, two do with their commission.
        assert (symbol, side, shares) == ("MSFT", "SLD", "2")
        assert current(bench).special_memorandum_account >= 0

    on_a_bench(script, WATCHED)


def test_no_order_that_needs_more_passes_while_regulation_t_is_enforced() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bench.clock.step(6 * 3600)
        await ordered(session, 1, GLD, "BUY", 1)
        assert wire.errors() == [(1, 201)]
        assert "MUST EXCEED THE INITIAL MARGIN [18675.00 USD]" in next(f[4] for f in wire.frames if f[0] == "4")
        await ordered(session, 2, GLD, "SELL", 1)
        assert [row[0] for row in fills(wire)] == ["GLD"]
        bench.clock.step(2 * 3600)
        await ordered(session, 3, GLD, "BUY", 1)
        assert len(fills(wire)) == 2

    on_a_bench(script, WATCHED)


def test_what_prices_give_is_kept_at_the_end_of_the_day_and_what_they_take_is_not() -> None:
    async def script(bench: Bench, _session: Session, _wire: Wire) -> None:
        await move(bench, MSFT, last="800")
        # 31,000 of equity less half of 55,000.
        assert current(bench).special_memorandum_account == 3500
        await move(bench, MSFT, last="500")
        assert current(bench).special_memorandum_account == 0
        bench.clock.step(5 * 3600 + 40 * 60)
        await move(bench, MSFT, last="800")
        # Into the window, and past the close: the day ends with the window.
        for step in (15 * 60, 20 * 60):
            bench.clock.step(step)
            await move(bench, MSFT, last="500")
            assert current(bench).special_memorandum_account == 0
            await move(bench, MSFT, last="800")
        bench.clock.step(2 * 3600)
        await move(bench, MSFT, last="500")
        assert current(bench).special_memorandum_account == 3500
        # The next morning ends no day.
        bench.clock.step(15 * 3600)
        await move(bench, MSFT, last="900")
        bench.clock.step(3600)
        await move(bench, MSFT, last="500")
        assert current(bench).special_memorandum_account == 3500

    on_a_bench(script, WATCHED)
