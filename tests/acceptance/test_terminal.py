"""On a terminal: questions, colour and the live display. Off one: none of them."""

import re

import pytest

from tests.acceptance.stage import Stage, assert_small_is_traded_once
from tests.acceptance.terminal import terminal

pytestmark = pytest.mark.broker

QUESTION = "Only 'yes' is accepted"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def test_yes_applies_the_plan_that_was_shown(small: Stage) -> None:
    with terminal(small, "apply") as person:
        person.until(QUESTION)
        assert "Next:" not in person.seen, "it would be another apply than the one that asks"
        assert all(symbol in person.seen for symbol in ("NVDA", "TSLA", "GLD", "AVGO", "ORCL"))
        assert small.gateway.orders == []
        person.type("yes\n")
        assert person.end() == 0
    assert "Applied" in person.seen
    assert_small_is_traded_once(small.gateway)


@pytest.mark.parametrize("answer", ["y\n", "\x04"])
def test_anything_else_sends_nothing(quiet: Stage, answer: str) -> None:
    with terminal(quiet, "apply") as person:
        person.until(QUESTION)
        person.type(answer)
        assert person.end() == 1
    assert "not approved" in person.seen.lower()


def test_ctrl_c_at_the_question_is_130(quiet: Stage) -> None:
    with terminal(quiet, "apply") as person:
        person.until(QUESTION)
        person.process.send_signal(2)
        assert person.end() == 130
    assert "Traceback" not in person.seen


def test_ctrl_c_after_the_yes_cancels_what_works(small: Stage) -> None:
    """A question takes the signals for itself; the apply after it must have them back."""
    small.gateway.ask("fill", never=True)
    with terminal(small, "apply") as person:
        person.until(QUESTION)
        person.type("yes\n")
        person.until("Working")
        person.process.send_signal(2)
        assert person.end() == 130
    assert "Interrupted" in person.seen
    assert {order["status"] for order in small.gateway.orders} == {"Cancelled"}


def test_colour_is_for_terminals_that_want_it(quiet: Stage) -> None:
    with terminal(quiet, "validate") as person:
        assert person.end() == 0
    assert COLOUR.search(person.seen)
    with terminal(quiet, "validate", NO_COLOR="1") as person:
        assert person.end() == 0
    assert "in order" in person.seen
    assert not COLOUR.search(person.seen)


def test_off_a_terminal_there_is_no_escape_code(quiet: Stage) -> None:
    ended = quiet.run("plan", TERM="xterm-256color").expect(0)
    assert "\x1b" not in ended.stdout + ended.stderr


def test_no_color_holds_for_the_live_display_too(quiet: Stage) -> None:
    with terminal(quiet, "plan", NO_COLOR="1") as person:
        assert person.end() == 0
    coloured = [code for code in COLOUR.findall(person.seen) if re.search(r"\b(3[0-7]|9[0-7]|38;|48;)", code)]
    assert coloured == []
