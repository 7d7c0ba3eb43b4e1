"""Changes: API keys, idempotency keys, and in whose name a request or a schedule is."""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()

NEW_COLUMNS: dict[str, dict[str, Any]] = {
    "change_request": {
        "actor": TEXT,
        "viewer": sa.JSON(),
        "fingerprint": TEXT,
        "experiment_version": sa.Integer(),
        "extra": sa.JSON(),
    },
    "approval_policy": {"external_id": TEXT, "native_action": TEXT, "extra": sa.JSON()},
    "variant": {"extra": sa.JSON()},
    "result": {"extra": sa.JSON()},
    "approval": {"actor": TEXT},
    "scheduled_action": {
        "arguments": sa.JSON(),
        "actor": TEXT,
        "viewer": sa.JSON(),
        "failure": TEXT,
    },
}
FILLED: dict[tuple[str, str], tuple[Any, Any]] = {
    ("change_request", "allow_self_approval"): (sa.Boolean(), sa.false()),
    ("approval_policy", "version"): (sa.Integer(), sa.text("1")),
}
"""Columns that rows which are there already must be given a value for."""

DELETABLE = (
    "application",
    "approval_policy",
    "goal",
    "holdout",
    "metric",
    "saved_metric",
    "segment",
    "tag",
    "team",
    "unit_type",
    "user",
    "variant",
)
"""Tables whose rows can be deleted: SQLite must not give their numbers, and so ids, again."""


def upgrade() -> None:
    """Apply the change."""
    for table, columns in NEW_COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    for (table, name), (kind, value) in FILLED.items():
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=value))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(name, existing_type=kind, server_default=None)
    if op.get_bind().dialect.name == "sqlite":
        for table in DELETABLE:
            counted = {"sqlite_autoincrement": True}
            with op.batch_alter_table(table, recreate="always", table_kwargs=counted):
                pass
    op.create_table(
        "api_key",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("prefix", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("team_bound", sa.Boolean(), nullable=False),
        sa.Column("include_unowned", sa.Boolean(), nullable=False),
        sa.Column("user_id", BIG),
        sa.Column("expires_at", MOMENT),
        sa.Column("last_used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", TEXT),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_api_key_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("digest", name="uq_api_key_digest"),
    )
    op.create_index("ix_api_key_user_id", "api_key", ["user_id"])
    op.create_table(
        "api_key_team",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("api_key_id", BIG, nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name="fk_api_key_team_api_key_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_api_key_team_team_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("api_key_id", "team_id", name="pk_api_key_team"),
    )
    op.create_index("ix_api_key_team_team_id", "api_key_team", ["team_id"])
    op.create_table(
        "idempotency_record",
        sa.Column("id", BIG, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("mutation", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency_record"),
        sa.UniqueConstraint(
            "actor", "mutation", "key", name="uq_idempotency_record_actor_mutation_key"
        ),
    )
    op.create_index("ix_idempotency_record_created_at", "idempotency_record", ["created_at"])


def downgrade() -> None:
    """Take the change back."""
    for table in ("idempotency_record", "api_key_team", "api_key"):
        op.drop_table(table)
    for table, name in FILLED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)
    for table, columns in NEW_COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.drop_column(name)
