"""What an import or `init` came to, for a person: the files, what each thing became, and what to do next."""

import difflib
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from reconciler.domain.counting import counted
from reconciler.domain.imported import FileAction, FileChange, Imported, ImportedAccount
from reconciler.manifests.redaction import redacted
from reconciler.reports import wording
from reconciler.reports.terminal.parts import Column, cell, grid, say, section

_DONE = {
    FileAction.CREATE: "wrote",
    FileAction.CHANGE: "changed",
    FileAction.APPEND: "appended to",
    FileAction.KEEP: "left as it is:",
}
_PLANNED = {
    FileAction.CREATE: "would write",
    FileAction.CHANGE: "would change",
    FileAction.APPEND: "would append to",
    FileAction.KEEP: "would leave as it is:",
}
_LINE_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def show_imported(console: Console, imported: Imported, *, written: bool) -> None:
    """Everything but the texts themselves. `written` says whether the files are on disk."""
    for account in imported.accounts:
        _show_account(console, account)
    if imported.variables:
        say(console)
        columns = [Column("Variable", is_name=True), Column("Line", "right"), Column(""), Column("To"), Column("Why")]
        rows = (
            [cell(each.name), cell(str(each.line)), cell(each.fate), cell(each.to or ""), cell(each.why)]
            for each in imported.variables
        )
        console.print(grid(console, columns, rows))
    section(console, "Worth knowing", imported.notes, style="yellow")
    section(console, "Nothing was written", imported.reasons, style="red")
    if not imported.reasons:
        verbs = _DONE if written else _PLANNED
        section(console, "Files", (f"{verbs[each.action]} {each.path}" for each in imported.files))
        if not imported.files:
            say(console, "The manifests say so already: there is nothing to write.", style="green")


def _show_account(console: Console, account: ImportedAccount) -> None:
    if account.leverage is None:
        return
    cash = "" if account.cash is None else f", {wording.percent(account.cash)} of it cash"
    say(
        console,
        f"{account.name}: {counted(len(account.lines), 'line')} at leverage {account.leverage}{cash}",
        style="bold",
    )
    section(
        console,
        "Holdings that no line stands for (they stay undeclared: reported, counted in the leverage, never traded)",
        (f"{each.symbol} (contract {each.con_id}): {each.why}" for each in account.aside),
        style="yellow",
    )


def show_next(console: Console, steps: Sequence[str]) -> None:
    """What to type next."""
    section(console, "Next", steps, style="cyan")


def show_diff(console: Console, changes: Iterable[FileChange]) -> None:
    """What changes in each file, without account numbers and secrets; of a private file its name alone."""
    for change in changes:
        if change.action is FileAction.KEEP:
            continue
        if change.is_private:
            say(console, f"{change.path}: not shown, it holds secrets", style="bold")
            continue
        before = [] if change.before is None else change.before.splitlines()
        name = "/dev/null" if change.before is None else change.path
        for line in difflib.unified_diff(before, change.after.splitlines(), name, change.path, lineterm=""):
            console.print(Text(wording.plain(redacted(line)), _LINE_STYLES.get(line[:1], "")), soft_wrap=True)
