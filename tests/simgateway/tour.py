"""One tour through all that a client does, for any client: what each must see of the scenario in `lab`.

A Traveller wraps a client library; the tour knows none. Numbers are compared as floats, which is what clients have.
"""

from typing import Protocol

from reconciler.simgateway.serving.server import Running
from tests.simgateway.lab import ACCOUNT, until

RESTING = "kept over the reconnect"


class Traveller(Protocol):
    """A client library as the tour uses it. Orders are known by their order ids."""

    def errors(self) -> list[tuple[int, int]]:
        """Request id and code of every error that is no news about the farms."""

    async def connect(self, port: int, client_id: int) -> int:
        """Connect and wait until ready; the negotiated version."""

    async def disconnect(self) -> None:
        """Go away."""

    async def positions(self) -> dict[str, float]:
        """Shares by symbol."""

    async def summary(self, tag: str) -> str:
        """A value of the account."""

    async def contract(self, symbol: str) -> tuple[int, float]:
        """Contract id and smallest tick."""

    async def quote(self, symbol: str) -> tuple[float, float, float]:
        """Bid, ask and last, from a snapshot."""

    async def what_if(self, symbol: str, quantity: float) -> list[tuple[str, str]]:
        """Both callbacks: initial margin after, currency of the commission."""

    def place(self, symbol: str, quantity: float, limit: float | None, reference: str) -> int:
        """Send a buy, at the market where there is no limit; its order id."""

    def cancel(self, order_id: int) -> None:
        """Ask for a cancel."""

    def status(self, order_id: int) -> tuple[str, float]:
        """The last state that was told, and the shares filled."""

    def reports(self, order_id: int) -> list[tuple[float, float]]:
        """Shares and commission of each execution of an order whose commission report came."""

    async def completed(self) -> list[tuple[str, float]]:
        """State and shares filled of each completed order."""

    async def executions(self) -> list[tuple[str, float]]:
        """Execution id and shares of the day's executions."""

    async def open_orders(self) -> list[tuple[str, str]]:
        """Reference and state of this client's open orders."""


async def reads(client: Traveller) -> None:
    assert await client.positions() == {"MSFT": 60.0, "GLD": 20.0}
    assert await client.summary("NetLiquidation") == "97000.00"
    assert await client.contract("GLD") == (51529211, 0.01)
    assert await client.contract("OTCX") == (1007, 0.0001)
    assert await client.quote("GLD") == (349.99, 350.01, 350.0)
    unset, real = await client.what_if("GLD", 10)
    assert (unset[0], unset[1]) == ("1.7976931348623157E308", "")
    assert real == ("12150.00", "USD")


async def trades(client: Traveller) -> None:
    filled = client.place("GLD", 10, None, "all at once")
    await until(lambda: client.reports(filled) == [(10.0, 1.0)])
    await until(lambda: client.status(filled) == ("Filled", 10.0))
    parts = client.place("PARTS", 10, None, "in parts")
    await until(lambda: client.reports(parts) == [(3.0, 0.3003), (3.0, 0.3003), (4.0, 0.4004)])
    await until(lambda: client.status(parts) == ("Filled", 10.0))
    refused = client.place("GLD", 5000, None, "too much")
    await until(lambda: (refused, 201) in client.errors())
    cancelled = client.place("GLD", 1, 300.0, "given up")
    await until(lambda: client.status(cancelled) == ("Submitted", 0.0))
    client.cancel(cancelled)
    await until(lambda: client.status(cancelled) == ("Cancelled", 0.0) and (cancelled, 202) in client.errors())
    kept = client.place("GLD", 2, 310.0, RESTING)
    await until(lambda: client.status(kept) == ("Submitted", 0.0))
    assert [code for _, code in client.errors()] == [201, 202]


async def looks_back(client: Traveller) -> None:
    assert sorted(await client.completed()) == [("Cancelled", 0.0), ("Filled", 10.0), ("Filled", 10.0)]
    executed = await client.executions()
    assert sorted(shares for _, shares in executed) == [3.0, 3.0, 4.0, 10.0]
    assert len({exec_id for exec_id, _ in executed}) == 4
    assert await client.open_orders() == [(RESTING, "Submitted")]


async def tour(served: Running, client: Traveller, version: int) -> None:
    """Connect, read, quote, what-if, fill, partial, reject, cancel, completed, executions, reconnect."""
    assert await client.connect(served.port, 5) == version
    await reads(client)
    await trades(client)
    await looks_back(client)
    await client.disconnect()
    await until(lambda: 5 not in served.broker.clients)
    assert await client.connect(served.port, 5) == version
    assert await client.positions() == {"MSFT": 60.0, "GLD": 30.0, "PARTS": 10.0}
    await looks_back(client)
    await client.disconnect()
    await until(lambda: 5 not in served.broker.clients)
    assert dict(served.broker.log.leftovers) == {}
    assert [order.terms.account for order in served.broker.book] == [ACCOUNT] * 6
