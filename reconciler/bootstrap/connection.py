"""The connection to an account's gateway: where it stands, under which client id, and when the next id is tried."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import BrokerUnavailable, ClientIdInUse
from reconciler.domain.ids import AccountId
from reconciler.ports import Broker, Clock, Retry, RetryPolicy

if TYPE_CHECKING:
    from reconciler.settings import Settings

_READING_CLIENTS = 8
"""How many client ids after apply's a command that only reads may try."""


class Purpose(StrEnum):
    """What a session is for: apply holds the account and takes its own client id, reading takes the next ones."""

    READING = "reading"
    APPLYING = "applying"


def with_gateway(account: AccountSpec, settings: "Settings") -> AccountSpec:
    """The account behind the gateway that the settings name, where they name one."""
    if settings.gateway is None:
        return account
    gateway = replace(account.gateway, host=settings.gateway.host, port=settings.gateway.port)
    return replace(account, gateway=gateway)


async def connected(
    account: AccountSpec,
    account_id: AccountId,
    clock: Clock,
    retry: Retry,
    purpose: Purpose,
    within: timedelta | None = None,
) -> Broker:
    """A session with the gateway; `within` bounds the attempts. Raises BrokerUnavailable or BrokerRefused."""
    first = account.gateway.client_id
    client_ids = [first] if purpose is Purpose.APPLYING else range(first + 1, first + 1 + _READING_CLIENTS)
    in_use: ClientIdInUse | None = None
    for client_id in client_ids:
        broker = _broker(account, account_id, client_id, clock)
        try:
            await retry.call(RetryPolicy.CONNECT, broker.connect, within=within)
        except ClientIdInUse as error:
            in_use = error
            continue
        return broker
    raise in_use or BrokerUnavailable("no client id was tried")


def _broker(account: AccountSpec, account_id: AccountId, client_id: int, clock: Clock) -> Broker:
    from reconciler.adapters.ib.broker import IbBroker

    return IbBroker(
        gateway=account.gateway,
        account_id=account_id,
        environment=account.environment,
        base_currency=account.base_currency,
        client_id=client_id,
        timeouts=account.policy.timeouts,
        clock=clock,
    )
