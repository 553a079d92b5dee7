"""Cash accounts: no loan, nothing short, and cash in the currency of what is bought."""

import pytest

from reconciler.simgateway import margin
from reconciler.simgateway.session import Session
from reconciler.simgateway.staging import load
from tests.simgateway.lab import ACCOUNT, GLD, NEVER, TEXT, Bench, Wire, order, say, turns
from tests.simgateway.life import on_a_bench

CASH = TEXT.replace("  DU1000001:\n", "  DU1000001:\n    margin: {model: cash}\n").replace(
    "cash: {USD: 60000.00}", "cash: {USD: 5000.00, EUR: 100.00}"
)
TWIN_IN_EUROPE, EURO, FUTURE = 1010, 2001, 2002
MORE = CASH.replace(
    "orders:\n",
    """  EURUSD: {symbol: EUR, currency: USD, security_type: CASH, con_id: 2001, name: Euro, last: 1.10, spread: 0.0001}
  MES:
    symbol: MES
    security_type: FUT
    con_id: 2002
    name: Micro E-mini
    primary_exchange: CME
    expiry: 2026-12-18
    multiplier: 5
    last: 5000.00
    spread: 0.25
    initial_margin: 0.10
    maintenance_margin: 0.08
orders:
""",
)


EXCHANGES = {EURO: "IDEALPRO", FUTURE: "CME"}


async def ordered(session: Session, order_id: int, con_id: int, *terms: object, **more: object) -> None:
    fields = order(con_id, *terms, **more)  # type: ignore[arg-type]
    fields[7] = EXCHANGES.get(con_id, "SMART")
    say(session, 3, order_id, *fields)
    await turns()


def said(wire: Wire) -> list[str]:
    return [frame[4] for frame in wire.frames if frame[0] == "4"]


def test_it_may_buy_for_what_it_has_and_no_more() -> None:
    for text, times in ((CASH, 1), (TEXT, 4)):
        bench = Bench(text)
        found = margin.figures(bench.broker.ledgers[ACCOUNT], bench.broker.market)
        assert found.available_funds > 0
        assert found.buying_power == times * found.available_funds


def test_everything_is_paid_in_full() -> None:
    async def script(bench: Bench, _session: Session, _wire: Wire) -> None:
        current = margin.figures(bench.broker.ledgers[ACCOUNT], bench.broker.market)
        assert current.initial_margin == current.maintenance_margin == 37000
        assert current.available_funds == current.excess_liquidity == current.cash == 5110

    on_a_bench(script, CASH)


def test_a_buy_needs_cash_and_what_works_has_first_claim_on_it() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 15)
        assert wire.errors() == [(1, 201)]
        assert said(wire) == [
            "Order rejected - reason:Available settled cash converted to base: 5000.00 USD "
            "Cash needed for this order and other pending orders: <br>5251.15 USD"
        ]
        await ordered(session, 2, NEVER, "BUY", 150)
        await ordered(session, 3, GLD, "BUY", 10)
        assert wire.errors()[1:] == [(3, 201)]
        assert "pending orders: <br>5001.10 USD" in said(wire)[-1]
        await ordered(session, 4, GLD, "BUY", 9)
        assert len(wire.errors()) == 2
        assert bench.broker.ledgers[ACCOUNT].positions[GLD].quantity == 29

    on_a_bench(script, CASH)


def test_cash_in_another_currency_buys_nothing() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, TWIN_IN_EUROPE, "BUY", 20)
        assert wire.errors() == [(1, 201)]
        # 20 × 6.51 and a commission of one, in euros at 1.10.
        assert "base: 110.00 USD Cash needed" in said(wire)[0]
        assert said(wire)[0].endswith("<br>144.32 USD")
        await ordered(session, 2, TWIN_IN_EUROPE, "BUY", 16, "LMT", limit="6.10")
        # Nor do the 97.60 euros that this may cost stand against dollars: 14 × 350.01 and a commission.
        await ordered(session, 3, GLD, "BUY", 14)
        assert len(wire.errors()) == 1

    on_a_bench(script, CASH)


def test_nothing_is_sold_that_is_not_held_or_sold_already() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "SELL", 21)
        await ordered(session, 2, NEVER, "SELL", 1)
        assert wire.errors() == [(1, 426), (2, 426)]
        await ordered(session, 3, GLD, "SELL", 15, "LMT", limit="400.00")
        await ordered(session, 4, GLD, "SELL", 6)
        assert wire.errors()[2:] == [(4, 426)]
        await ordered(session, 5, GLD, "SELL", 5)
        assert len(wire.errors()) == 3
        assert bench.broker.ledgers[ACCOUNT].positions[GLD].quantity == 15

    on_a_bench(script, CASH)


def refused(wire: Wire) -> list[tuple[int, int]]:
    """The refusals alone: so small an order is an odd lot, too, and says so."""
    return [each for each in wire.errors() if each[1] == 201]


def test_a_currency_is_sold_and_bought_with_what_there_is_of_it() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, EURO, "SELL", 101)
        assert refused(wire) == [(1, 201)]
        assert any("base: 110.00 USD Cash needed" in text for text in said(wire))
        await ordered(session, 2, EURO, "SELL", 60, "LMT", limit="1.20")
        await ordered(session, 3, EURO, "SELL", 41)
        assert refused(wire)[1:] == [(3, 201)]
        await ordered(session, 4, EURO, "SELL", 40)
        await ordered(session, 5, EURO, "BUY", 5000)
        assert refused(wire)[2:] == [(5, 201)]
        await ordered(session, 6, EURO, "BUY", 4000)
        assert len(refused(wire)) == 3

    on_a_bench(script, MORE)


def test_futures_are_on_margin_in_a_cash_account_too() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, FUTURE, "SELL", 1)
        assert wire.errors() == []
        current = margin.figures(bench.broker.ledgers[ACCOUNT], bench.broker.market)
        assert current.commodities.initial == 2500
        assert current.commodities.maintenance == 2000
        await ordered(session, 2, FUTURE, "SELL", 2)
        assert wire.errors() == [(2, 201)]
        assert "MUST EXCEED THE INITIAL MARGIN" in said(wire)[0]

    on_a_bench(script, MORE)


def test_what_is_sold_today_pays_for_nothing_before_it_is_settled() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "SELL", 10)
        await ordered(session, 2, GLD, "BUY", 15)
        assert wire.errors() == [(2, 201)]
        assert "base: 4999.00 USD" in said(wire)[0]
        # Past midnight in New York: the next day, on which the cash arrives.
        bench.clock.step(15 * 3600)
        await ordered(session, 3, GLD, "BUY", 15)
        assert len(wire.errors()) == 1

    on_a_bench(script, CASH)


def test_a_what_if_says_what_is_in_the_way() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 15, what_if=1)
        (_, answer) = (frame for frame in wire.frames if frame[0] == "5")
        assert any("Available settled cash" in field for field in answer)
        assert wire.errors() == []

    on_a_bench(script, CASH)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("USD: 5000.00", "USD: -5000.00", "a cash account has no loan [SCN106]"),
        ("MSFT: {quantity: 60", "MSFT: {quantity: -60", "a cash account holds nothing short [SCN106]"),
    ],
)
def test_what_a_cash_account_cannot_start_with(old: str, new: str, finding: str) -> None:
    loaded, found = load(CASH.replace(old, new), "cash.yaml")
    assert loaded is None
    assert [str(each).partition("error: ")[2] for each in found] == [finding]
