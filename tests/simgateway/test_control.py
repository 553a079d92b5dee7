"""The control channel: what it shows and what it moves."""

import asyncio
import json
from typing import Any

import pytest

from reconciler.simgateway.control import VERBS, ControlDesk
from reconciler.simgateway.scenario import Scenario
from tests.simgateway import library
from tests.simgateway.lab import ACCOUNT, GLD, OTCX, Bench, order, running, say, scenario, turns, until


def ask(bench: Bench, **command: Any) -> Any:
    return json.loads(ControlDesk(bench.broker).answer(json.dumps(command).encode()))


def test_the_ledger_in_decimals_as_texts() -> None:
    answer = ask(Bench(), do="ledger")
    assert answer == {
        "ok": True,
        "accounts": {
            ACCOUNT: {
                "base_currency": "USD",
                "cash": {"USD": "60000"},
                "positions": {
                    "MSFT": {"con_id": 272093, "quantity": "60", "average_cost": "400"},
                    "GLD": {"con_id": 51529211, "quantity": "20", "average_cost": "300"},
                },
                "net_liquidation": "97000.00",
                "gross_position_value": "37000.00",
                "leverage": "0.3814",
                "initial_margin": "11100.00",
                "maintenance_margin": "9250.00",
                "available_funds": "85900.00",
                "excess_liquidity": "87750.00",
            }
        },
    }


def test_orders_in_order_of_arrival_with_their_fills_and_rejections() -> None:
    async def run() -> None:
        bench = Bench()
        session, _ = bench.client()
        say(session, 3, 1, *order(GLD, "BUY", 10, "LMT", limit="351.00"))
        say(session, 3, 2, *order(OTCX, "BUY", 10))
        say(session, 3, 3, *order(GLD, "BUY", 10, what_if=1))
        await turns()
        answer = ask(bench, do="orders")
        assert answer["what_ifs"] == 1
        foreign, filled, refused = answer["orders"]
        assert (foreign["client_id"], foreign["order_ref"], foreign["status"]) == (77, "", "PreSubmitted")
        assert filled == {
            "order_id": 1,
            "client_id": 1,
            "perm_id": 1500000002,
            "order_ref": "ref",
            "account": ACCOUNT,
            "symbol": "GLD",
            "con_id": 51529211,
            "action": "BUY",
            "quantity": "10",
            "order_type": "LMT",
            "limit_price": "351",
            "stop_price": None,
            "tif": "DAY",
            "status": "Filled",
            "rejection": None,
            "filled": "10",
            "remaining": "0",
            "average_fill_price": "350.01",
            "executions": [
                {"exec_id": "0000e0d5.00000001.01.01", "shares": "10", "price": "350.01", "commission": "1"}
            ],
        }
        assert (refused["status"], refused["rejection"]["code"], refused["executions"]) == ("Inactive", 387, [])

    asyncio.run(run())


def test_frames_are_counted_and_the_last_ones_shown() -> None:
    bench = Bench()
    session, _ = bench.client()
    say(session, 61, 1)
    say(session, 49, 1)
    answer = ask(bench, do="frames", last=2)
    assert answer["in"] == {"49": 1, "61": 1, "71": 1}
    assert answer["out"] == {"15": 1, "4": 3, "49": 1, "61": 2, "62": 1, "9": 1}
    assert [(frame["direction"], frame["client_id"], frame["fields"]) for frame in answer["frames"]] == [
        ("in", 1, ["49", "1"]),
        ("out", 1, ["49", "1", "1772636400"]),
    ]
    assert ask(bench, do="frames")["frames"] == []


def test_a_price_moves_with_its_spread() -> None:
    bench = Bench()
    assert ask(bench, do="price", symbol="MSFT", last="501.00")["quote"] == {
        "bid": "500.99",
        "ask": "501.01",
        "last": "501",
        "close": "498",
    }
    quote = ask(bench, do="price", symbol="MSFT", bid=499.5, ask="502")["quote"]
    assert (quote["bid"], quote["ask"], quote["last"]) == ("499.5", "502", "501")


def test_quirks_are_armed_and_cleared() -> None:
    bench = Bench()
    assert ask(bench, do="quirk", arm="no-price:MSFT")["armed"] == ["no-price:MSFT"]
    assert ask(bench, do="quirk", clear="no-price:MSFT")["armed"] == []


def test_fill_behaviour_changes_for_one_and_for_all() -> None:
    bench = Bench()
    assert ask(bench, do="fill", symbol="GLD", never=True)["symbols"] == ["GLD"]
    assert bench.broker.market.listing(51529211).fill.never
    assert len(ask(bench, do="fill", delay_seconds="0.5", parts=2)["symbols"]) == 12
    assert not bench.broker.market.listing(51529211).fill.never
    assert bench.broker.market.listing(272093).fill.parts == 2


def test_a_stepped_clock_is_stepped() -> None:
    assert ask(Bench(), do="step", seconds=90)["now"] == "2026-03-04T15:01:30+00:00"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (b"{", "Expecting"),
        (b"[]", "say one of"),
        (b"null", "say one of"),
        (b'{"do": "dance"}', "say one of ledger, orders"),
        (b'{"do": ["ledger"]}', "say one of"),
        (b'{"do": "price", "symbol": "NOPE", "last": "1"}', "no instrument 'NOPE'"),
        (b'{"do": "price", "symbol": "MSFT", "last": "-1"}', "last: Input should be greater than 0"),
        (b'{"do": "price"}', "symbol: Field required"),
        (b'{"do": "quirk", "arm": "no-price"}', "needs a subject"),
        (b'{"do": "quirk", "arm": "no-brain:X"}', "there is no quirk"),
        (b'{"do": "fill", "parts": 0}', "parts: "),
        (b'{"do": "ledger", "loud": true}', "loud: Extra inputs"),
        (b"\xff\xfe", "Expecting value"),
        (b"[" * 60_000, "nested too deeply"),
        (b'{"do": "step", "seconds": Infinity}', "less than or equal to 86400"),
        (b'{"do": "price", "symbol": "MSFT", "last": 1e400}', "last: "),
        (b'{"do": "price", "symbol": "MSFT", "last": 1e12}', "last: "),
    ],
)
def test_mistakes_are_answers(line: bytes, part: str) -> None:
    answer = json.loads(ControlDesk(Bench().broker).answer(line))
    assert answer["ok"] is False
    assert part in answer["error"]


def test_lines_over_a_socket() -> None:
    async def run() -> None:
        async with running() as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.control_port)
            writer.write(b'{"do": "frames"}\n\n{"do": "led')
            assert json.loads(await reader.readline())["ok"] is True
            writer.write(b'ger"}\n')
            assert ACCOUNT in json.loads(await reader.readline())["accounts"]
            writer.write(b"x" * 70_000)
            assert await reader.read() == b""
            writer.close()

    asyncio.run(run())


@pytest.mark.broker
def test_await_answers_when_it_holds_and_blocks_nobody_else() -> None:
    async def run() -> None:
        async with running() as served:
            waiting, out = await asyncio.open_connection("127.0.0.1", served.control_port)
            reader, writer = await asyncio.open_connection("127.0.0.1", served.control_port)
            out.write(b'{"do": "await", "for": {"fills": 2}}\n{"do": "script"}\n')
            writer.write(b'{"do": "script"}\n')
            assert json.loads(await reader.readline())["counts"]["fills"] == 0
            async with library.connected(served) as ib:
                module = library.load()
                contract, terms = module.Contract(conId=GLD, exchange="SMART"), module.MarketOrder("BUY", 1, tif="DAY")
                ib.placeOrder(contract, terms)
                writer.write(b'{"do": "await", "for": {"fills": 1, "orders": 1}}\n')
                assert json.loads(await reader.readline())["counts"]["fills"] == 1
                silent = asyncio.create_task(waiting.readline())
                await turns()
                assert not silent.done()
                ib.placeOrder(contract, module.MarketOrder("BUY", 1, tif="DAY"))
                assert json.loads(await silent)["counts"]["fills"] == 2
                assert json.loads(await waiting.readline())["counts"]["orders"] == 2
            out.write(b'{"do": "await", "for": {"fills": 99}}\n')
            await until(lambda: served.broker.tally.watchers == 1)
            out.close()
            await until(lambda: served.broker.tally.watchers == 0)
            writer.write(b'{"do": "ledger"}\n')
            assert json.loads(await reader.readline())["ok"]
            writer.close()

    asyncio.run(run())


def test_who_cannot_wait_is_told_so() -> None:
    bench = Bench()
    assert "cannot wait" in ask(bench, do="await", **{"for": {"connections": 1}})["error"]
    bench.client()
    assert ask(bench, do="await", **{"for": {"connections": 1}})["counts"]["connections"] == 1


def test_help_names_every_verb_and_its_fields() -> None:
    verbs = ask(Bench(), do="help")["verbs"]
    assert set(verbs) == set(VERBS)
    assert verbs["price"] == {
        "does": "Move a quote.",
        "needs": ["symbol"],
        "takes": ["last", "spread", "bid", "ask", "close"],
    }
    assert verbs["await"]["needs"] == ["for"]


def test_the_scenario_that_is_served_loads_again() -> None:
    served = ask(Bench(), do="scenario")["scenario"]
    assert served["accounts"][ACCOUNT]["positions"]["MSFT"] == {"quantity": "60", "average_cost": "400.00"}
    assert Scenario.model_validate(served) == scenario()


def test_a_name_of_the_scenario_goes_before_a_symbol() -> None:
    bench = Bench()
    assert ask(bench, do="price", symbol="TWIN.EUR", last="6")["quote"]["last"] == "6"
    assert ask(bench, do="price", symbol="TWIN", last="8")["quote"]["last"] == "8"
    assert bench.broker.market.quote(1010).last == 6


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ({"do": "execute", "symbol": "GLD"}, "no order works that is symbol GLD"),
        ({"do": "execute", "symbol": "MSFT", "share": "0.5", "quantity": 1}, "a share or a quantity"),
        ({"do": "cancel"}, "must name orders"),
        ({"do": "halt", "symbol": "NOPE"}, "there is no instrument 'NOPE'"),
        ({"do": "close", "client_id": 5}, "there is no client 5"),
        ({"do": "exchange_rate", "currency": "USD", "rate": 2}, "is the base currency"),
        ({"do": "exchange_rate", "currency": "EUR", "rate": 2, "account": "X"}, "there is no account 'X'"),
        ({"do": "order", "symbol": "GLD", "action": "BUY", "quantity": 1, "account": "X"}, "one of the accounts DU"),
        ({"do": "await", "for": {"fils": 1}}, "for.fils: "),
    ],
)
def test_actions_that_fit_nothing_are_answers(command: dict[str, Any], part: str) -> None:
    answer = ask(Bench(), **command)
    assert (answer["ok"], part in answer["error"]) == (False, True)


def test_lines_behind_one_that_waits_are_bounded() -> None:
    async def run() -> None:
        async with running() as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.control_port)
            writer.write(b'{"do": "await", "for": {"fills": 1}}\n' + b'{"do": "script"}\n' * 100)
            await until(lambda: served.broker.tally.watchers == 1)
            writer.write(b'{"do": "script"}\n')
            assert await reader.read() == b""
            await until(lambda: served.broker.tally.watchers == 0)
            writer.close()

    asyncio.run(run())
