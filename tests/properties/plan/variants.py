"""Worlds with something changed, and how many of them are tried."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.examples import examples
from tests.strategies import World

ZERO = Decimal(0)
MANY = examples(300)


def some_symbol(world: World, data: st.DataObject) -> str:
    return data.draw(st.sampled_from([target.instrument.symbol for target in world.account.portfolio.targets]))


def with_account(world: World, **changes: Any) -> World:
    return replace(world, account=replace(world.account, **changes))


def with_portfolio(world: World, **changes: Any) -> World:
    return with_account(world, portfolio=replace(world.account.portfolio, **changes))
