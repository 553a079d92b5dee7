"""What was adopted of any account plans to no change; what could not be says why, and for a reason that holds."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, event, given
from hypothesis import strategies as st

from reconciler.domain.account import Position
from reconciler.domain.contract import Contract
from reconciler.domain.ids import InstrumentName
from reconciler.domain.options import NO_OPTIONS
from reconciler.domain.orders import is_ours
from reconciler.domain.unknown import Unknown
from reconciler.manifests.sums import TOLERANCE
from reconciler.planning.adopt import Adoption, LeftAside, Obstacles, adopt, adopted, left_aside, with_holdings
from reconciler.planning.room import ASSUMED_RATE, Room, room_above
from tests.builders import NOW, a_contract, an_emergency
from tests.examples import examples
from tests.strategies import WIDE_LIMITS, World, any_worlds, orders_of, without_price, worlds

EXPECTED = (
    "an order of ours still works",
    "worth more than the long ones",
    "net liquidation is",
    "a manifest says 10 at most",
    "leave nothing of",
    "are held under contract",
    "it means the same contract",
)
"""The obstacles that a random account may meet, all of whose prices, contracts and rates are known."""


def held(world: World) -> tuple[Position, ...]:
    assert isinstance(world.snapshot.positions, tuple)
    return world.snapshot.positions


def contract_of(position: Position) -> Contract:
    return a_contract(
        position.symbol,
        currency=position.currency,
        sec_type=position.sec_type,
        multiplier=position.multiplier,
        con_id=position.con_id,
    )


def any_symbol(_symbol: str) -> bool:
    return True


def taken(world: World) -> tuple[World, Adoption | Obstacles, tuple[LeftAside, ...]]:
    """The world as it is read for an adoption, with every contract, and what comes of it."""
    # Whether the limits leave the account where it is, is for whoever writes them.
    world = replace(world, account=replace(world.account, limits=WIDE_LIMITS))
    account = with_holdings(world.account, world.snapshot, can_be_written=any_symbol, now=NOW)
    known: dict[InstrumentName, Contract | Unknown] = dict(world.snapshot.contracts)
    by_id = {each.con_id: contract_of(each) for each in held(world)}
    for target in account.portfolio.targets:
        con_id = target.instrument.con_id
        if con_id is not None and target.instrument.name not in known:
            known[target.instrument.name] = by_id[con_id]
    snapshot = replace(world.snapshot, contracts=known)
    aside = left_aside(account, snapshot, can_be_written=any_symbol, now=NOW)
    return World(account, snapshot), adopt(account, snapshot, aside, now=NOW), aside


def written(world: World, read: World, adoption: Adoption) -> World:
    """The world once its manifests say what was adopted; what else they say is as it was."""
    rate = max(adoption.maintenance_rate or ASSUMED_RATE, ASSUMED_RATE)
    room = room_above(adoption.leverage, emergency=Decimal(3), rate=rate)
    assume(isinstance(room, Room))
    assert isinstance(room, Room)
    emergency = an_emergency(leverage=room.emergency_leverage, cushion=Decimal(-100))
    account = replace(
        adopted(read.account, adoption),
        unmanaged_positions=world.account.unmanaged_positions,
        limits=replace(WIDE_LIMITS, emergency=emergency, max_leverage=room.max_leverage),
    )
    return replace(world, account=account, snapshot=read.snapshot, options=NO_OPTIONS)


@examples(200)
@given(any_worlds())
def test_what_was_adopted_plans_to_no_change(world: World) -> None:
    read, adoption, _ = taken(world)

    if isinstance(adoption, Obstacles):
        event(adoption.reasons[0].partition(":")[0])
        assert all(any(words in reason for words in EXPECTED) for reason in adoption.reasons), adoption.reasons
        return
    event("adopted")
    plan = written(world, read, adoption).plan()

    assert plan.orders == ()
    assert plan.cancellations == ()
    assert not plan.is_blocked
    assert abs(sum((each.target.weight for each in adoption.lines), adoption.cash) - 1) <= TOLERANCE
    assert 0 <= adoption.cash <= 1


@examples(40)
@given(any_worlds())
def test_every_holding_is_a_line_or_left_aside_and_none_is_both(world: World) -> None:
    read, adoption, aside = taken(world)
    assume(isinstance(adoption, Adoption))
    assert isinstance(adoption, Adoption)
    replaced = {each.con_id for each in world.account.portfolio.moved}
    lines = {each.contract.con_id for each in adoption.lines if each.target.weight}

    assert lines | {each.con_id for each in aside} | replaced >= {each.con_id for each in held(world) if each.quantity}
    assert not lines & {each.con_id for each in aside}
    assert [each.target.instrument.name for each in adoption.lines[: len(world.account.portfolio.targets)]] == [
        each.instrument.name for each in world.account.portfolio.targets
    ]
    assert read.account.portfolio.moved == world.account.portfolio.moved


@examples(40)
@given(worlds(), st.data())
def test_what_is_held_without_a_price_is_an_obstacle_and_never_a_weight(world: World, data: st.DataObject) -> None:
    owned = [each.symbol for each in held(world) if each.quantity]
    assume(owned)
    symbol = data.draw(st.sampled_from(owned))

    _, adoption, _ = taken(without_price(world, symbol))

    assert isinstance(adoption, Obstacles)
    assert any(symbol in reason for reason in adoption.reasons)


@examples(40)
@given(worlds())
def test_a_weight_is_as_short_as_tells_a_hundredth_of_a_lot(world: World) -> None:
    assume(not any(is_ours(each.order_ref) for each in orders_of(world)))
    read, adoption, _ = taken(world)
    assume(isinstance(adoption, Adoption))
    assert isinstance(adoption, Adoption)

    for line in written(world, read, adoption).plan().lines:
        assert isinstance(line.exact_target, Decimal)
        assert isinstance(line.current, Decimal)
        assert abs(line.exact_target - line.current) <= Decimal("0.01") * line.lot
