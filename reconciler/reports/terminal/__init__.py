"""What a person reads on a terminal, at any width, with or without colour.

Colour only repeats what the words say. Every text of foreign origin passes `wording.plain`; nothing is parsed as rich
markup. What matters most comes last, because a terminal shows its end.
"""

from reconciler.reports.terminal.contract_lock import show_lock_file
from reconciler.reports.terminal.diagnostics import show_diagnostics
from reconciler.reports.terminal.drift import show_drift
from reconciler.reports.terminal.explanation import show_explanation
from reconciler.reports.terminal.halt import show_cancellation, show_halt, show_release
from reconciler.reports.terminal.lock import show_lock
from reconciler.reports.terminal.parts import Detail
from reconciler.reports.terminal.plan import show_plan
from reconciler.reports.terminal.run import show_run
from reconciler.reports.terminal.status import show_status

__all__ = [
    "Detail",
    "show_cancellation",
    "show_diagnostics",
    "show_drift",
    "show_explanation",
    "show_halt",
    "show_lock",
    "show_lock_file",
    "show_plan",
    "show_release",
    "show_run",
    "show_status",
]
