from decimal import Decimal

import pytest

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.account import AccountUpdate
from reconciler.adapters.ib.messages import Message
from reconciler.domain.account import AccountValues
from reconciler.domain.desired import AccountType
from reconciler.domain.money import Currency, Money
from reconciler.domain.unknown import Unknown
from reconciler.ports import NO_TYPE
from tests.unit.adapters.ib.said import IDENTITY, NOW, OTHERS, US, USD, error, position, value

FIGURES = {
    "NetLiquidation": 100000,
    "EquityWithLoanValue": 99000,
    "InitMarginReq": 40000,
    "MaintMarginReq": 35000,
    "AvailableFunds": 59000,
    "ExcessLiquidity": 64000,
}
END = messages.AccountDownloadEnd()


def rows(**changes: object) -> list[Message]:
    return [value(key, amount) for key, amount in (FIGURES | changes).items()]


def update(*said: Message) -> tuple[AccountUpdate, bool]:
    """The update after these messages, and whether the last of them made it whole."""
    heard = AccountUpdate(IDENTITY)
    whole = False
    for message in said:
        whole = heard.take(message)
    return heard, whole


def test_figures_and_their_end_are_whole() -> None:
    heard, whole = update(*rows(), END)
    assert whole
    assert heard.why_incomplete() is None
    values = heard.values()
    assert isinstance(values, AccountValues)
    assert values.net_liquidation == Money(Decimal(100000), USD)
    assert values.excess_liquidity == Money(Decimal(64000), USD)
    assert isinstance(values.look_ahead_available_funds, Unknown)
    assert isinstance(values.gross_position_value, Unknown)


def test_figures_without_their_end_are_not() -> None:
    heard, whole = update(*rows())
    assert not whole
    assert "END" in str(heard.why_incomplete())
    assert not heard.is_refused


def test_a_refusal_is_told_from_what_did_not_come() -> None:
    heard, _ = update(error(messages.NO_REQUEST, 2101))
    assert "2101" in str(heard.why_incomplete())
    assert heard.is_refused


def whole_set() -> list[Message]:
    """All of an account that holds 60 shares at 500 and cash in two currencies, in an order the broker may choose."""
    return [
        *rows(GrossPositionValue=30000),
        value("CashBalance", 69000),
        value("CashBalance", 1000, "CAD"),
        value("ExchangeRate", "0.7", "CAD"),
        value("CashBalance", 69700, "BASE"),
        messages.PortfolioRow(US, position(60)),
    ]


@pytest.mark.parametrize("late", range(len(whole_set())))
def test_an_end_that_overtakes_a_part_of_the_set_is_waited_past(late: int) -> None:
    said = whole_set()
    last = said.pop(late)
    heard, whole = update(END, *said)
    assert not whole
    assert heard.take(last)


@pytest.mark.parametrize("missing", ["CAD", "BASE"])
def test_balances_that_never_all_came_behind_an_end_are_unknown(missing: str) -> None:
    said = [
        each
        for each in whole_set()
        if not (isinstance(each, messages.AccountValueRow) and (each.key, each.currency) == ("CashBalance", missing))
    ]
    heard, whole = update(END, *said)
    assert not whole
    assert isinstance(heard.cash(), Unknown)


def test_an_end_behind_the_figures_is_believed_whatever_they_add_up_to() -> None:
    _, whole = update(*rows(GrossPositionValue=30000), END)
    assert whole


@pytest.mark.parametrize("key", list(FIGURES))
@pytest.mark.parametrize("amount", ["", "1.7976931348623157E308"])
def test_a_figure_that_is_unset_is_named(key: str, amount: str) -> None:
    heard, whole = update(*rows(**{key: amount}), END)
    assert not whole
    values = heard.values()
    assert isinstance(values, Unknown)
    assert key in values.why


def test_a_figure_in_another_currency_is_missing() -> None:
    foreign = [row for row in rows() if isinstance(row, messages.AccountValueRow) and row.key != "AvailableFunds"]
    heard, whole = update(*foreign, value("AvailableFunds", 59000, "EUR"), END)
    assert not whole
    assert isinstance(heard.values(), Unknown)


def test_what_comes_while_the_account_is_not_ready_is_not_whole() -> None:
    heard, whole = update(value("AccountReady", "false", ""), *rows(), END)
    assert not whole
    assert "AccountReady" in str(heard.why_incomplete())


def test_turning_ready_asks_for_another_set() -> None:
    heard, whole = update(value("AccountReady", "false", ""), *rows(), value("AccountReady", "true", ""))
    assert whole
    assert heard.was_not_ready
    assert heard.is_ready


def test_rows_of_other_accounts_are_not_ours() -> None:
    theirs = value("NetLiquidation", 5, account=OTHERS)
    heard, _ = update(*rows(), theirs, messages.PortfolioRow(OTHERS, position()), END)
    values = heard.values()
    assert isinstance(values, AccountValues)
    assert values.net_liquidation.amount == 100000
    assert heard.portfolio() == ()


def test_cash_is_by_currency_and_base_is_none() -> None:
    heard, _ = update(
        value("CashBalance", "-50", "EUR"), value("CashBalance", "70", "USD"), value("CashBalance", "20", "BASE")
    )
    assert heard.cash() == {
        Currency("EUR"): Money(Decimal(-50), Currency("EUR")),
        USD: Money(Decimal(70), USD),
    }


def test_cash_that_was_not_sent_is_unknown() -> None:
    assert isinstance(update(*rows(), END)[0].cash(), Unknown)
    assert isinstance(update(value("CashBalance", "", "USD"))[0].cash(), Unknown)


def test_rates_convert_into_base_and_leave_out_what_is_none() -> None:
    heard, _ = update(
        value("ExchangeRate", "1.10", "EUR"), value("ExchangeRate", "1", "USD"), value("ExchangeRate", "0", "JPY")
    )
    (rate,) = heard.rates(USD, NOW).values()
    assert (rate.source, rate.target, rate.rate, rate.as_of) == ("EUR", "USD", Decimal("1.10"), NOW)
    assert heard.own_rate(USD) == 1


def test_currency_rows_and_closed_positions_are_no_holdings() -> None:
    heard, _ = update(
        messages.PortfolioRow(US, position(60)),
        messages.PortfolioRow(US, position(0, con_id=2)),
        messages.PortfolioRow(US, position(1000, sec_type="CASH", con_id=3)),
    )
    assert [row.con_id for row in heard.portfolio()] == [272093]


def test_settled_cash_is_by_currency_and_base_is_none() -> None:
    heard, _ = update(
        value("SettledCash", "0", "EUR"), value("SettledCash", "69.50", "USD"), value("SettledCash", "69.50", "BASE")
    )
    assert heard.settled() == {
        Currency("EUR"): Money(Decimal(0), Currency("EUR")),
        USD: Money(Decimal("69.50"), USD),
    }


def test_settled_cash_that_was_not_sent_is_unknown_and_never_zero() -> None:
    assert isinstance(update(*rows(), value("SettledCash", "1", "BASE"), END)[0].settled(), Unknown)
    one_unset, _ = update(value("SettledCash", "70", "USD"), value("SettledCash", "1.7976931348623157E308", "EUR"))
    assert one_unset.settled() == Unknown("the broker sent no settled cash in EUR")


@pytest.mark.parametrize(("sent", "left"), [("3", 3), ("0", 0), ("-1", None), ("4.0", 4)])
def test_day_trades_are_so_many_or_not_counted(sent: str, left: int | None) -> None:
    assert update(value("DayTradesRemaining", sent, ""))[0].day_trades_left() == left


@pytest.mark.parametrize("sent", ["", "Unlimited", "1.7976931348623157E308", "NaN"])
def test_a_count_of_day_trades_that_is_none_is_unknown(sent: str) -> None:
    assert isinstance(update(value("DayTradesRemaining", sent, ""))[0].day_trades_left(), Unknown)


@pytest.mark.parametrize(
    ("funds", "power", "found"),
    [
        ("1000.00", "4000.00", AccountType.MARGIN),
        ("1000.00", "2000.00", AccountType.MARGIN),
        ("1000.00", "1000.00", AccountType.CASH),
        ("1000.00", "950.00", AccountType.CASH),
        ("0.00", "0.00", NO_TYPE),
        ("-5.00", "0.00", NO_TYPE),
        ("1000.00", "", NO_TYPE),
        ("", "4000.00", NO_TYPE),
    ],
)
def test_what_an_account_may_buy_tells_its_type(funds: str, power: str, found: AccountType | Unknown) -> None:
    told, _ = update(*rows(), value("AvailableFunds", funds), value("BuyingPower", power), END)
    assert told.type(USD) == found


def test_day_trades_that_nobody_told_of_are_unknown() -> None:
    assert isinstance(update(*rows(), value("DayTradesRemainingT+1", "2", ""), END)[0].day_trades_left(), Unknown)


def test_neither_settled_cash_nor_day_trades_are_waited_for() -> None:
    _, whole = update(*rows(), END)
    assert whole
