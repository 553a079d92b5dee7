"""What every AccountLock does. Two contenders stand for two processes: what is held by one is refused to the other."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.adapters.locks import FileAccountLock
from reconciler.domain.errors import AccountLocked
from reconciler.domain.ids import AccountName
from reconciler.ports import AccountLock, Holder
from tests.fakes.clock import START, SteppedClock
from tests.fakes.locks import InMemoryAccountLock, LockTable

MAIN = AccountName("main")
SIDE = AccountName("side")
OWNERS = ("`folioctl apply` (process 1 on desk)", "`folioctl apply` (process 2 on desk)")


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture(params=["file", "memory"])
def contenders(request: pytest.FixtureRequest, tmp_path: Path, clock: SteppedClock) -> tuple[AccountLock, AccountLock]:
    if request.param == "file":
        one, other = (FileAccountLock(tmp_path / "locks", owner=owner, clock=clock) for owner in OWNERS)
        return one, other
    table: LockTable = {}
    first, second = (InMemoryAccountLock(table, owner=owner, clock=clock) for owner in OWNERS)
    return first, second


def test_it_is_refused_at_once_with_the_owner_and_since_when(
    contenders: tuple[AccountLock, AccountLock], clock: SteppedClock
) -> None:
    one, other = contenders
    with one.hold(MAIN):
        clock.advance(timedelta(minutes=5))
        with pytest.raises(AccountLocked) as refused, other.hold(MAIN):
            pytest.fail("two hold it")
    assert (refused.value.account, refused.value.owner, refused.value.since) == (MAIN, OWNERS[0], START)
    assert str(refused.value) == (
        f"account 'main' is locked by {OWNERS[0]} since 2026-03-02 15:00:00 UTC; "
        "wait for it to end, then run this again"
    )


def test_it_is_given_back(contenders: tuple[AccountLock, AccountLock]) -> None:
    one, other = contenders
    for holder in (one, other, one):
        with holder.hold(MAIN):
            pass


def test_it_is_given_back_by_a_failure_too(contenders: tuple[AccountLock, AccountLock]) -> None:
    one, other = contenders
    with contextlib.suppress(ZeroDivisionError), one.hold(MAIN):
        raise ZeroDivisionError
    with other.hold(MAIN):
        pass


def test_a_refusal_frees_nothing(contenders: tuple[AccountLock, AccountLock]) -> None:
    one, other = contenders
    with one.hold(MAIN):
        for _ in range(2):
            with pytest.raises(AccountLocked), other.hold(MAIN):
                pytest.fail("two hold it")


def test_accounts_do_not_stand_in_each_others_way(contenders: tuple[AccountLock, AccountLock]) -> None:
    one, other = contenders
    with one.hold(MAIN), other.hold(SIDE), pytest.raises(AccountLocked), other.hold(MAIN):
        pytest.fail("two hold it")


def test_it_does_not_nest(contenders: tuple[AccountLock, AccountLock]) -> None:
    one, other = contenders
    with one.hold(MAIN):
        with pytest.raises(AccountLocked) as refused, one.hold(MAIN):
            pytest.fail("it is held twice")
        with pytest.raises(AccountLocked), other.hold(MAIN):
            pytest.fail("the refusal gave it away")
    assert refused.value.owner == OWNERS[0]


def test_the_next_owner_is_named_not_the_last(contenders: tuple[AccountLock, AccountLock], clock: SteppedClock) -> None:
    one, other = contenders
    with one.hold(MAIN):
        clock.advance(timedelta(hours=1))
    with other.hold(MAIN), pytest.raises(AccountLocked) as refused, one.hold(MAIN):
        pytest.fail("two hold it")
    assert (refused.value.owner, refused.value.since) == (OWNERS[1], START + timedelta(hours=1))


def test_unlock_names_who_holds_it_and_takes_it_from_nobody(
    contenders: tuple[AccountLock, AccountLock], clock: SteppedClock
) -> None:
    one, other = contenders
    with one.hold(MAIN):
        clock.advance(timedelta(minutes=5))
        for _ in range(2):
            found = other.unlock(MAIN)
            assert (found.holder, found.owner, found.since) == (Holder.ALIVE, OWNERS[0], START)
            assert not found.is_cleared
        with pytest.raises(AccountLocked), other.hold(MAIN):
            pytest.fail("the look gave it away")


def test_unlock_of_a_free_account_leaves_it_free(contenders: tuple[AccountLock, AccountLock]) -> None:
    one, other = contenders
    assert one.unlock(MAIN).holder is Holder.NOBODY
    with one.hold(MAIN):
        pass
    found = other.unlock(MAIN)
    assert (found.holder, found.is_cleared) == (Holder.NOBODY, False)
    with one.hold(MAIN):
        pass


def test_a_look_names_the_holder_and_changes_nothing(contenders: tuple[AccountLock, AccountLock]) -> None:
    one, other = contenders
    assert other.look(MAIN).holder is Holder.NOBODY
    with one.hold(MAIN):
        assert (other.look(MAIN).holder, other.look(MAIN).owner) == (other.unlock(MAIN).holder, OWNERS[0])
        assert other.look(SIDE).holder is Holder.NOBODY
    assert other.look(MAIN).holder is Holder.NOBODY
    with other.hold(MAIN):
        pass
