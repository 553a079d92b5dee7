"""Reads what the gateway says of itself: its version, its time, and how many accounts it serves."""

from datetime import UTC, datetime

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.connection import Connection
from reconciler.adapters.ib.messages import Message
from reconciler.domain.unknown import Unknown
from reconciler.ports import GatewayReading


async def read_gateway(connection: Connection) -> GatewayReading:
    """The reading. Raises BrokerUnavailable when the connection is lost."""
    told: list[int] = []

    def take(message: Message) -> bool:
        if isinstance(message, messages.CurrentTime):
            told.append(message.seconds)
        return bool(told)

    problem = await connection.converse([requests.current_time()], take)
    time = (
        Unknown(f"the gateway did not tell its time: {problem.why}")
        if isinstance(problem, Unknown)
        else _moment(told[0])
    )
    return GatewayReading(connection.server_version, len(connection.served), time)


def _moment(seconds: int) -> datetime | Unknown:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return Unknown(f"the gateway told a time that is none: {seconds}")
