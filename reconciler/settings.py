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

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from reconciler import diagnostics, keyringaccess
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.desired import SecretRef, SecretSource
from reconciler.domain.errors import Refused
from reconciler.domain.setting import Origin, SettingReading
from reconciler.envfile import EnvFile
from reconciler.envfile import read as read_env_file
from reconciler.keyringaccess import Kept, kept
from reconciler.strayvariables import stray

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


class _NoHome(Exception):
    """A process without a home directory, as in some containers."""


def _directory(value: Any) -> Path:
    # In an env file no shell has put the home directory in the place of its sign.
    try:
        return Path(str(value)).expanduser().absolute()
    except RuntimeError as fault:
        raise ValueError(f"must be a directory, and there is no such home directory as in {str(value)!r}") from fault


def _default_state() -> Path:
    # The XDG Base Directory Specification: a relative XDG_STATE_HOME is invalid and ignored.
    home = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not home.is_absolute():
        try:
            home = Path.home() / ".local" / "state"
        except RuntimeError as fault:
            raise _NoHome("FOLIOCTL_STATE is not set, and there is no home directory for its default") from fault
    return home / "folioctl"


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

    state: Annotated[Path, BeforeValidator(_directory)] = Field(
        default_factory=_default_state,
        validation_alias="FOLIOCTL_STATE",
        description="The directory of the journal, the locks and the reports; never inside a clone. "
        "Default: `$XDG_STATE_HOME/folioctl`, else `~/.local/state/folioctl`.",
        examples=["/var/lib/folioctl"],
    )
    snapshots: Annotated[Path | None, BeforeValidator(_directory)] = Field(
        default=None,
        validation_alias="FOLIOCTL_SNAPSHOTS",
        description="The directory of the snapshots, one for each run. "
        "Default: `portfolio_snapshots` in the state directory.",
        examples=["/var/lib/folioctl/portfolio_snapshots"],
    )
    gateway: Annotated[GatewayAddress | None, NoDecode, BeforeValidator(_address)] = Field(
        default=None,
        validation_alias="FOLIOCTL_GATEWAY",
        description="`HOST:PORT` in place of every Gateway's address, for a tunnel or the simulated gateway.",
        examples=["127.0.0.1:4002"],
    )
    dry_run: Annotated[bool, BeforeValidator(_switch)] = Field(
        default=False,
        validation_alias="DRY_RUN",
        description="`true`: nothing is sent, whatever the command says.",
        examples=["true"],
    )
    halt: Annotated[str | None, BeforeValidator(_halt)] = Field(
        default=None,
        validation_alias="FOLIOCTL_HALT",
        description="Halts all accounts for what runs in this environment: `true`, or any text but a no, which is told "
        "as the reason. No command lifts it; `folioctl halt` does it for all processes.",
        examples=['"quarter end"'],
    )
    ci: Annotated[bool, BeforeValidator(_any_word_but_no)] = Field(
        default=False,
        validation_alias="CI",
        description="Set by build services. `apply`, `halt` and `resume` then demand `FOLIOCTL_STATE`.",
    )
    actor: str | None = Field(
        default=None,
        validation_alias="GITHUB_ACTOR",
        description="Set by GitHub. Who is named where `--override` lets a plan past a limit, and in a halt; else the "
        "login.",
    )

    _environment: Mapping[str, str] = PrivateAttr(default_factory=lambda: dict(os.environ))
    _said: EnvFile = PrivateAttr(default_factory=EnvFile)
    _keyring: Kept = PrivateAttr(default_factory=Kept)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The process's environment, then what `load` found in the keyring, then the env file."""
        return env_settings, init_settings, dotenv_settings

    @property
    def person(self) -> str:
        """Who runs this: on record where a limit is overridden."""
        return self.actor or _login()

    @property
    def keyring_fault(self) -> str | None:
        """Why a keyring that is there could not be asked for settings; None where it was, or where there is none."""
        return self._keyring.fault

    def resolve_secret(self, reference: SecretRef) -> str | None:
        """The secret at `reference`, or None where it is not kept.

        A name of the environment is looked up in the process, in the keyring and in the env file, in this order; a
        keyring's name in the keyring only. Raises Refused where the keyring is asked by name and cannot be read.
        """
        return self._found(reference)[0] or None

    def readings(self) -> tuple[SettingReading, ...]:
        """Every setting with its value and where that comes from."""
        return tuple(
            self._reading(name, field, each.description or "")
            for field, (name, each) in zip(type(self).model_fields, variables().items(), strict=True)
        )

    def reading_of_secret(self, reference: SecretRef, meaning: str) -> SettingReading:
        """Whether a secret is kept, and where; never the secret itself. Raises Refused as `resolve_secret` does."""
        value, origin = self._found(reference)
        place = self._said.places.get(reference.name) if origin is Origin.ENV_FILE else None
        return SettingReading(reference.told, meaning, None, bool(value), is_secret=True, origin=origin, place=place)

    def _found(self, reference: SecretRef) -> tuple[str | None, Origin]:
        name = reference.name
        if reference.source is SecretSource.KEYRING:
            try:
                return keyringaccess.password(name), Origin.KEYRING
            except keyringaccess.KeyringFault as fault:
                raise Refused(f"the keyring cannot be read ({fault}); use accountIdFrom.env instead") from fault
        if self._environment.get(name):
            return self._environment[name], Origin.ENVIRONMENT
        stored = kept([name]).values.get(name)
        if stored:
            return stored, Origin.KEYRING
        value = self._said.values.get(name)
        return value, Origin.ENV_FILE if value else Origin.DEFAULT

    def _reading(self, name: str, field: str, meaning: str) -> SettingReading:
        value = getattr(self, field)
        origin, place = _origin(name, self._environment, self._keyring, self._said)
        text = str(value).lower() if isinstance(value, bool) else None if value is None else str(value)
        return SettingReading(name, meaning, text, text is not None, is_secret=False, origin=origin, place=place)


def load(env_file: Path | None = None) -> tuple[Settings | None, tuple[Diagnostic, ...]]:
    """The settings and what is doubtful about them, or None and what is wrong.

    `.env` in the working directory may be absent, a named file may not.
    """
    path = env_file or Path(".env")
    if env_file is not None and not env_file.is_file():
        return None, (diagnostics.error("SET002", "there is no such env file", Location(str(env_file))),)
    found = kept([name for name in variables() if not os.environ.get(name)])
    try:
        said = read_env_file(path)
        settings = Settings(_env_file=path, **found.values)
    except ValidationError as fault:
        return None, tuple(_wrong(each, found, said) for each in fault.errors(include_url=False))
    except _NoHome as fault:
        return None, (diagnostics.error("SET001", str(fault)),)
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        return None, (diagnostics.error("SET003", f"the env file cannot be read: {reason}", Location(str(path))),)
    settings._said, settings._keyring = said, found
    return settings, tuple(stray(os.environ, said, variables()))


def variables() -> Mapping[str, FieldInfo]:
    """The fields of the model by the names of their variables."""
    return {str(each.validation_alias): each for each in Settings.model_fields.values()}


def _origin(name: str, environment: Mapping[str, str], stored: Kept, said: EnvFile) -> tuple[Origin, Location | None]:
    if environment.get(name):
        return Origin.ENVIRONMENT, None
    if name in stored.values:
        return Origin.KEYRING, None
    if said.values.get(name):
        return Origin.ENV_FILE, said.places.get(name)
    return Origin.DEFAULT, None


def _wrong(fault: ErrorDetails, stored: Kept, said: EnvFile) -> Diagnostic:
    from reconciler.manifests.account_ids import without

    name = str(fault["loc"][0])
    origin, place = _origin(name, os.environ, stored, said)
    where = "" if origin is Origin.ENV_FILE else f" (from the {origin})"
    return diagnostics.error("SET001", without(f"{name} {fault['msg'].removeprefix('Value error, ')}{where}"), place)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return f"user {os.getuid()}"
