from decimal import Decimal

import pytest

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.working_orders import OpenOrders
from reconciler.domain.account import WorkingOrder
from reconciler.domain.ids import OrderId, PermId
from reconciler.domain.unknown import Unknown
from tests.unit.adapters.ib.said import OTHERS, US, open_order, order_status


def working(*said: Message) -> tuple[WorkingOrder, ...]:
    orders = heard(*said)
    assert not isinstance(orders, Unknown)
    return orders


def heard(*said: Message) -> tuple[WorkingOrder, ...] | Unknown:
    orders = OpenOrders()
    for message in said:
        orders.take(message)
    return orders.working(US)


def test_the_end_ends_it() -> None:
    orders = OpenOrders()
    assert not orders.take(open_order())
    assert orders.take(messages.OpenOrderEnd())


def test_what_remains_is_the_broker_s_count() -> None:
    assert [order.remaining for order in working(open_order(), order_status())] == [Decimal(6)]


def test_without_a_status_all_of_it_remains() -> None:
    assert [order.remaining for order in working(open_order())] == [Decimal(10)]


@pytest.mark.parametrize("over", ["Filled", "Cancelled", "ApiCancelled"])
def test_what_is_over_does_not_work(over: str) -> None:
    assert working(open_order(), order_status(status=over)) == ()
    assert working(open_order(status=over)) == ()


def test_an_inactive_order_may_still_wake() -> None:
    assert len(working(open_order(status="Inactive"))) == 1


def test_orders_of_other_accounts_and_what_ifs_are_left_out() -> None:
    assert working(open_order(account=OTHERS), open_order(is_what_if=True, perm_id=PermId(0))) == ()


def test_manual_orders_share_an_id_and_are_still_two() -> None:
    one = open_order(client_id=0, order_id=OrderId(0), perm_id=PermId(1), ref=None)
    two = open_order(client_id=0, order_id=OrderId(0), perm_id=PermId(2), ref=None)
    assert [order.perm_id for order in working(one, two)] == [1, 2]


def test_an_order_that_gets_its_perm_id_meanwhile_is_one() -> None:
    assert [order.perm_id for order in working(open_order(perm_id=PermId(0)), open_order())] == [900]


def test_an_order_without_a_quantity_makes_all_unknown() -> None:
    assert isinstance(heard(open_order(quantity=None), order_status(remaining=Decimal(0))), Unknown)
    assert isinstance(heard(open_order(), order_status(remaining=None)), Unknown)
