"""The crash sweep: an apply of 20 orders in two batches, killed at a point, and taken up again as a person would.

The rule: `runs list` names a run that was not closed, and `runs recover ID --resume` sends what of it was never sent.
It sends nothing again, so an order whose intent was written and that never reached the broker is left for an `apply`;
so is everything where the process died before its plan was consumed, or after its run was closed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from reconciler.adapters.clock import SystemClock
from reconciler.simgateway.serving.inprocess import Gateway
from tests.acceptance.stage import (
    ACCOUNT_ID,
    Books,
    Ended,
    Json,
    copied_manifests,
    staged_environment,
)
from tests.daysend import seconds_to_wait
from tests.nursery import Order, nursery

KILLED = -9
STRIDE = 32

PRICES = (25, 40, 50, 80, 100, 125, 160, 200, 250, 400)
WORTH = 400_000
"""USD that the account is worth: no commission of the run moves a target to the next share."""
SHARE = Decimal("0.0425")
"""Of it each of the 20 lines is to be, which is 17,000 USD; what is left is cash."""
FILL_SECONDS = 5
"""After which an order that rests is cancelled. What fills at all fills at once."""
OFF = 8
"""Shares by which ten of the lines are too large, and ten too small."""


def _line(number: int) -> tuple[str, int, int]:
    """Symbol, price, and shares at the target."""
    price = PRICES[number % len(PRICES)]
    symbol = f"{'SELL' if number < len(PRICES) else 'BUY'}{price}"
    return symbol, price, int(WORTH * SHARE / price)


LINES = tuple(_line(number) for number in range(2 * len(PRICES)))
TARGETS = {symbol: shares for symbol, _, shares in LINES}
DRIFT = {symbol: -OFF if symbol.startswith("SELL") else OFF for symbol, _, _ in LINES}
"""What the plan trades: the first ten reduce risk and make a batch of their own."""


def scenario() -> Json:
    """The account that drifted, at a gateway without limits of its own."""
    held = {symbol: TARGETS[symbol] - DRIFT[symbol] for symbol in TARGETS}
    cash = WORTH - sum(held[symbol] * price for symbol, price, _ in LINES)
    return {
        "accounts": {
            ACCOUNT_ID: {
                "base_currency": "USD",
                "cash": {"USD": cash},
                "positions": {symbol: {"quantity": shares, "average_cost": 10} for symbol, shares in held.items()},
            }
        },
        "pacing": {"messages_per_second": 0},
        "instruments": {
            symbol: {"con_id": 9000 + number, "name": symbol, "primary_exchange": "NYSE", "last": price, "spread": 0.02}
            for number, (symbol, price, _) in enumerate(LINES)
        },
    }


def _portfolio() -> str:
    targets = "\n".join(f"    - {{symbol: {symbol}, weight: {SHARE}}}" for symbol in TARGETS)
    cash = 1 - SHARE * len(TARGETS)
    head = "apiVersion: folioctl/v1\nkind: Portfolio\nmetadata: {name: growth}"
    return f"{head}\nspec:\n  targets:\n{targets}\n  cash: {cash}\n"


@dataclass
class Scene(Books):
    """A gateway on the loop of the test, and a repository and a state directory beside it."""

    directory: Path
    gateway: Gateway

    def ask(self, verb: str, **what: Any) -> Json:
        found: Json = getattr(self.gateway, verb)(**what)
        return found

    async def run(self, *words: str) -> Ended:
        """A command to its end."""
        return await self._ended(self._order(*words))

    async def apply(self, fatal: str | None = None) -> tuple[Ended, list[str]]:
        """An apply that dies at a point, or not at all; how it ended, and the points that it passed."""
        passed = self.directory / "passed"
        order = self._order("apply", "--auto-approve")
        given = {"passed": str(passed), "fatal": fatal}
        ended = await self._ended(replace(order, prepare="tests.faults.mortal:prepare", given=given))
        return ended, passed.read_text().splitlines()

    def _order(self, *words: str) -> Order:
        return Order(
            words=words,
            directory=self.directory / "repository",
            environment=staged_environment(self.directory, f"127.0.0.1:{self.gateway.port}"),
            output=self.directory / "stdout",
            errors=self.directory / "stderr",
        )

    async def _ended(self, order: Order) -> Ended:
        code = await nursery().run_beside(order)
        return Ended(code, order.output.read_text(), order.errors.read_text())

    async def die(self, point: str) -> bool:
        """Whether an apply was killed at the point; it comes to its end where that does not come in this run.

        No more is at the gateway than had been sent. It may be less: the system resets a connection that dies with
        something unread, and the gateway's end may then forget what it has not read yet.
        """
        ended, passed = await self.apply(point)
        if ended.code == 0 and point not in passed:
            return False
        assert ended.code == KILLED, f"it ended with {ended.code}: {ended.stderr}"
        assert passed[-1] == point
        await self.unfinished()  # while that runs the gateway hears the last of the dead connection
        sent = len([name for name in passed if name.startswith("after sent order ")])
        assert len(self.orders) <= sent, f"{sent} orders were sent, {len(self.orders)} came"
        return True

    async def unfinished(self) -> str | None:
        """The run that `runs list` shows as not closed."""
        listed = (await self.run("runs", "list")).expect(0).stdout.splitlines()
        rows = [line.split()[0] for line in listed if "not closed" in line]
        assert len(rows) <= 1, listed
        return rows[0] if rows else None

    async def take_up(self) -> list[Ended]:
        """What a person does after a death: the commands of the rule, to the first that ends well."""
        ended = []
        run = await self.unfinished()
        if run is not None:
            ended.append(await self.run("runs", "recover", run, "--resume", "--auto-approve"))
        if not ended or ended[-1].code != 0:
            ended.append(await self.run("apply", "--auto-approve"))
        return ended

    def wrong(self) -> list[str]:
        """What in the gateway's ledger is not as one whole run makes it."""
        references = [order["order_ref"] for order in self.orders]
        found = {
            "a reference came twice": len(references) - len(set(references)),
            "orders still work": self.resting,
            "shares traded": _differences(self.traded(), DRIFT),
            "shares moved": _differences(self.volume(), {symbol: abs(shares) for symbol, shares in DRIFT.items()}),
            "positions": _differences(self.positions, TARGETS),
        }
        return [f"{what}: {difference}" for what, difference in found.items() if difference]


def _differences(found: dict[str, Decimal], wanted: dict[str, int]) -> dict[str, tuple[Decimal, int]]:
    symbols = sorted({*found, *wanted})
    pairs = {symbol: (found.get(symbol, Decimal(0)), wanted.get(symbol, 0)) for symbol in symbols}
    return {symbol: pair for symbol, pair in pairs.items() if pair[0] != pair[1]}


@asynccontextmanager
async def a_scene(directory: Path) -> AsyncIterator[Scene]:
    """A scene in `directory`, which is made."""
    await asyncio.sleep(seconds_to_wait(SystemClock().now()))
    manifests = copied_manifests(directory)
    (manifests / "portfolio.yaml").write_text(_portfolio())
    policy = manifests / "execution-policy.yaml"
    policy.write_text(f"{policy.read_text()}\n  timeouts: {{fill: {FILL_SECONDS}s}}\n")
    account = manifests / "account.yaml"
    account.write_text(account.read_text().replace("leverage: 1.4", "leverage: 1"))
    async with Gateway(scenario()) as gateway:
        yield Scene(directory, gateway)


async def all_points(directory: Path) -> list[str]:
    """The points of an apply that nothing kills, in their order."""
    async with a_scene(directory) as scene:
        ended, passed = await scene.apply()
        ended.expect(0)
        assert not scene.wrong()
    return passed


def swept(points: Sequence[str]) -> list[str]:
    """Those at which the whole sweep kills: all around the journal and around orders, and one of `STRIDE` others."""
    all_of = ("_run ", "record_", "sent order ", "received execution ")
    near = [name for name in points if any(each in name for each in all_of)]
    others = [name for name in points if name not in set(near)]
    return near + others[::STRIDE]


async def death_at(point: str, scene: Scene) -> list[str] | None:
    """What is wrong after an apply was killed at the point and taken up again; None where the point never came."""
    if not await scene.die(point):
        return None
    last = (await scene.take_up())[-1]
    return [*([f"it ended with {last.code}: {last.stderr}"] if last.code else []), *scene.wrong()]
