"""What the tests of the simulated gateway share: which of them can run, and what a library's log must not say."""

import importlib.util
import logging
from collections.abc import Iterator

import pytest

collect_ignore = [] if importlib.util.find_spec("ibapi") else ["test_ibapi.py"]
"""The broker's own client has an environment of its own, which `make ibapi` makes."""

EXPECTED_ERRORS = ("Error ", "API connection failed", "Peer closed connection")
"""What the libraries log at level ERROR for the broker's own error messages and for a closed connection."""


@pytest.fixture
def no_decoding_trouble(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A message that a library cannot decode, or not place, is a log line to it; here it fails the test."""
    yield
    trouble = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR and not record.getMessage().startswith(EXPECTED_ERRORS)
    ]
    assert trouble == []
