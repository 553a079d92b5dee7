"""Planted bugs: each has cost somebody money with another program. The simulation must find every one of them.

They stand between the engine and the adapter, as a wrapping Broker, so that the product needs no switch for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from reconciler.domain.account import Position
from reconciler.domain.errors import SendUncertain
from reconciler.domain.ids import ConId, OrderId, PermId
from reconciler.domain.money import Money
from reconciler.domain.orders import ErrorReport, OrderTicket, Report, StatusReport
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading, Broker
from tests.simulation.world import Plant

TIME_IN_FORCE_SET = 10349


class Bug:
    """A Broker that is the one behind it, but for its bug."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)


class RetriesASend(Bug):
    """An order whose send broke is sent again over a new connection: it may have left the first time."""

    async def place(self, ticket: OrderTicket, order_id: OrderId, intend: Callable[[], None]) -> None:
        try:
            await self._broker.place(ticket, order_id, intend)
        except SendUncertain:
            await self._broker.connect()
            await self._broker.place(ticket, self._broker.next_order_id(above=order_id), lambda: None)


class ReadsZero(Bug):
    """A price that is not told is zero: a holding without one is worth nothing, and so counts for nothing.

    A bare zero in a quote or a mark does no harm: the engine takes it for a price that is missing, and holds the rows
    against the broker's gross value. So this one draws the conclusion, and adds up the gross value by itself.
    """

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self._worthless: frozenset[ConId] = frozenset()

    async def read_account(self) -> AccountReading | Unknown:
        reading = await self._broker.read_account()
        if (
            isinstance(reading, Unknown)
            or isinstance(reading.portfolio, Unknown)
            or isinstance(reading.values, Unknown)
        ):
            return reading
        self._worthless = frozenset(each.con_id for each in reading.portfolio if not each.market_price)
        rows = self._counted(reading.portfolio)
        gross = sum((abs(each.quantity) * (each.market_price or 0) for each in rows), Decimal(0))
        values = replace(reading.values, gross_position_value=Money(gross, reading.base_currency))
        return replace(reading, portfolio=rows, values=values)

    async def read_positions(self) -> tuple[Position, ...] | Unknown:
        positions = await self._broker.read_positions()
        return positions if isinstance(positions, Unknown) else self._counted(positions)

    def _counted(self, positions: tuple[Position, ...]) -> tuple[Position, ...]:
        return tuple(each for each in positions if each.con_id not in self._worthless)


class TrustsANotice(Bug):
    """Code 10349, which tells that a time in force was filled in, is taken for a cancel. The order is alive."""

    def subscribe(self, listener: Callable[[Report], None]) -> Callable[[], None]:
        def told(report: Report) -> None:
            listener(report)
            if isinstance(report, ErrorReport) and report.code == TIME_IN_FORCE_SET:
                listener(StatusReport(report.ref, PermId(0), "Cancelled", None, None))

        return self._broker.subscribe(told)


def _plant(bug: type[Bug]) -> Plant:
    return lambda broker: cast(Broker, bug(broker))


PLANTED: Mapping[str, Plant] = {
    "retries-a-send": _plant(RetriesASend),
    "reads-zero": _plant(ReadsZero),
    "trusts-a-notice": _plant(TrustsANotice),
}
"""Every planted bug, by its name on the command line."""
