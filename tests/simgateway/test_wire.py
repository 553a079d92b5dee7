"""The wire: frames, and the number and place of fields at each server version, against measured facts."""

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.wire import framing, replies, requests
from reconciler.simgateway.wire.fields import FieldReader, MalformedRequestError, Request
from reconciler.simgateway.wire.layouts import NEWEST_VERSION, OLDEST_VERSION, compiled

VERSIONS = range(OLDEST_VERSION, NEWEST_VERSION + 1)


def steps(start: int, changes: dict[int, int], version: int) -> int:
    """A field count that starts at the oldest version and changes at others."""
    return start + sum(change for since, change in changes.items() if version >= since)


# Counts with the message id, as four independent clients send and read them.
PLACE_ORDER = (110, {158: 1, 160: 1, 162: 1, 166: 1, 169: 1, 177: -1})
OPEN_ORDER = (128, {158: 1, 160: 1, 162: 1, 170: 5, 177: -1})
COMPLETED_ORDER = (92, {170: 5, 177: -1})
EXECUTION = (31, {178: 1})
ERROR = (5, {166: 1})
CONTRACT_DETAILS = (39, {163: 1, 164: 0})


def plain_order(version: int) -> list[str]:
    """A stock order without any optional part: the fields up to the order reference, then empty ones."""
    named = ["3", "7", "272093", "MSFT", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "", "", "", "BUY", "10"]
    named += ["LMT", "500.25", "", "DAY", "", "DU1", "", "0", "ref-1", "1"]
    fields = named + [""] * (steps(*PLACE_ORDER, version) - len(named))
    no_fa_profile = int(version >= 177)
    fields[85 - no_fa_profile] = "1"  # what-if, after the delta neutral flag, the algo and its id
    fields[90 - no_fa_profile] = "0"  # the number of conditions
    return fields


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plain_order_has_its_measured_number_of_fields(version: int) -> None:
    request = requests.decode(plain_order(version), version)
    assert request is not None
    assert request.leftover == ()
    assert (request.text("order_ref"), request.text("transmit")) == ("ref-1", "1")
    assert (request.flag("what_if"), request.groups["conditions"]) == (True, ("0",))
    with pytest.raises(MalformedRequestError):
        requests.decode(plain_order(version)[:-1], version)
    longer = requests.decode([*plain_order(version), "more"], version)
    assert longer is not None
    assert longer.leftover == ("more",)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("open_order", OPEN_ORDER),
        ("completed_order", COMPLETED_ORDER),
        ("execution", EXECUTION),
        ("error", ERROR),
        ("contract_details", CONTRACT_DETAILS),
    ],
)
def test_replies_have_their_measured_number_of_fields(kind: str, facts: tuple[int, dict[int, int]]) -> None:
    counts = {version: 1 + len(compiled(replies.REPLIES[kind][1], version)) for version in VERSIONS}
    assert counts == {version: steps(*facts, version) for version in VERSIONS}


@pytest.mark.parametrize(("version", "fields"), [(168, 3), (169, 4)])
def test_a_cancel_has_a_time_from_169_on(version: int, fields: int) -> None:
    message = ["4", "1", "12", ""][:fields]
    request = requests.decode(message, version)
    assert request is not None
    assert request.integer("order_id") == 12
    with pytest.raises(MalformedRequestError):
        requests.decode(message[:-1], version)


@pytest.mark.parametrize(("version", "fields"), [(175, 18), (176, 19)])
def test_contract_requests_have_an_issuer_from_176_on(version: int, fields: int) -> None:
    message = ["9", "8", "1001", "0", "MSFT", "STK", *[""] * 13]
    request = requests.decode(message[:fields], version)
    assert request is not None
    assert request.leftover == ()
    with pytest.raises(MalformedRequestError):
        requests.decode(message[: fields - 1], version)


def test_values_are_written_as_the_gateway_writes_them() -> None:
    values: dict[str, replies.Value] = {
        "request_id": 7,
        "tick_type": 1,
        "price": Decimal("500.10"),
        "size": Decimal("3.00E+2"),
    }
    assert replies.encode("tick_price", values, 178) == ["1", "6", "7", "1", "500.1", "300", "0"]


def test_a_reply_without_a_value_it_needs_is_a_broken_invariant() -> None:
    with pytest.raises(KeyError, match="no value for account"):
        replies.encode("account_download_end", {}, 178)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", None),
        ("1.7976931348623157E308", None),
        ("1.7976931348623157e+308", None),
        ("Infinity", None),
        ("10.0", Decimal(10)),
        ("0.0001", Decimal("0.0001")),
        ("-1", Decimal(-1)),
    ],
)
def test_numbers_and_the_unset_number(text: str, number: Decimal | None) -> None:
    assert Request("x", {"price": text}).decimal("price") == number


@pytest.mark.parametrize("text", ["nan", "-inf", "ten", "1e13", "1e-300", "0x1"])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(MalformedRequestError):
        Request("x", {"price": text}).decimal("price")


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8")), min_size=1)))
def test_frames_survive_any_cut(messages: list[list[str]]) -> None:
    stream = b"".join(framing.frame(message) for message in messages)
    for size in (1, 3, len(stream) or 1):
        reader = framing.FrameReader()
        got = [payload for at in range(0, len(stream), size) for payload in reader.feed(stream[at : at + size])]
        assert got == [framing.frame(message)[4:] for message in messages]


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(framing.FrameError):
        list(framing.FrameReader().feed(struct.pack(">I", framing.LARGEST_REQUEST_BYTES + 1)))


def test_a_nul_cannot_be_smuggled_into_a_field() -> None:
    assert framing.split(framing.frame(["a\0b", "c"])[4:]) == ["ab", "c"]


@pytest.mark.parametrize("text", ["", "-1", "101", "9" * 5000, "two"])
def test_a_number_of_repetitions_is_bounded(text: str) -> None:
    with pytest.raises(MalformedRequestError):
        FieldReader([text]).count()


def test_a_message_of_too_many_fields_is_refused() -> None:
    with pytest.raises(MalformedRequestError, match="4001 fields"):
        requests.decode(["49", *["1"] * 4000], NEWEST_VERSION)
