"""The journal's tables as the code reads them today; `migrations/` holds how they came to be.

What is looked up is a column; what is only read back whole (an intent, a report) is JSON text, written by `codec`.
Moments are ISO 8601 text in UTC. `number` counts rows in the order of their writing, which no clock can turn around.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("plan", Text, nullable=False, unique=True),  # a plan is consumed by one run, ever
    Column("account", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("commit", Text),
    Column("dirty", Boolean, nullable=False),
    Column("manifests", Text, nullable=False),
    Column("plan_document", Text, nullable=False),
    Column("started", Text, nullable=False),
    Column("ended", Text),
    Column("outcome", Text),
    Column("result_document", Text),
    CheckConstraint(
        "(ended IS NULL) = (outcome IS NULL) AND (ended IS NULL) = (result_document IS NULL)", name="closed_whole"
    ),
    Index("runs_by_account", "account"),
    sqlite_autoincrement=True,
)

intents = Table(
    "intents",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", Text, ForeignKey("runs.id"), nullable=False),
    Column("ref", Text, nullable=False, unique=True),  # an attempt at a line is intended once, ever
    Column("attempt", Integer, nullable=False),
    Column("order_id", Integer, nullable=False),
    Column("intent", Text, nullable=False),
    Column("intended", Text, nullable=False),
    Column("sent", Text),
    Index("intents_by_run", "run"),
    sqlite_autoincrement=True,
)

reports = Table(
    "reports",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", Text, ForeignKey("runs.id"), nullable=False),
    Column("at", Text, nullable=False),
    Column("report", Text, nullable=False),
    Index("reports_by_run", "run"),
    sqlite_autoincrement=True,
)

halts = Table(
    "halts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("account", Text),  # NULL: all accounts
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("cancels", Boolean, nullable=False),
    Column("since", Text, nullable=False),
    Column("lifted", Text),
    Column("lifted_by", Text),
    CheckConstraint("(lifted IS NULL) = (lifted_by IS NULL)", name="lifted_whole"),
    sqlite_autoincrement=True,
)
