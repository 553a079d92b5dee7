"""Markdown goes where strangers read: nothing foreign breaks its shape, and no amount of money is in it."""

import re
from dataclasses import replace

import pytest

from reconciler.domain.ids import InstrumentName
from reconciler.reports import markdown, wording
from reconciler.reports.markdown import Shares
from tests.builders import a_holding, a_line, a_plan, a_violation, a_working_order

PLAN = a_plan(
    [a_line(), a_line("GLD", 40, 40, price=240)],
    undeclared=(a_holding(),),
    foreign_orders=(a_working_order("XLP"),),
    violations=(a_violation(message="the order for MSFT is 9,200.00 USD, above USD 9000"),),
    notes=("a reserve of 1,000 CAD was kept; 5 GLD are lent",),
)


@pytest.mark.parametrize("shares", Shares)
@pytest.mark.parametrize("render", [markdown.plan_markdown, markdown.drift_markdown])
def test_no_amount_of_money_is_shown(render: object, shares: Shares) -> None:
    assert callable(render)
    text = render(PLAN, shares=shares)

    assert not re.search(r"\d ?(USD|CAD)|(USD|CAD) ?\d|100,?000|9,?200|1,?500", text)
    assert "5 GLD are lent" in text


def test_share_counts_are_shown_on_request_only() -> None:
    assert "20 → 43" not in markdown.plan_markdown(PLAN)
    assert "10 shares" not in markdown.plan_markdown(PLAN)
    assert "+23" in markdown.plan_markdown(PLAN)
    assert "20 → 43" in markdown.plan_markdown(PLAN, shares=Shares.SHOWN)
    assert "10 shares" in markdown.plan_markdown(PLAN, shares=Shares.SHOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b", r"a\|b"),
        ("`code`", r"\`code\`"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("[x](http://y)", r"\[x\](http://y)"),
        ("two\nlines", "two lines"),
        ("R&D", "R&amp;D"),
        (r"a\|b", r"a\\\|b"),
    ],
)
def test_foreign_text_shows_as_itself(text: str, expected: str) -> None:
    assert markdown.escaped(text) == expected


def test_a_plan_of_many_lines_stays_within_a_step_summary() -> None:
    line = a_line()
    many = [replace(line, instrument=InstrumentName(f"{'N' * 90}{number}")) for number in range(9_000)]

    text = markdown.plan_markdown(a_plan(many))

    assert len(text.encode()) <= markdown.STEP_SUMMARY_BYTES
    assert text.endswith("(cut here: the report is longer than a step summary may be)\n")


@pytest.mark.parametrize("text", ["12,345.00 USD", "-5 EUR", "CAD 7", "−1,000.5 JPY", "12USD"])
def test_amounts_are_struck_out(text: str) -> None:
    assert wording.without_money(f"needs {text} more") == "needs [amount] more"
