from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.what_if import WhatIfAnswer
from reconciler.domain.ids import OrderId
from reconciler.domain.money import Money
from reconciler.domain.orders import WhatIf, WhatIfRefused
from reconciler.domain.unknown import Unknown, Unread
from tests.fakes.broker import stock
from tests.unit.adapters.ib.said import MARGIN, NO_MARGIN, USD, error, open_order

QUESTION = OrderId(10)


def answer_of(margin: messages.MarginImpact, **changes: Any) -> messages.OpenOrder:
    return open_order(order_id=QUESTION, is_what_if=True, margin=margin, **changes)


def result(answer: WhatIfAnswer) -> WhatIf | Unknown:
    return answer.result(stock(272093, "MSFT"), USD)


def test_the_answer_is_in_base_currency() -> None:
    answer = WhatIfAnswer(QUESTION)
    assert answer.take(answer_of(MARGIN))
    assert result(answer) == WhatIf(
        initial_margin_before=Money(Decimal(1000), USD),
        initial_margin_change=Money(Decimal(100), USD),
        maintenance_margin_before=Money(Decimal(800), USD),
        maintenance_margin_change=Money(Decimal(80), USD),
        equity_with_loan_after=Money(Decimal(5000), USD),
        commission=Money(Decimal("1.05"), USD),
    )


def test_silence_is_no_answer() -> None:
    assert result(WhatIfAnswer(QUESTION)) == Unread("the broker did not answer a what-if on MSFT")


def test_the_first_word_with_nothing_in_it_is_waited_past() -> None:
    answer = WhatIfAnswer(QUESTION)
    assert not answer.take(answer_of(replace(NO_MARGIN, warning="some warning")))
    assert result(answer) == Unknown("the broker answered a what-if on MSFT without a number")
    assert answer.take(answer_of(MARGIN))
    assert isinstance(result(answer), WhatIf)


@pytest.mark.parametrize(
    "field", ["initial_before", "initial_change", "maintenance_before", "maintenance_change", "equity_with_loan_after"]
)
def test_a_number_that_is_unset_makes_it_unknown(field: str) -> None:
    answer = WhatIfAnswer(QUESTION)
    unset: dict[str, Any] = {field: None}
    assert answer.take(answer_of(replace(MARGIN, **unset)))
    assert isinstance(result(answer), Unknown)


@pytest.mark.parametrize("changes", [{"commission": None}, {"commission_currency": ""}])
def test_an_unset_commission_leaves_the_margin(changes: dict[str, Any]) -> None:
    answer = WhatIfAnswer(QUESTION)
    answer.take(answer_of(replace(MARGIN, **changes)))
    known = result(answer)
    assert isinstance(known, WhatIf)
    assert isinstance(known.commission, Unknown)


@pytest.mark.parametrize("code", [110, 201, 321, 10243])
def test_a_refusal_ends_it_with_the_broker_s_words(code: int) -> None:
    answer = WhatIfAnswer(QUESTION)
    assert answer.take(error(QUESTION, code, "the price does not conform"))
    unknown = result(answer)
    assert isinstance(unknown, WhatIfRefused)
    assert unknown.code == code
    assert f"{code} the price does not conform" in unknown.why


@pytest.mark.parametrize(
    ("code", "text", "cause"),
    [
        (
            321,
            "Error validating request.-'bJ' : cause - The API interface is currently in Read-Only mode.",
            "read-only",
        ),
        (321, "Error validating request.-'bF' : cause - The order size must be positive", "not valid"),
        (460, "No trading permissions.", "permission"),
        (201, "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED.", "rejected"),
        (201, "Order rejected - reason:the account is read-only.", "rejected"),
        (110, "The price does not conform to the minimum price variation for this contract.", "not valid"),
    ],
)
def test_a_refusal_says_why_as_far_as_code_and_words_tell(code: int, text: str, cause: str) -> None:
    answer = WhatIfAnswer(QUESTION)
    assert answer.take(error(QUESTION, code, text))
    unknown = result(answer)
    assert isinstance(unknown, WhatIfRefused)
    assert unknown.cause == cause


@pytest.mark.parametrize("code", [399, 10349, 2109])
def test_a_warning_does_not_end_it(code: int) -> None:
    answer = WhatIfAnswer(QUESTION)
    assert not answer.take(error(QUESTION, code))
    assert answer.take(answer_of(MARGIN))
    assert isinstance(result(answer), WhatIf)


def test_other_orders_do_not_answer() -> None:
    answer = WhatIfAnswer(QUESTION)
    assert not answer.take(open_order(order_id=QUESTION, margin=MARGIN))
    assert not answer.take(open_order(order_id=OrderId(11), is_what_if=True, margin=MARGIN))
    assert not answer.take(error(11, 201))


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({"symbol": "MSFX"}, "MSFX STK in USD"),
        ({"currency": "EUR"}, "MSFT STK in EUR"),
        ({"sec_type": "FUT"}, "MSFT FUT in USD"),
    ],
)
def test_an_answer_about_another_contract_is_none(changes: dict[str, Any], meant: str) -> None:
    """The broker goes by the contract id, which a lock file may have pinned before it came to mean something else."""
    answer = WhatIfAnswer(QUESTION)
    assert answer.take(answer_of(MARGIN, **changes))
    known = result(answer)
    assert isinstance(known, Unknown)
    assert f"contract 272093 is {meant} to the broker, not MSFT STK in USD" in known.why
