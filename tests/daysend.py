"""The end of the broker's day. What was broken off before it is not taken up after it: a person decides (promise 3).

A stage is not set up shortly before one: what a test breaks off, it takes up again on the same day.
"""

from datetime import datetime, timedelta

ENDS = tuple(timedelta(hours=hours) for hours in (0, 4, 5, 24))
"""After midnight in UTC. Which of them ends an account's day nobody tells: each ends what is proved by reading."""
LONGEST = timedelta(seconds=20)
"""More than a test takes from its stage to its end, but for those that wait for something."""


def seconds_to_wait(now: datetime) -> float:
    """How long to wait so that no day ends meanwhile; nothing, at nearly every moment."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    left = min(midnight + end - now for end in ENDS if midnight + end > now)
    return left.total_seconds() if left < LONGEST else 0.0
