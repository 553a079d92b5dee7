"""The Quirks document: what the simulated gateway can be made to do."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from reconciler.planfile.envelope import Envelope, envelope


class QuirkEntry(BaseModel):
    """One quirk: how it is written, the values its arguments take (none: free), and which occasions `@N` counts."""

    name: str
    group: str
    usage: str
    counts: str
    values: dict[str, list[str]]
    explanation: str


class QuirksDocument(Envelope):
    """All quirks, in the order in which they are explained."""

    kind: Literal["Quirks"]
    quirks: list[QuirkEntry]


def quirks_document(*, tool: str, created: datetime, rows: Iterable[Mapping[str, Any]]) -> QuirksDocument:
    """`rows` have the keys of QuirkEntry."""
    return QuirksDocument(
        **envelope(tool=tool, created=created, revision=None, diagnostics=()),
        kind="Quirks",
        quirks=[QuirkEntry(**row) for row in rows],
    )
