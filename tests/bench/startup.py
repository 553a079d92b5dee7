"""`folioctl --version` against a bare Typer app that prints a string."""

import subprocess
import sys
from collections.abc import Iterator

from tests.bench.timing import ratio

_BARE = """
import typer
app = typer.Typer()
@app.command()
def main() -> None:
    print("folioctl 0.1.0")
app()
"""


def lines() -> Iterator[str]:
    def ours() -> None:
        subprocess.run([sys.executable, "-m", "cli", "--version"], check=True, stdout=subprocess.DEVNULL)

    def bare() -> None:
        subprocess.run([sys.executable, "-c", _BARE], check=True, stdout=subprocess.DEVNULL)

    share, mine, theirs = ratio(ours, bare, rounds=9)
    yield f"startup   --version {mine * 1000:.0f} ms, bare Typer {theirs * 1000:.0f} ms: {share:.2f} ×"
