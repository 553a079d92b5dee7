"""What is logged and reported names no account."""

import logging
from collections.abc import Iterator

import pytest

from reconciler.domain.ids import OrderId
from reconciler.domain.orders import ErrorReport
from reconciler.domain.unknown import Unknown
from tests.contract.broker_worlds import GatewayWorld, ticket, unwritten
from tests.unit.adapters.ib.kinds import OPEN_ORDER, POSITION
from tests.unit.adapters.ib.said import REF
from tests.unit.adapters.ib.wire import changing, has_filled, heard_until, msft, play

pytestmark = pytest.mark.broker


class Console(logging.Handler):
    """What a program that logs everything would show."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.shown: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.shown.append(record)


@pytest.fixture
def console() -> Iterator[Console]:
    # Not caplog: that listens at loggers which keep their lines to themselves, too.
    root, handler = logging.getLogger(), Console()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def test_logs_and_reports_do_not_name_the_account(console: Console, capfd: pytest.CaptureFixture[str]) -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = changing(
            OPEN_ORDER, lambda fields: [["4", "2", fields[1], "399", "held for account DU1000001", ""], fields]
        )
        broker = await world.connected()
        contract = await msft(broker)
        send = broker.place(ticket(contract, REF), broker.next_order_id(above=OrderId(0)), unwritten)
        reports = await heard_until(broker, send, has_filled)
        assert ErrorReport(REF, 399, "held for account DU…01") in reports
        world.tap.edit = changing(POSITION, lambda fields: [fields[:-1]])
        assert isinstance(await broker.read_positions(), Unknown)
        await broker.close()

    play(case)
    shown = capfd.readouterr()
    lines = [record.getMessage() for record in console.shown]
    assert "DU1000001" not in "".join([*lines, shown.out, shown.err])
    names = {record.name for record in console.shown}
    assert "folioctl.ib" in names
    assert not any(name.startswith(("ib_insync", "ib_async")) for name in names)
