"""Draws the picture of a plan in the README: `python -m tests.picture` plans the demo's account and draws that.

The plan is what the command makes of the demo's account; only its name, its moment and its commit are always the same
ones, and the account's margin does not go by the hour as the demo's does, so that the picture changes when, and only
when, a plan looks different.
"""

import io
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from reconciler import planfile
from reconciler.domain.ids import PlanId
from reconciler.domain.plan import Plan
from reconciler.reports.terminal.plan import show_plan
from tests.acceptance.stage import REPOSITORY, SHIPPED_SCENARIOS, stage

PICTURE = REPOSITORY / "docs" / "images" / "plan.svg"
WIDTH = 104
"""Characters in a line of the picture: enough for every column."""

_NAME = PlanId("8ae651f72645")
_MADE = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_COMMIT = "5f2c1a9e0b7d4c3816ae92f0d4b7c35e8a1f6029"


def drawn(plan: Plan) -> str:
    """The plan as `folioctl plan` shows it on a terminal with colours, as SVG."""
    console = Console(
        record=True, file=io.StringIO(), width=WIDTH, force_terminal=True, color_system="truecolor", highlight=False
    )
    shown = replace(
        plan,
        id=_NAME,
        created=_MADE,
        expires=_MADE + (plan.expires - plan.created),
        revision=replace(plan.revision, commit=_COMMIT, dirty=False),
    )
    show_plan(console, shown, apply_command="folioctl apply")
    return console.export_svg(title="folioctl plan", unique_id="plan")


def made() -> Plan:
    """The plan of the demo's account, by the command and a simulated gateway."""
    with tempfile.TemporaryDirectory() as directory:
        scenario = Path(directory) / "demo.yaml"
        demo = (SHIPPED_SCENARIOS / "demo.yaml").read_text(encoding="utf-8")
        scenario.write_text(_at_any_hour(demo), encoding="utf-8")
        return _planned(Path(directory) / "stage", scenario)


def _at_any_hour(demo: str) -> str:
    """The scenario under the one margin model that asks for the same before and after New York's close."""
    account = "  DU1000001:\n"
    assert account in demo
    return demo.replace(account, f"{account}    margin: {{model: regulation-t}}\n", 1)


def _planned(directory: Path, scenario: Path) -> Plan:
    with stage(directory, scenario) as demo:
        file = demo.directory / "demo.plan"
        demo.run("plan", "-o", str(file)).expect(0)
        return planfile.read(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PICTURE.write_text(drawn(made()), encoding="utf-8")
