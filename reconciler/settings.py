"""Settings: what the process is told from outside the repository, read and validated once.

The process's environment wins over the keyring, the keyring over `.env` (or the env file that was named), and that over
the default. Only `cli` and `bootstrap` read this; what lies below is given values. Account ids are looked up by
reference when they are needed, and no secret is part of a Settings' repr.
"""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.desired import SecretRef, SecretSource
from reconciler.domain.errors import Refused

KEYRING_SERVICE = "ib-portfolio-rebalancer"

_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off", "")


@dataclass(frozen=True)
class GatewayAddress:
    """Where a gateway listens, in place of what the manifests say."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _address(value: Any) -> GatewayAddress:
    host, colon, port = str(value).rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 1 <= int(port[:6]) <= 65535:
        raise ValueError(f"must be HOST:PORT, such as 127.0.0.1:4002, not {str(value)!r}")
    return GatewayAddress(host, int(port))


def _switch(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in _YES + _NO:
        raise ValueError(f"must be true or false, not {str(value)!r}")
    return word in _YES


def _any_word_but_no(value: Any) -> bool:
    # Build services say `CI=true`, and some their own name.
    return str(value).strip().lower() not in _NO


def _halt(value: Any) -> str | None:
    # Whatever it says, a switch that somebody set halts: only a plain no, or nothing, does not.
    word = str(value).strip()
    if word.lower() in _NO:
        return None
    return "the switch is on" if word.lower() in _YES else word


def _state_directory(value: Any) -> Path:
    return Path(str(value)).expanduser().absolute()


def _default_state() -> Path:
    # The XDG Base Directory Specification: a relative XDG_STATE_HOME is invalid and ignored.
    home = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".local" / "state") / "folioctl"


class Settings(BaseSettings):
    """The settings of one invocation. Build it with `load`."""

    model_config = SettingsConfigDict(
        frozen=True,
        case_sensitive=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        validate_default=False,
    )

    state: Annotated[Path, BeforeValidator(_state_directory)] = Field(
        default_factory=_default_state, validation_alias="FOLIOCTL_STATE"
    )
    """Where the journal, locks, reports and snapshots live; never inside a clone of the repository."""

    snapshots: Path | None = Field(default=None, validation_alias="FOLIOCTL_SNAPSHOTS")
    """Where the account after each run is kept, if not in the state directory."""

    gateway: Annotated[GatewayAddress | None, NoDecode, BeforeValidator(_address)] = Field(
        default=None, validation_alias="FOLIOCTL_GATEWAY"
    )
    """Overrides every Gateway's address."""

    dry_run: Annotated[bool, BeforeValidator(_switch)] = Field(default=False, validation_alias="DRY_RUN")
    """Whether nothing may be sent, whatever the command says."""

    halt: Annotated[str | None, BeforeValidator(_halt)] = Field(default=None, validation_alias="FOLIOCTL_HALT")
    """Why this environment halts all accounts; None where it does not."""

    ci: Annotated[bool, BeforeValidator(_any_word_but_no)] = Field(default=False, validation_alias="CI")
    """Whether a build service runs this."""

    actor: str | None = Field(default=None, validation_alias="GITHUB_ACTOR")
    """Who started a build, as the build service says."""

    _environment: Mapping[str, str] = PrivateAttr(default_factory=lambda: dict(os.environ))
    _env_file_values: Mapping[str, str | None] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The process's environment, then the env file: nothing else, and nothing from a caller's arguments."""
        return env_settings, dotenv_settings

    @property
    def person(self) -> str:
        """Who runs this: on record where a limit is overridden."""
        return self.actor or _login()

    def resolve_secret(self, reference: SecretRef) -> str | None:
        """The secret at `reference`, or None where it is not kept.

        A name of the environment is looked up in the process, in the keyring and in the env file, in this order; a
        keyring's name in the keyring only. Raises Refused where the keyring is asked by name and cannot be read.
        """
        if reference.source is SecretSource.KEYRING:
            try:
                return _from_keyring(reference.name)
            except _keyring_faults() as fault:
                raise Refused(f"the keyring cannot be read ({fault}); use accountIdFrom.env instead") from fault
        return (
            self._environment.get(reference.name)
            or _from_keyring_if_any(reference.name)
            or self._env_file_values.get(reference.name)
            or None
        )


def load(env_file: Path | None = None) -> tuple[Settings | None, tuple[Diagnostic, ...]]:
    """The settings, or what is wrong with them. `.env` in the working directory may be absent, a named file may not."""
    path = env_file or Path(".env")
    if env_file is not None and not env_file.is_file():
        return None, (diagnostics.error("SET002", "there is no such env file", Location(str(env_file))),)
    try:
        settings = Settings(_env_file=path)
        settings._env_file_values = dotenv_values(path, encoding="utf-8")
    except ValidationError as fault:
        return None, tuple(_diagnostic(each["loc"], each["msg"]) for each in fault.errors(include_url=False))
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        return None, (diagnostics.error("SET003", f"the env file cannot be read: {reason}", Location(str(path))),)
    return settings, ()


def _diagnostic(path: tuple[int | str, ...], message: str) -> Diagnostic:
    return diagnostics.error("SET001", f"{path[0]} {message.removeprefix('Value error, ')}")


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return f"user {os.getuid()}"


def keyring_backend() -> tuple[str | None, str]:
    """The keyring's name and the empty text, or None and why there is none."""
    try:
        import keyring
    except _IMPORT_FAULTS as fault:
        return None, f"PYTHON_KEYRING_BACKEND names no backend ({fault})"
    backend = keyring.get_keyring()
    if backend.priority <= 0:
        return None, "no keyring is set up on this machine"
    return backend.name, ""


_IMPORT_FAULTS = (ImportError, AttributeError, ValueError)
"""What the keyring's own import raises where the variable that chooses its backend is wrong."""


def _from_keyring(name: str) -> str | None:
    import keyring

    return keyring.get_password(KEYRING_SERVICE, name)


def _from_keyring_if_any(name: str) -> str | None:
    """A machine without a keyring is no fault as long as nobody asked for the keyring by name."""
    try:
        return _from_keyring(name)
    except _keyring_faults():
        return None


def _keyring_faults() -> tuple[type[Exception], ...]:
    from keyring.errors import KeyringError

    # Backends talk to the desktop's bus, and let what goes wrong there through.
    return KeyringError, OSError, RuntimeError
