"""How many examples a property gets: all of them in `make test-all`, half of them in `make test`."""

from hypothesis import settings

ALL = 100
"""What a property gets that says nothing of its own."""


def register() -> None:
    """Make both profiles. No deadline: a machine that is busy with something else must not fail a test. A failing case
    prints what replays it."""
    for name, number in (("full", ALL), ("house", ALL // 2)):
        settings.register_profile(name, deadline=None, print_blob=True, max_examples=number)


def examples(number: int) -> settings:
    """So many in `make test-all`."""
    profile = settings.default
    assert profile is not None
    return settings(max_examples=number * profile.max_examples // ALL)
