"""Brings a journal's schema to the version that the code reads. Forward only; every step is one transaction.

Alembic is expensive to import and seldom needed: the version is read with plain SQL first.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from reconciler.domain.errors import Refused

HEAD = "0002"
"""The newest migration's revision. Revisions are numbers of four digits, so that text order is their order."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def read_version(connection: Connection) -> str | None:
    """The schema's version; None in a database that has no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return version


def is_current(connection: Connection) -> bool:
    """Whether the code can read the schema as it is. Raises Refused where a newer folioctl wrote it."""
    version = read_version(connection)
    if version is not None and version > HEAD:
        raise Refused(
            f"the journal was written by a newer folioctl (schema {version}, this one knows {HEAD}): upgrade folioctl"
        )
    return version == HEAD


def migrate(connection: Connection) -> None:
    """Run the missing migrations inside the connection's transaction, which the caller commits."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
