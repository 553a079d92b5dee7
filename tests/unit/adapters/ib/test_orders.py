from decimal import Decimal

import pytest

from reconciler.adapters.ib import messages, translate
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.order_book import OrderBook
from reconciler.adapters.ib.order_names import OrderNames
from reconciler.domain.errors import BrokerRefused
from reconciler.domain.ids import ExecId, OrderId, OrderRef, PermId
from reconciler.domain.money import Money
from reconciler.domain.orders import (
    CommissionReport,
    CompletedReport,
    ErrorReport,
    ExecutionReport,
    Report,
    StatusReport,
)
from tests.unit.adapters.ib.said import (
    CLIENT,
    IDENTITY,
    OTHERS,
    REF,
    USD,
    completed_order,
    error,
    execution,
    open_order,
    order_status,
)


class Desk:
    def __init__(self) -> None:
        self.names = OrderNames(CLIENT)
        self.book = OrderBook(self.names, IDENTITY)

    def hears(self, *said: Message) -> list[Report | None]:
        return [self.book.report(message) for message in said]


def refs(reports: list[Report | None]) -> list[OrderRef | None]:
    return [report.ref for report in reports if isinstance(report, StatusReport | ExecutionReport | CompletedReport)]


def test_each_message_about_an_order_is_a_report() -> None:
    commission = CommissionReport(ExecId("0001.01"), Money(Decimal(1), USD))
    reports = Desk().hears(
        open_order(), order_status(), execution(), messages.Commission(commission), completed_order()
    )
    assert reports == [
        StatusReport(REF, PermId(900), "Submitted", None, None),
        StatusReport(REF, PermId(900), "Submitted", Decimal(4), Decimal(6), ""),
        ExecutionReport(REF, PermId(900), execution().con_id, execution().side, execution().fill),
        commission,
        CompletedReport(REF, PermId(900), "Filled", Decimal(10), "Filled Size: 10"),
    ]


def test_a_status_is_named_by_the_order_that_was_sent() -> None:
    desk = Desk()
    desk.names.remember(REF, OrderId(10))
    assert refs(desk.hears(order_status(perm_id=PermId(0)))) == [REF]


def test_a_completed_order_is_named_by_its_perm_id() -> None:
    assert refs(Desk().hears(open_order(), completed_order(ref=None))) == [REF, REF]


def test_an_order_id_that_rolled_back_does_not_name_another_order() -> None:
    desk = Desk()
    desk.names.remember(REF, OrderId(10))
    assert refs(desk.hears(order_status(perm_id=PermId(900)), order_status(perm_id=PermId(901)))) == [REF, None]


def test_the_same_order_id_of_another_client_is_another_order() -> None:
    desk = Desk()
    desk.names.remember(REF, OrderId(10))
    assert refs(desk.hears(order_status(client_id=2, perm_id=PermId(5)))) == [None]


def test_orders_of_other_accounts_and_what_ifs_are_no_reports() -> None:
    assert (
        Desk().hears(
            open_order(account=OTHERS),
            execution(account=OTHERS),
            completed_order(account=OTHERS),
            open_order(is_what_if=True),
        )
        == [None] * 4
    )


def test_an_error_is_a_report_only_where_it_names_an_order_of_ours() -> None:
    desk = Desk()
    desk.names.remember(REF, OrderId(10))
    assert desk.hears(error(10, 201), error(11, 201), error(messages.NO_REQUEST, 1100)) == [
        ErrorReport(REF, 201, "said"),
        None,
        None,
    ]


def test_an_order_of_this_client_can_be_cancelled_once_it_was_seen() -> None:
    desk = Desk()
    with pytest.raises(BrokerRefused):
        desk.names.order_id(REF)
    desk.hears(open_order(client_id=2, order_id=OrderId(7)))
    with pytest.raises(BrokerRefused):
        desk.names.order_id(REF)
    desk.hears(open_order())
    assert desk.names.order_id(REF) == 10


def test_the_highest_id_is_of_any_client_but_not_the_unset_one() -> None:
    desk = Desk()
    desk.hears(order_status(client_id=8, order_id=OrderId(41)))
    desk.hears(execution(client_id=0, order_id=OrderId(translate.UNSET_INTEGER), ref=None))
    assert desk.names.highest_order_id == 41
