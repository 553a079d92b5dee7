"""Draws the picture of a plan in the README: `python -m tests.picture` plans the demo's account and draws that.

The plan stands beside its picture as `plan -o` saved it, so that a test can hold one against the other.
"""

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from cli.commands.demo import ACCOUNT_ID
from reconciler import planfile
from reconciler.reports.terminal.plan import show_plan

REPOSITORY = Path(__file__).parents[1]
PLAN = REPOSITORY / "docs" / "images" / "plan.json"
PICTURE = REPOSITORY / "docs" / "images" / "plan.svg"
WIDTH = 104
"""Characters in a line of the picture: enough for every column."""


def drawn(document: str) -> str:
    """The plan as `folioctl show` shows it on a terminal with colours, as SVG."""
    console = Console(
        record=True, file=io.StringIO(), width=WIDTH, force_terminal=True, color_system="truecolor", highlight=False
    )
    show_plan(console, planfile.read(document), apply_command="folioctl apply")
    return console.export_svg(title="folioctl plan", unique_id="plan")


def made() -> str:
    """A plan document of the demo's account, by the command and a simulated gateway. Raises CalledProcessError."""
    folioctl = [sys.executable, "-m", "cli"]
    with tempfile.TemporaryDirectory() as directory:
        gateway = subprocess.Popen([*folioctl, "gateway", "--port", "0"], stdout=subprocess.PIPE, text=True)
        try:
            assert gateway.stdout is not None
            address = gateway.stdout.readline().removeprefix("listening on ").strip()
            told = {"FOLIOCTL_STATE": directory, "FOLIOCTL_GATEWAY": address, "IB_ACCOUNT_ID": ACCOUNT_ID}
            file = Path(directory) / "plan.json"
            plan = [*folioctl, "plan", "-C", str(REPOSITORY), "-o", str(file)]
            subprocess.run(plan, env=os.environ | told, check=True, stdout=subprocess.DEVNULL)
            return file.read_text(encoding="utf-8")
        finally:
            gateway.terminate()
            gateway.communicate(timeout=10)


if __name__ == "__main__":
    PLAN.write_text(made(), encoding="utf-8")
    PICTURE.write_text(drawn(PLAN.read_text(encoding="utf-8")), encoding="utf-8")
