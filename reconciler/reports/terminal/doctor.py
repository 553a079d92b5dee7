"""An examination for a person: a line for each check with a sign, and what to do below what is not in order."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from reconciler.domain.counting import counted
from reconciler.domain.examination import Check, Examination, Finding, Verdict
from reconciler.reports.terminal.parts import Column, cell, grid, identity, say

_SIGNS = {Verdict.PASSED: "✓", Verdict.WARNING: "!", Verdict.FAILED: "✗", Verdict.SKIPPED: "–"}
_STYLES = {Verdict.PASSED: "green", Verdict.WARNING: "yellow", Verdict.FAILED: "bold red", Verdict.SKIPPED: "dim"}
_NAMES = {
    Check.MANIFESTS: "Manifests",
    Check.SETTINGS: "Settings",
    Check.STATE: "State directory",
    Check.KEYRING: "Keyring",
    Check.JOURNAL: "Journal",
    Check.ACCOUNT_ID: "Account id",
    Check.GATEWAY: "Gateway",
    Check.LOGIN: "Login",
    Check.SERVER_VERSION: "Server version",
    Check.CLOCK: "Clocks",
    Check.BASE_CURRENCY: "Base currency",
    Check.ACCOUNT_TYPE: "Account type",
    Check.CONTRACTS: "Contracts",
    Check.HOURS: "Market hours",
    Check.MARKET_DATA: "Market data",
    Check.READ_ONLY: "API takes orders",
    Check.TRADABLE: "Tradable",
    Check.LIMITS: "Limits",
    Check.PLAN: "Plan",
    Check.RUNS: "Earlier runs",
    Check.HALTS: "Halts",
    Check.LOCK: "Lock",
}
_WIDEST = max(map(len, _NAMES.values()))


def show_doctor(console: Console, examination: Examination) -> None:
    """The set-up, then each account, then how many checks came to what."""
    say(console, "Set-up", style="bold")
    _show(console, examination.setup)
    for each in examination.accounts:
        say(console)
        say(console, identity(each.account, each.environment))
        _show(console, each.findings)
    say(console)
    if not examination.accounts:
        say(console, "No account could be looked at.", style="bold red")
    say(console, _summary(examination))


def _show(console: Console, findings: Iterable[Finding]) -> None:
    columns = [Column("", at_least=1), Column("", is_name=True, at_least=_WIDEST), Column("")]
    rows, last = [], None
    for each in findings:
        name = "" if each.check is last else _NAMES[each.check]
        sign = cell(_SIGNS[each.verdict], _STYLES[each.verdict])
        rows.append([sign, cell(name), _told(each)])
        last = each.check
    console.print(grid(console, columns, rows))


def _told(finding: Finding) -> Text:
    told = Text()
    text = finding.found
    if finding.because is not None:
        text = f"not looked at, because of: {_NAMES[finding.because]}"
    told.append_text(cell(text, "dim" if finding.verdict is Verdict.SKIPPED else ""))
    if finding.targets and finding.verdict is not Verdict.PASSED:
        told.append_text(cell(f" ({', '.join(finding.targets)})"))
    if finding.advice:
        told.append("\n").append_text(cell(f"→ {finding.advice}", "cyan"))
    return told


def _summary(examination: Examination) -> Text:
    counts = [
        (Verdict.PASSED, f"{examination.count(Verdict.PASSED)} passed"),
        (Verdict.WARNING, counted(examination.count(Verdict.WARNING), "warning")),
        (Verdict.FAILED, f"{examination.count(Verdict.FAILED)} failed"),
        (Verdict.SKIPPED, f"{examination.count(Verdict.SKIPPED)} skipped"),
    ]
    told = Text()
    for verdict, words in counts:
        if examination.count(verdict) or verdict in (Verdict.PASSED, Verdict.FAILED):
            told.append(", " if told else "").append(words, _STYLES[verdict])
    return told
