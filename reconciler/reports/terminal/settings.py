"""The settings for a person: a line each, with its value and where that comes from."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from reconciler.domain.setting import Origin, SettingReading
from reconciler.reports.terminal.parts import Column, cell, grid

_ORIGINS = {
    Origin.ENVIRONMENT: "environment",
    Origin.KEYRING: "keyring",
    Origin.ENV_FILE: "env file",
    Origin.DEFAULT: "default",
}
_STYLES = {Origin.DEFAULT: "dim"}


def show_settings(console: Console, readings: Sequence[SettingReading]) -> None:
    """All of them; of a secret only whether it is set."""
    columns = [Column("Setting", is_name=True), Column("Value"), Column("From")]
    rows = [[cell(each.name), _value(each), _origin(each)] for each in readings]
    console.print(grid(console, columns, rows))


def _value(reading: SettingReading) -> Text:
    if not reading.is_set:
        return cell("not set", "red" if reading.is_secret else "dim")
    return cell("set (hidden)" if reading.is_secret else reading.value or "", _STYLES.get(reading.origin, ""))


def _origin(reading: SettingReading) -> Text:
    if reading.is_secret and not reading.is_set:
        return cell("nowhere", "red")
    place = "" if reading.place is None else f" {reading.place.file}:{reading.place.line}"
    return cell(f"{_ORIGINS[reading.origin]}{place}", _STYLES.get(reading.origin, ""))
