"""The keyring of this machine, asked for what it keeps under our service's name.

Its import takes as long as that of Pydantic, and looks for a desktop's bus; a bus may ask a person to unlock it. So it
is imported where it is asked by name, and else only where a keyring can be there at all.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SERVICE = "ib-portfolio-rebalancer"
"""The earlier rebalancer's name: what it stored is found."""

_CHOICE = "PYTHON_KEYRING_BACKEND"
_NONE = frozenset({"keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"})
_IMPORT_FAULTS = (ImportError, AttributeError, ValueError, RuntimeError)
"""What the keyring's own import raises where the variable that chooses its backend is wrong."""


class KeyringFault(Exception):
    """The keyring cannot be read, and why: no password is part of it."""


class NoKeyring(KeyringFault):
    """This machine has no keyring."""


def may_exist() -> bool:
    """Whether this machine may have a keyring, told without importing the library.

    One that is loaded already costs nothing to ask. Else a backend was chosen, or there is a bus or a system to keep
    one, or somebody configured or installed another kind.
    """
    if "keyring" in sys.modules:
        return True
    chosen = os.environ.get(_CHOICE)
    if chosen:
        return chosen not in _NONE
    if sys.platform in ("darwin", "win32") or os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    return _configuration().is_file() or _is_another_installed()


def _configuration() -> Path:
    # Unlike `Path.home`, `expanduser` leaves the sign where a process has no home directory.
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(home) / "python_keyring" / "keyringrc.cfg"


def _is_another_installed() -> bool:
    from importlib.metadata import entry_points

    return any(not each.value.startswith("keyring.") for each in entry_points(group="keyring.backends"))


@dataclass(frozen=True)
class Kept:
    """What the keyring keeps of the names that it was asked for, and why it could not be asked for all of them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    fault: str | None = None


def kept(names: Iterable[str]) -> Kept:
    """What the keyring keeps under these names. A machine without one is no fault, and a broken one is asked once."""
    wanted = tuple(names)
    if not wanted or not may_exist():
        return Kept()
    values: dict[str, str] = {}
    for name in wanted:
        try:
            value = password(name)
        except NoKeyring:
            return Kept()
        except KeyringFault as fault:
            return Kept(values, str(fault))
        if value:
            values[name] = value
    return Kept(values)


def password(name: str) -> str | None:
    """What is kept under `name`, or None. Raises NoKeyring, or KeyringFault where it is there and cannot be read."""
    try:
        import keyring
    except _IMPORT_FAULTS as fault:
        raise KeyringFault(f"{_CHOICE} names no backend: {fault}") from fault
    from keyring.errors import KeyringError, NoKeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except NoKeyringError as fault:
        raise NoKeyring(str(fault).partition("\n")[0]) from fault
    except (KeyringError, OSError, RuntimeError) as fault:  # backends let through what goes wrong on the bus
        raise KeyringFault(str(fault)) from fault


def backend() -> tuple[str | None, str]:
    """The keyring's name and the empty text, or None and why there is none."""
    try:
        import keyring
    except _IMPORT_FAULTS as fault:
        return None, f"{_CHOICE} names no backend: {fault}"
    found = keyring.get_keyring()
    return (found.name, "") if found.priority > 0 else (None, "no keyring is set up on this machine")
