"""The time of day. The only place of the library that asks the machine for it."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Now, in UTC, aware."""
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock that the rule sends everyone to
