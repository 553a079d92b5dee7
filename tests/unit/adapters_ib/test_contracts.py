from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.contracts import ContractAnswers, lot_size
from reconciler.adapters.ib.messages import ContractRow, Message
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from tests.unit.adapters_ib.said import USD, contract_row, error

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
