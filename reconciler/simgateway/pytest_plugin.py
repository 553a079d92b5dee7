"""The pytest plugin: the fixture `ib_gateway`, a gateway of its own for each test.

Rule: the only module here that imports pytest, and it imports nothing of the gateway before a test asks for one.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from reconciler.simgateway.serving.inprocess import Gateway

MARKER = "ib_gateway"


def pytest_configure(config: pytest.Config) -> None:
    """Tell of the marker."""
    config.addinivalue_line(
        "markers", f"{MARKER}(scenario, *, clock, seed, …): what the fixture ib_gateway serves, as Gateway takes it"
    )


@pytest.fixture
def ib_gateway(request: pytest.FixtureRequest) -> "Iterator[Gateway]":
    """A simulated IB gateway that serves while the test runs; the marker `ib_gateway` says what and how."""
    from reconciler.simgateway.serving.inprocess import Gateway

    chosen = request.node.get_closest_marker(MARKER)
    arguments, options = (chosen.args, chosen.kwargs) if chosen else ((), {})
    with Gateway(*arguments, **options) as gateway:
        yield gateway
