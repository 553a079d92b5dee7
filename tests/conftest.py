"""What holds for every test: no network but loopback, nothing of the person's own environment, long sweeps if asked."""

import os
import signal
from collections.abc import Iterator
from importlib import import_module

import pytest
from hypothesis import settings

from tests.examples import register

import_module("tests.acceptance.guard.sitecustomize")

register()

# A shell starts what runs in its background deaf to Ctrl-C, and a command under test would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_OURS = ("FOLIOCTL_", "IB_", "XDG_", "GIT_")
_OTHERS = ("CI", "GITHUB_ACTOR", "DRY_RUN", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM")


PLUGIN = "folioctl-gateway"


def pytest_configure(config: pytest.Config) -> None:
    """How many examples. The gateway's fixture comes with an installation's entry point; an older one gets it here."""
    settings.load_profile("full" if config.getoption("--full") else "house")
    if not config.pluginmanager.has_plugin(PLUGIN):
        config.pluginmanager.register(import_module("reconciler.simgateway.pytest_plugin"), PLUGIN)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the tests marked `full` too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="longer than the budget of `make test`: runs with --full"))


@pytest.fixture(scope="session", autouse=True)
def _bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home of its own, and no setting that the person or the build service has."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith(_OURS) or each in _OTHERS]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        yield
