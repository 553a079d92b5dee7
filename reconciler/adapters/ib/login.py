"""The login: what the gateway answers to a client that knocks, and what to tell a person about a closed door."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.messages import Message
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable, ClientIdInUse

CLIENT_ID_IN_USE = 326
CHECKS = "check that TWS or IB Gateway runs there, that its API is enabled, and that it trusts this address"


class Login:
    """One attempt. The library waits out the whole timeout where the gateway says no; this listens for the no."""

    def __init__(self, *, where: str, client_id: int) -> None:
        self._where = where
        self._client_id = client_id
        self._notice = ""
        self._refusal: asyncio.Future[BrokerRefused | BrokerUnavailable] = asyncio.get_running_loop().create_future()

    def hear(self, message: Message) -> None:
        """Take one message."""
        match message:
            case messages.ErrorMessage(code=code) if code == CLIENT_ID_IN_USE:
                self._refuse(
                    ClientIdInUse(
                        f"client id {self._client_id} is in use at {self._where}: another program holds it; "
                        "stop that program or change spec.clientId of the Gateway"
                    )
                )
            case messages.ErrorMessage(code=code, text=text):
                self._notice = f" (its last word: {code} {text})"
            case messages.Disconnected():
                self._refuse(
                    BrokerUnavailable(f"{self._where} closed the connection during the login{self._notice}: {CHECKS}")
                )
            case _:
                pass

    def _refuse(self, answer: BrokerRefused | BrokerUnavailable) -> None:
        if not self._refusal.done():
            self._refusal.set_result(answer)

    async def complete(self, attempt: Awaitable[None], seconds: float) -> None:
        """Wait for the library's attempt to succeed. Raises BrokerUnavailable or BrokerRefused."""
        task = asyncio.ensure_future(attempt)
        try:
            answers: set[asyncio.Future[Any]] = {task, self._refusal}
            await asyncio.wait(answers, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if self._refusal.done():
                raise self._refusal.result()
            if not task.done():
                raise BrokerUnavailable(f"{self._where} did not answer within {seconds:g} s: {CHECKS}")
            task.result()
        except OSError as error:
            raise BrokerUnavailable(f"cannot connect to {self._where}: {CHECKS}") from error
        finally:
            await _end(task)


async def _end(task: asyncio.Future[None]) -> None:
    """Cancel a task and see it end, whatever its result."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
