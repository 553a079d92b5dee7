"""Runs, the intents of their orders, and what the broker reported."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the three tables."""
    _make_runs()
    _make_intents()
    _make_reports()


def _make_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("plan", sa.Text, nullable=False, unique=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("commit", sa.Text),
        sa.Column("dirty", sa.Boolean, nullable=False),
        sa.Column("manifests", sa.Text, nullable=False),
        sa.Column("plan_document", sa.Text, nullable=False),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("result_document", sa.Text),
        sa.CheckConstraint(
            "(ended IS NULL) = (outcome IS NULL) AND (ended IS NULL) = (result_document IS NULL)", name="closed_whole"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_by_account", "runs", ["account"])


def _make_intents() -> None:
    op.create_table(
        "intents",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("ref", sa.Text, nullable=False, unique=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("order_id", sa.Integer, nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
        sa.Column("intended", sa.Text, nullable=False),
        sa.Column("sent", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("intents_by_run", "intents", ["run"])


def _make_reports() -> None:
    op.create_table(
        "reports",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("reports_by_run", "reports", ["run"])
