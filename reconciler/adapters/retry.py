"""What may be tried again, how often and how long: the one policy module. The placing of an order never comes here.

Every attempt beyond a first one is counted, by its policy and by the failure that it answers.

Time is the event loop's, so that a loop of virtual time drives it; tenacity's own clock is the wall's and is not asked.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from reconciler.domain.errors import BrokerUnavailable, InvariantBroken
from reconciler.domain.run import Failure, Retried
from reconciler.ports import Result, RetryPolicy

_MOST_DOUBLINGS = 16
"""Beyond this every wait is the longest one, and the product would outgrow a timedelta."""


@dataclass(frozen=True)
class RetryBounds:
    """How one policy tries again.

    The wait before attempt n + 1 is drawn between half and all of `first_wait` × 2ⁿ⁻¹, at most `longest_wait`.
    No attempt starts after `total`; one that runs is not cut off, because every read has its own timeout.
    """

    attempts: int
    first_wait: timedelta
    longest_wait: timedelta
    total: timedelta


DEFAULT_BOUNDS: Mapping[RetryPolicy, RetryBounds] = MappingProxyType(
    {
        RetryPolicy.CONNECT: RetryBounds(
            attempts=5,
            first_wait=timedelta(seconds=1),
            longest_wait=timedelta(seconds=10),
            total=timedelta(seconds=60),
        ),
        RetryPolicy.READ: RetryBounds(
            attempts=3,
            first_wait=timedelta(milliseconds=500),
            longest_wait=timedelta(seconds=5),
            total=timedelta(seconds=30),
        ),
    }
)


class TenacityRetry:
    """The Retry port. `sleep` waits seconds on the event loop; `chance` draws the jitter, from a seed of the caller's.

    Raises InvariantBroken where a policy has no bounds.
    """

    def __init__(
        self,
        bounds: Mapping[RetryPolicy, RetryBounds],
        *,
        chance: random.Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if missing := set(RetryPolicy) - set(bounds):
            raise InvariantBroken(f"no bounds for {', '.join(sorted(missing))}")
        self._bounds = bounds
        self._chance = chance
        self._sleep = sleep
        self._failures: dict[RetryPolicy, Counter[str]] = {policy: Counter() for policy in RetryPolicy}

    async def call(self, policy: RetryPolicy, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """The result of the first attempt that succeeds, else the last BrokerUnavailable. Anything else passes."""
        failure: BrokerUnavailable | None = None

        async def once() -> Result:  # tenacity awaits only what it recognises as a coroutine function
            nonlocal failure
            if failure is not None:
                self._failures[policy][str(failure)] += 1
            try:
                return await attempt()
            except BrokerUnavailable as error:
                failure = error
                raise

        bounds = self._bounds[policy]
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(BrokerUnavailable),
            wait=lambda state: self._wait(bounds, state),
            stop=_stop(bounds),
            sleep=self._sleep,
            reraise=True,
        )
        return await retrying(once)

    def retried(self) -> tuple[Retried, ...]:
        """How often each policy has tried again so far, and what for; those that never did are left out."""
        return tuple(
            Retried(policy.value, tuple(Failure(why, times) for why, times in failures.items()))
            for policy, failures in self._failures.items()
            if failures
        )

    def _wait(self, bounds: RetryBounds, state: RetryCallState) -> float:
        doublings = min(state.attempt_number - 1, _MOST_DOUBLINGS)
        whole = min(bounds.first_wait * (1 << doublings), bounds.longest_wait)
        return whole.total_seconds() * self._chance.uniform(0.5, 1)


def _stop(bounds: RetryBounds) -> Callable[[RetryCallState], bool]:
    """Stops after the last attempt, and where the next one would start too late."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + bounds.total.total_seconds()

    def stop(state: RetryCallState) -> bool:
        return state.attempt_number >= bounds.attempts or loop.time() + state.upcoming_sleep > deadline

    return stop
