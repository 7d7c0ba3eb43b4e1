"""Experiments by when they started, and the latest first: read from an index, however many are."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ORDERED = ("created_at", "started_at")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    """Apply the change. SQLite reads an index from both ends with what is missing at its place."""
    op.create_index("ix_experiment_started_at_id", "experiment", ["started_at", "id"])
    for column in ORDERED if _is_postgresql() else ():
        latest = sa.text(f"{column} DESC NULLS LAST")
        op.create_index(f"ix_experiment_{column}_latest", "experiment", [latest, "id"])


def downgrade() -> None:
    """Take the change back."""
    for column in ORDERED if _is_postgresql() else ():
        op.drop_index(f"ix_experiment_{column}_latest", table_name="experiment")
    op.drop_index("ix_experiment_started_at_id", table_name="experiment")
