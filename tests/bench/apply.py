"""An apply of 300 orders against the simulated gateway, pacing on: how near it comes to what the message rate allows.

The clock and the count are the gateway's own, from its recording: from the arrival of the first order to the last
report that ends one. `make bench-apply` runs all orders of a batch side by side, then one after the other.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.acceptance.stage import ACCOUNT_ID, Json, Stage, stage

SELLS, BUYS = 150, 150
RATE = 50
"""Messages a second: the Gateway manifest's default, and what the simulated gateway bears."""
MOST = 1.15
"""Of the time that the messages need at the full rate."""

PLACE_ORDER, ORDER_STATUS = "3", "3"
"""Message ids, of a request and of an answer."""
ENDED = {"Filled", "Cancelled", "ApiCancelled", "Inactive"}


@dataclass(frozen=True)
class Measured:
    """One apply. Seconds are the gateway's, from its first order to the end of the last one."""

    orders: int
    what_ifs: int
    reads: int
    seconds: float
    whole: float
    between: int
    """Messages from the first order to the end of the last one."""

    @property
    def at_full_rate(self) -> float:
        """Seconds that those messages need."""
        return self.between / RATE


def scenario() -> Json:
    """Half of the lines are held and to be sold, the other half is to be bought."""
    names = [f"S{number:03}" for number in range(SELLS)] + [f"B{number:03}" for number in range(BUYS)]
    instruments = {
        name: {"con_id": 10_000 + number, "name": name, "primary_exchange": "NYSE", "last": 100.00, "spread": 0.02}
        for number, name in enumerate(names)
    }
    positions = {name: {"quantity": 20, "average_cost": 90} for name in names[:SELLS]}
    account = {"base_currency": "USD", "cash": {"USD": 300_000}, "positions": positions}
    return {"accounts": {ACCOUNT_ID: account}, "instruments": instruments}


def portfolio() -> Json:
    weights = {f"S{number:03}": 0.001 for number in range(SELLS)} | {f"B{number:03}": 0.005 for number in range(BUYS)}
    targets = [{"symbol": name, "weight": weight} for name, weight in weights.items()]
    spec = {"targets": targets, "cash": round(1 - sum(weights.values()), 6)}
    return {"apiVersion": "folioctl/v1", "kind": "Portfolio", "metadata": {"name": "growth"}, "spec": spec}


def measured(*options: str) -> Measured:
    """One apply of the whole portfolio."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        file, recording = folder / "bench.yaml", folder / "recording.jsonl"
        file.write_text(json.dumps(scenario()))
        on = stack.enter_context(stage(folder / "stage", file, "--record", str(recording)))
        (on.manifests / "portfolio.yaml").write_text(json.dumps(portfolio()))
        ended = on.run("apply", "--auto-approve", "--json", *options).expect(0)
        orders = ended.document["summary"]["orders"]
        assert orders == SELLS + BUYS, orders
        return _measure(on, recording)


def _measure(on: Stage, recording: Path) -> Measured:
    client = _client_of(on)
    rows = [row for row in _rows(recording) if row.get("client_id") == client or row.get("direction") == "in"]
    sent = [row for row in rows if row["direction"] == "in" and row["client_id"] == client]
    placed = [row for row in sent if row["fields"][0] == PLACE_ORDER]
    real = {order["order_id"] for order in on.gateway.orders}
    orders = [row for row in placed if int(row["fields"][1]) in real]
    ends = [
        row
        for row in rows
        if row["direction"] == "out" and row["fields"][0] == ORDER_STATUS and row["fields"][2] in ENDED
    ]
    began, ended = orders[0]["seconds"], ends[-1]["seconds"]
    between = [row for row in sent if began <= row["seconds"] <= ended]
    return Measured(
        orders=len(orders),
        what_ifs=len(placed) - len(orders),
        reads=len(sent) - len(placed),
        seconds=ended - began,
        whole=sent[-1]["seconds"] - sent[0]["seconds"],
        between=len(between),
    )


def _client_of(on: Stage) -> int:
    (client,) = {order["client_id"] for order in on.gateway.orders}
    return int(client)


def _rows(recording: Path) -> Iterator[Json]:
    for line in recording.read_text().splitlines()[1:]:
        row: dict[str, Any] = json.loads(line)
        yield row


def main() -> int:
    side_by_side, one_by_one = measured(), measured("--sequential")
    ratio = side_by_side.seconds / side_by_side.at_full_rate
    for words, each in (("side by side", side_by_side), ("one by one", one_by_one)):
        sys.stdout.write(
            f"{words}: {each.orders} orders, {each.what_ifs} what-ifs, {each.reads} other messages; "
            f"{each.seconds:.2f} s from the first order to the end of the last, {each.whole:.2f} s from start to end\n"
        )
    sys.stdout.write(
        f"{side_by_side.between} messages from the first order on need {side_by_side.at_full_rate:.2f} s at {RATE} a "
        f"second: {ratio:.3f} times that (at most {MOST})\n"
    )
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
