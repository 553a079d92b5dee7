"""`# folioctl: ignore[CODE] reason`: a warning that somebody saw and set aside, with the reason, where it stands.

The comment speaks of its own line, or of the next one that holds something where it stands alone. Errors are not set
aside: what stops the command is mended.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location, Severity
from reconciler.manifests.codes import CODES

_MARK = "folioctl:"
_FORM = re.compile(r"#\s*folioctl:\s*ignore\[([A-Z0-9, ]+)\]\s*(.*)")
_HINT = "Write `# folioctl: ignore[CODE] reason`."


@dataclass(frozen=True)
class Ignore:
    """One code that a comment sets aside on one line of a file, and why."""

    code: str
    line: int
    reason: str
    place: Location


def read(text: str, file: str) -> tuple[list[Ignore], list[Diagnostic]]:
    """What the comments of a file set aside, and which of them cannot be understood."""
    ignores: list[Ignore] = []
    found: list[Diagnostic] = []
    if _MARK not in text:
        return ignores, found
    following = _following(text)
    for comment in yamlsource.comments(text):
        if not comment.text.lstrip("# \t").startswith(_MARK):
            continue
        end = comment.column + len(comment.text)
        place = Location(file, comment.line, comment.column, comment.line, end)
        form = _FORM.fullmatch(comment.text.rstrip())
        if form is None:
            found.append(diagnostics.warning("IGN001", "this comment is not understood", place, suggestion=_HINT))
            continue
        line = following[comment.line] if comment.is_alone else comment.line
        for code in filter(None, re.split("[, ]+", form[1])):
            fault = _fault(code, form[2], place)
            found.extend([fault] if fault else [])
            ignores.extend([] if fault else [Ignore(code, line, form[2], place)])
    return ignores, found


def _following(text: str) -> list[int]:
    """For each line, by its number, the next one that holds more than a comment; itself where there is none."""
    lines = yamlsource.lines_of(text)
    following = list(range(len(lines) + 1))
    holding = 0
    for number in range(len(lines), 0, -1):
        following[number] = holding or number
        line = lines[number - 1].strip()
        holding = number if line and not line.startswith("#") else holding
    return following


def _fault(code: str, reason: str, place: Location) -> Diagnostic | None:
    if code not in CODES:
        hint = diagnostics.did_you_mean(code, CODES)
        return diagnostics.warning("IGN001", f"no diagnostic has the code {code}", place, suggestion=hint)
    if not reason:
        hint = "Say why behind the bracket: whoever reads the file next asks."
        return diagnostics.warning("IGN001", f"{code} is set aside without a reason", place, suggestion=hint)
    return None


def apply(found: Collection[Diagnostic], ignores: Iterable[Ignore]) -> Iterator[Diagnostic]:
    """The diagnostics, those marked that a comment sets aside; and which comments set aside nothing, or an error.

    Beside an error nobody can say that a comment sets aside nothing: perhaps its rule had nothing to judge.
    """
    is_judged = not diagnostics.has_errors(found)
    unused = {(each.place.file, each.line, each.code): each for each in ignores}
    used: dict[tuple[str, int, str], bool] = {}
    for each in found:
        key = (each.location.file, each.location.line, each.code) if each.location else ("", 0, "")
        if key not in unused:
            yield each
            continue
        is_warning = each.severity is Severity.WARNING
        used[key] = used.get(key, True) and is_warning
        yield replace(each, ignored=unused[key].reason) if is_warning else each
    for key, ignore in unused.items():
        if key not in used and is_judged:
            summary = f"there is no {ignore.code} on line {ignore.line} to set aside"
            yield diagnostics.warning("IGN002", summary, ignore.place, suggestion="Remove the comment.")
        elif key in used and not used[key]:
            summary = f"{ignore.code} is an error, and errors are not set aside"
            yield diagnostics.warning("IGN003", summary, ignore.place, suggestion="Mend it, and remove the comment.")
