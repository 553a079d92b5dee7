"""What our tickets are in the library's words, and at the gateway."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from reconciler.adapters.ib import library
from reconciler.adapters.ib.tickets import OrderWriter, contract_of
from reconciler.domain.account import Side
from reconciler.domain.contract import Contract
from reconciler.domain.ids import ConId, OrderId
from reconciler.domain.orders import OrderTicket, WhatIf
from tests.contract.broker_worlds import GatewayWorld, ticket, unwritten
from tests.fakes.broker import stock
from tests.unit.adapters.ib.said import REF, US
from tests.unit.adapters.ib.wire import connected, msft, play_virtually

pytestmark = pytest.mark.broker

MSFT = stock(272093, "MSFT")


@cache
def loaded() -> library.Library:
    """The library, which wants a running event loop for its first import."""

    async def load() -> library.Library:
        return library.load()

    return asyncio.run(load())


def written(order: OrderTicket) -> Any:
    return OrderWriter(loaded(), US).order(order)


def test_an_algorithm_is_named() -> None:
    assert written(replace(ticket(MSFT, REF, limit="499"), algo="Adaptive")).algoStrategy == "Adaptive"
    assert written(ticket(MSFT, REF)).algoStrategy == loaded().order().algoStrategy


def test_an_order_is_written_as_it_is() -> None:
    order = written(ticket(MSFT, REF, 7, side=Side.SELL, limit="499.10"))
    assert (order.action, order.totalQuantity, order.orderType, order.lmtPrice) == ("SELL", "7", "LMT", "499.10")
    assert (order.tif, order.account, order.orderRef, order.whatIf) == ("DAY", US, REF, False)


@pytest.mark.parametrize(("quantity", "text"), [("1E+3", "1000"), ("0.5", "0.5"), ("20000.00", "20000.00")])
def test_a_number_is_written_without_an_exponent(quantity: str, text: str) -> None:
    assert written(replace(ticket(MSFT, REF), quantity=Decimal(quantity))).totalQuantity == text


def test_a_market_order_names_no_price() -> None:
    unset = loaded().order().lmtPrice
    assert written(ticket(MSFT, REF)).lmtPrice == unset


def test_an_order_fills_outside_the_hours_only_where_its_ticket_says_so() -> None:
    inside = ticket(MSFT, REF, limit="499")
    outside = replace(inside, outside_hours=True)
    assert written(inside).outsideRth is False
    assert written(outside).outsideRth is True
    assert OrderWriter(loaded(), US).what_if(outside).outsideRth is True


def test_a_question_is_the_same_order_and_says_that_it_is_one() -> None:
    order = ticket(MSFT, REF, 7, limit="499.10")
    question = OrderWriter(loaded(), US).what_if(order)
    assert question.whatIf is True
    question.whatIf = False
    assert vars(question) == vars(written(order))


@pytest.mark.parametrize(
    "contract", [MSFT, replace(MSFT, con_id=ConId(4001), symbol="MES", sec_type="FUT", exchange="CME")]
)
def test_a_contract_is_named_by_its_id_and_routed_to_its_exchange(contract: Contract) -> None:
    made = contract_of(loaded(), contract)
    assert (made.conId, made.symbol, made.secType) == (contract.con_id, contract.symbol, contract.sec_type)
    assert (made.exchange, made.currency, made.primaryExchange) == (contract.exchange, contract.currency, "")


@pytest.mark.parametrize("outside", [False, True])
def test_the_gateway_is_told_whether_an_order_may_fill_outside_the_hours(outside: bool) -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        order = replace(ticket(await msft(broker), REF, 7, limit="400"), outside_hours=outside)
        assert isinstance(await broker.what_if(order), WhatIf)
        await broker.place(order, broker.next_order_id(above=OrderId(0)), unwritten)
        await broker.read_positions()  # a round trip, so that the order has arrived
        (placed,) = (each for each in world.running.broker.book if each.client_id == 1)
        assert placed.terms.outside_rth is outside
        await broker.close()

    play_virtually(case)
