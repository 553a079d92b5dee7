"""Numbers as people read them: no digit lost, no exponent, a real minus."""

from decimal import Decimal

import pytest

from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown
from reconciler.reports import sentences, wording
from tests.builders import USD, a_cost, a_line, a_plan, a_violation, money

UNKNOWN = Unknown("nobody said")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("20", "20"), ("20.0", "20"), ("0.3333", "0.3333"), ("1E+3", "1,000"), ("1234567", "1,234,567"), ("-5", "−5")],
)
def test_quantity(value: str, expected: str) -> None:
    assert wording.quantity(Decimal(value)) == expected


@pytest.mark.parametrize(("value", "expected"), [("23", "+23"), ("-5", "−5"), ("0", "")])
def test_signed(value: str, expected: str) -> None:
    assert wording.signed(Decimal(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("400", "400.00"), ("0.0034", "0.0034"), ("1.5", "1.50"), ("1.234", "1.234"), ("12345.678", "12,345.678")],
)
def test_price(value: str, expected: str) -> None:
    assert wording.price(Decimal(value)) == expected


def test_what_is_unknown_is_said_and_never_a_number() -> None:
    shown = [wording.quantity(UNKNOWN), wording.price(UNKNOWN), wording.percent(UNKNOWN), wording.ratio(UNKNOWN)]

    assert shown == ["?", "?", "unknown", "unknown"]
    assert wording.amount(UNKNOWN, USD) == "unknown"


def test_money_in_another_currency_says_so() -> None:
    assert wording.amount(money("-1234.5"), USD) == "−1,234.50"
    assert wording.amount(money(5, "CAD"), USD) == "5.00 CAD"


def test_control_characters_do_not_reach_a_terminal() -> None:
    assert wording.plain("red\x1b[31m\r\nalert") == "red [31m  alert"


def test_blocked_lines_with_one_reason_are_told_once() -> None:
    lines = [a_line(name, blocked="no price") for name in ("A", "B")] + [a_line("C", blocked="no contract")]

    plan = a_plan(lines, blocked=("positions were not read",))

    assert sentences.blocks(plan) == ("positions were not read", "A, B: no price", "C: no contract")


def test_the_next_step_fits_what_blocks() -> None:
    blocked = a_line("SLV", blocked="no price")

    def step(*args: object, **changes: object) -> str:
        return sentences.next_step(a_plan(*args, **changes), "folioctl apply")  # type: ignore[arg-type]

    assert step() == "Next: folioctl apply"
    assert step([a_line(current=43)]).startswith("Nothing to do")
    assert "onBlocked: continue" in step([a_line(), blocked])
    assert "nothing can be traded" in step([blocked])
    assert "apply would send nothing" in step(violations=(a_violation(),))
    assert "apply would send nothing" in step(blocked=("positions were not read",))


def test_the_cost_names_its_parts_and_their_sum() -> None:
    cost = a_cost(commission=money(2), half_spread=money("0.46"))

    assert sentences.cost_sentence(a_plan(cost=cost)) == (
        "Cost (USD): commission 2.00, half spread 0.46, together 2.46."
    )


def test_an_unknown_part_makes_the_sum_of_the_cost_no_number() -> None:
    told = sentences.cost_sentence(a_plan(cost=a_cost(commission=UNKNOWN)))

    assert told == "Cost (USD): commission unknown, half spread 0.23."


@pytest.mark.parametrize(
    ("financing", "expected"),
    [
        (money(2400), "40,000.00 are owed after it, 2,400.00 a year."),
        (UNKNOWN, "40,000.00 are owed after it (no financingRate says what that costs)."),
    ],
)
def test_what_a_loan_costs_is_told(financing: Money | Unknown, expected: str) -> None:
    assert sentences.cost_sentence(a_plan(cost=a_cost(loan=money(40_000), financing=financing))).endswith(expected)
