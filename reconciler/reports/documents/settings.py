"""The Settings document: every setting that is in force, and where it comes from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import Revision
from reconciler.domain.setting import Origin, SettingReading
from reconciler.planfile.envelope import Envelope, LocationPart, envelope
from reconciler.planfile.fields import Part, part


class SettingPart(Part):
    """One setting. `value` is null where none is set, and always where it is a secret: `set` says which.

    `place` is the line of an env file that it comes from, and null elsewhere.
    """

    name: str
    meaning: str
    value: str | None
    set: bool
    secret: bool
    origin: Origin
    place: LocationPart | None


class SettingsDocument(Envelope):
    """The accounts' ids first, of which no value is ever told, then the settings."""

    kind: Literal["Settings"]
    settings: tuple[SettingPart, ...]


def settings_document(
    readings: Sequence[SettingReading],
    *,
    tool: str,
    created: datetime,
    revision: Revision | None,
    diagnostics: Sequence[Diagnostic] = (),
) -> SettingsDocument:
    """The document of what is in force."""
    return SettingsDocument(
        **envelope(tool=tool, created=created, revision=revision, diagnostics=diagnostics),
        kind="Settings",
        settings=tuple(_part(each) for each in readings),
    )


def _part(reading: SettingReading) -> SettingPart:
    return SettingPart(
        name=reading.name,
        meaning=reading.meaning,
        value=reading.value,
        set=reading.is_set,
        secret=reading.is_secret,
        origin=reading.origin,
        place=None if reading.place is None else part(LocationPart, reading.place),
    )
