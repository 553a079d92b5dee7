from datetime import UTC, datetime, timedelta
from decimal import Decimal

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.quotes import QuoteDraft
from reconciler.domain.account import Quote, QuoteType
from reconciler.domain.unknown import Unknown
from tests.fakes.broker import stock
from tests.unit.adapters_ib.said import NOW, error

BID, ASK, LAST, CLOSE, LAST_STAMP = 1, 2, 4, 9, 45
DELAYED_BID, DELAYED_ASK, DELAYED_LAST, DELAYED_STAMP = 66, 67, 68, 88
STAMP = datetime(2026, 3, 2, 14, 45, tzinfo=UTC)


def draft(*said: Message) -> QuoteDraft:
    """Each message a second after the one before it, the first at NOW."""
    made = QuoteDraft(stock(272093, "MSFT"))
    for second, message in enumerate(said):
        made.take(message, NOW + timedelta(seconds=second))
    return made


def quote(*said: Message) -> Quote:
    made = draft(*said).quote()
    assert isinstance(made, Quote)
    return made


def tick(tick_type: int, price: str | None) -> messages.PriceTick:
    return messages.PriceTick(1, tick_type, None if price is None else Decimal(price))


def data_type(number: int) -> messages.MarketDataType:
    return messages.MarketDataType(1, number)


STAMPED = messages.TextTick(1, DELAYED_STAMP, str(int(STAMP.timestamp())))
END = messages.SnapshotEnd(1)


def test_a_live_quote_is_as_old_as_its_newest_tick() -> None:
    live = quote(data_type(1), tick(BID, "499.9"), tick(ASK, "500.1"), tick(LAST, "500"))
    assert (live.bid, live.ask, live.last, live.close) == (Decimal("499.9"), Decimal("500.1"), Decimal(500), None)
    assert (live.type, live.as_of) == (QuoteType.LIVE, NOW + timedelta(seconds=3))


def test_a_delayed_quote_is_as_old_as_it_says() -> None:
    delayed = quote(error(1, 10167), data_type(3), tick(DELAYED_LAST, "500"), STAMPED)
    assert (delayed.type, delayed.last, delayed.as_of) == (QuoteType.DELAYED, Decimal(500), STAMP)


def test_a_lone_trade_is_as_old_as_it_says() -> None:
    traded = messages.TextTick(1, LAST_STAMP, str(int(STAMP.timestamp())))
    assert quote(data_type(1), tick(LAST, "500"), traded, END).as_of == STAMP
    assert quote(data_type(1), tick(BID, "499"), tick(ASK, "501"), tick(LAST, "500"), traded).as_of > NOW


def test_delayed_ticks_are_delayed_even_where_nothing_says_so() -> None:
    assert quote(tick(DELAYED_LAST, "500")).type is QuoteType.DELAYED


def test_frozen_is_not_live() -> None:
    assert quote(data_type(2), tick(LAST, "500")).type is QuoteType.FROZEN
    assert quote(data_type(4), tick(DELAYED_LAST, "500")).type is QuoteType.DELAYED_FROZEN


def test_a_price_that_is_taken_back_is_gone() -> None:
    assert quote(tick(LAST, "500"), tick(BID, "499"), tick(BID, None)).bid is None


def test_a_close_alone_is_no_price() -> None:
    assert isinstance(draft(tick(CLOSE, "498"), END).quote(), Unknown)


def test_no_tick_at_all_says_why() -> None:
    unknown = draft(error(1, 354, "Requested market data is not subscribed")).quote()
    assert isinstance(unknown, Unknown)
    assert unknown.why == "no price of MSFT: 354 Requested market data is not subscribed"


def test_a_live_quote_is_settled_before_the_end() -> None:
    ticks = [tick(BID, "1"), tick(ASK, "2"), tick(LAST, "1.5")]
    assert not draft(*ticks[:2]).is_settled
    assert draft(*ticks).is_settled
    assert not draft(*ticks).is_over


def test_a_delayed_quote_waits_for_its_time() -> None:
    ticks: list[Message] = [tick(DELAYED_BID, "1"), tick(DELAYED_ASK, "2"), tick(DELAYED_LAST, "1.5")]
    assert not draft(data_type(3), *ticks).is_settled
    assert draft(data_type(3), *ticks, STAMPED).is_settled
    assert draft(data_type(3), *ticks, END).is_settled


def test_an_error_ends_the_request_and_a_notice_does_not() -> None:
    assert draft(error(1, 354)).is_over
    assert draft(error(1, 200)).is_over
    assert not draft(error(1, 10167)).is_over
