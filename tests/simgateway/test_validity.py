"""What an order must say to be one: types, times in force, prices, trails, offsets, algos."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.orders.pricing import KINDS, fill_price, followed
from reconciler.simgateway.orders.situation import AT_THE_START, Situation
from reconciler.simgateway.orders.terms import Algo, Terms
from reconciler.simgateway.orders.validity import KNOWN_TYPES, TYPES_OF, objection
from reconciler.simgateway.staging import stage
from tests.simgateway.lab import ACCOUNT, GLD, OTCX, scenario

MARKET = stage(scenario()).market
STOCK = MARKET.listing(GLD).instrument


def terms(kind: str, **more: object) -> Terms:
    prices = {
        name: Decimal(value) if isinstance(value, str) and value[0].isdigit() else value for name, value in more.items()
    }
    return Terms(ACCOUNT, "SELL", Decimal(10), kind, **prices)  # type: ignore[arg-type]


def refused(asked: Terms) -> int | None:
    refusal = objection(asked, STOCK)
    return refusal.code if refusal else None


GOOD = (
    terms("MKT"),
    terms("LMT", limit_price="9.99"),
    terms("STP", aux_price="9.99"),
    terms("STP LMT", aux_price="9.99", limit_price="9.98"),
    terms("MIT", aux_price="9.99"),
    terms("LIT", aux_price="9.99", limit_price="9.98"),
    terms("TRAIL", aux_price="0.001"),
    terms("TRAIL", trailing_percent="99.9"),
    terms("TRAIL", trailing_percent="1", trail_stop="9.99"),
    terms("TRAIL LIMIT", aux_price="1", limit_offset="0.1"),
    terms("TRAIL LIMIT", aux_price="1", trail_stop="9.99", limit_price="9.98"),
    terms("MOC"),
    terms("LOC", limit_price="9.99"),
    terms("MIDPRICE"),
    terms("MIDPRICE", limit_price="0"),
    terms("MIDPRICE", limit_price="9.99"),
    terms("REL", aux_price="0.01"),
    terms("REL", percent_offset="0.01"),
    terms("PEG MID"),
)


@pytest.mark.parametrize("asked", GOOD)
def test_what_is_well_formed_passes_and_can_be_priced(asked: Terms) -> None:
    assert refused(asked) is None
    situation = Situation(asked, AT_THE_START, MARKET.quote(GLD), STOCK)
    fill_price(replace(situation, progress=followed(situation)))


def test_every_worked_type_is_well_formed_somehow() -> None:
    assert {asked.order_type for asked in GOOD} == set(KINDS)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (terms("NONSENSE"), 321),
        (terms(""), 321),
        (terms("VOL"), 387),
        (terms("LMT"), 110),
        (terms("LMT", limit_price="0"), 110),
        (terms("LMT", limit_price=Decimal(-1)), 110),
        (terms("LMT", limit_price="9.995"), 110),
        (terms("STP"), 110),
        (terms("STP", aux_price="9.995"), 110),
        (terms("STP LMT", aux_price="9.99"), 110),
        (terms("STP LMT", limit_price="9.99"), 110),
        (terms("LOC"), 110),
        (terms("MIDPRICE", limit_price="9.995"), 110),
        (terms("TRAIL"), 321),
        (terms("TRAIL", aux_price="0"), 321),
        (terms("TRAIL", trailing_percent="0"), 321),
        (terms("TRAIL", trailing_percent="100"), 321),
        (terms("TRAIL", aux_price="1", trail_stop="9.995"), 110),
        (terms("TRAIL LIMIT", aux_price="1"), 321),
        (terms("TRAIL LIMIT", aux_price="1", limit_price="9.98"), 321),
        (terms("REL", aux_price=Decimal("-0.01")), 321),
        (terms("PEG MID", aux_price=Decimal("-0.01")), 321),
        (terms("MOC", tif="GTC"), 113),
        (terms("LOC", limit_price="9.99", tif="OPG"), 113),
        (terms("MKT", tif="GTX"), 111),
        (terms("STP", aux_price="9.99", tif="OPG"), 111),
        (terms("STP", aux_price="9.99", tif="FOK"), 111),
        (terms("MIDPRICE", tif="OPG"), 111),
        (terms("MKT", tif="GTD"), 111),
        (terms("MKT", algo=Algo("Guess")), 439),
        (terms("STP", aux_price="9.99", algo=Algo("Adaptive")), 442),
        (terms("MKT", algo=Algo("Adaptive", (("adaptivePriority", "Slow"),))), 441),
        (terms("MKT", echo={"delta_neutral_order_type": "MKT"}), 429),
    ],
)
def test_what_is_wrong_has_its_code(asked: Terms, code: int) -> None:
    assert refused(asked) == code


@pytest.mark.parametrize("tif", sorted(TYPES_OF))
def test_plain_orders_have_every_time_in_force(tif: str) -> None:
    till = "20260401 15:00:00 UTC" if tif == "GTD" else ""
    plain = (terms("MKT", tif=tif), terms("LMT", limit_price="9.99", tif=tif))
    assert all(refused(replace(asked, good_till_date=till)) is None for asked in plain)


def test_a_contract_takes_the_types_of_its_own_list() -> None:
    over_the_counter = MARKET.listing(OTCX).instrument
    assert {asked.order_type for asked in GOOD if objection(asked, over_the_counter) is None} == {"LMT"}
    longer = replace(over_the_counter, order_types=tuple(kind.code for kind in KINDS.values()))
    assert all(objection(asked, longer) is None for asked in GOOD if not asked.trail_stop)
    assert set(KINDS) < KNOWN_TYPES


NUMBERS = st.one_of(st.none(), st.integers(-100, 20_000).map(lambda number: Decimal(number) / 1000))


@given(
    st.sampled_from(sorted(KNOWN_TYPES)),
    st.sampled_from(sorted(TYPES_OF)),
    st.fixed_dictionaries(
        dict.fromkeys(
            ("limit_price", "aux_price", "trail_stop", "trailing_percent", "limit_offset", "percent_offset"), NUMBERS
        )
    ),
)
def test_whatever_is_admitted_can_be_followed_and_priced(
    kind: str, tif: str, prices: dict[str, Decimal | None]
) -> None:
    asked = terms(kind, tif=tif, **prices)
    if objection(asked, STOCK) is None:
        situation = Situation(asked, AT_THE_START, MARKET.quote(GLD), STOCK)
        progress = followed(situation)
        price = fill_price(replace(situation, progress=progress))
        assert price is None or price > 0
