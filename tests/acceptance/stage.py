"""The stage of these tests: a gateway in its own process, manifests in a copy, and the command as a user runs it.

Rule: the tests look at what a user sees (exit code, streams, files) and at the gateway's own books; never inside.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema

from reconciler.adapters.clock import SystemClock
from tests.daysend import seconds_to_wait
from tests.nursery import Order, nursery

ACCOUNT_ID = "DU1000001"
REPOSITORY = Path(__file__).parents[2]
SCENARIOS = Path(__file__).with_name("scenarios")
GUARD = Path(__file__).with_name("guard")
SMALL = SCENARIOS / "small.yaml"
SHIPPED_SCENARIOS = REPOSITORY / "reconciler" / "simgateway" / "scenarios"

DRIFT_OF_SMALL = {"NVDA": -12, "TSLA": -4, "GLD": 6, "AVGO": 4, "ORCL": 12}
"""What an apply trades in the small account, in shares; the first two reduce risk and go first."""
FIRST_BATCH = ("NVDA", "TSLA")

Json = dict[str, Any]
ANSWER_SECONDS = 10.0
ALIVE = ("PreSubmitted", "Submitted", "PendingCancel")


def command(*arguments: str) -> list[str]:
    """The command line of folioctl, by the interpreter that runs the tests."""
    return [sys.executable, "-m", "cli", *arguments]


def bare_environment(home: Path) -> dict[str, str]:
    """Nothing of the person's own, no network, and a home of its own."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join((str(GUARD), str(REPOSITORY))),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


@dataclass(frozen=True)
class Ended:
    """What a command left: its exit code and both streams."""

    code: int
    stdout: str
    stderr: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.stderr, self.stderr

    @cached_property
    def document(self) -> Json:
        """Standard output as the one document that it must be, valid against its published schema."""
        found: Json = json.loads(self.stdout)
        schema = json.loads((REPOSITORY / f"schemas/v1/documents/{found['kind']}.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(found)
        assert found["format_version"] == "1.0"
        return found

    def expect(self, code: int) -> "Ended":
        """Itself, where it ended with `code`."""
        assert self.code == code, f"{self.code}, not {code}\n{self.stdout}\n{self.stderr}"
        return self


class Command:
    """A command that runs. Its standard error is read as it comes."""

    def __init__(self, process: "subprocess.Popen[str]", output: Path) -> None:
        self.process = process
        self._output = output
        self._said: list[str] = []

    def said(self, text: str) -> None:
        """Return when a line with `text` was written to standard error; it must be, before the end."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._said.append(line)
            if text in line:
                return
        raise AssertionError(f"{text!r} was never said:\n{''.join(self._said)}\n{self._output.read_text()}")

    def kill(self) -> None:
        """SIGKILL, and see it dead."""
        self.process.kill()
        self.process.wait()

    def end(self) -> Ended:
        """Wait for its end."""
        _, rest = self.process.communicate()
        return Ended(self.process.returncode, self._output.read_text(), "".join(self._said) + rest)


class Books:
    """A simulated gateway's own books, and what can be said to it, wherever it runs."""

    def ask(self, verb: str, **what: Any) -> Json:
        """One command of the control channel."""
        raise NotImplementedError

    def quirk(self, name: str) -> None:
        self.ask("quirk", arm=name)

    @property
    def books(self) -> Json:
        """The ledger of the account."""
        found: Json = self.ask("ledger")["accounts"][ACCOUNT_ID]
        return found

    @property
    def leverage(self) -> Decimal:
        return Decimal(self.books["leverage"])

    @property
    def positions(self) -> dict[str, Decimal]:
        """Shares by symbol."""
        return {symbol: Decimal(held["quantity"]) for symbol, held in self.books["positions"].items()}

    @property
    def orders(self) -> list[Json]:
        """Every order that folioctl ever sent, in the order of arrival."""
        return [each for each in self.ask("orders")["orders"] if each["order_ref"].startswith("folioctl:")]

    @property
    def resting(self) -> list[str]:
        """The symbols of folioctl's orders that still work."""
        return [each["symbol"] for each in self.orders if each["status"] in ALIVE]

    def traded(self) -> dict[str, Decimal]:
        """Shares that folioctl's orders moved, signed, by symbol."""
        moved: dict[str, Decimal] = {}
        for order in self.orders:
            sign = 1 if order["action"] == "BUY" else -1
            for execution in order["executions"]:
                moved[order["symbol"]] = moved.get(order["symbol"], Decimal(0)) + sign * Decimal(execution["shares"])
        return moved

    def volume(self) -> dict[str, Decimal]:
        """Shares that folioctl's orders moved, buys and sells alike, by symbol."""
        moved: dict[str, Decimal] = {}
        for order in self.orders:
            moved[order["symbol"]] = moved.get(order["symbol"], Decimal(0)) + Decimal(order["filled"])
        return moved


class Gateway(Books):
    """A simulated gateway in a process of its own, seen through its control channel."""

    def __init__(self, pid: int, port: int, control: int) -> None:
        self._pid = pid
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self._socket = socket.create_connection(("127.0.0.1", control), timeout=ANSWER_SECONDS)
        self._lines = self._socket.makefile("rw")

    def close(self) -> None:
        """The end of the gateway, in order."""
        self._lines.close()
        self._socket.close()
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        os.kill(self._pid, signal.SIGKILL)

    def ask(self, verb: str, **what: Any) -> Json:
        self._lines.write(json.dumps({"do": verb, **what}) + "\n")
        self._lines.flush()
        answer: Json = json.loads(self._lines.readline())
        assert answer.pop("ok"), answer
        return answer

    def until(self, condition: Callable[["Gateway"], bool]) -> None:
        """Look at each change of the gateway's orders until the condition holds; the test's own timeout bounds it."""
        changes = self.ask("script")["counts"]["changes"]
        while not condition(self):
            # On a busy machine the next change may come later than any answer does.
            self._socket.settimeout(None)
            changes = self.ask("await", **{"for": {"changes": changes + 1}})["counts"]["changes"]
            self._socket.settimeout(ANSWER_SECONDS)


@dataclass
class Stage:
    """A gateway, a copy of the manifests, a state directory, and the command run on them."""

    directory: Path
    gateway: Gateway
    environment: dict[str, str] = field(default_factory=dict)
    started: list[Command] = field(default_factory=list)

    @property
    def manifests(self) -> Path:
        return self.directory / "repository" / "desired-state"

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def reports(self) -> list[Path]:
        """The reports of runs, the oldest first."""
        return sorted((self.state / "reports").glob("run-*.json"), key=lambda path: path.stat().st_mtime_ns)

    def edit(self, file: str, old: str, new: str) -> None:
        """Change one piece of one manifest; the piece must be there."""
        path = self.manifests / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1))

    def policy(self, text: str) -> None:
        """Add lines to the execution policy."""
        path = self.manifests / "execution-policy.yaml"
        path.write_text(path.read_text() + text)

    def start(self, *arguments: str, **environment: str | None) -> Command:
        """Start a command in an interpreter of its own; an environment variable of None is unset."""
        output = self.directory / f"stdout-{len(self.started)}"
        with output.open("w") as stdout:
            process = subprocess.Popen(
                command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
                cwd=self.directory / "repository",
                env=self.environ(**environment),
            )
        self.started.append(Command(process, output))
        return self.started[-1]

    def run(self, *arguments: str, **environment: str | None) -> Ended:
        """Run a command to its end, in a forked process. Neither stream may name the broker's account (promise 14)."""
        order = Order(
            words=arguments,
            directory=self.directory / "repository",
            environment=self.environ(**environment),
            output=self.directory / "stdout",
            errors=self.directory / "stderr",
        )
        code = nursery().run(order)
        ended = Ended(code, order.output.read_text(), order.errors.read_text())
        assert ACCOUNT_ID not in ended.stdout + ended.stderr
        return ended

    def environ(self, **changes: str | None) -> dict[str, str]:
        """The environment of a command."""
        found = self.environment | changes
        return {name: value for name, value in found.items() if value is not None}

    def clean_up(self) -> None:
        """End what still runs."""
        for each in self.started:
            if each.process.poll() is None:
                each.kill()
            for stream in (each.process.stdin, each.process.stderr):
                if stream is not None:
                    stream.close()


@contextmanager
def gateway(scenario: Path | None, home: Path, *options: str) -> Iterator[Gateway]:
    """A simulated gateway while the block lasts; the demo's account without a scenario."""
    chosen = [*options, *([] if scenario is None else ["--scenario", str(scenario)])]
    streams = Path(tempfile.mkdtemp(dir=home))
    os.mkfifo(streams / "said")
    order = Order(
        words=["gateway", "--port", "0", "--control", "0", *chosen],
        directory=home,
        environment=bare_environment(home),
        output=streams / "said",
        errors=streams / "errors",
    )
    pid = nursery().begin(order)
    with (streams / "said").open() as said:
        port, control = (int(said.readline().rpartition(":")[2]) for _ in range(2))
        served = Gateway(pid, port, control)
        try:
            yield served
        finally:
            served.close()


def copied_manifests(directory: Path) -> Path:
    """The example's manifests, below a repository of their own in `directory`."""
    manifests = directory / "repository" / "desired-state"
    manifests.mkdir(parents=True)
    for path in (REPOSITORY / "desired-state").glob("*.yaml"):
        (manifests / path.name).write_text(path.read_text())
    return manifests


def staged_environment(directory: Path, gateway_address: str) -> dict[str, str]:
    """The environment of a command: its state below `directory`, and the gateway that it connects to."""
    return bare_environment(directory) | {
        "FOLIOCTL_STATE": str(directory / "state"),
        "FOLIOCTL_GATEWAY": gateway_address,
        "IB_ACCOUNT_ID": ACCOUNT_ID,
    }


@contextmanager
def stage(directory: Path, scenario: Path | None = None, *options: str) -> Iterator[Stage]:
    """A stage in `directory`, which is made. With the small scenario, the manifests are those of the small account.

    `options` are the gateway's.
    """
    threading.Event().wait(seconds_to_wait(SystemClock().now()))
    manifests = copied_manifests(directory)
    if scenario == SMALL:
        (manifests / "portfolio.yaml").write_text((SCENARIOS / "small-portfolio.yaml").read_text())
    with gateway(scenario, directory, *options) as served:
        made = Stage(directory, served, staged_environment(directory, served.address))
        try:
            yield made
        finally:
            made.clean_up()


def lines_of(document: Json) -> dict[str, Json]:
    """The lines of the only account of a document, by instrument."""
    (account,) = document["accounts"]
    return {line["instrument"]: line for line in account["lines"]}


def assert_small_is_traded_once(served: Gateway) -> None:
    """The small account is at its targets, and not one share went more than once: no order was doubled."""
    assert served.traded() == DRIFT_OF_SMALL
    assert served.volume() == {symbol: abs(shares) for symbol, shares in DRIFT_OF_SMALL.items()}
    assert served.resting == []
    refs = [order["order_ref"] for order in served.orders]
    assert len(refs) == len(set(refs))
