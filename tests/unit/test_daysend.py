"""Where tests wait for a day of the broker to end."""

from datetime import UTC, datetime

import pytest

from tests.daysend import seconds_to_wait


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("00:00:00", 0),
        ("03:59:39", 0),
        ("03:59:41", 19),
        ("04:59:59", 1),
        ("12:00:00", 0),
        ("23:59:45.5", 14.5),
    ],
)
def test_a_test_waits_where_a_day_is_about_to_end(time: str, seconds: float) -> None:
    assert seconds_to_wait(datetime.fromisoformat(f"2026-11-30T{time}").replace(tzinfo=UTC)) == seconds
