"""Alembic's entry: migrate on the connection that the caller opened and will commit."""

from alembic import context

from stations.kernel.db import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=False
)
context.run_migrations()
