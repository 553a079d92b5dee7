"""A setting as it is in force: its value, and where that comes from."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.diagnostics import Location


class Origin(StrEnum):
    """Where a value comes from, the strongest first."""

    ENVIRONMENT = "environment"
    KEYRING = "keyring"
    ENV_FILE = "env-file"
    DEFAULT = "default"


@dataclass(frozen=True)
class SettingReading:
    """One setting. `value` is None where there is none, and where it is a secret: `is_set` says which.

    `place` is the line of an env file that it comes from, and None elsewhere.
    """

    name: str
    meaning: str
    value: str | None
    is_set: bool
    is_secret: bool
    origin: Origin
    place: Location | None = None
