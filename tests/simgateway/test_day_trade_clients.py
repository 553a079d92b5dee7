"""What the real client libraries are told of day trades: how many remain, and that there is none left."""

from typing import Any

import pytest

from reconciler.simgateway.serving.server import Running
from reconciler.simgateway.statements.reporting import PAUSE_SECONDS
from tests.simgateway.clients import is_filled, order, step, stock, values_by_key, with_client
from tests.simgateway.lab import ACCOUNT, TEXT, until
from tests.simgateway.test_day_trades import limited

pytestmark = pytest.mark.broker


def told(values: list[Any]) -> str:
    return values_by_key(values)["DayTradesRemaining", ""]


def test_a_library_reads_how_many_remain_in_values_and_summary() -> None:
    async def script(served: Running, ib: Any) -> None:
        assert (told(ib.accountValues(ACCOUNT)), told(await ib.accountSummaryAsync())) == ("2", "2")
        bought = ib.placeOrder(stock("GLD"), order("MKT", "BUY", 1))
        await until(lambda: is_filled(bought))
        sold = ib.placeOrder(stock("GLD"), order("MKT", "SELL", 1))
        await until(lambda: is_filled(sold))
        step(served, PAUSE_SECONDS)
        await until(lambda: told(ib.accountValues(ACCOUNT)) == "1")
        ib.client.reqAccountSummary(9001, "All", "DayTradesRemaining")
        await until(lambda: told(ib.wrapper.acctSummary.values()) == "1")

    with_client(script, limited(2))


def test_a_library_is_told_minus_one_without_a_limit() -> None:
    async def script(_served: Running, ib: Any) -> None:
        assert (told(ib.accountValues(ACCOUNT)), told(await ib.accountSummaryAsync())) == ("-1", "-1")

    with_client(script, TEXT)


def test_a_library_is_refused_another_day_trade() -> None:
    async def script(_served: Running, ib: Any) -> None:
        said: list[tuple[int, str]] = []
        ib.errorEvent += lambda _request, code, text, *_rest: said.append((code, text))
        bought = ib.placeOrder(stock("GLD"), order("MKT", "BUY", 1))
        await until(lambda: is_filled(bought))
        sold = ib.placeOrder(stock("GLD"), order("MKT", "SELL", 1))
        await until(lambda: any(code == 201 for code, _ in said))
        assert any("Potential Pattern Day Trade" in text for _, text in said)
        assert (sold.filled(), sold.orderStatus.status in ("Inactive", "Cancelled")) == (0, True)
        assert told(ib.accountValues(ACCOUNT)) == "0"

    with_client(script, limited(0))
