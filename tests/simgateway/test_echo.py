"""What a client says with an order is told again: random orders of the real libraries, sent and decoded by them."""

import asyncio
import importlib
import math
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.session import Session
from reconciler.simgateway.wire.echo import ECHOED
from reconciler.simgateway.wire.fields import Request
from reconciler.simgateway.wire.layouts import compiled
from reconciler.simgateway.wire.parts import CONDITIONS
from reconciler.simgateway.wire.replies import REPLIES
from reconciler.simgateway.wire.requests import REQUESTS
from tests.examples import examples
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, NEVER, Bench, Wire, say, turns

pytestmark = pytest.mark.broker

NUMBERS = st.integers(0, 10**7).map(lambda number: number / 10_000)
WHOLES = st.integers(0, 10**6)
WORDS = st.text("abcXYZ019-: ", min_size=1, max_size=12)


def each(names: str, drawn: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return dict.fromkeys(names.split(), drawn)


FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    **each(
        "openClose ocaGroup orderRef faMethod faPercentage modelCode rule80A "
        "settlingFirm designatedLocation clearingAccount clearingIntent adjustedOrderType",
        WORDS,
    ),
    **each(
        "outsideRth hidden blockOrder sweepToFill allOrNone eTradeOnly firmQuoteOnly continuousUpdate "
        "optOutSmartRouting notHeld solicited randomizeSize randomizePrice dontUseAutoPriceForHedge isOmsContainer "
        "discretionaryUpToLimitPrice usePriceMgmtAlgo autoCancelParent",
        st.booleans(),
    ),
    **each(
        "displaySize minQty triggerMethod shortSaleSlot exemptCode auctionStrategy volatilityType origin "
        "referencePriceType scaleInitLevelSize scaleSubsLevelSize adjustableTrailingUnit duration postToAts",
        WHOLES,
    ),
    **each(
        "discretionaryAmt nbboPriceCap startingPrice stockRefPrice delta stockRangeLower stockRangeUpper auxPrice "
        "percentOffset trailStopPrice trailingPercent lmtPriceOffset triggerPrice adjustedStopPrice "
        "adjustedStopLimitPrice adjustedTrailingAmount",
        NUMBERS,
    ),
    **each("goodAfterTime goodTillDate", st.sampled_from(["20260401 15:00:00 UTC", "20260402 10:30:00 US/Eastern"])),
    "ocaType": st.integers(1, 3),
}
SCALE: Mapping[str, st.SearchStrategy[Any]] = {
    "scalePriceIncrement": st.integers(1, 500).map(lambda number: number / 100),
    "scalePriceAdjustValue": NUMBERS,
    "scalePriceAdjustInterval": WHOLES,
    "scaleProfitOffset": NUMBERS,
    "scaleAutoReset": st.booleans(),
    "scaleInitPosition": WHOLES,
    "scaleInitFillQty": WHOLES,
    "scaleRandomPercent": st.booleans(),
}
HEDGE: Mapping[str, st.SearchStrategy[Any]] = {"hedgeType": st.sampled_from("DBFP"), "hedgeParam": WORDS}
SINCE = {"duration": 159, "postToAts": 160, "autoCancelParent": 162}
"""Server versions from which on the libraries read a field of open orders."""
NOT_COMPLETED = each(
    "blockOrder eTradeOnly firmQuoteOnly nbboPriceCap auctionStrategy optOutSmartRouting adjustedOrderType "
    "triggerPrice adjustedStopPrice adjustedStopLimitPrice adjustedTrailingAmount adjustableTrailingUnit "
    "discretionaryUpToLimitPrice usePriceMgmtAlgo duration postToAts autoCancelParent",
    st.nothing(),
)
"""What the message of a completed order has no place for."""


def _condition(kind: str) -> st.SearchStrategy[Any]:
    """A condition of the library, its fields random by what the layout says they are."""
    made = library.load().OrderCondition.createClass(int(kind))
    names = [name for name in made.__dataclass_fields__ if name != "condType"]
    drawn = {"text": WORDS, "flag": st.booleans(), "whole": WHOLES, "number": NUMBERS}
    fields = dict(zip(names, (drawn[word] for word in CONDITIONS[kind].split()), strict=True))
    return st.builds(made, **{**fields, "conjunction": st.sampled_from("ao")})


def chosen(fields: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict(fields))


ORDERS = st.builds(
    lambda plain, scale, hedge, conditions, flags, algo: {
        **plain,
        **scale,
        **hedge,
        **(dict(zip(("conditionsIgnoreRth", "conditionsCancelOrder"), flags, strict=True)) if conditions else {}),
        **({"algoStrategy": "Twap", "algoParams": algo} if algo is not None else {}),
        "conditions": conditions,
    },
    chosen(FIELDS),
    st.one_of(st.just({}), st.fixed_dictionaries(dict(SCALE))),
    st.one_of(st.just({}), st.fixed_dictionaries(dict(HEDGE))),
    st.deferred(lambda: st.lists(st.one_of([_condition(kind) for kind in CONDITIONS]), max_size=4)),
    st.tuples(st.booleans(), st.booleans()),
    st.one_of(st.none(), st.deferred(lambda: st.lists(st.builds(library.load().TagValue, WORDS, WORDS), max_size=3))),
)


class Coder:
    """A library's own encoder and decoder, without its connection."""

    def __init__(self, version: int) -> None:
        self.told: list[Any] = []
        self.contracts: list[Any] = []
        heard = SimpleNamespace(
            openOrder=self._open,
            completedOrder=lambda _contract, told, _state: self.told.append(told),
        )
        client, decoder = (importlib.import_module(f"{library.NAME}.{name}") for name in ("client", "decoder"))
        self._client = client.Client(heard)
        self._client.connState, self._client._serverVersion = self._client.CONNECTED, version
        self._client.sendMsg = self._keep
        self._decoder = decoder.Decoder(heard, version)
        self._message = ""

    def _open(self, _order_id: int, contract: Any, told: Any, _state: Any) -> None:
        self.contracts.append(contract)
        self.told.append(told)

    def _keep(self, message: str) -> None:
        self._message = message

    def placing(self, order_id: int, contract: Any, terms: Any) -> list[str]:
        """The fields that the library sends for an order."""
        self._client.placeOrder(order_id, contract, terms)
        return self._message.split("\0")[:-1]

    def read(self, frames: list[list[str]]) -> list[Any]:
        """The orders that these messages tell; one that the library cannot decode fails here."""
        self.told = []
        for frame in frames:
            if frame[0] == "5":
                self._decoder.openOrder(frame)
            elif frame[0] == "101":
                self._decoder.completedOrder(frame)
        return self.told


@cache
def met(version: int) -> tuple[Bench, Session, Wire, Coder, Iterator[int]]:
    """One gateway for all examples of a version, and the order ids to use there."""
    bench = Bench()
    return (bench, *bench.client(version=version), Coder(version), count(1))


async def travelled(version: int, said: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """What is told of an order while it works, and once it was cancelled."""
    module = library.load()
    bench, session, wire, coder, ids = met(version)
    terms = {"action": "SELL", "totalQuantity": 3, "orderType": "LMT", "lmtPrice": 90.5, "tif": "GTC", **said}
    order_id = next(ids)
    contract = module.Contract(conId=NEVER, exchange="SMART")
    say(session, *coder.placing(order_id, contract, module.Order(account=ACCOUNT, **terms)))
    await turns()
    open_orders = coder.read(wire.frames)
    assert not wire.errors()
    say(session, 4, 1, order_id, *([""] if version >= 169 else []))
    await turns()
    wire.take()
    say(session, 99, 0)
    completed = coder.read(wire.take())
    assert dict(bench.broker.log.leftovers) == {}
    return open_orders, completed[-1:]


def same(told: Any, said: Any) -> bool:
    if isinstance(said, float):
        return math.isclose(told, said, abs_tol=1e-12)
    return bool(told == said)


def differences(told: Any, said: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(told, name), value) for name, value in said.items()}
    return {name: pair for name, pair in pairs.items() if not same(*pair)}


@examples(60)
@given(st.integers(157, library.NEWEST), ORDERS)
def test_open_and_completed_orders_tell_what_was_sent(version: int, said: dict[str, Any]) -> None:
    open_orders, completed = asyncio.run(travelled(version, said))
    assert open_orders
    shown = {name: value for name, value in said.items() if version >= SINCE.get(name, 0)}
    for told in open_orders:
        assert differences(told, shown) == {}
    (over,) = completed
    assert differences(over, {name: value for name, value in said.items() if name not in NOT_COMPLETED}) == {}


@pytest.mark.parametrize("version", [169, 170, library.NEWEST])
def test_parts_that_few_orders_have_come_back_too(version: int) -> None:
    """The offsets of an order pegged to the midpoint, from 170 on, and the delta neutral part of a contract."""

    async def run() -> tuple[Any, Any]:
        module = library.load()
        session, wire = Bench().client(version=version)
        coder = Coder(version)
        offsets = {"midOffsetAtWhole": 0.01, "midOffsetAtHalf": 0.005}
        neutral = module.DeltaNeutralContract(conId=7, delta=0.5, price=12.25)
        terms = module.Order(orderType="PEG MID", action="SELL", totalQuantity=1, tif="DAY", account=ACCOUNT, **offsets)
        contract = module.Contract(conId=NEVER, exchange="SMART", deltaNeutralContract=neutral)
        say(session, *coder.placing(1, contract, terms))
        (told,) = coder.read(wire.frames)
        expected = offsets if version >= 170 else dict.fromkeys(offsets, module.Order().midOffsetAtWhole)
        return differences(told, expected), coder.contracts[-1].deltaNeutralContract == neutral

    assert asyncio.run(run()) == ({}, True)


def placing(parts: Mapping[str, list[str]] | None = None, **values: str) -> list[str]:
    """A limit order at version 176, field by field, with these parts of it."""
    given = {"order_id": "1", "con_id": str(NEVER), "account": ACCOUNT, "action": "BUY", "quantity": "1"}
    given |= {"order_type": "LMT", "limit_price": "9", "tif": "DAY", "transmit": "1", **values}
    read = {"*conditions": ["0"], "*delta_neutral_contract": ["0"], **(parts or {})}
    fields = ["3"]
    for slot in compiled(REQUESTS[3][1], 176):
        fields += read.get(slot.name, []) if slot.name.startswith("*") else [given.get(slot.name, "")]
    return fields


BEHIND = {"hedge_type": {"*hedge": ["param"]}, "scale_price_increment": {"*scale": [""] * 7}}
"""Fields behind which a part of the message comes."""
REFUSED = {"delta_neutral_order_type", "fa_group"}
"""What an order of an ordinary account in a stock may not say: what is for combos, and for groups of accounts."""


@pytest.mark.parametrize("name", sorted({name for names in ECHOED.values() for name in names.split()} - REFUSED))
def test_each_word_of_the_table_has_its_place_in_both_layouts(name: str) -> None:
    async def run() -> None:
        session, wire = Bench().client(version=176)
        text = "2.5" if name in ECHOED[Request.decimal].split() else "1"
        say(session, *placing(BEHIND.get(name), **{name: text}))
        frame = next(frame for frame in wire.frames if frame[0] == "5")
        places = [slot.name for slot in compiled(REPLIES["open_order"][1], 176)]
        assert frame[1 + places.index(name)] == text

    asyncio.run(run())


def test_what_is_for_combos_alone_is_refused() -> None:
    async def run() -> None:
        session, wire = Bench().client(version=176)
        say(session, *placing({"*delta_neutral_order": [""] * 8}, delta_neutral_order_type="MKT"))
        # The word by which the gateway itself tells that there is none comes back from clients that change an order.
        say(session, *placing({"*delta_neutral_order": [""] * 8}, delta_neutral_order_type="None", order_id="2"))
        assert wire.errors() == [(1, 429)]
        assert [frame[1] for frame in wire.frames if frame[0] == "5"] == ["2"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("place", "text"),
    [("display_size", "ten"), ("delta", "nan"), ("minimum_quantity", "9" * 30), ("volatility", "1e13")],
)
def test_a_field_that_is_told_again_must_be_what_it_is(place: str, text: str) -> None:
    """Nonsense is refused, and no other client is ever told it."""

    async def run() -> None:
        bench = Bench()
        session, wire = bench.client(version=176)
        say(session, *placing(None, **{place: text}))
        assert [code for _, code in wire.errors()] == [320]
        assert all(each.client_id != 1 for each in bench.broker.book)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("condition", "sane"),
    [
        (["1", "a", "1", "5.5", "7", "SMART", "0"], True),
        (["1", "a", "1", "five", "7", "SMART", "0"], False),
        (["3", "o", "1", "20260305 15:00:00"], True),
        (["4", "a", "1", "ten"], False),
        (["5", "a", "STK", "SMART", "IBM"], True),
        (["6", "a", "1", "10", "7", "SMART"], True),
        (["7", "a", "1", "1.5", "seven", "SMART"], False),
        (["2", "a", "1"], False),
    ],
)
def test_conditions_are_read_by_their_kind(condition: list[str], sane: bool) -> None:
    async def run() -> None:
        session, wire = Bench().client(version=176)
        say(session, *placing({"*conditions": ["1", *condition, "1", "0"]}))
        if not sane:
            assert [code for _, code in wire.errors()] == [320]
            return
        frame = next(frame for frame in wire.frames if frame[0] == "5")
        told = ["1", *condition, "1", "0"]
        assert any(frame[start : start + len(told)] == told for start in range(len(frame)))

    asyncio.run(run())
