"""Rate limits: what callers have used, and keys with a limit of their own."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    """Apply the change."""
    op.add_column("api_key", sa.Column("rate_limit", sa.Integer(), nullable=True))
    op.create_table(
        "rate_limit_use",
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("used", sa.Float(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("actor", name="pk_rate_limit_use"),
    )
    op.create_index("ix_rate_limit_use_at", "rate_limit_use", ["at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("rate_limit_use")
    with op.batch_alter_table("api_key") as batch:
        batch.drop_column("rate_limit")
