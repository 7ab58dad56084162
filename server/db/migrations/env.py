"""Alembic's entry: it migrates over the connection that `server.db.schema` hands in."""

from alembic import context

from server.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
