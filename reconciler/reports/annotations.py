"""GitHub workflow commands: what shows as an annotation at a line of a file, or at the run.

Read by whoever can see the repository, so without amounts of money. GitHub shows ten of a kind for each step and drops
the others without a word; so the tenth says how many more there are.
"""

from collections.abc import Iterable

from reconciler.diagnostics import Diagnostic, Location, Severity, in_order
from reconciler.domain.line import Line
from reconciler.domain.plan import Plan
from reconciler.domain.status import SyncStatus
from reconciler.planning.assess import is_drifted, sync_status
from reconciler.reports import sentences, wording

LIMIT = 10
"""How many annotations of one kind GitHub shows for one step."""


def diagnostic_annotations(diagnostics: Iterable[Diagnostic]) -> tuple[str, ...]:
    """One command for each diagnostic that no comment sets aside, errors first; ten of a kind at most."""
    ordered = [each for each in in_order(diagnostics) if not each.ignored]
    return tuple(
        command
        for severity in Severity
        for command in _capped(severity, [_diagnostic(each) for each in ordered if each.severity is severity])
    )


def drift_annotations(plan: Plan) -> tuple[str, ...]:
    """Nothing for a synced account; else a warning for the account and one for each line that is off or blocked."""
    status = sync_status(plan)
    if status is SyncStatus.SYNCED:
        return ()
    account = _command("warning", f"{plan.account}: {status}", sentences.drift_sentence(plan))
    lines = [_line(plan, line) for line in plan.lines if is_drifted(line) or line.blocked is not None]
    return _capped("warning", [account, *lines])


def _diagnostic(diagnostic: Diagnostic) -> str:
    return _command(diagnostic.severity, diagnostic.code, diagnostic.message, diagnostic.location)


def _line(plan: Plan, line: Line) -> str:
    weight = wording.arrow(wording.percent(line.weight_current), wording.percent(line.weight_target))
    why = f"blocked: {line.blocked}" if line.blocked is not None else sentences.reason(line)
    return _command("warning", f"{plan.account}: {line.instrument}", f"weight {weight}; {why}")


def _command(kind: str, title: str, message: str, location: Location | None = None) -> str:
    properties = {"title": title}
    if location is not None:
        properties |= {"file": location.file}
        properties |= {"line": str(location.line)} if location.line else {}
        properties |= {"col": str(location.column)} if location.column else {}
        if 0 < location.line == location.end_line:  # GitHub shows no columns of what goes over several lines
            properties |= {"endLine": str(location.end_line), "endColumn": str(location.end_column)}
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {named}::{_data(message)}"


def _capped(kind: str, commands: list[str]) -> tuple[str, ...]:
    if len(commands) <= LIMIT:
        return tuple(commands)
    rest = len(commands) - LIMIT + 1
    return (*commands[: LIMIT - 1], _command(kind, "folioctl", f"and {rest} more: the summary has them all"))


def _data(text: str) -> str:
    clean = wording.without_money(text)
    return clean.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
