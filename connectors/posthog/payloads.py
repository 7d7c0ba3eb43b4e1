"""What PostHog's objects say: every key, and the column, reference or list that takes it.

Facts of the platform: an experiment embeds its flag, holdout, metrics and author; metrics live in
it and have a uuid at most; a saved metric is shared by its id. Keys with an @ are made by
`rewriting`, from what stands beside them.
"""

from connectors.payloads.holdings import LEFT, PLACE, Column, Contained, Inline, One
from connectors.payloads.pieces import AUDIT, links, one, owned
from connectors.payloads.shapes import (
    UNNUMBERED,
    Guise,
    Identity,
    Shape,
    choice,
    inside,
    same,
    words_of,
)
from connectors.payloads.values import flag, identifier, text, verbatim
from connectors.posthog import results, rewriting
from connectors.posthog.metrics import EFFECTS, TYPES
from connectors.posthog.states import ACTIONS, PHASES, complete
from models import (
    Approval,
    ApprovalPolicy,
    ChangeRequest,
    ChangeRequestState,
    Decision,
    Experiment,
    ExperimentMetric,
    ExperimentSavedMetric,
    ExperimentTag,
    Exposure,
    FeatureFlag,
    Goal,
    Holdout,
    Metric,
    Platform,
    Result,
    SampleSize,
    SavedMetric,
    Tag,
    TagKind,
    User,
    Variant,
)

EXPERIMENT_TYPES = {"web": "WEB", "product": "PRODUCT"}

NAMED_BY_TEXT = Identity(("id",), identifier)

AUTHORS = one("created_by", "created_by_id", "created_by_id", "user") | one(
    "updated_by", "updated_by_id", "updated_by_id", "user"
)

# --- People, tags, and what is shared

USER = Shape(
    name="user",
    model=User,
    natural=("email",),
    columns=same("email first_name last_name") | {"role_at_organization": "department"},
    kept=frozenset({"uuid", "distinct_id", "is_email_verified", "hedgehog_config"}),
    ignored=frozenset({"id"}),
)

TAG = Shape(
    name="experiment_tag",
    model=Tag,
    identity=UNNUMBERED,
    natural=("tag",),
    constants={"kind": TagKind.EXPERIMENT},
    columns=same("tag"),
)

FEATURE_FLAG = Shape(
    name="feature_flag",
    model=FeatureFlag,
    natural=("key",),
    columns=AUDIT | same("key name active filters"),
    parts=AUTHORS,
    kept=frozenset(
        {
            *("team_id", "deleted", "version", "ensure_experience_continuity"),
            *("has_encrypted_payloads", "tags", "user_access_level", "experiment_set"),
        }
    ),
    ignored=frozenset({"id"}),
)

HOLDOUT = Shape(
    name="holdout",
    model=Holdout,
    natural=("name",),
    prepare=rewriting.holdout,
    columns=AUDIT | same("name description filters") | {"@excluded": "exclusion_percentage"},
    parts=AUTHORS,
    kept=frozenset({"user_access_level"}),
    ignored=frozenset({"id"}),
)

# --- What is measured

GOAL = Shape(
    name="goal",
    model=Goal,
    identity=NAMED_BY_TEXT,
    natural=("name",),
    columns=same("name"),
    ignored=frozenset({"id"}),
)

METRIC = Shape(
    name="metric",
    model=Metric,
    identity=NAMED_BY_TEXT,
    columns=same("name description definition value_source_property")
    | {
        "type": choice("type", TYPES, otherwise="OTHER", native="native_type"),
        "effect": choice("effect", EFFECTS, otherwise="UNKNOWN"),
        "version": "metric_version",
    },
    parts=one("goal", "goal_id", "goal_id", "goal")
    | one("denominator_goal", "denominator_goal_id", "denominator_goal_id", "goal")
    | {"goals": Contained("goal")},
    ignored=frozenset({"id"}),
)

SAVED_METRIC = Shape(
    name="saved_metric",
    model=SavedMetric,
    natural=("name",),
    prepare=rewriting.saved_metric,
    columns=AUDIT | same("name description query tags"),
    parts=AUTHORS | {"@metric": Contained("metric")},
    kept=frozenset({"user_access_level"}),
    ignored=frozenset({"id"}),
)

# --- What an experiment owns

VARIANT = Shape(
    name="variant",
    model=Variant,
    identity=UNNUMBERED,
    natural=("key",),
    owner="experiment_id",
    needs=(PLACE,),
    ordinal="index",
    columns=same("key name weight is_control config"),
    parts=one("experiment", "experiment_id", "experiment_id", "experiment"),
    ignored=frozenset({"split_percent", "rollout_percentage"}),
)

METRICS = links(
    "metrics",
    ExperimentMetric,
    One("metric", "metric_id", "metric_id", "metric"),
    same("role position"),
    rest=LEFT,
    key=("metric_id", "role"),
    within=("role",),
)

MORE_METRICS = links(
    "more_metrics",
    ExperimentMetric,
    One("metric", "metric_id", "metric_id", "metric"),
    same("role"),
    rest=LEFT,
    key=("metric_id", "role"),
    ordinal=None,
    adds=True,
    ignored=frozenset({"position"}),
)

SAVED_METRICS = links(
    "saved_metrics",
    ExperimentSavedMetric,
    One("saved_metric", "saved_metric_id", "saved_metric_id", "saved_metric"),
    same("role") | {"metadata": "link_metadata"},
    rest=LEFT,
    key=("saved_metric_id", "role"),
    kept=frozenset({"id", "created_at"}),
    ignored=frozenset({"experiment"}),
)

TAGS = links("tags", ExperimentTag, One("tag", "tag_id", "tag_id", "experiment_tag"), rest=LEFT)

SAMPLE_SIZE = owned(
    "sample_size",
    SampleSize,
    same("required_sample_size"),
    rest=LEFT,
    ordinal=None,
    single=True,
)

RESULTS = owned(
    "results",
    Result,
    same("unit_count value mean p_value impact impact_lower impact_upper extra"),
    one("metric", "metric_id", "metric_id", "metric")
    | {"variant": One("variant", "variant_id", "variant_id", "variant", own=True)},
    rest="extra",
    needs=("variant_id",),
    slices=("metric_id",),
    key=("metric_id", "variant_id"),
)

EXPOSURES = owned(
    "exposures",
    Exposure,
    same("unit_count first_exposure_at last_exposure_at"),
    rest=LEFT,
)

# --- Experiments

EXPERIMENT = Shape(
    name="experiment",
    model=Experiment,
    natural=("key", "iteration"),
    patient=True,
    constants={"platform": Platform.POSTHOG},
    rest="details",
    prepare=rewriting.experiment,
    complete=complete,
    columns=AUDIT
    | same("name description archived conclusion exposure_criteria stats_config")
    | {
        "@key": "key",
        "@variant_count": "variant_count",
        "@percentages": "percentages",
        "@traffic": "percentage_of_traffic",
        "@detectable": "minimum_detectable_effect",
        "@flag_variants": Column("@flag_variants", verbatim),
        "@variant_keys": Column("@variant_keys", verbatim),
        "@exposure_answer": Column("details.exposures", verbatim),
        "start_date": "started_at",
        "end_date": "stopped_at",
        "conclusion_comment": "outcome_comment",
        "type": choice("type", EXPERIMENT_TYPES, otherwise="OTHER", native="native_type"),
        "status": Column("@status", text, words=PHASES),
        "deleted": Column("@deleted", flag),
        "version": Column("details.platform_version", verbatim),
    }
    | inside(
        "details",
        verbatim,
        "parameters metrics metrics_secondary secondary_metrics filters "
        "primary_metrics_ordered_uuids secondary_metrics_ordered_uuids scheduling_config "
        "running_time_calculation exposure_cohort exposure_preaggregation_enabled "
        "only_count_matured_users user_access_level is_legacy saved_metrics_ids "
        "resolved_exposure_event",
    ),
    parts=AUTHORS
    | one("holdout", "holdout_id", "holdout_id", "holdout")
    | {
        "feature_flag": (
            One("feature_flag", "feature_flag_id", "feature_flag_id", "feature_flag"),
            Inline(columns={"active": Column("@flag_active", flag)}, alone=False),
        ),
        "@primary_metric": One(
            "@primary_metric", "@primary_metric_id", "primary_metric_id", "metric"
        ),
        "@variants": Contained("variant", back=("experiment_id",), whole=True),
        "@metrics": METRICS,
        "@more_metrics": MORE_METRICS,
        "@saved_metrics": SAVED_METRICS,
        "@tags": TAGS,
        "@sample_size": SAMPLE_SIZE,
        "@results": RESULTS,
        "@exposures": EXPOSURES,
    },
    kept=frozenset(
        {
            *("original_experiment", "allow_unknown_events", "update_feature_flag_params"),
            "_create_in_folder",
        }
    ),
    ignored=frozenset({"id", "feature_flag_key", "saved_metrics", "tags"}),
)

# --- Approvals

APPROVALS = owned(
    "approvals",
    Approval,
    AUDIT | same("reason") | {"decision": choice("decision", words_of(Decision))},
    AUTHORS,
    rest=LEFT,
    needs=("decision",),
    kept=frozenset({"id"}),
)

CHANGE_REQUEST = Shape(
    name="change_request",
    model=ChangeRequest,
    identity=NAMED_BY_TEXT,
    owner="experiment_id",
    through={"feature_flag": "feature_flag_id"},
    prepare=rewriting.change_request,
    columns=AUDIT
    | same("intent expires_at applied_at")
    | {
        "action_key": choice("action", ACTIONS, native="native_action"),
        "state": choice("state", words_of(ChangeRequestState)),
        "@quorum": "quorum",
        "@allow_self_approve": "allow_self_approval",
        "@reason": "reason",
    },
    parts=AUTHORS
    | {
        "@experiment_id": One("@experiment", "@experiment_id", "experiment_id", "experiment"),
        "@flag_id": One("@flag", "@flag_id", "experiment_id", "feature_flag"),
        "approvals": APPROVALS,
    },
    kept=frozenset(
        {
            *("action_version", "resource_type", "resource_id", "intent_display"),
            *("policy_snapshot", "validation_status", "validation_errors", "validated_at"),
            *("applied_by", "apply_error", "result_data", "can_approve", "can_cancel"),
            *("is_requester", "user_decision"),
        }
    ),
    ignored=frozenset({"id"}),
)

APPROVAL_POLICY = Shape(
    name="approval_policy",
    model=ApprovalPolicy,
    identity=NAMED_BY_TEXT,
    constants={"platform": Platform.POSTHOG},
    prepare=rewriting.approval_policy,
    columns=AUDIT
    | same("enabled")
    | {
        "action_key": ("name", *choice("action", ACTIONS, native="native_action")),
        "allow_self_approve": "allow_self_approval",
        "@quorum": "quorum",
        "@expires_after_hours": "expires_after_hours",
    },
    parts=AUTHORS,
    kept=frozenset(
        {
            *("conditions", "approver_config", "expires_after", "team", "organization"),
            *("bypass_org_membership_levels", "bypass_roles"),
        }
    ),
    ignored=frozenset({"id"}),
)

# --- All of it

SHAPES = (
    USER,
    TAG,
    FEATURE_FLAG,
    HOLDOUT,
    GOAL,
    METRIC,
    SAVED_METRIC,
    EXPERIMENT,
    VARIANT,
    CHANGE_REQUEST,
    APPROVAL_POLICY,
)

GUISES = {
    "results": Guise("experiment", results.results),
    "exposures": Guise("experiment", results.exposures),
}
