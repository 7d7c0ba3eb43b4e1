"""Platforms: what a source knows of its syncs, and changes on their way to a platform."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()
STATES = ("PENDING", "SENDING", "DELIVERED", "REFUSED")


def upgrade() -> None:
    """Apply the change."""
    op.add_column("source", sa.Column("cursor", sa.JSON(), nullable=True))
    op.add_column("source", sa.Column("counts", sa.JSON(), nullable=True))
    op.add_column("source", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("source", sa.Column("quiet_until", MOMENT, nullable=True))
    op.add_column("source", sa.Column("sync_lease_until", MOMENT, nullable=True))
    op.create_table(
        "delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("experiment_id", BIG),
        sa.Column("subject_type", TEXT, nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("made_id", BIG),
        sa.Column("verb", TEXT, nullable=False),
        sa.Column("arguments", sa.JSON()),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.Column("undo", sa.JSON()),
        sa.Column("idempotency_record_id", BIG),
        sa.Column(
            "state",
            sa.Enum(
                *STATES,
                name="delivery_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT),
        sa.Column("leased_by", TEXT),
        sa.Column("due_at", MOMENT),
        sa.Column("reason", sa.JSON()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_delivery_event_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_delivery_source_id"),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiment.id"], name="fk_delivery_experiment_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )
    op.create_index("ix_delivery_event_id", "delivery", ["event_id"], unique=True)
    op.create_index("ix_delivery_source_id", "delivery", ["source_id"])
    op.create_index("ix_delivery_experiment_id", "delivery", ["experiment_id"])
    op.create_index("ix_delivery_state_id", "delivery", ["state", "id"])
    op.create_index("ix_delivery_subject", "delivery", ["subject_type", "subject_id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("delivery")
    with op.batch_alter_table("source") as batch:
        for name in ("sync_lease_until", "quiet_until", "failures", "counts", "cursor"):
            batch.drop_column(name)
