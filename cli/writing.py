"""Writing manifests and what goes with them: shown, agreed to, written whole or not at all, and told."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from cli.consent import Consent
from cli.invocation import Invocation
from cli.options import View
from reconciler.bootstrap import TOOL, current_text, system_clock, write_changes
from reconciler.domain.errors import Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.imported import FileAction, FileChange, Imported
from reconciler.reports.documents import import_document, text_of
from reconciler.reports.terminal.imported import show_diff, show_imported, show_next

PLANS = "*.plan"
"""What `plan -o` writes, as Git's patterns say it: it holds balances."""
LEFT = ".*.new"
"""What a write that was cut off leaves, as Git's patterns say it."""


def changes_of(texts: Mapping[Path, str]) -> tuple[FileChange, ...]:
    """The files with these texts; one that says the same already is kept. Raises Refused where one cannot be read."""
    found = []
    for path, text in texts.items():
        before = current_text(path)
        action = FileAction.CREATE if before is None else FileAction.CHANGE
        action = FileAction.KEEP if before == text else action
        found.append(FileChange(path.as_posix(), before, text, action))
    return tuple(found)


def require_new(path: Path, way: str) -> None:
    """Raises Refused, with the way out of it, where the file that an option names is there already."""
    if current_text(path) is not None:
        raise Refused(f"{path} is there already, and is not overwritten: choose another file with {way}")


def only_new(changes: Sequence[FileChange]) -> tuple[FileChange, ...]:
    """The same files, of which those that are there already are left as they are."""
    return tuple(
        FileChange(each.path, each.before, each.after, FileAction.KEEP) if each.action is FileAction.CHANGE else each
        for each in changes
    )


def ignoring(root: Path, lines: Sequence[str]) -> tuple[FileChange, ...]:
    """`.gitignore` with those of the lines that it lacks, behind those that it has."""
    path = (root / ".gitignore").as_posix()
    before = current_text(root / ".gitignore")
    known = {line.strip() for line in (before or "").splitlines()}
    missing = [each for each in lines if each not in known]
    if not missing:
        return (FileChange(path, before, before or "", FileAction.KEEP),)
    begun = before if before is None or before.endswith("\n") or not before else f"{before}\n"
    action = FileAction.CREATE if before is None else FileAction.APPEND
    return (FileChange(path, before, (begun or "") + "".join(f"{each}\n" for each in missing), action),)


def write_and_answer(
    invocation: Invocation, imported: Imported, consent: Consent, *, steps: Sequence[str] = ()
) -> NoReturn:
    """Write the files unless something stands in the way, or somebody does not want it; then leave and tell."""
    why_not = imported.reasons or _why_not(invocation, imported, consent)
    written = not why_not and not consent.dry_run
    if written:
        write_changes(imported.files)
    code = ExitCode.OK
    if why_not:
        code = ExitCode.BLOCKED if imported.reasons else ExitCode.ERROR
    told = Imported(**{**vars(imported), "reasons": tuple(why_not)})

    def show() -> None:
        console = invocation.streams.stdout
        if consent.dry_run and not why_not:
            show_diff(console, told.files)
        show_imported(console, told, written=written)
        if written:
            show_next(console, steps)

    def document() -> str:
        return text_of(
            import_document(
                told,
                written=written,
                exit_code=code,
                tool=TOOL,
                created=system_clock().now(),
                diagnostics=invocation.diagnostics,
            )
        )

    invocation.answer(code, {View.TERMINAL: show, View.JSON: document})


def _why_not(invocation: Invocation, imported: Imported, consent: Consent) -> tuple[str, ...]:
    """Why nothing is written, where a file that is there would change and nobody agreed to that."""
    touched = [each for each in imported.files if each.action is FileAction.CHANGE]
    if not touched or consent.agreed or consent.dry_run:
        return ()
    streams = invocation.streams
    if not streams.can_ask:
        return ("nobody can be asked here whether files may be changed: use --yes, or look first with --dry-run",)
    show_diff(streams.stderr, touched)
    return () if streams.confirm("Write these changes?", "yes") else ("not agreed to",)
