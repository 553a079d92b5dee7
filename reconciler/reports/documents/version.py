"""The Version document: which folioctl this is, and with what it would reach a broker."""

from datetime import datetime
from typing import Literal

from reconciler.planfile.envelope import Envelope, envelope


class VersionDocument(Envelope):
    """`tool` has the version; `broker_library` is null where none is installed."""

    kind: Literal["Version"]
    python: str
    broker_library: str | None


def version_document(*, tool: str, created: datetime, python: str, broker_library: str | None) -> VersionDocument:
    """`python` and `broker_library` name versions, such as `3.11.4` and `ib_insync 0.9.86`."""
    return VersionDocument(
        **envelope(tool=tool, created=created, revision=None, diagnostics=()),
        kind="Version",
        python=python,
        broker_library=broker_library,
    )
