"""What `fmt` and `migrate` share: files that are rewritten, or only shown or checked."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location, has_errors, in_order
from reconciler.domain.errors import Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.imported import FileAction, FileChange

Rewrite = Callable[[str, Path], tuple[str | None, Sequence[Diagnostic]]]
"""From a file's text and path to its text anew, or to None and what is wrong with it."""

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Files, folders or patterns; the directory of the manifests by default."),
]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 where a file would change.")]
ShowDiff = Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")]


class Deed(Enum):
    """What is done about a file that is not as it should be."""

    WRITE = "write"
    CHECK = "check"
    SHOW = "show"
    CHECK_AND_SHOW = "check and show"

    @classmethod
    def of(cls, *, check: bool, diff: bool) -> "Deed":
        """What `--check` and `--diff` say."""
        if check:
            return cls.CHECK_AND_SHOW if diff else cls.CHECK
        return cls.SHOW if diff else cls.WRITE

    @property
    def shows(self) -> bool:
        """Whether the difference is the product, and not the names of the files."""
        return self in (Deed.SHOW, Deed.CHECK_AND_SHOW)

    @property
    def fails(self) -> bool:
        """Whether a file that would change is an error."""
        return self in (Deed.CHECK, Deed.CHECK_AND_SHOW)


@dataclass
class Rewriting:
    """One pass over files, and what it found."""

    invocation: Invocation
    deed: Deed
    changed: list[Path] = field(default_factory=list)
    same: list[Path] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)

    @classmethod
    def begun(cls, root: Path, desired_state: Path | None, deed: Deed, color: Color) -> "Rewriting":
        """A pass that has looked at nothing yet."""
        return cls(Invocation(root, desired_state, color=color), deed)

    def over(self, paths: Sequence[Path] | None, rewrite: Rewrite) -> None:
        """Rewrite what `paths` lead to. A file with anything wrong is left as it is, and the others go on."""
        from reconciler.manifests import yamlfiles

        files, faults = yamlfiles.find(paths or [self.invocation.manifests])
        self.found.extend(faults)
        for path in files:
            text, faults = yamlfiles.read(path)
            self.found.extend(faults)
            if text is not None:
                self._rewrite(path, text, rewrite)

    def leave(self, summary: str) -> None:
        """Show the faults and the summary, and leave."""
        self.invocation.diagnostics = in_order(self.found)
        self.invocation.show_diagnostics(self.invocation.streams.stderr)
        self.invocation.streams.stderr.print(summary)
        failed = has_errors(self.found) or (self.deed.fails and bool(self.changed))
        raise typer.Exit(ExitCode.ERROR if failed else ExitCode.OK)

    def _rewrite(self, path: Path, text: str, rewrite: Rewrite) -> None:
        anew, faults = rewrite(text, path)
        self.found.extend(faults)
        if anew is None:
            return
        if anew == text:
            self.same.append(path)
            return
        if self.deed is Deed.WRITE and not self._write(FileChange(path.as_posix(), text, anew, FileAction.CHANGE)):
            return
        self.changed.append(path)
        self._tell(path, text, anew)

    def _write(self, change: FileChange) -> bool:
        from reconciler.bootstrap import write_changes

        try:
            write_changes([change])
        except Refused as refused:
            self.found.append(diagnostics.error("FMT003", str(refused), Location(change.path)))
            return False
        return True

    def _tell(self, path: Path, text: str, anew: str) -> None:
        if self.deed.shows:
            self.invocation.streams.write("".join(_difference(path, text, anew)))
        else:
            self.invocation.streams.write(f"{path.as_posix()}\n")


def _difference(path: Path, text: str, anew: str) -> Iterator[str]:
    """A unified diff without account numbers, secrets and what steers a terminal; the ends of lines are named."""
    from reconciler.manifests.redaction import redacted
    from reconciler.yamlsource import printable

    name = path.as_posix()
    difference = unified_diff(_lines(text), _lines(anew), name, name, lineterm="")
    yield from (f"{printable(line)}\n" for line in islice(difference, 2))  # the file's name, which may be a day
    for line in difference:
        yield printable(redacted(line.removesuffix("\n"))) + "\n"
        if line[:1] in "+- " and not line.endswith("\n"):
            yield "\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)
