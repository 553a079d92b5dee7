"""The message limit: a token bucket over all requests of one connection.

Clients that pace themselves send bursts of 45 at the start of a second; a strict window would punish them, so the
bucket holds two seconds' worth. Past it each message is refused with error 100, and the third refusal ends the session.
"""

from dataclasses import dataclass
from enum import Enum

MOST_VIOLATIONS = 3
_BURST_SECONDS = 2


class Verdict(Enum):
    """What becomes of a message."""

    ADMIT = "admit"
    REFUSE = "refuse"
    CLOSE = "close"


@dataclass
class Pacing:
    """The bucket of one connection. A rate of zero switches it off. Times are seconds of the gateway's clock."""

    messages_per_second: int
    _tokens: float = 0.0
    _last: float | None = None
    violations: int = 0

    def judge(self, seconds: float) -> Verdict:
        """Take one token at a time, or say what the lack of one means."""
        if not self.messages_per_second:
            return Verdict.ADMIT
        full = float(self.messages_per_second * _BURST_SECONDS)
        earned = full if self._last is None else (seconds - self._last) * self.messages_per_second
        self._tokens = min(full, self._tokens + earned)
        self._last = seconds
        if self._tokens >= 1:
            self._tokens -= 1
            return Verdict.ADMIT
        self.violations += 1
        return Verdict.CLOSE if self.violations >= MOST_VIOLATIONS else Verdict.REFUSE
