"""The script of a scenario: its triggers, its actions, and what is wrong with steps."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diagnostics import in_order
from reconciler.simgateway.actions import ACTIONS
from reconciler.simgateway.control import ControlDesk
from reconciler.simgateway.margin import figures
from reconciler.simgateway.orders.book import Status
from reconciler.simgateway.scenario.script import StepSpec
from reconciler.simgateway.script import AtCount, AtMoment
from reconciler.simgateway.staging import load
from reconciler.simgateway.tally import Event
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, NEVER, TEXT, Bench, order, running, say, turns, until

NEW_YORK = ZoneInfo("US/Eastern")


def scripted(steps: str, text: str = TEXT) -> Bench:
    return Bench(f"{text}script:\n{steps}")


def played(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def last(bench: Bench, con_id: int = MSFT) -> Decimal | None:
    return bench.broker.market.quote(con_id).last


def statuses(bench: Bench) -> list[str]:
    """Of the orders that clients placed, in order of arrival."""
    return [str(each.status) for each in bench.broker.book if each.client_id == 1]


def test_a_step_acts_after_its_event_and_once() -> None:
    async def run() -> None:
        bench = scripted(
            "  - {after: {orders: 2}, price: {MSFT: {last: 510}}}\n"
            "  - {after: {what_ifs: 1}, price: {MSFT: {last: 520}}}\n"
            "  - {after: {cancels: 1}, price: {MSFT: {last: 530}}}\n"
            "  - {after: {connections: 2}, price: {MSFT: {last: 540}}}\n"
        )
        session, _ = bench.client()
        seen = []
        for number in (1, 2, 3):
            say(session, 3, number, *order(NEVER, "BUY", 1, "LMT", limit="9"))
            await turns()
            seen.append(last(bench))
        say(session, 3, 4, *order(NEVER, "BUY", 1, what_if=1))
        await turns()
        seen.append(last(bench))
        say(session, 4, 1, 1, "")
        await turns()
        seen.append(last(bench))
        bench.client(2)
        await turns()
        assert [*seen, last(bench)] == [500, 510, 510, 520, 530, 540]

    played(run)


def test_a_step_comes_again_every_so_many_events() -> None:
    async def run() -> None:
        bench = scripted(
            "  - {after: {fills: 2}, every: {fills: 3}, say: {code: 2100, text: again}}\n"
            "  - {every: {seconds: 60}, say: {code: 2108, text: minute}}\n"
        )
        session, wire = bench.client()
        told = []
        for number in range(1, 10):
            say(session, 3, number, *order(GLD, "BUY", 1))
            await turns()
            if (-1, 2100) in wire.errors():
                told.append(number)
            wire.take()
        assert told == [2, 5, 8]
        bench.clock.step(59)
        assert wire.errors() == []
        bench.clock.step(121)
        assert wire.errors() == [(-1, 2108)] * 3
        bench.broker.stop()
        wire.take()
        bench.clock.step(600)
        assert wire.errors() == []

    played(run)


def test_at_a_time_of_day_of_the_scenarios_zone() -> None:
    # The lab starts at 15:00 UTC, which is 10:00 in New York.
    async def run() -> None:
        bench = scripted(
            "  - {at: 10:00:05, price: {MSFT: {last: 501}}}\n"
            "  - {at: '2026-03-04T15:00:10+00:00', price: {MSFT: {last: 502}}}\n"
            "  - {at: '2026-03-04T10:00:15', price: {MSFT: {last: 503}}}\n"
            "  - {at: '2026-03-04T09:59:59', price: {MSFT: {last: 999}}}\n"
            "  - {at: '09:59', every: {seconds: 60}, price: {MSFT: {last: 504}}}\n"
        )
        seen = []
        for seconds in (4, 1, 5, 5, 86_300):
            bench.clock.step(seconds)
            seen.append(last(bench))
        bench.clock.step(25)
        assert [*seen, last(bench)] == [500, 501, 502, 503, 503, 504]
        bench.broker.market.reprice(MSFT, bench.broker.market.quote(GLD))
        bench.clock.step(60)
        assert last(bench) == 504

    played(run)


@given(st.integers(0, 365 * 86_400), st.times())
def test_a_time_of_day_comes_within_a_day_and_reads_so_on_the_wall(second: int, of_day: time) -> None:
    here = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    seconds = AtMoment(of_day, NEW_YORK).seconds(here)
    assert seconds is not None
    then = (here + timedelta(seconds=seconds)).astimezone(NEW_YORK)
    assert 0 <= seconds <= 25 * 3600
    # An hour that the clock jumps over in March is told by the offset before the jump.
    assert then.replace(tzinfo=None) - datetime.combine(then.date(), of_day) in (timedelta(0), timedelta(hours=1))


@given(st.integers(1, 50), st.integers(0, 9))
def test_counted_steps_are_due_at_their_number_and_its_repeats(number: int, again: int) -> None:
    trigger = AtCount(Event.FILLS, number, again)
    due = [count for count in range(1, 200) if trigger.due(count)]
    assert due == ([number] if not again else list(range(number, 200, again)))


def test_before_the_acknowledgement_the_socket_closes_and_the_order_lives() -> None:
    async def run() -> None:
        bench = scripted("  - {before: {ack: 2}, close: {}}\n")
        session, wire = bench.client()
        say(session, 3, 1, *order(NEVER, "BUY", 1, "LMT", limit="9"))
        await turns()
        assert "5" in wire.ids()
        wire.take()
        say(session, 3, 2, *order(GLD, "BUY", 1))
        await turns()
        assert wire.closed
        assert wire.frames == []
        assert statuses(bench) == ["Submitted", "Filled"]

    played(run)


def test_before_the_acknowledgement_a_quirk_is_armed_for_that_order() -> None:
    async def run() -> None:
        bench = scripted("  - {before: {ack: 2}, quirk: {arm: 'reject:201@1'}}\n")
        session, _ = bench.client()
        for number in (1, 2, 3):
            say(session, 3, number, *order(NEVER, "BUY", 1, "LMT", limit="9"))
            await turns()
        assert statuses(bench) == ["Submitted", "Inactive", "Submitted"]

    played(run)


def test_working_orders_are_filled_by_share_and_by_quantity_in_whole_lots() -> None:
    async def run() -> None:
        bench = scripted(
            "  - {after: {orders: 1}, execute: {symbol: NEVER, share: 0.4}}\n"
            "  - {after: {seconds: 1}, execute: {order_id: 1, client_id: 1, quantity: 2, price: 8.5}}\n"
            "  - {after: {seconds: 2}, execute: {order_ref: ref, share: 0.01}}\n"
            "  - {after: {seconds: 3}, execute: {order_ref: ref}}\n"
        )
        session, wire = bench.client()
        say(session, 3, 1, *order(NEVER, "BUY", 11, "LMT", limit="9"))
        await turns()
        for _ in range(3):
            bench.clock.step(1)
            await turns()
        (told,) = [each for each in bench.broker.book if each.client_id == 1]
        fills = [(str(each.shares), str(each.price)) for each in told.executions]
        assert fills == [("4", "9"), ("2", "8.5"), ("5", "9")]
        assert told.status is Status.FILLED
        assert wire.ids().count("11") == 3

    played(run)


def test_orders_of_several_clients_are_told_apart_by_the_client() -> None:
    async def run() -> None:
        bench = scripted("  - {after: {orders: 2}, execute: {order_id: 1, client_id: 2}}\n")
        for client in (1, 2):
            session, _ = bench.client(client)
            say(session, 3, 1, *order(NEVER, "BUY", 1, "LMT", limit="9"))
            await turns()
        assert [(each.client_id, each.filled) for each in bench.broker.book][1:] == [(1, Decimal(0)), (2, Decimal(1))]

    played(run)


def test_a_moment_of_tomorrow_is_an_hour_nearer_when_the_clocks_go_forward() -> None:
    eve = datetime(2026, 3, 7, 15, 0, tzinfo=UTC)
    assert AtMoment(time(10), NEW_YORK).seconds(eve) == 0
    assert AtMoment(time(9), NEW_YORK).seconds(eve) == 22 * 3600


def test_the_broker_cancels_and_rejects_on_its_own() -> None:
    async def run() -> None:
        bench = scripted(
            "  - {after: {orders: 2}, cancel: {order_id: 1, text: 'Order Canceled - reason:By the exchange'}}\n"
            "  - {after: {orders: 2}, reject: {order_id: 2}}\n"
        )
        session, wire = bench.client()
        for number in (1, 2):
            say(session, 3, number, *order(NEVER, "BUY", 1, "LMT", limit="9"))
            await turns()
        assert statuses(bench) == ["Cancelled", "Inactive"]
        assert wire.errors() == [(1, 202), (2, 201)]
        states = [(frame[1], frame[2]) for frame in wire.frames if frame[0] == "3"]
        assert states[-2:] == [("1", "Cancelled"), ("2", "Inactive")]
        assert bench.broker.book.working() == [next(iter(bench.broker.book))]

    played(run)


def test_halts_news_rates_and_closed_connections() -> None:
    async def run() -> None:
        bench = scripted(
            "  - {after: {seconds: 1}, halt: {symbol: GLD}}\n"
            "  - {after: {seconds: 2}, resume: {symbol: GLD}, say: {code: 2110, text: Connectivity broken}}\n"
            "  - {after: {seconds: 3}, exchange_rate: {currency: EUR, rate: 1.25}, close: {client_id: 2}}\n",
            TEXT.replace("USD: 60000.00", "USD: 60000, EUR: 100"),
        )
        session, wire = bench.client()
        _, other = bench.client(2)
        say(session, 6, 2, 1, "DU1000001")
        wire.take()
        bench.clock.step(1)
        say(session, 3, 1, *order(GLD, "BUY", 1))
        await turns()
        assert statuses(bench) == ["PreSubmitted"]
        bench.clock.step(1)
        await turns()
        assert statuses(bench) == ["Filled"]
        assert wire.errors() == [(-1, 2110)]
        wire.take()
        bench.clock.step(180)
        await turns()
        assert ["6", "2", "ExchangeRate", "1.25", "EUR", "DU1000001"] in [frame[:6] for frame in wire.frames]
        assert (wire.closed, other.closed, list(bench.broker.clients)) == (False, True, [1])

    played(run)


def test_margin_rates_change_and_a_person_enters_an_order() -> None:
    async def run() -> None:
        bench = scripted(
            "  - {after: {seconds: 1}, margin: {symbol: MSFT, initial: 0.6, maintenance: 0.5}}\n"
            "  - {after: {seconds: 1}, order: {symbol: GLD, action: BUY, quantity: 3, order_ref: by hand}}\n"
            "  - {after: {seconds: 1}, order: {symbol: NEVER, action: SELL, quantity: 3, order_type: STP, price: 9}}\n"
        )
        asked = figures(bench.broker.ledgers[ACCOUNT], bench.broker.market).initial_margin
        bench.clock.step(1)
        await turns()
        more = figures(bench.broker.ledgers[ACCOUNT], bench.broker.market).initial_margin - asked
        assert more == 60 * 500 * Decimal("0.3") + 3 * 350 * Decimal("0.3")
        bought, stopped = list(bench.broker.book)[1:]
        assert (bought.by_hand, bought.status, bought.terms.order_ref) == (True, Status.FILLED, "by hand")
        assert stopped.status is Status.PRE_SUBMITTED
        assert (stopped.terms.aux_price, stopped.terms.limit_price) == (Decimal(9), None)

    played(run)


def test_dividends_splits_and_new_symbols() -> None:
    async def run() -> None:
        bench = scripted(
            "  - {after: {seconds: 1}, dividend: {symbol: MSFT, amount: 0.75}}\n"
            "  - {after: {seconds: 2}, split: {symbol: GLD, new: 3, old: 2, new_con_id: 5151}}\n"
            "  - {after: {seconds: 3}, price: {GLD: {last: 240}}}\n"
            "  - {after: {seconds: 4}, rename: {symbol: MSFT, new_symbol: MSFX}}\n"
            "  - {after: {seconds: 5}, split: {symbol: MSFT, new: 2, new_con_id: 5151}}\n",
            TEXT.replace("ETF, last: 350.00, ", "ETF, last: 300.00, path: {walk: {volatility: 1, step_seconds: 60}}, "),
        )
        books = bench.broker.ledgers[ACCOUNT]
        bench.clock.step(1)
        assert books.cash["USD"] == 60_000 + 60 * Decimal("0.75")
        bench.clock.step(1)
        assert books.positions[5151].quantity == 30
        assert last(bench, 5151) == 200
        bench.clock.step(1)
        assert last(bench, 5151) == 240
        bench.clock.step(1)
        (renamed,) = bench.broker.named("MSFT")
        assert (renamed.symbol, bench.broker.market.named("MSFT")) == ("MSFX", [])
        bench.clock.step(1)
        assert list(bench.broker.script.problems) == ["there is a contract 5151 already"]
        bench.clock.step(60)
        assert last(bench, 5151) not in (200, 240)
        assert last(bench, GLD) is None

    played(run)


def test_a_step_that_finds_nothing_is_told_by_the_control_channel() -> None:
    async def run() -> None:
        bench = scripted("  - {after: {seconds: 1}, cancel: {order_ref: gone, symbol: GLD}}\n")
        bench.clock.step(1)
        answer = json.loads(ControlDesk(bench.broker).answer(b'{"do": "script"}'))
        assert answer["problems"] == ["no order works that is order_ref gone, symbol GLD"]
        assert answer["counts"]["fills"] == 0

    played(run)


def test_every_action_can_stand_in_a_step() -> None:
    assert set(StepSpec.model_fields) == {"after", "at", "before", "every", *ACTIONS}


WRONG = """script:
  - {price: {MSFT: {last: 1}}}
  - {after: {fills: 1}, at: "10:00", price: {MSFT: {last: 1}}}
  - {after: {fills: 1, orders: 1}, close: {}}
  - {after: {fills: 1}}
  - {after: {fills: 1}, every: {orders: 2}, close: {}}
  - {before: {ack: 1}, every: {orders: 2}, close: {}}
  - {every: {seconds: 0}, close: {}}
  - {after: {fills: 1}, execute: {symbol: NOPE, share: 0.5, quantity: 1}}
  - {after: {fills: 1}, halt: {symbol: NOPE}}
  - {after: {fills: 1}, quirk: {}}
  - {after: {fills: 1}, exchange_rate: {currency: EUR, rate: 1, account: DU9}}
  - {after: {fills: 1}, order: {symbol: NOPE, action: BUY, quantity: 1, account: DU9}}
"""
AT = TEXT.count("\n")


def test_contradictions_of_steps_stand_at_their_places() -> None:
    scenario, found = load(TEXT + WRONG, "bad.yaml")
    assert scenario is None
    told = [
        (each.location.line - AT - 1, each.summary) for each in in_order(found) if each.location and each.code >= "SCN1"
    ]
    assert told == [
        (1, "name one of after, at, before and every"),
        (2, "name one of after, at, before and every"),
        (3, "name one of fills, orders, cancels, what_ifs, connections, seconds"),
        (4, "the step does nothing"),
        (5, "the step begins by fills, so it comes again by fills"),
        (6, "an acknowledgement comes once: give before alone"),
        (7, "it comes again after 0.01 seconds or more"),
        (8, "there is no instrument 'NOPE'"),
        (8, "give a share or a quantity, not both"),
        (9, "there is no instrument 'NOPE'"),
        (10, "name a quirk to arm or to clear"),
        (11, "there is no account 'DU9'"),
        (12, "there is no instrument 'NOPE'"),
        (12, "there is no account 'DU9'"),
    ]


@pytest.mark.parametrize(
    ("step", "part"),
    [
        ("{at: noon, close: {}}", "must be a time such as '10:00:05'"),
        ("{at: '10:00+01:00', close: {}}", "must be a time of day without an offset"),
        ("{before: {ack: 0}, close: {}}", "must be at least 1"),
        ("{after: {fills: 1}, execute: {share: 0.4}}", "must name orders, by one of order_ref, order_id, symbol"),
        ("{after: {fills: 1}, quirk: {arm: no-brain}}", "is wrong: there is no quirk 'no-brain'"),
        ("{after: {fills: 1}, margin: {symbol: GLD, initial: 0.2, maintenance: 0.3}}", "must not ask more to keep"),
        (
            "{after: {fills: 1}, order: {symbol: GLD, action: BUY, quantity: 1, order_type: LMT}}",
            "must have a price where it is a limit or a stop",
        ),
        ("{after: {fils: 1}, close: {}}", "unknown key 'fils' in script[0].after. Did you mean 'fills'?"),
        ("{after: {fills: 1}, clsoe: {}}", "Did you mean 'close'?"),
    ],
)
def test_misshapen_steps_are_findings(step: str, part: str) -> None:
    scenario, found = load(f"{TEXT}script:\n  - {step}\n", "bad.yaml")
    assert scenario is None
    (only,) = found
    assert part in str(only)
    assert only.location
    assert (only.location.line, only.location.column > 4) == (AT + 2, True)


@pytest.mark.broker
def test_a_library_loses_its_socket_before_the_ack_and_finds_the_order_alive() -> None:
    async def run() -> None:
        text = f"{TEXT}script:\n  - {{before: {{ack: 1}}, close: {{}}}}\n"
        module = library.load()
        async with running(text) as served:
            async with library.connected(served) as ib:
                trade = ib.placeOrder(
                    module.Contract(conId=NEVER, exchange="SMART"), module.LimitOrder("BUY", 3, 9, tif="DAY")
                )
                await until(lambda: not ib.isConnected())
                assert trade.orderStatus.status == "PendingSubmit"
            async with library.connected(served) as ib:
                (found,) = await ib.reqOpenOrdersAsync()
                assert (found.order.totalQuantity, found.orderStatus.status) == (3, "Submitted")

    played(run)
