from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.quotes import QuoteDraft
from reconciler.domain.account import Quote, QuoteType, TradingHalt
from reconciler.domain.contract import Contract
from reconciler.domain.unknown import Unknown
from reconciler.ports import QuoteExtra
from tests.fakes.broker import stock
from tests.unit.adapters.ib.said import NOW, error

BID, ASK, LAST, CLOSE, LAST_STAMP = 1, 2, 4, 9, 45
DELAYED_BID, DELAYED_ASK, DELAYED_LAST, DELAYED_STAMP = 66, 67, 68, 88
STAMP = datetime(2026, 3, 2, 14, 45, tzinfo=UTC)


VOLUME = (QuoteExtra.AVERAGE_VOLUME,)
MODEL, DELAYED_MODEL = 13, 83
HALTED, DELAYED_HALTED = 49, 90
STOCK = stock(272093, "MSFT")


def draft(*said: Message, contract: Contract = STOCK, extras: Collection[QuoteExtra] = ()) -> QuoteDraft:
    """Each message a second after the one before it, the first at NOW."""
    made = QuoteDraft(contract, extras)
    for second, message in enumerate(said):
        made.take(message, NOW + timedelta(seconds=second))
    return made


def quote(*said: Message, contract: Contract = STOCK, extras: Collection[QuoteExtra] = ()) -> Quote:
    made = draft(*said, contract=contract, extras=extras).quote()
    assert isinstance(made, Quote)
    return made


def tick(tick_type: int, price: str | None) -> messages.PriceTick:
    return messages.PriceTick(1, tick_type, None if price is None else Decimal(price))


def data_type(number: int) -> messages.MarketDataType:
    return messages.MarketDataType(1, number)


def volume(shares: str | None, tick_type: int = 21) -> messages.SizeTick:
    return messages.SizeTick(1, tick_type, None if shares is None else Decimal(shares))


def greeks(delta: str | None, underlying: str | None = "500", tick_type: int = MODEL) -> messages.OptionTick:
    numbers = (None if each is None else Decimal(each) for each in (delta, underlying))
    return messages.OptionTick(1, tick_type, *numbers)


def halted(value: str | None, tick_type: int = HALTED) -> messages.GenericTick:
    return messages.GenericTick(1, tick_type, None if value is None else Decimal(value))


PRICES: list[Message] = [tick(BID, "1"), tick(ASK, "2"), tick(LAST, "1.5")]
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


# --------------------------------------------------------------------------------------------------------------- halts


@pytest.mark.parametrize("tick_type", [HALTED, DELAYED_HALTED])
@pytest.mark.parametrize(
    ("value", "halt"),
    [
        ("-1", None),
        ("0", None),
        ("1", TradingHalt.GENERAL),
        ("2", TradingHalt.VOLATILITY),
        ("3", TradingHalt.GENERAL),
        (None, None),
    ],
)
def test_a_halt_is_what_the_broker_says_it_is(tick_type: int, value: str | None, halt: TradingHalt | None) -> None:
    told = quote(halted(value, tick_type), *PRICES)
    assert (told.halt, told.last) == (halt, Decimal("1.5"))


def test_who_says_nothing_of_a_halt_tells_of_none() -> None:
    assert quote(*PRICES).halt is None
    assert quote(*PRICES, halted("1", tick_type=46)).halt is None, "46 is how easily it is sold short"


def test_a_halt_that_is_over_is_none() -> None:
    assert quote(halted("1"), *PRICES, halted("0")).halt is None


def test_a_quote_is_whole_once_it_says_whether_it_is_halted() -> None:
    assert not draft(*PRICES).is_whole
    assert not draft(*PRICES, halted(None)).is_whole
    assert draft(*PRICES, halted("0")).is_whole
    assert draft(*PRICES, END).is_whole


def test_no_price_because_of_a_halt_says_so() -> None:
    unknown = draft(halted("2"), END).quote()
    assert unknown == Unknown("no price of MSFT: trading in it is halted for its volatility")


# ------------------------------------------------------------------------------------------------------------- extras


def test_an_extra_that_is_asked_for_is_awaited_whichever_comes_first() -> None:
    assert not draft(*PRICES, extras=VOLUME).is_settled
    assert not draft(volume("22000000"), *PRICES[:2], extras=VOLUME).is_settled
    assert draft(*PRICES, volume("22000000"), extras=VOLUME).is_settled
    assert draft(volume("22000000"), *PRICES, extras=VOLUME).is_settled
    assert quote(*PRICES, volume("22000000"), extras=VOLUME).average_volume == Decimal(22_000_000)


def test_an_extra_that_nobody_asked_for_is_not_awaited() -> None:
    assert draft(*PRICES).is_settled


@pytest.mark.parametrize("other", [volume("100", tick_type=8), volume("100", tick_type=0), volume(None)])
def test_other_sizes_are_no_average_volume(other: Message) -> None:
    assert not draft(*PRICES, other, extras=VOLUME).is_settled
    assert quote(*PRICES, other, extras=VOLUME).average_volume is None


def test_an_extra_that_is_not_served_costs_no_price() -> None:
    without = quote(*PRICES, extras=VOLUME)
    assert (without.bid, without.ask) == (Decimal(1), Decimal(2))
    assert (without.last, without.average_volume) == (Decimal("1.5"), None)


def test_a_request_that_is_over_awaits_no_extra() -> None:
    assert draft(*PRICES, error(1, 354), extras=VOLUME).is_settled
    assert draft(*PRICES, END, contract=replace(STOCK, sec_type="OPT")).is_settled


# ------------------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize("sec_type", ["OPT", "FOP"])
def test_the_model_of_an_option_is_awaited(sec_type: str) -> None:
    option = replace(STOCK, sec_type=sec_type)
    assert not draft(*PRICES, contract=option).is_settled
    assert draft(*PRICES, greeks("0.42"), contract=option).is_settled
    told = quote(*PRICES, greeks("0.42", "501.5"), contract=option)
    assert (told.delta, told.underlying) == (Decimal("0.42"), Decimal("501.5"))


def test_the_model_of_delayed_data_is_as_good() -> None:
    option = replace(STOCK, sec_type="OPT")
    ticks: list[Message] = [tick(DELAYED_BID, "1"), tick(DELAYED_ASK, "2"), tick(DELAYED_LAST, "1.5"), STAMPED]
    told = draft(data_type(3), *ticks, greeks("-0.3", tick_type=DELAYED_MODEL), contract=option)
    assert told.is_settled
    assert isinstance(made := told.quote(), Quote)
    assert (made.type, made.delta) == (QuoteType.DELAYED, Decimal("-0.3"))


@pytest.mark.parametrize("tick_type", [10, 11, 12, 80, 81, 82])
def test_what_bid_ask_and_last_imply_is_not_the_model(tick_type: int) -> None:
    option = replace(STOCK, sec_type="OPT")
    assert not draft(*PRICES, greeks("0.9", tick_type=tick_type), contract=option).is_settled
    assert quote(*PRICES, greeks("0.9", tick_type=tick_type), END, contract=option).delta is None


def test_a_model_without_a_delta_is_none_and_takes_none_back() -> None:
    option = replace(STOCK, sec_type="OPT")
    assert not draft(*PRICES, greeks(None), contract=option).is_settled
    told = quote(*PRICES, greeks("0.42"), greeks(None, "999"), contract=option)
    assert (told.delta, told.underlying) == (Decimal("0.42"), Decimal(500))


def test_a_delta_without_the_underlying_s_price_has_none() -> None:
    told = quote(*PRICES, greeks("0.42", None), contract=replace(STOCK, sec_type="OPT"))
    assert (told.delta, told.underlying) == (Decimal("0.42"), None)


def test_the_newest_model_counts() -> None:
    told = quote(*PRICES, greeks("0.42"), greeks("0.43", "510"), contract=replace(STOCK, sec_type="OPT"))
    assert (told.delta, told.underlying) == (Decimal("0.43"), Decimal(510))


@pytest.mark.parametrize("sec_type", ["STK", "FUT", "CASH"])
def test_what_is_no_option_awaits_no_model(sec_type: str) -> None:
    assert draft(*PRICES, contract=replace(STOCK, sec_type=sec_type)).is_settled


def test_a_contract_that_the_broker_does_not_know_says_where_to_look() -> None:
    """A pin may be out of date: nothing else asks for a quote of what is not there."""
    unknown = draft(error(1, 200, "No security definition has been found")).quote()

    assert isinstance(unknown, Unknown)
    assert unknown.why.startswith("the broker knows no contract 272093 of MSFT (200 No security definition")
    assert "folioctl lock --check" in unknown.why
