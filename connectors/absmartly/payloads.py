"""What ABsmartly's objects say: every key, and the column, reference or list that takes it.

Facts of the platform: ids count from 1, and 0 means unknown; relations come as link rows that
name both ends; ``created_by_user_id: 0`` is the system; the published example misspells one key.
"""

from connectors.absmartly.pieces import (
    APPLICATION_OF_ROW,
    AUTHORS,
    NAMED,
    TEAM_OF_ROW,
    UNIT_TYPE_OF_ROW,
    USER_OF_ROW,
    back,
    links,
    named,
    owned,
    tag,
    tag_of_row,
)
from connectors.absmartly.states import ACTIONS, PHASES, complete
from connectors.payloads.holdings import Column, Contained, Inline, One
from connectors.payloads.pieces import AUDIT, one
from connectors.payloads.shapes import Shape, choice, inside, same, words_of
from connectors.payloads.values import (
    document,
    json_text,
    known_text,
    moment,
    number_above_zero,
    text,
    verbatim,
    whole_32,
)
from models import (
    Alert,
    AlertType,
    Application,
    CustomField,
    CustomFieldValue,
    Experiment,
    ExperimentApplication,
    ExperimentMetric,
    ExperimentOwner,
    ExperimentTag,
    ExperimentTeam,
    Exposure,
    Favorite,
    File,
    Goal,
    GoalOwner,
    GoalTag,
    GoalTeam,
    Metric,
    MetricApplication,
    MetricCategory,
    MetricEffect,
    MetricOwner,
    MetricRole,
    MetricTag,
    MetricTeam,
    MetricType,
    MetricUnitType,
    Note,
    NoteAction,
    Platform,
    Result,
    SampleSize,
    ScheduledAction,
    ScheduleOrigin,
    Screenshot,
    Segment,
    TagKind,
    Team,
    TeamMember,
    UnitType,
    User,
    Variant,
)

ENVIRONMENT = {
    "environment": "environment",
    "environment_type": "environment",
    "environmentType": "environment",
}

DENOMINATOR = (
    "denominator_value_source_property denominator_property_filter "
    "denominator_outlier_limit_method denominator_outlier_limit_lower_arg "
    "denominator_outlier_limit_upper_arg denominator_retention_time "
    "denominator_retention_time_reference denominator_activity_interval "
    "denominator_cancellation_foreign_goal_id denominator_cancellation_key_path "
    "denominator_cancellation_foreign_key_path denominator_relation_kind "
    "denominator_relation_foreign_goal_id denominator_relation_key_path "
    "denominator_relation_foreign_key_path denominator_relation_foreign_value_path "
    "denominator_relation_foreign_duplicate_operation denominator_relation_refund_operation "
    "denominator_time_filter_earliest denominator_time_filter_latest "
    "denominator_custom_sql denominator_custom_statistics_type denominator_ratio_condition"
)

TYPES = {name: name.upper() for name in ("test", "feature", "test_template", "feature_template")}

KEPT_OF_EXPERIMENT = frozenset(
    {
        *("split", "favorites", "confidence_variant", "power", "metrics_snapshot", "version"),
        *("has_experiment_report", "experiment_update_schedule_id", "environment_id"),
    }
)
"""Keys that are known and repeat something, or that only the platform needs."""

# --- People, and the small things

USER = Shape(
    name="user",
    model=User,
    natural=("email",),
    columns=AUDIT
    | same(
        "email first_name last_name department job_title archived last_login_at "
        "last_login_failure_at consecutive_login_failures demo_user"
    )
    | {
        "external_id": Column("directory_id", known_text),
        "avatar_file_upload_url": "avatar_url",
    },
    parts=AUTHORS | one("avatar", "avatar_file_upload_id", "avatar_id", "file"),
    kept=frozenset({"permissions", "accessControlPolicies", "date_format_locale"}),
    ignored=frozenset({"id"}),
)

FILE = Shape(
    name="file",
    model=File,
    natural=("file_name", "base_url"),
    columns=AUDIT
    | same(
        "file_name content_type base_url width height file_size "
        "crop_left crop_top crop_width crop_height"
    )
    | {"file_usage_id": Column("usage_external_id", number_above_zero)},
    parts=AUTHORS
    | {
        "avatar_users": Contained("user", back=("avatar_id",)),
        "file_usage": Inline(
            columns={
                "id": Column("usage_external_id", number_above_zero),
                "name": "usage",
                "cropped": "usage_cropped",
                "resize_on_demand": "usage_resize_on_demand",
            },
        ),
    },
    kept=frozenset({"variant_screenshots", "file_usage.file_uploads"}),
    ignored=frozenset({"id"}),
)

TEAM = Shape(
    name="team",
    model=Team,
    natural=("name",),
    columns=NAMED
    | same("initials color")
    | {"external_id": Column("directory_id", known_text), "is_global_team": "is_global"},
    parts=AUTHORS
    | one("parent_team", "parent_team_id", "parent_id", "team")
    | {
        "users": links("users", TeamMember, USER_OF_ROW),
        "experiments": back(ExperimentTeam, "experiment"),
        "goals": back(GoalTeam, "goal"),
        "metrics": back(MetricTeam, "metric"),
    },
    ignored=frozenset({"id"}),
)


CUSTOM_FIELD = Shape(
    name="custom_field",
    model=CustomField,
    natural=("title", "section"),
    columns=AUDIT
    | same("title help_text placeholder type required archived available_in_sdk sdk_field_name")
    | {"default_value": Column("default_value", json_text)},
    parts=AUTHORS | {"custom_section": Inline(columns={"title": "section"})},
    kept=frozenset({"section_id", "order_index"})
    | {
        f"custom_section.{key}"
        for key in ("id", "type", "description", "order_index", "archived", *AUDIT, *AUTHORS)
    },
    ignored=frozenset({"id"}),
)

# --- What is measured

GOAL = Shape(
    name="goal",
    model=Goal,
    natural=("name",),
    columns=NAMED,
    parts=AUTHORS
    | {
        "tags": links("tags", GoalTag, tag_of_row("goal")),
        "teams": links("teams", GoalTeam, TEAM_OF_ROW),
        "owners": links("owners", GoalOwner, USER_OF_ROW),
        "metrics": Contained("metric", back=("goal_id",)),
    },
    ignored=frozenset({"id"}),
)

METRIC = Shape(
    name="metric",
    model=Metric,
    natural=("name",),
    columns=NAMED
    | same(
        "scale precision mean_scale mean_precision value_source_property outlier_limit_method "
        "outlier_limit_lower_arg outlier_limit_upper_arg impact_alert_threshold_lower "
        "impact_alert_threshold_upper numerator_type denominator_type ratio_condition "
        "retention_time retention_time_reference activity_interval time_filter_earliest "
        "time_filter_latest cancellation_key_path cancellation_foreign_key_path relation_kind "
        "relation_key_path relation_foreign_key_path relation_foreign_value_path "
        "relation_foreign_duplicate_operation relation_refund_operation custom_sql "
        "custom_statistics_type lifecycle_status"
    )
    | inside("denominator", verbatim, DENOMINATOR)
    | {
        "type": choice("type", words_of(MetricType), otherwise="OTHER", native="native_type"),
        "effect": choice("effect", words_of(MetricEffect), otherwise="UNKNOWN"),
        "format_str": "format",
        "mean_format_str": "mean_format",
        "property_filter": Column("property_filter", json_text),
        "vr_lookback_interval": "lookback_interval",
        "version": "metric_version",
        "usage": Column("usage", document),
    },
    parts=AUTHORS
    | one("goal", "goal_id", "goal_id", "goal")
    | one("denominator_goal", "denominator_goal_id", "denominator_goal_id", "goal")
    | one(
        "cancellation_foreign_goal", "cancellation_foreign_goal_id", "cancellation_goal_id", "goal"
    )
    | one("relation_foreign_goal", "relation_foreign_goal_id", "relation_goal_id", "goal")
    | one("metric_category", "metric_category_id", "category_id", "metric_category")
    | {
        "tags": links("tags", MetricTag, tag_of_row("metric")),
        "teams": links("teams", MetricTeam, TEAM_OF_ROW),
        "owners": links("owners", MetricOwner, USER_OF_ROW),
        "applications": links("applications", MetricApplication, APPLICATION_OF_ROW),
        "unit_types": links("unit_types", MetricUnitType, UNIT_TYPE_OF_ROW),
    },
    kept=frozenset({"metric_shared_metadata", "metric_shared_metadata_id", "review_status"}),
    ignored=frozenset({"id"}),
)

# --- What an experiment owns

VARIANTS = owned(
    "variants",
    Variant,
    same("name") | {"variant": "index", "config": Column("config", json_text)},
    key=("index",),
    ordinal="index",
)

SCREENSHOTS = owned(
    "variant_screenshots",
    Screenshot,
    same("label") | {"variant": "variant_index"},
    one("file_upload", "screenshot_file_upload_id", "file_id", "file"),
)

EXPOSURES = owned(
    "previews",
    Exposure,
    ENVIRONMENT | same("unit_count first_exposure_at last_exposure_at data_cutoff_at updated_at"),
)

RESULTS = owned(
    "preview_variants",
    Result,
    ENVIRONMENT
    | same(
        "unit_count first_exposure_at last_exposure_at value mean stdev variance impact "
        "impact_lower impact_upper"
    )
    | {"variant": "variant_index", "pvalue": "p_value"},
    one("metric", "metric_id", "metric_id", "metric"),
)

SAMPLE_SIZE = owned(
    "sample_size",
    SampleSize,
    AUDIT | same("required_sample_size reached_at reached_at_sample_size"),
    ordinal=None,
    single=True,
)

SCHEDULED_ACTIONS = owned(
    "scheduled_actions",
    ScheduledAction,
    AUDIT
    | same("note reason executed_at")
    | {
        "id": Column("external_id", number_above_zero),
        "action": choice("action", ACTIONS, native="native_action"),
        "scheduled_at": "at",
    },
    AUTHORS,
    key=("external_id",),
    constants={"origin": ScheduleOrigin.UPSTREAM},
)

CUSTOM_FIELD_VALUES = owned(
    "custom_section_field_values",
    CustomFieldValue,
    AUDIT | same("type") | {"value": Column("value", json_text)},
    AUTHORS
    | one("custom_section_field", "experiment_custom_section_field_id", "field_id", "custom_field"),
    keyed_by="experiment_custom_section_field_id",
)

SECONDARY_METRICS = links(
    "secondary_metrics",
    ExperimentMetric,
    One("metric", "metric_id", "metric_id", "metric"),
    key=("metric_id", "role"),
    within=("role",),
    columns={
        "type": choice("role", words_of(MetricRole), otherwise="SECONDARY"),
        "order_index": "position",
    },
)

# --- Experiments

REPORT = Inline(
    columns={
        "type": ("conclusion", Column("details.report_type")),
        "stop_reason": "stop_reason",
        "full_on_variant": "winner_variant",
    },
    parts={
        "experiment_note": (
            Inline(columns={"note": "outcome_comment"}, alone=False),
            Contained("note", back=("experiment_id",)),
        ),
    },
    ignored=frozenset({"experiment_id"}),
)

EXPERIMENT = Shape(
    name="experiment",
    model=Experiment,
    natural=("key", "iteration"),
    constants={"platform": Platform.ABSMARTLY},
    rest="details",
    complete=complete,
    columns=AUDIT
    | same(
        "description iteration archived development_at full_on_at full_on_variant "
        "last_seen_in_code_at percentages percentage_of_traffic seed traffic_seed audience_strict "
        "minimum_detectable_effect hypothesis prediction action_points implementation_details other"
    )
    | {
        "name": "key",
        "display_name": "name",
        "type": choice("type", TYPES, otherwise="OTHER", native="native_type"),
        "state": Column("native_state", words=PHASES),
        "start_at": "started_at",
        "stop_at": "stopped_at",
        "nr_variants": "variant_count",
        "audience": Column("audience", json_text),
    }
    | inside(
        "details",
        text,
        "feature_state analysis_type required_alpha required_power baseline_primary_metric_mean "
        "baseline_primary_metric_stdev baseline_participants_per_day template_name "
        "template_description group_sequential_futility_type "
        "group_sequential_min_analysis_interval group_sequential_first_analysis_interval "
        "group_sequential_max_duration_interval",
    )
    | inside("details", moment, "feature_on_at feature_off_at")
    | inside(
        "details",
        whole_32,
        "group_sequential_analysis_count parent_experiment_iteration template_iteration",
    )
    | inside(
        "details",
        verbatim,
        "template_permission recommended_action group_sequential_analyses experiment_task_states",
    ),
    parts=AUTHORS
    | one("unit_type", "unit_type_id", "unit_type_id", "unit_type")
    | one("primary_metric", "primary_metric_id", "primary_metric_id", "metric")
    | one("parent_experiment", "parent_experiment_id", "template_id", "experiment")
    | {
        "owners": links("owners", ExperimentOwner, USER_OF_ROW),
        "teams": links("teams", ExperimentTeam, TEAM_OF_ROW),
        "experiment_tags": links("experiment_tags", ExperimentTag, tag_of_row("experiment")),
        "applications": links(
            "applications",
            ExperimentApplication,
            APPLICATION_OF_ROW,
            columns=same("application_version"),
        ),
        "secondary_metrics": SECONDARY_METRICS,
        "favorited_users": links(
            "favorited_users", Favorite, USER_OF_ROW, columns=same("created_at")
        ),
        "variants": VARIANTS,
        "variant_screenshots": SCREENSHOTS,
        "variant_screnshots": SCREENSHOTS,
        "previews": EXPOSURES,
        "preview_variants": RESULTS,
        "sample_size": SAMPLE_SIZE,
        "scheduled_actions": SCHEDULED_ACTIONS,
        "custom_section_field_values": CUSTOM_FIELD_VALUES,
        "notes": Contained("note", back=("experiment_id",)),
        "new_experiment_notes": Contained("note", back=("experiment_id", "new_experiment_id")),
        "alerts": Contained("alert", back=("experiment_id",)),
        "iterations": Contained("experiment", family=True),
        "experiment_report": REPORT,
    },
    kept=KEPT_OF_EXPERIMENT,
    ignored=frozenset({"id"}),
)

NOTE = Shape(
    name="note",
    model=Note,
    natural=("created_at", "note"),
    owner="experiment_id",
    columns=AUDIT
    | same("note")
    | {
        "action": choice("action", words_of(NoteAction), otherwise="OTHER", native="native_action"),
        "variant": "variant_index",
    },
    parts=AUTHORS
    | one("experiment", "experiment_id", "experiment_id", "experiment")
    | one("new_experiment", "new_experiment_id", "new_experiment_id", "experiment")
    | one("reply_to", "reply_to_note_id", "reply_to_id", "note")
    | {
        "reply_to_experiment_note": Contained(
            "note", back=("reply_to_id",), same=("experiment_id",)
        ),
    },
    ignored=frozenset({"id"}),
)

ALERT = Shape(
    name="alert",
    model=Alert,
    natural=("created_at", "alert_metadata"),
    owner="experiment_id",
    columns=AUDIT
    | same("dismissed")
    | {
        "type": choice("type", words_of(AlertType), otherwise="OTHER", native="native_type"),
        "metadata": Column("alert_metadata", json_text),
    },
    parts=AUTHORS | one("experiment", "experiment_id", "experiment_id", "experiment"),
    ignored=frozenset({"id"}),
)

# --- All of it

SHAPES = (
    USER,
    FILE,
    TEAM,
    tag(TagKind.EXPERIMENT, "experiment", ExperimentTag),
    tag(TagKind.GOAL, "goal", GoalTag),
    tag(TagKind.METRIC, "metric", MetricTag),
    named("application", Application, experiments=back(ExperimentApplication, "experiment")),
    named("unit_type", UnitType),
    named("metric_category", MetricCategory, "color"),
    named("segment", Segment, "value_source_attribute"),
    CUSTOM_FIELD,
    GOAL,
    METRIC,
    EXPERIMENT,
    NOTE,
    ALERT,
)
