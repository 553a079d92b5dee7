"""Each golden account, imported, plans to no change: by the arithmetic alone, from the account as it was read."""

from dataclasses import replace

import pytest

from reconciler.domain.contract import Contract
from reconciler.domain.ids import InstrumentName
from reconciler.domain.unknown import Unknown
from reconciler.planning.adopt import Adoption, Obstacles, adopt, adopted, left_aside, with_holdings
from reconciler.planning.draft import Draft, draft
from reconciler.planning.plan import finish
from reconciler.planning.room import Room, room_above
from tests.builders import ACCOUNT_ID, NOW, a_contract, a_portfolio, a_revision, an_emergency
from tests.golden.accounts import ACCOUNTS, limits

WITHOUT_A_PRICE = "blocked"
"""NVDA is held and nobody gives a price of it: what it is worth is unknown, and so is its weight."""
BEGINNINGS = ("as it is declared", "without any manifest")


def read_again(made: Draft, beginning: str) -> tuple[Draft, Adoption | Obstacles]:
    """The account of a draft as an import reads it, and what comes of that."""
    account = made.account
    if beginning == "without any manifest":
        account = replace(account, portfolio=a_portfolio({}, cash_weight=1, allow_empty=True))
    assert isinstance(made.snapshot.positions, tuple)
    held = {each.con_id: each for each in made.snapshot.positions}
    wanted = with_holdings(account, made.snapshot, can_be_written=lambda _symbol: True, now=NOW)
    known: dict[InstrumentName, Contract | Unknown] = dict(made.snapshot.contracts)
    for target in wanted.portfolio.targets:
        spec = target.instrument
        if spec.con_id is not None:
            position = held[spec.con_id]
            known[spec.name] = a_contract(
                spec.symbol, currency=spec.currency, sec_type=spec.sec_type, multiplier=position.multiplier
            )
    snapshot = replace(made.snapshot, contracts=known)
    aside = left_aside(wanted, snapshot, can_be_written=lambda _symbol: True, now=NOW)
    return replace(made, account=wanted, snapshot=snapshot), adopt(wanted, snapshot, aside, now=NOW)


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("kind", [each for each in ACCOUNTS if each != WITHOUT_A_PRICE])
def test_its_plan_is_empty(kind: str, beginning: str) -> None:
    made = ACCOUNTS[kind]()

    read, adoption = read_again(made, beginning)

    assert isinstance(adoption, Adoption), adoption
    assert adoption.aside == ()
    room = room_above(adoption.leverage, emergency=made.account.limits.emergency.leverage)
    assert isinstance(room, Room)
    bounds = limits(max_leverage=room.max_leverage, emergency=an_emergency(leverage=room.emergency_leverage, cushion=0))
    account = replace(adopted(read.account, adoption), limits=bounds)
    again = draft(account, read.snapshot, history=made.history, now=NOW)
    plan = finish(again, {}, revision=a_revision(), account_id=ACCOUNT_ID)
    assert plan.orders == ()
    assert plan.emergency is None
    assert not plan.is_blocked
    assert plan.cancellations == ()


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_what_has_no_price_is_told_and_nothing_is_adopted(beginning: str) -> None:
    _, adoption = read_again(ACCOUNTS[WITHOUT_A_PRICE](), beginning)

    assert isinstance(adoption, Obstacles)
    assert adoption.reasons == ("NVDA: the broker sent no price within 10 s",)
