"""The envelope that every JSON document has, and the one way to turn a document into text."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from reconciler.diagnostics import Diagnostic, Severity
from reconciler.domain.desired import Revision
from reconciler.planfile.fields import Part, Time, part

FORMAT_VERSION = "1.0"
"""A minor version adds fields; a major one is refused by readers of another."""


class LocationPart(Part):
    """A place in a text file; lines and columns count from 1, and are 0 where only the file is known.

    The end is the first column behind what stands there, 0 where it is not known.
    """

    file: str
    line: int
    column: int
    end_line: int = 0
    end_column: int = 0


class DiagnosticPart(Part):
    """One thing to tell the user about their input; `ignored` is the reason with which a comment sets it aside."""

    severity: Severity
    code: str
    summary: str
    detail: str
    suggestion: str
    location: LocationPart | None
    why: str = ""
    ignored: str = ""


class RevisionPart(Part):
    """What the manifests were at; `commit` is null outside a repository."""

    commit: str | None
    dirty: bool
    manifests: str


class Envelope(Part):
    """What every document begins with. `tool` names the program that wrote it and its version."""

    format_version: Annotated[str, Field(pattern=r"^1\.[0-9]+$")]
    kind: str
    tool: str
    created: Time
    revision: RevisionPart | None
    diagnostics: tuple[DiagnosticPart, ...]


def envelope(
    *, tool: str, created: datetime, revision: Revision | None, diagnostics: Iterable[Diagnostic]
) -> dict[str, Any]:
    """The envelope's fields but `kind`, to be spread into a document."""
    return {
        "format_version": FORMAT_VERSION,
        "tool": tool,
        "created": created,
        "revision": None if revision is None else part(RevisionPart, revision),
        "diagnostics": tuple(part(DiagnosticPart, each) for each in diagnostics),
    }


def text_of(document: Envelope) -> str:
    """The document as canonical JSON: the same document gives the same bytes."""
    return json.dumps(document.model_dump(mode="json"), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
