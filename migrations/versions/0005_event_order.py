"""Events: the order in which they are read, and who is told that there are new ones."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TELL = """
CREATE FUNCTION tell_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('trialgraph_event', '');
    RETURN NULL;
END $$;
"""
ON_INSERT = """
CREATE TRIGGER tell_of_events AFTER INSERT ON event
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_events()
"""


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    """Apply the change. What was written before it is complete, in the order of its numbers."""
    op.add_column("event", sa.Column("transaction_id", BIG, nullable=False, server_default="0"))
    with op.batch_alter_table("event") as batch:
        batch.alter_column("transaction_id", existing_type=BIG, server_default=None)
    op.create_index("ix_event_transaction_id_id", "event", ["transaction_id", "id"])
    if _is_postgresql():
        op.execute(TELL)
        op.execute(ON_INSERT)


def downgrade() -> None:
    """Take the change back."""
    if _is_postgresql():
        op.execute("DROP TRIGGER tell_of_events ON event")
        op.execute("DROP FUNCTION tell_of_events()")
    op.drop_index("ix_event_transaction_id_id", table_name="event")
    with op.batch_alter_table("event") as batch:
        batch.drop_column("transaction_id")
