"""The table of retries in docs/operations.md, made from the policies' bounds."""

import re
from collections.abc import Mapping
from datetime import timedelta

from reconciler.adapters.retry import DEFAULT_BOUNDS, RetryBounds
from reconciler.ports import RetryPolicy

BEGIN, END = "<!-- retries -->", "<!-- retries: end -->"

WHAT: Mapping[RetryPolicy, str] = {
    RetryPolicy.CONNECT: "connecting, when a command begins",
    RetryPolicy.RECONNECT: "connecting in the middle of a run, within `timeouts.outage`",
    RetryPolicy.READ: "reading; over a new connection where the last one was lost",
    RetryPolicy.CANCEL: "asking for a cancel that no report has confirmed",
    RetryPolicy.MARGIN: "looking whether there is margin for a batch, where this run has freed some",
}


def refreshed(page: str) -> str:
    """The page with the table as it is now."""
    rows = "\n".join(_row(policy, bounds) for policy, bounds in DEFAULT_BOUNDS.items())
    head = "| Policy | What is tried again | Attempts | Waits | Ends after |\n|---|---|---|---|---|"
    return re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n\n{head}\n{rows}\n\n{END}", page, flags=re.DOTALL)


def _row(policy: RetryPolicy, bounds: RetryBounds) -> str:
    waits = f"{_shown(bounds.first_wait)}, doubled, to {_shown(bounds.longest_wait)}"
    is_patience = policy is RetryPolicy.RECONNECT
    attempts, total = ("any", "`timeouts.outage`") if is_patience else (str(bounds.attempts), _shown(bounds.total))
    return f"| `{policy}` | {WHAT[policy]} | {attempts} | {waits} | {total} |"


def _shown(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
