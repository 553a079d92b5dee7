"""The Failure document: what a command says that failed before it had a document of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import Revision
from reconciler.planfile.envelope import Envelope, envelope
from reconciler.planfile.fields import Part


class ErrorPart(Part):
    """`code` is stable and for programs, `message` is for a person and says what to do."""

    code: str
    message: str
    exit_code: int


class FailureDocument(Envelope):
    """A command that could not do its work."""

    kind: Literal["Failure"]
    error: ErrorPart


def failure_document(
    *,
    code: str,
    message: str,
    exit_code: int,
    tool: str,
    created: datetime,
    revision: Revision | None = None,
    diagnostics: Sequence[Diagnostic] = (),
) -> FailureDocument:
    """The failure with whatever was known by then."""
    return FailureDocument(
        **envelope(tool=tool, created=created, revision=revision, diagnostics=diagnostics),
        kind="Failure",
        error=ErrorPart(code=code, message=message, exit_code=exit_code),
    )
