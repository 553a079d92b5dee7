from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.contracts import ContractAnswers, lot_size
from reconciler.adapters.ib.messages import ContractRow, Message
from reconciler.domain.account import Quote
from reconciler.domain.contract import Contract, TradingSession
from reconciler.domain.ids import ConId, InstrumentName, OrderId
from reconciler.domain.orders import WhatIf
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from tests.contract.broker_worlds import SCENARIO, GatewayWorld, spec, ticket, unwritten
from tests.unit.adapters.ib.said import REF, USD, contract_row, error
from tests.unit.adapters.ib.wire import (
    DERIVATIVES,
    a_future,
    a_pair,
    connected,
    contract_of,
    msft,
    play_virtually,
    with_field,
)

MSFT = InstrumentSpec(InstrumentName("MSFT"), "MSFT", "STK", "SMART", USD)
EBS = contract_row(con_id=ConId(2), primary_exchange="EBS", currency="CHF")
TWIN = contract_row(con_id=ConId(3), primary_exchange="NYSE")


def match(*said: Message, spec: InstrumentSpec = MSFT) -> ContractRow | Unknown:
    answers = ContractAnswers([1])
    for message in said:
        answers.take(message)
    return answers.match(1, spec)


def why(*said: Message, **changes: Any) -> str:
    found = match(*said, spec=replace(MSFT, **changes))
    assert isinstance(found, Unknown)
    return found.why


END = messages.ContractEnd(1)


def test_one_match_is_the_contract() -> None:
    assert match(contract_row(), END) == contract_row()


def test_the_same_contract_twice_is_one() -> None:
    assert match(contract_row(), contract_row(), END) == contract_row()


def test_every_request_has_its_own_end() -> None:
    answers = ContractAnswers([1, 2, 3])
    assert not answers.take(END)
    assert not answers.take(error(2, 200))
    assert not answers.take(error(99, 200))
    assert answers.take(messages.ContractEnd(3))


def test_a_listing_in_another_currency_is_another_contract() -> None:
    assert match(contract_row(), EBS, END) == contract_row()
    assert "MSFT STK CHF" in why(EBS, END)


def test_two_that_fit_are_ambiguous_until_the_exchange_is_named() -> None:
    assert "ambiguous" in why(contract_row(), TWIN, END)
    assert match(contract_row(), TWIN, END, spec=replace(MSFT, primary_exchange="NYSE")) == TWIN
    assert "no contract" in why(contract_row(), TWIN, END, primary_exchange="ARCA")


def test_two_months_of_a_future_are_ambiguous_until_one_is_named() -> None:
    future = contract_row(symbol="MES", sec_type="FUT", primary_exchange="", local_symbol="MESZ6")
    later = replace(future, con_id=ConId(3), local_symbol="MESH7")
    said = why(future, later, END, symbol="MES", sec_type="FUT")
    assert said == "MES FUT in USD is ambiguous, it is listed as MESH7, MESZ6: give expiry or conId"


def test_a_month_that_is_not_traded_is_named() -> None:
    assert "MES FUT 202606 in USD" in why(error(1, 200), symbol="MES", sec_type="FUT", expiry="202606")


def test_the_broker_s_no_is_repeated() -> None:
    said = error(1, 200, "No security definition has been found for the request")
    assert "200 No security definition" in why(said)


def test_without_the_end_even_one_match_is_not_enough() -> None:
    assert "END" in why(contract_row())


def test_a_pinned_id_must_still_be_what_it_is_called() -> None:
    assert match(contract_row(), END, spec=replace(MSFT, con_id=ConId(272093))) == contract_row()
    assert "NEWNAME" in why(contract_row(symbol="NEWNAME"), END, con_id=ConId(272093))


@pytest.mark.parametrize(
    ("sec_type", "minimum", "increment", "step"),
    [
        ("STK", "0.0001", "0.0001", "1"),
        ("STK", "1", "1", "1"),
        ("STK", "100", "100", "100"),
        ("STK", None, None, "1"),
        ("CRYPTO", "0.001", "0.0001", "0.001"),
    ],
)
def test_stocks_trade_in_whole_shares(sec_type: str, minimum: str | None, increment: str | None, step: str) -> None:
    row = contract_row(
        sec_type=sec_type,
        min_size=None if minimum is None else Decimal(minimum),
        size_increment=None if increment is None else Decimal(increment),
    )
    assert lot_size(row) == Decimal(step)


# ------------------------------------------------------------------------------------------------------- over the wire


@pytest.mark.broker
def test_a_currency_pair_is_asked_for_as_cash_at_idealpro() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        found = await contract_of(broker, a_pair())
        assert (found.con_id, found.sec_type, found.symbol, found.currency) == (12087792, "CASH", "EUR", USD)
        assert found.exchange == "IDEALPRO"
        (asked,) = (fields for fields in world.tap.sent if fields[0] == "9")
        assert (asked[4], asked[5], asked[10], asked[12]) == ("EUR", "CASH", "IDEALPRO", "USD")
        priced = (await broker.read_price_increments([found]))[found.con_id]
        assert priced.increment_at(Decimal("1.10")) == Decimal("0.00005")
        assert isinstance((await broker.read_quotes([found]))[found.con_id], Quote)
        assert isinstance(await broker.what_if(ticket(found, REF, 20_000)), WhatIf)
        await broker.close()

    play_virtually(case, DERIVATIVES)


@pytest.mark.broker
@pytest.mark.parametrize(("expiry", "con_id"), [("202612", 4001), ("202703", 4002), ("20270319", 4002)])
def test_a_future_is_found_by_its_month(expiry: str, con_id: int) -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        found = await contract_of(broker, a_future(expiry=expiry))
        assert (found.con_id, found.exchange, found.multiplier) == (con_id, "CME", Decimal(5))
        await broker.close()

    play_virtually(case, DERIVATIVES)


@pytest.mark.broker
def test_two_months_of_a_future_are_read_together() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        december, march = a_future("MES.DEC", expiry="202612"), a_future("MES.MAR", expiry="202703")
        found = await broker.read_contracts([december, march, a_future("MES.JUN", expiry="202606"), a_future()])
        ids = {name: each.con_id for name, each in found.items() if isinstance(each, Contract)}
        assert ids == {"MES.DEC": 4001, "MES.MAR": 4002}
        await broker.close()

    play_virtually(case, DERIVATIVES)


@pytest.mark.broker
def test_a_future_that_is_pinned_by_its_id_is_routed_to_the_exchange_that_the_broker_names() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        found = await contract_of(broker, a_future(con_id=4001))
        assert (found.con_id, found.exchange) == (4001, "CME")
        priced = (await broker.read_price_increments([found]))[found.con_id]
        assert priced.increment_at(Decimal(6000)) == Decimal("0.25")
        await broker.place(ticket(found, REF, 1), broker.next_order_id(above=OrderId(0)), unwritten)
        await broker.read_positions()  # a round trip, so that the order has arrived
        (order,) = (each for each in world.running.broker.book if each.client_id == 1)
        assert order.terms.exchange == "CME"
        await broker.close()

    play_virtually(case, DERIVATIVES)


@pytest.mark.broker
def test_a_contract_that_names_its_exchange_is_routed_there() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        world.tap.edit = with_field("10", 7, "ISLAND")
        assert (await contract_of(broker, spec("MSFT"))).exchange == "SMART"
        await broker.close()

    play_virtually(case)


@pytest.mark.broker
def test_the_hours_of_a_contract_are_its_liquid_ones() -> None:
    hours = "hours: {zone: US/Eastern, trading: 0400-2000, liquid: 0930-1600}\nmarket_rules:\n"

    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        found = await msft(broker)
        assert found.liquid_hours[0] == TradingSession(
            datetime(2026, 3, 2, 14, 30, tzinfo=UTC), datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
        )
        assert len(found.liquid_hours) == 5, "Saturday is closed"
        assert found.is_open(datetime(2026, 3, 2, 15, 0, tzinfo=UTC)) is True
        assert found.is_open(datetime(2026, 3, 2, 21, 0, tzinfo=UTC)) is False
        await broker.close()

    play_virtually(case, SCENARIO.replace("market_rules:\n", hours))
