"""folioctl demo: the main job against the simulated gateway, each step a command that you could type yourself."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from cli.resources import shipped
from reconciler.domain.exits import ExitCode

ACCOUNT_ID = "DU1000001"
"""The demo's account at the simulated gateway; no broker has it."""

_STOP_SECONDS = 10


@dataclass(frozen=True)
class Stage:
    """Where the demo's commands run."""

    manifests: Path
    state: Path
    gateway: str

    def run(self, *arguments: str, shows: bool = True) -> "subprocess.CompletedProcess[str]":
        """One folioctl command, announced as a person would type it."""
        if shows:
            typer.secho(f"\n$ folioctl {' '.join(arguments)}", bold=True)
            sys.stdout.flush()
        environment = os.environ | {
            "FOLIOCTL_STATE": str(self.state),
            "FOLIOCTL_GATEWAY": self.gateway,
            "IB_ACCOUNT_ID": ACCOUNT_ID,
        }
        for name in ("DRY_RUN", "FOLIOCTL_HALT"):  # they are meant for real accounts
            environment.pop(name, None)
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments, *(["--desired-state", str(self.manifests)])],
            env=environment,
            check=False,
            text=True,
            stdout=None if shows else subprocess.PIPE,
        )


def demo() -> None:
    """Start a simulated gateway with a paper account, then validate, plan, apply and look for drift."""
    state = Path(tempfile.mkdtemp(prefix="folioctl-demo-"))
    with _gateway() as address:
        typer.echo(f"A simulated IB gateway serves the paper account {ACCOUNT_ID} on {address}.")
        stage = Stage(shipped("desired-state"), state, address)
        for command in (("validate",), ("plan",), ("apply", "--auto-approve"), ("drift", "--detailed-exitcode")):
            ended = stage.run(*command)
            if ended.returncode != 0:
                typer.secho(f"\nfolioctl {command[0]} ended with {ended.returncode}", fg="red", err=True)
                raise typer.Exit(ExitCode.ERROR)
        found = json.loads(stage.run("drift", "--json", shows=False).stdout)
    typer.echo("")
    for report in sorted((state / "reports").glob("run-*.json")):
        typer.echo(f"The run's report is in {report}.")
    leverage = found["summary"]["leverage"]
    typer.echo(f"In sync at leverage {leverage['current']}, target {leverage['target']}. Nothing was left running.")


@contextmanager
def _gateway() -> Iterator[str]:
    """A simulated gateway in a process of its own, on a free port; gone when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "gateway", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        first = process.stdout.readline() if process.stdout else ""
        if not first.startswith("listening on "):
            raise typer.Exit(ExitCode.ERROR)
        yield first.removeprefix("listening on ").strip()
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
