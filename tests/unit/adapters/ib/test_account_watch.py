"""When the rows of an account that is watched are told: once they rest, and not before they are whole."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.account import AccountUpdate
from reconciler.adapters.ib.account_watch import LONGEST_SECONDS, REST_SECONDS, AccountWatch
from reconciler.adapters.ib.messages import Message
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountNews, AccountReading
from reconciler.simgateway.serving.virtual import run_virtually
from tests.unit.adapters.ib.said import IDENTITY, US, USD, position, value

FIGURES = ("NetLiquidation", "EquityWithLoanValue", "InitMarginReq", "MaintMarginReq", "AvailableFunds")
ALL = (*FIGURES, "ExcessLiquidity")
END = messages.AccountDownloadEnd()


def reading_of(update: AccountUpdate) -> AccountReading | Unknown:
    incomplete = update.why_incomplete()
    if incomplete is not None:
        return Unknown(incomplete)
    return AccountReading(USD, update.values(), update.cash(), {}, update.portfolio(), update.settled(), None)


def told(
    *said: tuple[float, Message], until: float = 10, close_at: float | None = None, expected_by: float | None = None
) -> list[tuple[float, AccountNews]]:
    """What a watch tells of messages that come at these seconds, and when."""

    async def heard() -> list[tuple[float, AccountNews]]:
        loop, news = asyncio.get_running_loop(), list[tuple[float, AccountNews]]()
        start = loop.time()
        watch = AccountWatch(IDENTITY, reading_of, lambda each: news.append((loop.time() - start, each)))
        for at, message in said:
            loop.call_at(start + at, watch.hear, message)
        if expected_by is not None:
            watch.expect(expected_by)
        if close_at is not None:
            loop.call_at(start + close_at, watch.close)
        await asyncio.sleep(until)
        return news

    return run_virtually(heard())


def a_set(at: float, amount: int = 1000, apart: float = 0.0) -> list[tuple[float, Message]]:
    rows: list[Message] = [*(value(key, amount) for key in ALL), END]
    return [(at + number * apart, row) for number, row in enumerate(rows)]


def row(quantity: int, price: int) -> Message:
    return messages.PortfolioRow(US, replace(position(quantity), market_price=Decimal(price)))


def gross(news: AccountNews) -> int:
    assert isinstance(news, AccountReading)
    assert not isinstance(news.values, Unknown)
    assert not isinstance(news.values.gross_position_value, Unknown)
    return int(news.values.gross_position_value.amount)


def net(news: AccountNews) -> Decimal:
    assert isinstance(news, AccountReading)
    assert not isinstance(news.values, Unknown)
    return news.values.net_liquidation.amount


def test_the_rows_of_one_change_are_told_together_once_they_rest() -> None:
    (first, second) = told(*a_set(1, apart=0.01), *a_set(3, 900, apart=0.01))
    assert [net(first[1]), net(second[1])] == [1000, 900]
    assert abs(first[0] - (1.06 + REST_SECONDS)) < 0.01


def test_rows_that_never_rest_are_told_all_the_same() -> None:
    endless = [(1 + number * REST_SECONDS / 2, value("NetLiquidation", 1000 + number)) for number in range(60)]
    news = told(*a_set(0), *endless, until=1.5 + 2 * LONGEST_SECONDS)
    assert [round(at - 1, 1) for at, _ in news[1:]] == [LONGEST_SECONDS, 2 * LONGEST_SECONDS + REST_SECONDS / 2]


def test_holdings_that_do_not_make_the_gross_value_yet_are_waited_for_a_moment() -> None:
    """The row of the total comes half a second after the holding that it counts."""
    begun = [(0.0, value("GrossPositionValue", 1000)), (0.0, row(10, 100)), *a_set(0)]
    torn = [(3.0, row(20, 100)), (3.5, value("GrossPositionValue", 2000))]
    news = [(round(at, 1), gross(each)) for at, each in told(*begun, *torn)]
    assert news == [(0.2, 1000), (3.7, 2000)]


def test_holdings_that_never_make_it_are_told_all_the_same() -> None:
    begun = [(0.0, value("GrossPositionValue", 1000)), (0.0, row(10, 100)), *a_set(0)]
    news = [round(at, 1) for at, _ in told(*begun, (3.0, row(20, 100)))]
    assert news == [0.2, 3.0 + LONGEST_SECONDS]


def test_a_set_without_its_end_is_not_told() -> None:
    assert told(*a_set(1)[:-1]) == []


def test_figures_that_are_being_reset_are_not_told_until_they_are_there() -> None:
    news = told(*a_set(0), (1, value("AccountReady", "false", "")), (5, value("AccountReady", "true", "")))
    assert [round(at) for at, _ in news] == [0, 5]


def test_a_feed_that_is_refused_says_why() -> None:
    ((_, news),) = told((1, messages.ErrorMessage(messages.NO_REQUEST, 2101, "in use")))
    assert news == Unknown("the gateway said: 2101 in use")


def test_a_first_set_that_never_comes_is_told() -> None:
    ((at, news),) = told(*a_set(1)[:-1], expected_by=5)
    assert at == 5
    assert isinstance(news, Unknown)


def test_one_that_came_is_not_missed() -> None:
    (whole,) = told(*a_set(1), expected_by=5)
    assert net(whole[1]) == 1000


def test_nothing_is_missed_after_the_watch() -> None:
    assert told(expected_by=5, close_at=4) == []


def test_nothing_rests_after_the_watch() -> None:
    assert told(*a_set(1), close_at=1 + REST_SECONDS / 2) == []
