"""Sync and health of an account, and the conditions that explain them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SyncStatus(StrEnum):
    """Whether the account matches the manifests. Unknown is its own answer, never a guess."""

    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


class HealthStatus(StrEnum):
    """How the account is, best first."""

    HEALTHY = "Healthy"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"
    SUSPENDED = "Suspended"
    UNKNOWN = "Unknown"


class Truth(StrEnum):
    """A condition's three values."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Condition:
    """One aspect of an account: an adjective, whether it holds, a reason code and a sentence."""

    type: str
    status: Truth
    reason: str
    message: str
    as_of: datetime
