"""Halts: who halted which account, since when, why, and who lifted it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "halts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("account", sa.Text),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("cancels", sa.Boolean, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("lifted", sa.Text),
        sa.Column("lifted_by", sa.Text),
        sa.CheckConstraint("(lifted IS NULL) = (lifted_by IS NULL)", name="lifted_whole"),
        sqlite_autoincrement=True,
    )
