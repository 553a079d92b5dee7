"""Tests reach loopback alone, in their own process and in those that they start."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.stage import bare_environment

ELSEWHERE = ("192.0.2.1", 4002)
"""An address that belongs to documentation (RFC 5737): nobody answers there."""


def test_not_from_here() -> None:
    with socket.socket() as outside, pytest.raises(PermissionError, match="loopback"):
        outside.connect(ELSEWHERE)
    with pytest.raises(PermissionError, match="loopback"):
        socket.getaddrinfo("example.com", 80)


def test_not_from_a_command(tmp_path: Path) -> None:
    attempt = f"import socket; socket.socket().connect({ELSEWHERE})"
    ended = subprocess.run(
        [sys.executable, "-c", attempt], capture_output=True, text=True, check=False, env=bare_environment(tmp_path)
    )
    assert ended.returncode != 0
    assert "PermissionError" in ended.stderr
