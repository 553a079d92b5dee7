"""Each quirk as a client sees it, and that it goes away when cleared."""

import pytest

from reconciler.simgateway.quirks import QUIRKS, Quirks, mistake
from reconciler.simgateway.quirks.interception import RULES
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, TEXT, Bench, order, say


def details(con_id: int) -> list[object]:
    return [9, 8, 1, con_id, *[""] * 15]


def quote(con_id: int) -> list[object]:
    return [1, 11, 2, con_id, *[""] * 11, 0, "", 1, 0, ""]


def test_no_price_shows_minus_one_and_an_unvalued_row() -> None:
    bench = Bench(TEXT + "quirks: ['no-price:MSFT']\n")
    session, wire = bench.client()
    say(session, *quote(MSFT))
    prices = [(frame[3], frame[4]) for frame in wire.frames if frame[0] == "1"]
    assert prices == [("1", "-1"), ("2", "-1")]
    assert wire.ids()[-1] == "57"
    wire.take()
    say(session, 6, 2, 1, ACCOUNT)
    rows = {frame[3]: (frame[14], frame[15]) for frame in wire.frames if frame[0] == "7"}
    assert rows == {"MSFT": ("0", "0.00"), "GLD": ("350", "7000.00")}
    values = {(frame[2], frame[4]): frame[3] for frame in wire.frames if frame[0] == "6"}
    assert values[("NetLiquidation", "USD")] == "97000.00"
    bench.broker.quirks.clear("no-price:MSFT")
    wire.take()
    say(session, *quote(MSFT))
    assert ("4", "500") in [(frame[3], frame[4]) for frame in wire.frames if frame[0] == "1"]


def test_an_unknown_contract_is_error_200_everywhere() -> None:
    bench = Bench(TEXT + "quirks: ['unknown-contract:MSFT']\n")
    session, wire = bench.client()
    say(session, *details(MSFT))
    say(session, *quote(MSFT))
    say(session, 3, 3, *order(MSFT, "BUY", 1))
    say(session, 3, 4, *order(MSFT, "BUY", 1, what_if=1))
    assert wire.errors() == [(1, 200), (2, 200), (3, 200), (4, 200)]
    wire.take()
    say(session, *details(GLD))
    say(session, 61, 1)
    assert wire.ids() == ["10", "52", "61", "61", "62"]


def test_the_end_of_positions_never_comes() -> None:
    bench = Bench(TEXT + "quirks: [no-position-end]\n")
    session, wire = bench.client()
    say(session, 61, 1)
    assert wire.ids() == ["61", "61"]
    bench.broker.quirks.clear("no-position-end")
    say(session, 61, 1)
    assert wire.ids()[-1] == "62"


def test_every_quirk_explains_itself() -> None:
    assert all(quirk.explanation.endswith(".") and name == quirk.name for name, quirk in QUIRKS.items())


def test_every_quirk_has_a_rule_or_is_asked_for_where_it_acts() -> None:
    elsewhere = {"no-price", "unknown-contract", "ambiguous", "outage", "two-factor", "connect", "see-all", "halted"}
    assert set(QUIRKS) - RULES == elsewhere
    assert set(QUIRKS) >= RULES


def test_a_quirk_is_read_into_its_parts() -> None:
    quirks = Quirks(["reject:201:MSFT@2", "what-if:blank"])
    first, second = quirks.all()
    assert (first.mode, first.symbol, first.nth) == ("201", "MSFT", 2)
    assert (second.mode, second.symbol, second.nth) == ("blank", "", 0)
    assert (first.concerns("MSFT"), first.concerns("GLD"), second.concerns("GLD")) == (True, False, True)
    assert [first.occurs() for _ in range(3)] == [False, True, False]
    assert first.quirk.usage == "reject:CODE[:SYM][@N]"


def test_arming_again_counts_anew_and_clearing_takes_the_same_text() -> None:
    quirks = Quirks(["silent-drop@1"])
    assert quirks.all()[0].occurs()
    quirks.arm("silent-drop@1")
    assert quirks.all()[0].occurs()
    quirks.clear("silent-drop")
    assert quirks.names() == ["silent-drop@1"]
    quirks.clear("silent-drop@1")
    assert not quirks


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("silent-dorp", "there is no quirk 'silent-dorp', did you mean 'silent-drop'?"),
        ("reject:202", "reject has no CODE '202', did you mean '203'?"),
        ("no-end:position", "did you mean 'positions'?"),
        ("no-end", "END is one of positions, positions-multi"),
        ("reject:201:MSFT:X", "reject is written reject:CODE[:SYM][@N]"),
        ("reject:201:", "reject needs a subject"),
        ("not-ready@1", "takes no @"),
        ("silent-drop@0", "the first is 1"),
        ("silent-drop@x", "the first is 1"),
        ("silent-drop@", "the first is 1"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    assert told in mistake(text)


@pytest.mark.parametrize("text", ["no-price", "no-price:", "no-position-end:X", "nothing"])
def test_names_that_are_none(text: str) -> None:
    quirks = Quirks()
    with pytest.raises(ValueError, match=r"quirk|subject"):
        quirks.arm(text)
    with pytest.raises(ValueError, match=r"quirk|subject"):
        quirks.clear(text)
    assert quirks.names() == []


def test_an_unknown_contract_in_a_halt_is_refused_and_the_halt_can_end() -> None:
    bench = Bench(TEXT + "quirks: [halted]\n")
    session, wire = bench.client()
    say(session, 3, 3, *order(999, "BUY", 1))
    assert wire.errors() == [(3, 200)]
    bench.broker.quirks.clear("halted")
    assert bench.broker.quirks.names() == []


def test_an_armed_quirk_survives_what_peers_make_up() -> None:
    bench = Bench(TEXT + "quirks: ['cancel:filled', 'market-data:354', 'halted', 'frozen', 'no-end:account']\n")
    session, wire = bench.client()
    say(session, 4, 1, "x")
    say(session, 1, 11, "x", *[""] * 17)
    say(session, 3, "x", *order(GLD, "BUY", 1))
    assert [code for _, code in wire.errors()] == [320, 320, 320]
