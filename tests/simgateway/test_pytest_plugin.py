"""The fixture `ib_gateway`, and what the plugin costs a test run that does not use it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.simgateway import Gateway
from tests.simgateway.lab import TEXT


def test_it_serves_the_demo(ib_gateway: Gateway) -> None:
    assert list(ib_gateway.ledger()["accounts"]) == ["DU1000001"]
    assert 0 < ib_gateway.port < 1 << 16


@pytest.mark.ib_gateway(TEXT, clock="stepped", seed=3)
def test_the_marker_says_what_and_how(ib_gateway: Gateway) -> None:
    assert ib_gateway.ledger()["accounts"]["DU1000001"]["positions"]["GLD"]["quantity"] == "20"
    assert ib_gateway.step(1)["now"] == "2026-01-05T15:00:01+00:00"


@pytest.mark.ib_gateway(scenario="cad")
class TestClass:
    def test_a_marker_of_the_class_counts(self, ib_gateway: Gateway) -> None:
        assert {each["base_currency"] for each in ib_gateway.ledger()["accounts"].values()} == {"CAD"}

    @pytest.mark.ib_gateway("demo")
    def test_the_closest_marker_wins(self, ib_gateway: Gateway) -> None:
        assert {each["base_currency"] for each in ib_gateway.ledger()["accounts"].values()} == {"USD"}


def test_each_test_has_its_own(ib_gateway: Gateway) -> None:
    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection(ib_gateway.host, ib_gateway.port)
        writer.write(b"API\0\0\0\0\x09v157..178")
        reply = await reader.readexactly(8)
        writer.close()
        await writer.wait_closed()
        return reply[4:]

    assert asyncio.get_event_loop().run_until_complete(ask()) == b"178\0"
    assert ib_gateway.frames()["in"] == {}


def test_the_plugin_alone_imports_nothing_heavy() -> None:
    program = """
import sys, pytest
before = set(sys.modules)
import reconciler.simgateway.pytest_plugin
print(sorted({each for each in set(sys.modules) - before if not each.startswith("_")}))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ended.stdout.strip() == str(["reconciler", "reconciler.simgateway", "reconciler.simgateway.pytest_plugin"])


def test_a_project_of_its_own_uses_it(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "import pytest\n\n\n"
        "@pytest.mark.ib_gateway('cad')\n"
        "def test_mine(ib_gateway):\n"
        "    assert ib_gateway.orders()['what_ifs'] == 0\n"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", *enabled()],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout


def enabled() -> list[str]:
    """Options that load the plugin where this installation is older than its entry point."""
    from importlib.metadata import entry_points

    installed = entry_points(group="pytest11", name="folioctl-gateway")
    return [] if installed else ["-p", "reconciler.simgateway.pytest_plugin"]
