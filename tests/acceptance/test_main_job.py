"""The main job: plan, apply, in sync; and the gateway's own books agree with what was reported."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.stage import (
    SHIPPED_SCENARIOS,
    Ended,
    Gateway,
    Json,
    Stage,
    assert_small_is_traded_once,
    stage,
)

pytestmark = pytest.mark.broker


def apply_and_plan_again(on: Stage) -> tuple[Ended, Ended, Ended]:
    planned = on.run("plan", "--json").expect(0)
    applied = on.run("apply", "--auto-approve", "--json").expect(0)
    return planned, applied, on.run("plan", "--detailed-exitcode", "--json").expect(0)


def agree(run: Json, before: dict[str, Decimal], served: Gateway) -> None:
    """The Run document against the books: shares, order references, average prices and commissions.

    A conversion is an order in a pair, by the symbol of the currency that it buys or sells, and no holding.
    """
    orders = {order["order_ref"]: order for order in served.orders}
    sent = [line for line in run["accounts"][0]["lines"] if line["order_ref"] is not None]
    assert sorted(orders) == sorted(line["order_ref"] for line in sent)
    for line in sent:
        order = orders[line["order_ref"]]
        assert (order["symbol"], order["status"]) == (line["instrument"].removesuffix(".CAD"), "Filled")
        assert Decimal(line["filled"]) == Decimal(order["filled"]) == Decimal(order["quantity"])
        assert Decimal(line["average_price"]) == Decimal(order["average_fill_price"])
        paid = sum(Decimal(each["commission"]) for each in order["executions"])
        assert Decimal(line["commission"]["amount"]) == paid
        assert line["commission"]["currency"] == ("CAD" if line["kind"] == "currency" else "USD")
    after = served.positions
    for line in (each for each in run["accounts"][0]["lines"] if each["kind"] == "target"):
        moved = after.get(line["instrument"], Decimal(0)) - before.get(line["instrument"], Decimal(0))
        sign = {"BUY": 1, "SELL": -1}[orders[line["order_ref"]]["action"]] if line["order_ref"] else 0
        assert moved == sign * Decimal(line["filled"])
        assert after[line["instrument"]] == Decimal(line["quantity"]["target"])


class TestTheDemoPortfolio:
    """The 19 instruments at 1.40, on the account that the gateway serves without a scenario."""

    @pytest.fixture
    def demo(self, tmp_path: Path) -> Iterator[Stage]:
        with stage(tmp_path) as made:
            yield made

    def test_it_ends_in_sync_and_the_books_agree(self, demo: Stage) -> None:
        before = demo.gateway.positions
        planned, applied, again = apply_and_plan_again(demo)
        assert planned.document["summary"]["in_sync"] is False
        run = applied.document
        assert (run["kind"], run["outcome"], run["exit_code"]) == ("Run", "Applied", 0)
        assert run["summary"]["filled"] == run["summary"]["orders"] == planned.document["summary"]["changes"] == 8
        agree(run, before, demo.gateway)
        assert again.document["summary"]["changes"] == 0
        assert again.document["summary"]["in_sync"] is True
        assert abs(demo.gateway.leverage - Decimal("1.40")) <= Decimal("0.02")
        assert demo.gateway.positions["KO"] == before["KO"]
        assert [json.loads(path.read_text())["id"] for path in demo.reports] == [run["id"]]


class TestTheCanadianAccount:
    """A CAD account that holds USD stocks: leverage counts in CAD, the orders in USD."""

    @pytest.fixture
    def canadian(self, tmp_path: Path) -> Iterator[Stage]:
        with stage(tmp_path, SHIPPED_SCENARIOS / "cad.yaml") as made:
            made.edit("account.yaml", "baseCurrency: USD", "baseCurrency: CAD")
            yield made

    def test_it_ends_at_the_leverage_by_the_gateways_books(self, canadian: Stage) -> None:
        before = canadian.gateway.positions
        planned, applied, again = apply_and_plan_again(canadian)
        assert planned.document["accounts"][0]["base_currency"] == "CAD"
        assert planned.document["accounts"][0]["net_liquidation"] == {"amount": "140000", "currency": "CAD"}
        agree(applied.document, before, canadian.gateway)
        assert again.document["summary"]["changes"] == 0
        assert canadian.gateway.books["base_currency"] == "CAD"
        assert abs(canadian.gateway.leverage - Decimal("1.40")) <= Decimal("0.02")


def test_every_command_answers_in_one_valid_document(small: Stage) -> None:
    small.run("validate", "--json").expect(0).document  # noqa: B018 - the property asserts
    plan = small.run("plan", "--json", "--detailed-exitcode").expect(2).document
    drift = small.run("drift", "--json", "--detailed-exitcode").expect(2).document
    assert plan["summary"]["changes"] == drift["summary"]["drifted"] == 5
    status = small.run("status", "--json").expect(0).document
    assert status["kind"] == "Status"
    assert small.run("version", "--json").expect(0).document["kind"] == "Version"
    assert small.run("plan", "--markdown").expect(0).stdout.lstrip().startswith("#")


def test_a_second_apply_has_nothing_to_do(small: Stage) -> None:
    small.run("apply", "--auto-approve", "--json").expect(0)
    assert_small_is_traded_once(small.gateway)
    assert [order["action"] for order in small.gateway.orders] == ["SELL", "SELL", "BUY", "BUY", "BUY"]
    stop = next(each for each in small.gateway.ask("orders")["orders"] if each["client_id"] == 77)
    assert (stop["status"], stop["remaining"]) == ("PreSubmitted", "5")

    second = small.run("apply", "--auto-approve", "--json").expect(0)
    assert second.document["summary"]["changes"] == 0
    assert_small_is_traded_once(small.gateway)
    assert len(small.reports) == 1
