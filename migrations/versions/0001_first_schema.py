"""First schema."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from models.folding import FUNCTION, postgresql_function

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "source",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column(
            "platform",
            sa.Enum(
                "LOCAL",
                "ABSMARTLY",
                "POSTHOG",
                "AUTH0",
                "CHECKMANGO",
                name="platform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("url", TEXT, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "DETACHED",
                "CONNECTED",
                "FAILING",
                name="source_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("last_synced_at", MOMENT, nullable=True),
        sa.Column("last_error", TEXT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_table(
        "family",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_family_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family")),
        sa.UniqueConstraint("source_id", "key", name=op.f("uq_family_source_id_key")),
    )
    op.create_table(
        "reference",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("holder_type", TEXT, nullable=False),
        sa.Column("holder_id", BIG, nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("target_type", TEXT, nullable=False),
        sa.Column("target_external_id", TEXT, nullable=False),
        sa.Column("link_values", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_reference_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference")),
    )
    with op.batch_alter_table("reference", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reference_holder", ["holder_type", "holder_id", "field"], unique=False
        )
        batch_op.create_index(
            "ix_reference_target", ["source_id", "target_type", "target_external_id"], unique=False
        )

    op.create_table(
        "user",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("email", TEXT, nullable=True),
        sa.Column("first_name", TEXT, nullable=True),
        sa.Column("last_name", TEXT, nullable=True),
        sa.Column("department", TEXT, nullable=True),
        sa.Column("job_title", TEXT, nullable=True),
        sa.Column("directory_id", TEXT, nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("avatar_url", TEXT, nullable=True),
        sa.Column("avatar_id", BIG, nullable=True),
        sa.Column("last_login_at", MOMENT, nullable=True),
        sa.Column("last_login_failure_at", MOMENT, nullable=True),
        sa.Column("consecutive_login_failures", sa.Integer(), nullable=True),
        sa.Column("demo_user", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["file.id"], name="fk_user_avatar_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_user_created_by_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_user_source_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["user.id"], name=op.f("fk_user_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_user_source_id_external_id")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_avatar_id"), ["avatar_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_updated_by_id"), ["updated_by_id"], unique=False)

    op.create_table(
        "application",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_application_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_application_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_application_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_application_source_id_external_id")
        ),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_application_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_application_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_application_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "custom_field",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("section", TEXT, nullable=True),
        sa.Column("type", TEXT, nullable=True),
        sa.Column("help_text", TEXT, nullable=True),
        sa.Column("placeholder", TEXT, nullable=True),
        sa.Column("default_value", TEXT, nullable=True),
        sa.Column("required", sa.Boolean(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("available_in_sdk", sa.Boolean(), nullable=True),
        sa.Column("sdk_field_name", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_custom_field_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_custom_field_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_custom_field_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_custom_field_source_id_external_id")
        ),
    )
    with op.batch_alter_table("custom_field", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_custom_field_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_custom_field_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_custom_field_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "feature_flag",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("native_type", TEXT, nullable=True),
        sa.Column("native_state", TEXT, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("parameters", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("variations", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_feature_flag_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_feature_flag_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_feature_flag_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature_flag")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_feature_flag_source_id_external_id")
        ),
    )
    with op.batch_alter_table("feature_flag", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feature_flag_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_feature_flag_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_feature_flag_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_feature_flag_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_name", TEXT, nullable=True),
        sa.Column("content_type", TEXT, nullable=True),
        sa.Column("base_url", TEXT, nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("file_size", BIG, nullable=True),
        sa.Column("crop_left", sa.Float(), nullable=True),
        sa.Column("crop_top", sa.Float(), nullable=True),
        sa.Column("crop_width", sa.Float(), nullable=True),
        sa.Column("crop_height", sa.Float(), nullable=True),
        sa.Column("usage", TEXT, nullable=True),
        sa.Column("usage_external_id", TEXT, nullable=True),
        sa.Column("usage_cropped", sa.Boolean(), nullable=True),
        sa.Column("usage_resize_on_demand", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_file_created_by_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_file_source_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["user.id"], name=op.f("fk_file_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_file_source_id_external_id")),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_file_updated_by_id"), ["updated_by_id"], unique=False)

    op.create_table(
        "goal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column(
            "type",
            sa.Enum(
                "UNIQUE",
                "COUNT",
                "OTHER",
                name="goal_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("native_type", TEXT, nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_goal_created_by_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_goal_source_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["user.id"], name=op.f("fk_goal_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_goal_source_id_external_id")),
    )
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goal_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_goal_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_goal_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_goal_updated_by_id"), ["updated_by_id"], unique=False)

    op.create_table(
        "holdout",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("filters", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("exclusion_percentage", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_holdout_created_by_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_holdout_source_id")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_holdout_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holdout")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_holdout_source_id_external_id")
        ),
    )
    with op.batch_alter_table("holdout", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_holdout_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_holdout_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_holdout_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_holdout_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "metric_category",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("color", TEXT, nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_metric_category_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_metric_category_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_metric_category_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_category")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_metric_category_source_id_external_id")
        ),
    )
    with op.batch_alter_table("metric_category", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_metric_category_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_metric_category_name"), ["name"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_metric_category_source_id"), ["source_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_metric_category_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "saved_metric",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("query", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_saved_metric_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_saved_metric_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_saved_metric_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_metric")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_saved_metric_source_id_external_id")
        ),
    )
    with op.batch_alter_table("saved_metric", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_saved_metric_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_saved_metric_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_metric_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_saved_metric_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "segment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("value_source_attribute", TEXT, nullable=True),
        sa.Column("native_type", TEXT, nullable=True),
        sa.Column("rules", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_segment_created_by_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_segment_source_id")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_segment_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_segment_source_id_external_id")
        ),
    )
    with op.batch_alter_table("segment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_segment_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_segment_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_segment_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_segment_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "tag",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "EXPERIMENT",
                "GOAL",
                "METRIC",
                name="tag_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tag", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_tag_created_by_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_tag_source_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["user.id"], name=op.f("fk_tag_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint(
            "source_id", "kind", "external_id", name=op.f("uq_tag_source_id_kind_external_id")
        ),
    )
    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tag_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tag_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tag_tag"), ["tag"], unique=False)
        batch_op.create_index(batch_op.f("ix_tag_updated_by_id"), ["updated_by_id"], unique=False)

    op.create_table(
        "team",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("initials", TEXT, nullable=True),
        sa.Column("color", TEXT, nullable=True),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("directory_id", TEXT, nullable=True),
        sa.Column("is_global", sa.Boolean(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_team_created_by_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["team.id"], name=op.f("fk_team_parent_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_team_source_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["user.id"], name=op.f("fk_team_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_team_source_id_external_id")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_updated_by_id"), ["updated_by_id"], unique=False)

    op.create_table(
        "unit_type",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_unit_type_created_by_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_unit_type_source_id")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_unit_type_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_type")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_unit_type_source_id_external_id")
        ),
    )
    with op.batch_alter_table("unit_type", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_unit_type_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_unit_type_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_type_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_unit_type_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "approval_policy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "MARK_READY",
                "DEVELOP",
                "START",
                "PAUSE",
                "RESUME",
                "FREEZE",
                "UNFREEZE",
                "ADVANCE_RAMP",
                "STOP",
                "FULL_ON",
                "ARCHIVE",
                "UNARCHIVE",
                "RESTART",
                "RESET",
                "DELETE",
                "RESTORE",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "platform",
            sa.Enum(
                "LOCAL",
                "ABSMARTLY",
                "POSTHOG",
                "AUTH0",
                "CHECKMANGO",
                name="platform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("allow_self_approval", sa.Boolean(), nullable=False),
        sa.Column("expires_after_hours", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_approval_policy_created_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_approval_policy_team_id")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_approval_policy_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_policy")),
    )
    with op.batch_alter_table("approval_policy", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_approval_policy_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_approval_policy_team_id"), ["team_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_approval_policy_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "goal_owner",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("goal_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["goal.id"], name=op.f("fk_goal_owner_goal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_goal_owner_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("goal_id", "user_id", name=op.f("pk_goal_owner")),
    )
    with op.batch_alter_table("goal_owner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goal_owner_user_id"), ["user_id"], unique=False)

    op.create_table(
        "goal_tag",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("goal_id", BIG, nullable=False),
        sa.Column("tag_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["goal.id"], name=op.f("fk_goal_tag_goal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_goal_tag_tag_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("goal_id", "tag_id", name=op.f("pk_goal_tag")),
    )
    with op.batch_alter_table("goal_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goal_tag_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "goal_team",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("goal_id", BIG, nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["goal.id"], name=op.f("fk_goal_team_goal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_goal_team_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("goal_id", "team_id", name=op.f("pk_goal_team")),
    )
    with op.batch_alter_table("goal_team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goal_team_team_id"), ["team_id"], unique=False)

    op.create_table(
        "metric",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column(
            "type",
            sa.Enum(
                "GOAL_COUNT",
                "GOAL_UNIQUE_COUNT",
                "GOAL_TIME_TO_ACHIEVEMENT",
                "GOAL_PROPERTY",
                "GOAL_PROPERTY_UNIQUE_COUNT",
                "GOAL_RETENTION",
                "GOAL_ACTIVITY_PERIOD_COUNT",
                "GOAL_RATIO",
                "CUSTOM_SQL",
                "MEAN",
                "FUNNEL",
                "RATIO",
                "RETENTION",
                "UNIQUE",
                "COUNT",
                "OTHER",
                name="metric_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("native_type", TEXT, nullable=True),
        sa.Column(
            "effect",
            sa.Enum(
                "POSITIVE",
                "NEGATIVE",
                "UNKNOWN",
                name="metric_effect",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("goal_id", BIG, nullable=True),
        sa.Column("category_id", BIG, nullable=True),
        sa.Column("format", TEXT, nullable=True),
        sa.Column("scale", sa.Float(), nullable=True),
        sa.Column("precision", sa.Integer(), nullable=True),
        sa.Column("mean_format", TEXT, nullable=True),
        sa.Column("mean_scale", sa.Float(), nullable=True),
        sa.Column("mean_precision", sa.Integer(), nullable=True),
        sa.Column("value_source_property", TEXT, nullable=True),
        sa.Column("property_filter", TEXT, nullable=True),
        sa.Column("outlier_limit_method", TEXT, nullable=True),
        sa.Column("outlier_limit_lower_arg", sa.Text(), nullable=True),
        sa.Column("outlier_limit_upper_arg", sa.Text(), nullable=True),
        sa.Column("impact_alert_threshold_lower", sa.Text(), nullable=True),
        sa.Column("impact_alert_threshold_upper", sa.Text(), nullable=True),
        sa.Column("numerator_type", TEXT, nullable=True),
        sa.Column("denominator_type", TEXT, nullable=True),
        sa.Column("denominator_goal_id", BIG, nullable=True),
        sa.Column("denominator", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("ratio_condition", TEXT, nullable=True),
        sa.Column("retention_time", TEXT, nullable=True),
        sa.Column("retention_time_reference", TEXT, nullable=True),
        sa.Column("activity_interval", TEXT, nullable=True),
        sa.Column("time_filter_earliest", TEXT, nullable=True),
        sa.Column("time_filter_latest", TEXT, nullable=True),
        sa.Column("cancellation_goal_id", BIG, nullable=True),
        sa.Column("cancellation_key_path", TEXT, nullable=True),
        sa.Column("cancellation_foreign_key_path", TEXT, nullable=True),
        sa.Column("relation_kind", TEXT, nullable=True),
        sa.Column("relation_goal_id", BIG, nullable=True),
        sa.Column("relation_key_path", TEXT, nullable=True),
        sa.Column("relation_foreign_key_path", TEXT, nullable=True),
        sa.Column("relation_foreign_value_path", TEXT, nullable=True),
        sa.Column("relation_foreign_duplicate_operation", TEXT, nullable=True),
        sa.Column("relation_refund_operation", TEXT, nullable=True),
        sa.Column("custom_sql", TEXT, nullable=True),
        sa.Column("custom_statistics_type", TEXT, nullable=True),
        sa.Column("lookback_interval", TEXT, nullable=True),
        sa.Column("metric_version", sa.Integer(), nullable=True),
        sa.Column("lifecycle_status", TEXT, nullable=True),
        sa.Column("usage", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cancellation_goal_id"], ["goal.id"], name=op.f("fk_metric_cancellation_goal_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["metric_category.id"], name=op.f("fk_metric_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_metric_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["denominator_goal_id"], ["goal.id"], name=op.f("fk_metric_denominator_goal_id")
        ),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_metric_goal_id")),
        sa.ForeignKeyConstraint(
            ["relation_goal_id"], ["goal.id"], name=op.f("fk_metric_relation_goal_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_metric_source_id")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_metric_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_metric_source_id_external_id")
        ),
    )
    with op.batch_alter_table("metric", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_metric_cancellation_goal_id"), ["cancellation_goal_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_metric_category_id"), ["category_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_metric_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_metric_denominator_goal_id"), ["denominator_goal_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_metric_goal_id"), ["goal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_metric_name"), ["name"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_metric_relation_goal_id"), ["relation_goal_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_metric_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_metric_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "team_member",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_team_member_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_member")),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_member_user_id"), ["user_id"], unique=False)

    op.create_table(
        "experiment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column(
            "type",
            sa.Enum(
                "TEST",
                "FEATURE",
                "TEST_TEMPLATE",
                "FEATURE_TEMPLATE",
                "WEB",
                "PRODUCT",
                "OTHER",
                name="experiment_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("native_type", TEXT, nullable=True),
        sa.Column(
            "platform",
            sa.Enum(
                "LOCAL",
                "ABSMARTLY",
                "POSTHOG",
                "AUTH0",
                "CHECKMANGO",
                name="platform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("url", TEXT, nullable=True),
        sa.Column("family_id", BIG, nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "DRAFT",
                "READY",
                "DEVELOPMENT",
                "RUNNING",
                "PAUSED",
                "FROZEN",
                "STOPPED",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("native_state", TEXT, nullable=True),
        sa.Column(
            "pause_effect",
            sa.Enum(
                "DEFAULT_EXPERIENCE",
                "KEEP_IN_FLIGHT",
                name="pause_effect",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("full_on_at", MOMENT, nullable=True),
        sa.Column("full_on_variant", sa.Integer(), nullable=True),
        sa.Column(
            "release_mode",
            sa.Enum(
                "FULL_ON_RUNNING",
                "SHIPPED_AND_STOPPED",
                "TEMPORARY_ROLLOUT",
                name="release_mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("start_scheduled_at", MOMENT, nullable=True),
        sa.Column("ramp_levels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("ramp_current_level", sa.Integer(), nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("conclusion", TEXT, nullable=True),
        sa.Column("stop_reason", TEXT, nullable=True),
        sa.Column("outcome_comment", TEXT, nullable=True),
        sa.Column("winner_variant", sa.Integer(), nullable=True),
        sa.Column("development_at", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("first_started_at", MOMENT, nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("last_seen_in_code_at", MOMENT, nullable=True),
        sa.Column("variant_count", sa.Integer(), nullable=True),
        sa.Column("percentages", TEXT, nullable=True),
        sa.Column("percentage_of_traffic", sa.Float(), nullable=True),
        sa.Column("seed", TEXT, nullable=True),
        sa.Column("traffic_seed", TEXT, nullable=True),
        sa.Column("unit_type_id", BIG, nullable=True),
        sa.Column("audience", TEXT, nullable=True),
        sa.Column("audience_strict", sa.Boolean(), nullable=True),
        sa.Column(
            "allocation_strategy",
            sa.Enum(
                "PERCENTAGE",
                "SEGMENT",
                "OTHER",
                name="allocation_strategy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("holdout_id", BIG, nullable=True),
        sa.Column("feature_flag_id", BIG, nullable=True),
        sa.Column("template_id", BIG, nullable=True),
        sa.Column("exposure_criteria", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("stats_config", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("primary_metric_id", BIG, nullable=True),
        sa.Column("minimum_detectable_effect", sa.Text(), nullable=True),
        sa.Column("hypothesis", TEXT, nullable=True),
        sa.Column("prediction", TEXT, nullable=True),
        sa.Column("action_points", TEXT, nullable=True),
        sa.Column("implementation_details", TEXT, nullable=True),
        sa.Column("other", TEXT, nullable=True),
        sa.Column(
            "sync_state",
            sa.Enum(
                "DETACHED",
                "SYNCED",
                "PENDING",
                "FAILED",
                "MISSING",
                name="sync_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("synced_at", MOMENT, nullable=True),
        sa.Column("sync_error", TEXT, nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_experiment_created_by_id")
        ),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name=op.f("fk_experiment_family_id")),
        sa.ForeignKeyConstraint(
            ["feature_flag_id"], ["feature_flag.id"], name=op.f("fk_experiment_feature_flag_id")
        ),
        sa.ForeignKeyConstraint(
            ["holdout_id"], ["holdout.id"], name=op.f("fk_experiment_holdout_id")
        ),
        sa.ForeignKeyConstraint(
            ["primary_metric_id"], ["metric.id"], name=op.f("fk_experiment_primary_metric_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_experiment_source_id")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["experiment.id"], name=op.f("fk_experiment_template_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_type_id"], ["unit_type.id"], name=op.f("fk_experiment_unit_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_experiment_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_experiment_source_id_external_id")
        ),
    )
    with op.batch_alter_table("experiment", schema=None) as batch_op:
        batch_op.create_index("ix_experiment_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_experiment_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_experiment_family_id"), ["family_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_experiment_feature_flag_id"), ["feature_flag_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_experiment_holdout_id"), ["holdout_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_experiment_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_experiment_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_experiment_phase"), ["phase"], unique=False)
        batch_op.create_index(batch_op.f("ix_experiment_platform"), ["platform"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_experiment_primary_metric_id"), ["primary_metric_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_experiment_source_id"), ["source_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_experiment_template_id"), ["template_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_experiment_unit_type_id"), ["unit_type_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_experiment_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "metric_application",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric_id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_metric_application_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["metric_id"],
            ["metric.id"],
            name=op.f("fk_metric_application_metric_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("metric_id", "application_id", name=op.f("pk_metric_application")),
    )
    with op.batch_alter_table("metric_application", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_metric_application_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "metric_owner",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["metric_id"], ["metric.id"], name=op.f("fk_metric_owner_metric_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_metric_owner_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("metric_id", "user_id", name=op.f("pk_metric_owner")),
    )
    with op.batch_alter_table("metric_owner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_metric_owner_user_id"), ["user_id"], unique=False)

    op.create_table(
        "metric_tag",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric_id", BIG, nullable=False),
        sa.Column("tag_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["metric_id"], ["metric.id"], name=op.f("fk_metric_tag_metric_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_metric_tag_tag_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("metric_id", "tag_id", name=op.f("pk_metric_tag")),
    )
    with op.batch_alter_table("metric_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_metric_tag_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "metric_team",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric_id", BIG, nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["metric_id"], ["metric.id"], name=op.f("fk_metric_team_metric_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_metric_team_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("metric_id", "team_id", name=op.f("pk_metric_team")),
    )
    with op.batch_alter_table("metric_team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_metric_team_team_id"), ["team_id"], unique=False)

    op.create_table(
        "metric_unit_type",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric_id", BIG, nullable=False),
        sa.Column("unit_type_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["metric_id"],
            ["metric.id"],
            name=op.f("fk_metric_unit_type_metric_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["unit_type_id"],
            ["unit_type.id"],
            name=op.f("fk_metric_unit_type_unit_type_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("metric_id", "unit_type_id", name=op.f("pk_metric_unit_type")),
    )
    with op.batch_alter_table("metric_unit_type", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_metric_unit_type_unit_type_id"), ["unit_type_id"], unique=False
        )

    op.create_table(
        "alert",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "SAMPLE_RATIO_MISMATCH",
                "AUDIENCE_MISMATCH",
                "ASSIGNMENT_CONFLICT",
                "EXPERIMENTS_INTERACT",
                "METRIC_THRESHOLD_REACHED",
                "CLEANUP_NEEDED",
                "SAMPLE_SIZE_REACHED",
                "GROUP_SEQUENTIAL_UPDATED",
                "OTHER",
                name="alert_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("native_type", TEXT, nullable=True),
        sa.Column("alert_metadata", TEXT, nullable=True),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_alert_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_alert_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_alert_source_id")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_alert_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "source_id", "external_id", name=op.f("uq_alert_source_id_external_id")
        ),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_experiment_id"), ["experiment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_updated_by_id"), ["updated_by_id"], unique=False)

    op.create_table(
        "change_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("policy_id", BIG, nullable=True),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column(
            "action",
            sa.Enum(
                "MARK_READY",
                "DEVELOP",
                "START",
                "PAUSE",
                "RESUME",
                "FREEZE",
                "UNFREEZE",
                "ADVANCE_RAMP",
                "STOP",
                "FULL_ON",
                "ARCHIVE",
                "UNARCHIVE",
                "RESTART",
                "RESET",
                "DELETE",
                "RESTORE",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("native_action", TEXT, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "PENDING",
                "APPROVED",
                "APPLIED",
                "REJECTED",
                "CANCELLED",
                "EXPIRED",
                "STALE",
                "FAILED",
                name="change_request_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("intent", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_change_request_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_change_request_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["approval_policy.id"], name=op.f("fk_change_request_policy_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_change_request_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_request")),
    )
    with op.batch_alter_table("change_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_change_request_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_change_request_experiment_id"), ["experiment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_change_request_policy_id"), ["policy_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_change_request_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "custom_field_value",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("field_id", BIG, nullable=True),
        sa.Column("type", TEXT, nullable=True),
        sa.Column("value", TEXT, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_custom_field_value_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_custom_field_value_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["field_id"], ["custom_field.id"], name=op.f("fk_custom_field_value_field_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_custom_field_value_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field_value")),
    )
    with op.batch_alter_table("custom_field_value", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_custom_field_value_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_value_experiment_id"), ["experiment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_value_field_id"), ["field_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_custom_field_value_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", TEXT, nullable=True),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("subject_type", TEXT, nullable=False),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("experiment_id", BIG, nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_event_actor_id")),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiment.id"], name=op.f("fk_event_experiment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index("ix_event_at_id", ["at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_experiment_id"), ["experiment_id"], unique=False)

    op.create_table(
        "experiment_application",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("application_version", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_experiment_application_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_experiment_application_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "experiment_id", "application_id", name=op.f("pk_experiment_application")
        ),
    )
    with op.batch_alter_table("experiment_application", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_experiment_application_application_id"), ["application_id"], unique=False
        )

    op.create_table(
        "experiment_metric",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("metric_id", BIG, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "PRIMARY",
                "SECONDARY",
                "GUARDRAIL",
                "EXPLORATORY",
                name="metric_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_experiment_metric_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["metric_id"],
            ["metric.id"],
            name=op.f("fk_experiment_metric_metric_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "experiment_id", "metric_id", "role", name=op.f("pk_experiment_metric")
        ),
    )
    with op.batch_alter_table("experiment_metric", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_experiment_metric_metric_id"), ["metric_id"], unique=False
        )

    op.create_table(
        "experiment_owner",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_experiment_owner_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_experiment_owner_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("experiment_id", "user_id", name=op.f("pk_experiment_owner")),
    )
    with op.batch_alter_table("experiment_owner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experiment_owner_user_id"), ["user_id"], unique=False)

    op.create_table(
        "experiment_saved_metric",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("saved_metric_id", BIG, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "PRIMARY",
                "SECONDARY",
                "GUARDRAIL",
                "EXPLORATORY",
                name="metric_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("link_metadata", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_experiment_saved_metric_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["saved_metric_id"],
            ["saved_metric.id"],
            name=op.f("fk_experiment_saved_metric_saved_metric_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "experiment_id", "saved_metric_id", "role", name=op.f("pk_experiment_saved_metric")
        ),
    )
    with op.batch_alter_table("experiment_saved_metric", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_experiment_saved_metric_saved_metric_id"),
            ["saved_metric_id"],
            unique=False,
        )

    op.create_table(
        "experiment_tag",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("tag_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_experiment_tag_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_experiment_tag_tag_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("experiment_id", "tag_id", name=op.f("pk_experiment_tag")),
    )
    with op.batch_alter_table("experiment_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experiment_tag_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "experiment_team",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_experiment_team_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_experiment_team_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("experiment_id", "team_id", name=op.f("pk_experiment_team")),
    )
    with op.batch_alter_table("experiment_team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experiment_team_team_id"), ["team_id"], unique=False)

    op.create_table(
        "exposure",
        sa.Column("id", BIG, nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("environment", TEXT, nullable=True),
        sa.Column("unit_count", BIG, nullable=True),
        sa.Column("first_exposure_at", MOMENT, nullable=True),
        sa.Column("last_exposure_at", MOMENT, nullable=True),
        sa.Column("data_cutoff_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_exposure_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure")),
    )
    with op.batch_alter_table("exposure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exposure_experiment_id"), ["experiment_id"], unique=False
        )

    op.create_table(
        "favorite",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_favorite_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_favorite_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("experiment_id", "user_id", name=op.f("pk_favorite")),
    )
    with op.batch_alter_table("favorite", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_favorite_user_id"), ["user_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "CREATE",
                "READY",
                "DEVELOPMENT",
                "START",
                "PAUSE",
                "RESUME",
                "FREEZE",
                "UNFREEZE",
                "ADVANCE_RAMP",
                "STOP",
                "FULL_ON",
                "RESTART",
                "RESET",
                "EDIT",
                "COMMENT",
                "ARCHIVE",
                "UNARCHIVE",
                "DELETE",
                "RESTORE",
                "SCHEDULED_ACTION",
                "OTHER",
                name="note_action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("native_action", TEXT, nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("variant_index", sa.Integer(), nullable=True),
        sa.Column("reply_to_id", BIG, nullable=True),
        sa.Column("new_experiment_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_note_created_by_id")),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_note_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["new_experiment_id"], ["experiment.id"], name=op.f("fk_note_new_experiment_id")
        ),
        sa.ForeignKeyConstraint(["reply_to_id"], ["note.id"], name=op.f("fk_note_reply_to_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_note_source_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["user.id"], name=op.f("fk_note_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_note_source_id_external_id")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_experiment_id"), ["experiment_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_note_new_experiment_id"), ["new_experiment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_note_reply_to_id"), ["reply_to_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_updated_by_id"), ["updated_by_id"], unique=False)

    op.create_table(
        "sample_size",
        sa.Column("id", BIG, nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("required_sample_size", BIG, nullable=True),
        sa.Column("reached_at", MOMENT, nullable=True),
        sa.Column("reached_at_sample_size", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_sample_size_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_size")),
    )
    with op.batch_alter_table("sample_size", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sample_size_experiment_id"), ["experiment_id"], unique=True
        )

    op.create_table(
        "scheduled_action",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column(
            "action",
            sa.Enum(
                "MARK_READY",
                "DEVELOP",
                "START",
                "PAUSE",
                "RESUME",
                "FREEZE",
                "UNFREEZE",
                "ADVANCE_RAMP",
                "STOP",
                "FULL_ON",
                "ARCHIVE",
                "UNARCHIVE",
                "RESTART",
                "RESET",
                "DELETE",
                "RESTORE",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("native_action", TEXT, nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "GATEWAY",
                "UPSTREAM",
                name="schedule_origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "PENDING",
                "DONE",
                "CANCELLED",
                "FAILED",
                name="schedule_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("executed_at", MOMENT, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_scheduled_action_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_scheduled_action_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_scheduled_action_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_action")),
    )
    with op.batch_alter_table("scheduled_action", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_scheduled_action_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_scheduled_action_experiment_id"), ["experiment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_scheduled_action_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "variant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("external_id", TEXT, nullable=True),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("key", TEXT, nullable=True),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("is_control", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("config", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_variant_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_variant_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_variant_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
        sa.UniqueConstraint("experiment_id", "index", name=op.f("uq_variant_experiment_id_index")),
    )
    with op.batch_alter_table("variant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_variant_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_variant_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "allocation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("variant_id", BIG, nullable=True),
        sa.Column("segment_id", BIG, nullable=True),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("is_control", sa.Boolean(), nullable=False),
        sa.Column("is_fallback", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_allocation_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_allocation_segment_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variant.id"],
            name=op.f("fk_allocation_variant_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_allocation_experiment_id"), ["experiment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_allocation_segment_id"), ["segment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allocation_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "approval",
        sa.Column("id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("updated_by_id", BIG, nullable=True),
        sa.Column("change_request_id", BIG, nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "APPROVED",
                "REJECTED",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_request_id"],
            ["change_request.id"],
            name=op.f("fk_approval_change_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_approval_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user.id"], name=op.f("fk_approval_updated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_approval_change_request_id"), ["change_request_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_approval_created_by_id"), ["created_by_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_approval_updated_by_id"), ["updated_by_id"], unique=False
        )

    op.create_table(
        "result",
        sa.Column("id", BIG, nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("variant_id", BIG, nullable=True),
        sa.Column("variant_index", sa.Integer(), nullable=False),
        sa.Column("metric_id", BIG, nullable=True),
        sa.Column("environment", TEXT, nullable=True),
        sa.Column("unit_count", BIG, nullable=True),
        sa.Column("first_exposure_at", MOMENT, nullable=True),
        sa.Column("last_exposure_at", MOMENT, nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("mean", sa.Text(), nullable=True),
        sa.Column("stdev", sa.Text(), nullable=True),
        sa.Column("variance", sa.Text(), nullable=True),
        sa.Column("p_value", sa.Float(), nullable=True),
        sa.Column("impact", sa.Float(), nullable=True),
        sa.Column("impact_lower", sa.Float(), nullable=True),
        sa.Column("impact_upper", sa.Float(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_result_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["metric_id"], ["metric.id"], name=op.f("fk_result_metric_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_result_variant_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_result_experiment_id"), ["experiment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_result_metric_id"), ["metric_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "screenshot",
        sa.Column("id", BIG, nullable=False),
        sa.Column("experiment_id", BIG, nullable=False),
        sa.Column("variant_id", BIG, nullable=True),
        sa.Column("variant_index", sa.Integer(), nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("label", TEXT, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiment.id"],
            name=op.f("fk_screenshot_experiment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_screenshot_file_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variant.id"],
            name=op.f("fk_screenshot_variant_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenshot")),
    )
    with op.batch_alter_table("screenshot", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_screenshot_experiment_id"), ["experiment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_screenshot_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_screenshot_variant_id"), ["variant_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key("fk_user_avatar_id", "user", "file", ["avatar_id"], ["id"])
        op.execute(sa.text(postgresql_function().replace(":", "\\:")))


def downgrade() -> None:
    """Take the change back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {FUNCTION}")
        op.drop_constraint("fk_user_avatar_id", "user")
    with op.batch_alter_table("screenshot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_screenshot_variant_id"))
        batch_op.drop_index(batch_op.f("ix_screenshot_file_id"))
        batch_op.drop_index(batch_op.f("ix_screenshot_experiment_id"))

    op.drop_table("screenshot")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_variant_id"))
        batch_op.drop_index(batch_op.f("ix_result_metric_id"))
        batch_op.drop_index(batch_op.f("ix_result_experiment_id"))

    op.drop_table("result")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_approval_created_by_id"))
        batch_op.drop_index(batch_op.f("ix_approval_change_request_id"))

    op.drop_table("approval")
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allocation_variant_id"))
        batch_op.drop_index(batch_op.f("ix_allocation_segment_id"))
        batch_op.drop_index(batch_op.f("ix_allocation_experiment_id"))

    op.drop_table("allocation")
    with op.batch_alter_table("variant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_variant_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_variant_created_by_id"))

    op.drop_table("variant")
    with op.batch_alter_table("scheduled_action", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scheduled_action_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_scheduled_action_experiment_id"))
        batch_op.drop_index(batch_op.f("ix_scheduled_action_created_by_id"))

    op.drop_table("scheduled_action")
    with op.batch_alter_table("sample_size", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sample_size_experiment_id"))

    op.drop_table("sample_size")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_note_source_id"))
        batch_op.drop_index(batch_op.f("ix_note_reply_to_id"))
        batch_op.drop_index(batch_op.f("ix_note_new_experiment_id"))
        batch_op.drop_index(batch_op.f("ix_note_experiment_id"))
        batch_op.drop_index(batch_op.f("ix_note_created_by_id"))

    op.drop_table("note")
    with op.batch_alter_table("favorite", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_favorite_user_id"))

    op.drop_table("favorite")
    with op.batch_alter_table("exposure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exposure_experiment_id"))

    op.drop_table("exposure")
    with op.batch_alter_table("experiment_team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experiment_team_team_id"))

    op.drop_table("experiment_team")
    with op.batch_alter_table("experiment_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experiment_tag_tag_id"))

    op.drop_table("experiment_tag")
    with op.batch_alter_table("experiment_saved_metric", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experiment_saved_metric_saved_metric_id"))

    op.drop_table("experiment_saved_metric")
    with op.batch_alter_table("experiment_owner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experiment_owner_user_id"))

    op.drop_table("experiment_owner")
    with op.batch_alter_table("experiment_metric", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experiment_metric_metric_id"))

    op.drop_table("experiment_metric")
    with op.batch_alter_table("experiment_application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experiment_application_application_id"))

    op.drop_table("experiment_application")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_experiment_id"))
        batch_op.drop_index("ix_event_at_id")
        batch_op.drop_index(batch_op.f("ix_event_actor_id"))

    op.drop_table("event")
    with op.batch_alter_table("custom_field_value", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custom_field_value_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_custom_field_value_field_id"))
        batch_op.drop_index(batch_op.f("ix_custom_field_value_experiment_id"))
        batch_op.drop_index(batch_op.f("ix_custom_field_value_created_by_id"))

    op.drop_table("custom_field_value")
    with op.batch_alter_table("change_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_request_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_change_request_policy_id"))
        batch_op.drop_index(batch_op.f("ix_change_request_experiment_id"))
        batch_op.drop_index(batch_op.f("ix_change_request_created_by_id"))

    op.drop_table("change_request")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_alert_source_id"))
        batch_op.drop_index(batch_op.f("ix_alert_experiment_id"))
        batch_op.drop_index(batch_op.f("ix_alert_created_by_id"))

    op.drop_table("alert")
    with op.batch_alter_table("metric_unit_type", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_unit_type_unit_type_id"))

    op.drop_table("metric_unit_type")
    with op.batch_alter_table("metric_team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_team_team_id"))

    op.drop_table("metric_team")
    with op.batch_alter_table("metric_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_tag_tag_id"))

    op.drop_table("metric_tag")
    with op.batch_alter_table("metric_owner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_owner_user_id"))

    op.drop_table("metric_owner")
    with op.batch_alter_table("metric_application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_application_application_id"))

    op.drop_table("metric_application")
    with op.batch_alter_table("experiment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experiment_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_experiment_unit_type_id"))
        batch_op.drop_index(batch_op.f("ix_experiment_template_id"))
        batch_op.drop_index(batch_op.f("ix_experiment_source_id"))
        batch_op.drop_index(batch_op.f("ix_experiment_primary_metric_id"))
        batch_op.drop_index(batch_op.f("ix_experiment_platform"))
        batch_op.drop_index(batch_op.f("ix_experiment_phase"))
        batch_op.drop_index(batch_op.f("ix_experiment_name"))
        batch_op.drop_index(batch_op.f("ix_experiment_key"))
        batch_op.drop_index(batch_op.f("ix_experiment_holdout_id"))
        batch_op.drop_index(batch_op.f("ix_experiment_feature_flag_id"))
        batch_op.drop_index(batch_op.f("ix_experiment_family_id"))
        batch_op.drop_index(batch_op.f("ix_experiment_created_by_id"))
        batch_op.drop_index("ix_experiment_created_at_id")

    op.drop_table("experiment")
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_member_user_id"))

    op.drop_table("team_member")
    with op.batch_alter_table("metric", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_metric_source_id"))
        batch_op.drop_index(batch_op.f("ix_metric_relation_goal_id"))
        batch_op.drop_index(batch_op.f("ix_metric_name"))
        batch_op.drop_index(batch_op.f("ix_metric_goal_id"))
        batch_op.drop_index(batch_op.f("ix_metric_denominator_goal_id"))
        batch_op.drop_index(batch_op.f("ix_metric_created_by_id"))
        batch_op.drop_index(batch_op.f("ix_metric_category_id"))
        batch_op.drop_index(batch_op.f("ix_metric_cancellation_goal_id"))

    op.drop_table("metric")
    with op.batch_alter_table("goal_team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goal_team_team_id"))

    op.drop_table("goal_team")
    with op.batch_alter_table("goal_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goal_tag_tag_id"))

    op.drop_table("goal_tag")
    with op.batch_alter_table("goal_owner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goal_owner_user_id"))

    op.drop_table("goal_owner")
    with op.batch_alter_table("approval_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_policy_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_approval_policy_team_id"))
        batch_op.drop_index(batch_op.f("ix_approval_policy_created_by_id"))

    op.drop_table("approval_policy")
    with op.batch_alter_table("unit_type", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_type_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_unit_type_source_id"))
        batch_op.drop_index(batch_op.f("ix_unit_type_name"))
        batch_op.drop_index(batch_op.f("ix_unit_type_created_by_id"))

    op.drop_table("unit_type")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_team_source_id"))
        batch_op.drop_index(batch_op.f("ix_team_parent_id"))
        batch_op.drop_index(batch_op.f("ix_team_name"))
        batch_op.drop_index(batch_op.f("ix_team_created_by_id"))

    op.drop_table("team")
    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tag_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_tag_tag"))
        batch_op.drop_index(batch_op.f("ix_tag_source_id"))
        batch_op.drop_index(batch_op.f("ix_tag_created_by_id"))

    op.drop_table("tag")
    with op.batch_alter_table("segment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_segment_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_segment_source_id"))
        batch_op.drop_index(batch_op.f("ix_segment_name"))
        batch_op.drop_index(batch_op.f("ix_segment_created_by_id"))

    op.drop_table("segment")
    with op.batch_alter_table("saved_metric", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_metric_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_saved_metric_source_id"))
        batch_op.drop_index(batch_op.f("ix_saved_metric_name"))
        batch_op.drop_index(batch_op.f("ix_saved_metric_created_by_id"))

    op.drop_table("saved_metric")
    with op.batch_alter_table("metric_category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_category_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_metric_category_source_id"))
        batch_op.drop_index(batch_op.f("ix_metric_category_name"))
        batch_op.drop_index(batch_op.f("ix_metric_category_created_by_id"))

    op.drop_table("metric_category")
    with op.batch_alter_table("holdout", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_holdout_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_holdout_source_id"))
        batch_op.drop_index(batch_op.f("ix_holdout_name"))
        batch_op.drop_index(batch_op.f("ix_holdout_created_by_id"))

    op.drop_table("holdout")
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goal_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_goal_source_id"))
        batch_op.drop_index(batch_op.f("ix_goal_name"))
        batch_op.drop_index(batch_op.f("ix_goal_created_by_id"))

    op.drop_table("goal")
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_file_source_id"))
        batch_op.drop_index(batch_op.f("ix_file_created_by_id"))

    op.drop_table("file")
    with op.batch_alter_table("feature_flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feature_flag_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_feature_flag_source_id"))
        batch_op.drop_index(batch_op.f("ix_feature_flag_key"))
        batch_op.drop_index(batch_op.f("ix_feature_flag_created_by_id"))

    op.drop_table("feature_flag")
    with op.batch_alter_table("custom_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_custom_field_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_custom_field_source_id"))
        batch_op.drop_index(batch_op.f("ix_custom_field_created_by_id"))

    op.drop_table("custom_field")
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_application_source_id"))
        batch_op.drop_index(batch_op.f("ix_application_name"))
        batch_op.drop_index(batch_op.f("ix_application_created_by_id"))

    op.drop_table("application")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_updated_by_id"))
        batch_op.drop_index(batch_op.f("ix_user_source_id"))
        batch_op.drop_index(batch_op.f("ix_user_email"))
        batch_op.drop_index(batch_op.f("ix_user_created_by_id"))
        batch_op.drop_index(batch_op.f("ix_user_avatar_id"))

    op.drop_table("user")
    with op.batch_alter_table("reference", schema=None) as batch_op:
        batch_op.drop_index("ix_reference_target")
        batch_op.drop_index("ix_reference_holder")

    op.drop_table("reference")
    op.drop_table("family")
    op.drop_table("source")
