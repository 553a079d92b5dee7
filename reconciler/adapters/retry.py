"""What may be tried again, how often and how long: the one policy module. The placing of an order never comes here.

Whether something is tried again is the type of its failure, and each policy knows one. Every attempt beyond a first
one is counted, by its policy and by the failure that it answers.

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

from reconciler.domain.errors import BrokerUnavailable, FolioctlError, FundsNotFree, InvariantBroken
from reconciler.domain.run import Failure, Retried
from reconciler.ports import Result, RetryPolicy

_MOST_DOUBLINGS = 16
"""Beyond this every wait is the longest one, and the product would outgrow a timedelta."""


@dataclass(frozen=True)
class RetryBounds:
    """How one policy tries again.

    The wait before attempt n + 1 is drawn between half and all of `first_wait` × 2ⁿ⁻¹, at most `longest_wait`.
    No attempt starts after `total`, nor after what the caller has left; one that runs is not cut off, because every
    read has its own timeout.
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
        # The broker may take three minutes until its account values hold what a fill has changed.
        RetryPolicy.MARGIN: RetryBounds(
            attempts=10,
            first_wait=timedelta(seconds=2),
            longest_wait=timedelta(seconds=30),
            total=timedelta(minutes=3),
        ),
    }
)

ANSWERED: Mapping[RetryPolicy, type[FolioctlError]] = MappingProxyType(
    {
        RetryPolicy.CONNECT: BrokerUnavailable,
        RetryPolicy.READ: BrokerUnavailable,
        RetryPolicy.MARGIN: FundsNotFree,
    }
)
"""The one failure that each policy answers with another attempt; every other ends the call."""


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

    async def call(
        self, policy: RetryPolicy, attempt: Callable[[], Awaitable[Result]], *, within: timedelta | None = None
    ) -> Result:
        """The result of the first attempt that succeeds, else the last failure. What the policy is not for passes."""
        answered, failure = ANSWERED[policy], ""

        async def once() -> Result:  # tenacity awaits only what it recognises as a coroutine function
            nonlocal failure
            if failure:
                self._failures[policy][failure] += 1
            try:
                return await attempt()
            except answered as error:
                failure = str(error) or type(error).__name__
                raise

        bounds = self._bounds[policy]
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(answered),
            wait=lambda state: self._wait(bounds, state),
            stop=_stop(bounds.attempts, bounds.total if within is None else min(within, bounds.total)),
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


def _stop(attempts: int, total: timedelta) -> Callable[[RetryCallState], bool]:
    """Stops after the last attempt, and where the next one would start too late."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + total.total_seconds()

    def stop(state: RetryCallState) -> bool:
        return state.attempt_number >= attempts or loop.time() + state.upcoming_sleep > deadline

    return stop
