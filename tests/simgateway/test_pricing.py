"""At which price the market fills an order of each type: the pure table, from quotes and terms alone."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.market.instruments import Instrument, Quote
from reconciler.simgateway.orders.pricing import (
    KINDS,
    amended,
    fill_price,
    followed,
    forced_price,
    trailing_limit,
    waits_for_trigger,
)
from reconciler.simgateway.orders.situation import AT_THE_START, Progress, Situation
from reconciler.simgateway.orders.terms import Algo, Terms
from reconciler.simgateway.staging import stage
from tests.simgateway.lab import ACCOUNT, GLD, scenario

INSTRUMENT = stage(scenario()).market.listing(GLD).instrument


def quote(bid: str | None, ask: str | None, last: str | None = None, close: str | None = None) -> Quote:
    prices = [None if each is None else Decimal(each) for each in (bid, ask, last, close)]
    return Quote(prices[0], prices[1], prices[2], prices[3])


WIDE = quote("99.90", "100.11", "100.00", "99.00")


def terms(action: str, kind: str, **more: object) -> Terms:
    prices = {name: Decimal(str(value)) if isinstance(value, str) else value for name, value in more.items()}
    return Terms(ACCOUNT, action, Decimal(10), kind, **prices)  # type: ignore[arg-type]


def meets(asked: Terms, *quotes: Quote, instrument: Instrument = INSTRUMENT) -> tuple[Progress, Decimal | None]:
    """How far the order is after these quotes, and the price at which the last of them fills it."""
    progress = AT_THE_START
    for each in quotes:
        situation = Situation(asked, progress, each, instrument)
        progress = followed(situation)
        price = fill_price(replace(situation, progress=progress))
    return progress, price


PRICES = [
    (terms("BUY", "MKT"), "100.11"),
    (terms("SELL", "MKT"), "99.90"),
    (terms("BUY", "LMT", limit_price="100.10"), None),
    (terms("BUY", "LMT", limit_price="100.11"), "100.11"),
    (terms("SELL", "LMT", limit_price="99.91"), None),
    (terms("SELL", "LMT", limit_price="99.50"), "99.90"),
    (terms("BUY", "STP", aux_price="100.01"), None),
    (terms("BUY", "STP", aux_price="100.00"), "100.11"),
    (terms("SELL", "STP", aux_price="99.99"), None),
    (terms("SELL", "STP", aux_price="100.00"), "99.90"),
    (terms("BUY", "STP LMT", aux_price="100.00", limit_price="100.10"), None),
    (terms("BUY", "STP LMT", aux_price="100.00", limit_price="100.20"), "100.11"),
    (terms("BUY", "STP LMT", aux_price="100.01", limit_price="100.20"), None),
    (terms("SELL", "STP LMT", aux_price="100.00", limit_price="99.90"), "99.90"),
    (terms("BUY", "MIT", aux_price="99.99"), None),
    (terms("BUY", "MIT", aux_price="100.00"), "100.11"),
    (terms("SELL", "MIT", aux_price="100.00"), "99.90"),
    (terms("SELL", "MIT", aux_price="100.01"), None),
    (terms("BUY", "LIT", aux_price="100.00", limit_price="100.10"), None),
    (terms("BUY", "LIT", aux_price="100.00", limit_price="100.11"), "100.11"),
    (terms("BUY", "MOC"), "100.00"),
    (terms("SELL", "MOC"), "100.00"),
    (terms("BUY", "LOC", limit_price="99.99"), None),
    (terms("BUY", "LOC", limit_price="100.00"), "100.00"),
    (terms("SELL", "LOC", limit_price="100.01"), None),
    # The midpoint is 100.005: it goes to the tick that is no worse for the other side.
    (terms("BUY", "MIDPRICE"), "100.00"),
    (terms("SELL", "MIDPRICE"), "100.01"),
    (terms("BUY", "MIDPRICE", limit_price="99.99"), None),
    (terms("BUY", "MIDPRICE", limit_price="100.00"), "100.00"),
    (terms("BUY", "MIDPRICE", limit_price=Decimal(0)), "100.00"),
    (terms("SELL", "MIDPRICE", limit_price="100.02"), None),
    (terms("BUY", "REL"), None),
    (terms("BUY", "REL", aux_price="0.21"), "100.11"),
    (terms("BUY", "REL", aux_price="0.21", limit_price="100.10"), None),
    (terms("SELL", "REL", aux_price="0.21"), "99.90"),
    (terms("SELL", "REL", aux_price="0.20"), None),
    (terms("BUY", "REL", percent_offset="0.01"), "100.11"),
    (terms("BUY", "REL", percent_offset="0.001"), None),
    (terms("BUY", "PEG MID"), None),
]
"""Terms, and the price in the wide market."""


@pytest.mark.parametrize(("asked", "price"), PRICES)
def test_each_type_has_its_price(asked: Terms, price: str | None) -> None:
    assert meets(asked, WIDE)[1] == (None if price is None else Decimal(price))


def test_every_type_is_priced_above() -> None:
    assert {asked.order_type for asked, _ in PRICES} | {"TRAIL", "TRAIL LIMIT"} == set(KINDS)


def test_no_quote_fills_nothing() -> None:
    for kind in KINDS:
        asked = terms("BUY", kind, limit_price="100.00", aux_price="1.00")
        assert meets(asked, quote(None, None))[1] is None


def test_a_trailing_stop_follows_and_never_goes_back() -> None:
    asked = terms("SELL", "TRAIL", aux_price="2.00")
    rising = [quote("99.99", "100.01", last) for last in ("100.00", "103.00", "102.00")]
    assert meets(asked, *rising) == (Progress(level=Decimal("101.00")), None)
    reached = quote("100.99", "101.01", "101.00")
    progress, price = meets(asked, *rising, reached)
    assert (progress.triggered, price) == (True, Decimal("100.99"))
    # Once triggered it is a market order, wherever the market goes.
    assert meets(asked, *rising, reached, quote("104.99", "105.01", "105.00"))[1] == Decimal("104.99")


def test_a_trailing_stop_begins_where_it_is_told_to() -> None:
    asked = terms("BUY", "TRAIL", aux_price="2.00", trail_stop="100.50")
    assert meets(asked, quote("99.99", "100.01", "100.00"))[0].level == Decimal("100.50")
    assert meets(asked, quote("97.99", "98.01", "98.00"))[0].level == Decimal("100.00")
    assert meets(asked, quote("100.50", "100.52", "100.50"))[1] == Decimal("100.52")
    assert meets(asked, quote("100.50", "100.52"))[0] == Progress(level=Decimal("100.50"))


def test_a_trailing_percent_is_rounded_away_from_the_market() -> None:
    last = quote("100.00", "100.02", "100.01")
    assert meets(terms("SELL", "TRAIL", trailing_percent=Decimal(1)), last)[0].level == Decimal("99.00")
    assert meets(terms("BUY", "TRAIL", trailing_percent=Decimal(1)), last)[0].level == Decimal("101.02")


def test_the_limit_of_a_trailing_stop_moves_with_it() -> None:
    by_offset = terms("SELL", "TRAIL LIMIT", aux_price="1.00", limit_offset="0.10")
    progress, _ = meets(by_offset, quote("99.99", "100.01", "100.00"))
    assert trailing_limit(by_offset, progress) == Decimal("98.90")
    by_price = terms("SELL", "TRAIL LIMIT", aux_price="1.00", trail_stop="98.00", limit_price="97.90")
    progress, _ = meets(by_price, quote("99.99", "100.01", "100.00"))
    assert (progress.level, trailing_limit(by_price, progress)) == (Decimal("99.00"), Decimal("98.90"))
    through = quote("98.80", "98.82", "98.80")
    assert meets(by_offset, quote("99.99", "100.01", "100.00"), through) == (Progress(True, Decimal("99.00")), None)
    back = quote("98.90", "98.92", "98.91")
    assert meets(by_offset, quote("99.99", "100.01", "100.00"), through, back)[1] == Decimal("98.90")
    assert trailing_limit(by_price, AT_THE_START) == Decimal("97.90")


def test_a_pegged_order_fills_where_it_rested_when_the_market_came_through() -> None:
    asked = terms("BUY", "REL", aux_price="0.01")
    before = quote("100.00", "100.10", "100.05")
    assert meets(asked, before) == (Progress(level=Decimal("100.01")), None)
    assert meets(asked, before, quote("99.50", "99.60", "99.55"))[1] == Decimal("99.60")
    higher = quote("101.00", "101.10", "101.05")
    assert meets(asked, before, higher) == (Progress(level=Decimal("101.01")), None)
    # It follows down as long as the market does not reach it.
    assert meets(asked, before, quote("99.90", "100.02", "99.95"))[0].level == Decimal("99.91")
    mid = terms("SELL", "PEG MID", aux_price="0.02")
    assert meets(mid, before)[0].level == Decimal("100.07")
    assert meets(terms("SELL", "PEG MID", limit_price="100.09"), before)[0].level == Decimal("100.09")
    assert meets(mid, before, quote("100.07", "100.17", "100.07"))[1] == Decimal("100.07")


def test_what_waits_for_a_trigger_may_never_trade() -> None:
    waiting = {kind for kind in KINDS if waits_for_trigger(terms("BUY", kind), AT_THE_START)}
    assert waiting == {"STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "MIT", "LIT"}
    assert not any(waits_for_trigger(terms("BUY", kind), Progress(triggered=True)) for kind in KINDS)


def test_an_order_that_must_fill_fills_at_its_limit_or_where_the_market_stands() -> None:
    def forced(asked: Terms, at: Quote) -> Decimal:
        return forced_price(Situation(asked, AT_THE_START, at, INSTRUMENT))

    assert forced(terms("BUY", "LMT", limit_price="90.00"), WIDE) == Decimal("90.00")
    assert forced(terms("SELL", "MKT"), WIDE) == Decimal("99.90")
    assert forced(terms("SELL", "MKT"), quote(None, None, "5.00")) == Decimal("5.00")


@pytest.mark.parametrize(
    ("priority", "saved"), [("Urgent", "100.11"), ("Normal", "100.06"), ("Patient", "100.01"), (None, "100.06")]
)
def test_an_adaptive_order_saves_some_of_the_spread(priority: str | None, saved: str) -> None:
    parameters = (("adaptivePriority", priority),) if priority else ()
    asked = replace(terms("BUY", "MKT"), algo=Algo("Adaptive", parameters))
    assert meets(asked, WIDE)[1] == Decimal(saved)
    assert meets(asked, quote(None, "100.11"))[1] == Decimal("100.11")
    limited = replace(asked, order_type="LMT", limit_price=Decimal(saved))
    assert meets(limited, WIDE)[1] == Decimal(saved)
    assert meets(replace(limited, limit_price=Decimal(saved) - Decimal("0.01")), WIDE)[1] is None


def test_a_change_of_the_trigger_begins_anew() -> None:
    progress = Progress(triggered=True, level=Decimal(3))
    old = terms("SELL", "STP LMT", aux_price="4.00", limit_price="3.00")
    assert amended(progress, old, replace(old, limit_price=Decimal(2), quantity=Decimal(1))) == progress
    nine = Decimal(9)
    for new in (
        replace(old, aux_price=nine),
        replace(old, trail_stop=nine),
        replace(old, trailing_percent=nine),
        replace(old, limit_offset=nine),
        replace(old, percent_offset=nine),
    ):
        assert amended(progress, old, new) == AT_THE_START
    assert amended(progress, old, replace(old, order_type="STP")) == AT_THE_START


cents = st.integers(min_value=1, max_value=20_000).map(lambda number: Decimal(number) / 100)


@given(
    kind=st.sampled_from(sorted(KINDS)),
    action=st.sampled_from(("BUY", "SELL")),
    limit=cents,
    aux=cents,
    path=st.lists(st.tuples(cents, st.integers(0, 50)), min_size=1, max_size=8),
    priority=st.sampled_from((None, "Urgent", "Normal", "Patient")),
)
def test_no_fill_is_worse_than_the_limit_or_than_the_touch(
    kind: str, action: str, limit: Decimal, aux: Decimal, path: list[tuple[Decimal, int]], priority: str | None
) -> None:
    algo = Algo("Adaptive", (("adaptivePriority", priority),)) if priority else None
    asked = replace(terms(action, kind, limit_price=limit, aux_price=aux), algo=algo)
    quotes = [Quote(bid, bid + Decimal(spread) / 100, bid) for bid, spread in path]
    progress, price = meets(asked, *quotes)
    if price is None:
        return
    sign, last = asked.signed, quotes[-1]
    assert INSTRUMENT.market_rule.admits(price)
    if KINDS[kind].limit.value != "none" and kind != "TRAIL LIMIT":
        assert (limit - price) * sign >= 0
    if not KINDS[kind].closing:
        touch, own = (last.ask, last.bid) if action == "BUY" else (last.bid, last.ask)
        assert touch is not None
        assert own is not None
        assert (touch - price) * sign >= 0
        assert (price - own) * sign >= 0
    assert not KINDS[kind].conditional or progress.triggered
