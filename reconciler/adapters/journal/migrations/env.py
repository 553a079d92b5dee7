"""What Alembic runs around the steps: they take part in the transaction of the connection that was handed over."""

from alembic import context

from reconciler.adapters.journal.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
