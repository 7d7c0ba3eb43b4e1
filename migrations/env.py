"""What Alembic runs: the connection is handed in by `migrations.upgrade`."""

from typing import Any

from alembic import context
from sqlmodel import SQLModel

import models  # noqa: F401  the tables register themselves
from migrations.comparing import belongs_to

connection: Any = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=True,
    include_object=belongs_to(connection.dialect.name),
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        # Two processes that start at once migrate one after the other.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7311470001)")
    context.run_migrations()
