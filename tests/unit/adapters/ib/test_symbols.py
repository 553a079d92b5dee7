"""The search for symbols: one a second, and a refusal is no empty answer."""

import asyncio
from typing import Any

import pytest

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.connection import NotInTime
from reconciler.adapters.ib.messages import Message
from reconciler.adapters.ib.symbols import SymbolSearch
from reconciler.domain.unknown import Unknown
from reconciler.simgateway.serving.virtual import run_virtually
from tests.unit.adapters.ib.said import error


class Answering:
    """A connection on which every search is answered with these messages."""

    def __init__(self, *said: Message) -> None:
        self._said = said
        self.times: list[float] = []

    def request_id(self) -> int:
        return 1

    async def converse(self, _requests: Any, take: Any, *, ids: Any) -> Unknown | None:
        self.times.append(asyncio.get_running_loop().time())
        return None if any(take(each) for each in self._said) else NotInTime("no complete answer")


def searched(connection: Any, *texts: str) -> list[Any]:
    async def search() -> list[Any]:
        symbols = SymbolSearch(connection)
        return [await symbols.search(text) for text in texts]

    return run_virtually(search())


def test_searches_are_a_second_apart() -> None:
    connection = Answering(messages.SymbolSamples(1, ()))

    assert searched(connection, "A", "B", "C") == [(), (), ()]
    first, second, third = connection.times
    assert (second - first, third - second) == pytest.approx((1, 1))


@pytest.mark.parametrize("said", [(), (messages.SymbolSamples(2, ()),)])
def test_an_answer_that_does_not_come_is_unknown(said: tuple[Message, ...]) -> None:
    (found,) = searched(Answering(*said), "A")
    assert isinstance(found, NotInTime)


def test_a_refusal_is_unknown() -> None:
    (found,) = searched(Answering(error(1, 321, "Error validating request")), "A")
    assert found == Unknown("the broker refused to search for A: 321 Error validating request")
