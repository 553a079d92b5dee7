import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.retry import ANSWERED, DEFAULT_BOUNDS, RetryBounds, TenacityRetry
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable, FundsNotFree, InvariantBroken, SendUncertain
from reconciler.domain.run import Failure
from reconciler.ports import Retry, RetryPolicy
from reconciler.simgateway.serving.virtual import run_virtually

SECOND = timedelta(seconds=1)
BOUNDS = RetryBounds(attempts=4, first_wait=SECOND, longest_wait=3 * SECOND, total=60 * SECOND)


class Gateway:
    """Fails as often as it is told to, each time after `pause` seconds, and notes when it was asked."""

    def __init__(self, failures: int, error: Exception | None = None, pause: float = 0) -> None:
        self.asked_at: list[float] = []
        self._failures = failures
        self._error = error
        self._pause = pause

    async def ask(self) -> str:
        self.asked_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._pause)
        if len(self.asked_at) <= self._failures:
            raise self._error or BrokerUnavailable(f"failure {len(self.asked_at)}")
        return f"answer {len(self.asked_at)}"


def a_retry(bounds: RetryBounds = BOUNDS, seed: int = 1) -> Retry:
    return TenacityRetry(dict.fromkeys(RetryPolicy, bounds), chance=chance(seed))


def chance(seed: int = 1) -> random.Random:
    return random.Random(seed)  # noqa: S311 - jitter, not a secret


def call(
    retry: Retry,
    attempt: Callable[[], Awaitable[str]],
    policy: RetryPolicy = RetryPolicy.READ,
    within: timedelta | None = None,
) -> str:
    return run_virtually(retry.call(policy, attempt, within=within))


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_the_first_success_is_the_result(failures: int) -> None:
    gateway = Gateway(failures)
    assert call(a_retry(), gateway.ask) == f"answer {failures + 1}"


def test_the_last_failure_is_raised_when_the_attempts_are_used_up() -> None:
    gateway = Gateway(99)
    with pytest.raises(BrokerUnavailable, match="failure 4"):
        call(a_retry(), gateway.ask)
    assert len(gateway.asked_at) == 4


@pytest.mark.parametrize("error", [BrokerRefused("no"), SendUncertain("?"), InvariantBroken("bug"), TimeoutError()])
def test_nothing_else_is_tried_again(error: Exception) -> None:
    gateway = Gateway(99, error)
    with pytest.raises(type(error)):
        call(a_retry(), gateway.ask)
    assert len(gateway.asked_at) == 1


ANSWERS = {
    RetryPolicy.CONNECT: BrokerUnavailable,
    RetryPolicy.READ: BrokerUnavailable,
    RetryPolicy.MARGIN: FundsNotFree,
}


@pytest.mark.parametrize("policy", RetryPolicy)
@pytest.mark.parametrize("error", [BrokerUnavailable, FundsNotFree])
def test_each_policy_answers_its_own_failure_and_no_other(policy: RetryPolicy, error: type[Exception]) -> None:
    gateway = Gateway(1, error("not now"))
    if error is ANSWERS[policy]:
        assert call(a_retry(), gateway.ask, policy) == "answer 2"
    else:
        with pytest.raises(error):
            call(a_retry(), gateway.ask, policy)
        assert len(gateway.asked_at) == 1


def test_an_attempt_may_be_any_function_that_gives_an_awaitable() -> None:
    gateway = Gateway(1)

    def ask() -> Awaitable[str]:
        return asyncio.ensure_future(gateway.ask())

    assert call(a_retry(), ask) == "answer 2"


@given(seed=st.integers(), attempts=st.integers(1, 40))
def test_waits_double_within_their_jitter_up_to_the_longest(seed: int, attempts: int) -> None:
    gateway = Gateway(99)
    bounds = RetryBounds(attempts=attempts, first_wait=SECOND, longest_wait=30 * SECOND, total=3600 * SECOND)
    with pytest.raises(BrokerUnavailable, match=f"failure {attempts}$"):
        call(a_retry(bounds, seed), gateway.ask)
    waits = [after - before for before, after in zip(gateway.asked_at, gateway.asked_at[1:], strict=False)]
    whole = [min(2.0**number, 30.0) for number in range(attempts - 1)]
    assert all(most / 2 <= wait + 1e-6 and wait <= most + 1e-6 for wait, most in zip(waits, whole, strict=True))


@given(seed=st.integers(), pause=st.floats(0, 20), total=st.floats(0, 100))
def test_no_attempt_starts_after_the_total(seed: int, pause: float, total: float) -> None:
    gateway = Gateway(999, pause=pause)
    bounds = RetryBounds(attempts=500, first_wait=SECOND, longest_wait=8 * SECOND, total=timedelta(seconds=total))
    with pytest.raises(BrokerUnavailable):
        call(a_retry(bounds, seed), gateway.ask)
    assert gateway.asked_at[-1] <= total + 1e-6
    # And it does not give up while there is room for the longest wait and another attempt.
    assert gateway.asked_at[-1] + pause + 8 >= total - 1e-6


@given(seed=st.integers(), total=st.floats(0, 100), within=st.floats(0, 100))
def test_a_caller_may_tighten_the_total_and_never_loosen_it(seed: int, total: float, within: float) -> None:
    gateway, least = Gateway(999, pause=0.5), min(total, within)
    bounds = RetryBounds(attempts=500, first_wait=SECOND, longest_wait=4 * SECOND, total=timedelta(seconds=total))
    with pytest.raises(BrokerUnavailable):
        call(a_retry(bounds, seed), gateway.ask, within=timedelta(seconds=within))
    assert gateway.asked_at[-1] <= least + 1e-6
    assert gateway.asked_at[-1] + 0.5 + 4 >= least - 1e-6


def test_one_attempt_is_made_however_little_time_is_left() -> None:
    gateway = Gateway(99)
    with pytest.raises(BrokerUnavailable):
        call(a_retry(), gateway.ask, within=timedelta(0))
    assert len(gateway.asked_at) == 1


def test_the_same_seed_waits_the_same() -> None:
    one, other, third = Gateway(3), Gateway(3), Gateway(3)
    call(a_retry(seed=7), one.ask)
    call(a_retry(seed=7), other.ask)
    call(a_retry(seed=8), third.ask)
    assert one.asked_at == other.asked_at != third.asked_at


def test_a_cancel_is_not_tried_again() -> None:
    gateway = Gateway(99)

    async def cancel_in_the_first_wait() -> None:
        task = asyncio.ensure_future(a_retry().call(RetryPolicy.READ, gateway.ask))
        await asyncio.sleep(0.1)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        run_virtually(cancel_in_the_first_wait())
    assert len(gateway.asked_at) == 1


def test_each_policy_has_its_own_bounds() -> None:
    bounds = dict.fromkeys(RetryPolicy, BOUNDS) | {RetryPolicy.CONNECT: RetryBounds(2, SECOND, SECOND, 60 * SECOND)}
    gateway = Gateway(99)
    with pytest.raises(BrokerUnavailable, match="failure 2"):
        call(TenacityRetry(bounds, chance=chance()), gateway.ask, RetryPolicy.CONNECT)


def test_a_policy_without_bounds_is_a_defect() -> None:
    with pytest.raises(InvariantBroken, match="no bounds for connect"):
        TenacityRetry({each: BOUNDS for each in RetryPolicy if each is not RetryPolicy.CONNECT}, chance=chance())


def test_the_defaults_cover_every_policy() -> None:
    assert set(DEFAULT_BOUNDS) == set(ANSWERED) == set(RetryPolicy)


def test_every_attempt_beyond_the_first_is_counted_by_policy_and_by_failure() -> None:
    retry = a_retry()
    assert retry.retried() == ()

    call(retry, Gateway(0).ask)
    assert retry.retried() == ()
    call(retry, Gateway(2).ask)
    call(retry, Gateway(1).ask, RetryPolicy.CONNECT)
    call(retry, Gateway(1).ask)

    connect, read = retry.retried()
    assert (connect.policy, connect.times) == ("connect", 1)
    assert (read.policy, read.times) == ("read", 3)
    assert read.failures == (Failure("failure 1", 2), Failure("failure 2", 1))


def test_what_was_not_tried_again_is_not_counted() -> None:
    retry = a_retry()
    with pytest.raises(BrokerUnavailable):
        call(retry, Gateway(99).ask)
    with pytest.raises(BrokerRefused):
        call(retry, Gateway(1, BrokerRefused("no")).ask)

    (read,) = retry.retried()
    assert read.times == 3  # four attempts


def test_a_wait_that_was_cut_short_is_no_retry() -> None:
    retry, gateway = a_retry(), Gateway(99)

    async def cancel_in_the_first_wait() -> None:
        task = asyncio.ensure_future(retry.call(RetryPolicy.READ, gateway.ask))
        await asyncio.sleep(0.1)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    run_virtually(cancel_in_the_first_wait())
    assert retry.retried() == ()
