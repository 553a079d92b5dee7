"""Promises 10 and 11: a plan is made of its inputs and of nothing else, and leads to where no plan is needed."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import planfile
from reconciler.domain.desired import Environment
from reconciler.domain.unknown import Unknown
from tests.properties.plan.promises import holds_promise_11
from tests.properties.plan.variants import MANY, with_account, with_portfolio
from tests.strategies import World, any_worlds, orders_of


@MANY
@given(any_worlds())
def test_promise_10_the_environment_is_part_of_the_plans_identity(world: World) -> None:
    paper, live = world.plan(), with_account(world, environment=Environment.LIVE).plan()

    assert live.fingerprint != paper.fingerprint
    assert live.id != paper.id


@MANY
@given(any_worlds(), st.integers())
def test_promise_11_the_order_of_inputs_changes_no_byte(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a shuffle, no secret
    snapshot, targets = world.snapshot, world.account.portfolio.targets
    assert isinstance(snapshot.positions, tuple)
    assert not isinstance(snapshot.cash, Unknown)
    shuffled = replace(
        with_portfolio(world, targets=tuple(chance.sample(targets, k=len(targets)))),
        snapshot=replace(
            snapshot,
            positions=tuple(chance.sample(snapshot.positions, k=len(snapshot.positions))),
            working_orders=tuple(chance.sample(orders_of(world), k=len(orders_of(world)))),
            contracts=dict(chance.sample(list(snapshot.contracts.items()), k=len(snapshot.contracts))),
            quotes=dict(chance.sample(list(snapshot.quotes.items()), k=len(snapshot.quotes))),
            cash=dict(chance.sample(list(snapshot.cash.items()), k=len(snapshot.cash))),
        ),
    )

    assert planfile.write(shuffled.plan(), tool="test") == planfile.write(world.plan(), tool="test")


@settings(max_examples=1500)
@given(any_worlds())
def test_promise_11_the_plan_after_full_fills_is_empty(world: World) -> None:
    holds_promise_11(world)
